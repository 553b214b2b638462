#include "cli/service/audit_command.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "service/audit/checkpointer.h"
#include "service/audit/sqlite_audit_log.h"
#include "sqlite/sqlite.h"
#include "tests/service/audit/audit_events.h"
#include "tests/temporary_folder.h"

namespace portalkey::audit_command_test {
namespace {

class AuditCommandLine : public testing::Test {
 protected:
  TemporaryFolder folder;
  SystemClock clock;
  int code = -1;
  std::string errors;

  void SetUp() override {
    auto trail = *open_audit_log(folder.path(), clock);
    const auto key = *SigningKey::open(folder.path(), SigningKey::Missing::made);
    Checkpointer checkpointer(*trail, key, clock, {}, {to_file(folder / "checkpoints")});
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(trail->append(event_of("tokens.activate", "S" + std::to_string(i), "=a@x")));
    ASSERT_TRUE(checkpointer.finish());
  }
  std::string run(std::vector<std::string> words) {
    words.insert(words.begin(), {"portalkey", "audit"});
    words.insert(words.end(), {"--state", folder.path().string()});
    std::vector<const char*> argv;
    for (const auto& word : words) argv.push_back(word.c_str());
    const Globals globals;
    portalkey::Run chosen;
    CommandLine line("portalkey", "", "");
    add_audit_command(line.program(), globals, chosen);
    EXPECT_TRUE(line.parse(static_cast<int>(argv.size()), argv.data()));
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    code = chosen();
    errors = testing::internal::GetCapturedStderr();
    return testing::internal::GetCapturedStdout();
  }
};

TEST_F(AuditCommandLine, VerifiesAndExitsWithOneWhereSomethingIsWrong) {
  const auto checkpoints = (folder / "checkpoints").string();
  auto text = run({"verify", "--checkpoints", checkpoints});
  EXPECT_EQ(code, 0) << text << errors;
  EXPECT_TRUE(text.contains("is as it was written")) << text;
  EXPECT_TRUE(text.contains("attests entry 3")) << text;
  EXPECT_TRUE(text.contains("public key")) << text;
  run({"verify"});
  EXPECT_EQ(code, 0);
  {
    Sqlite db = *Sqlite::open(folder / kAuditFile, StoreWords{"x", "", ""});
    ASSERT_TRUE(db.run("DELETE FROM entry WHERE number = 3"));
  }
  text = run({"verify", "--checkpoints", checkpoints, "-o", "json"});
  EXPECT_EQ(code, 1);
  EXPECT_TRUE(text.contains("\"tail cut\"")) << text;
  EXPECT_TRUE(text.contains("\"sound\":false")) << text;
}

TEST_F(AuditCommandLine, ShowsWhatIsLookedFor) {
  EXPECT_TRUE(run({"show", "--serial", "s1", "-o", "json"}).contains("\"serialNumber\":\"S1\"")) << errors;
  EXPECT_FALSE(run({"show", "--serial", "s1"}).contains("S2"));
  EXPECT_TRUE(run({"show", "-o", "csv"}).contains("'=a@x")) << "no formula";
  EXPECT_TRUE(run({"show", "--most", "2"}).contains("S2"));
  EXPECT_TRUE(errors.contains("--before 2")) << errors;
  EXPECT_FALSE(run({"show", "--until", "2020-01-01"}).contains("S2"));
  EXPECT_THROW(run({"show", "--since", "yesterday"}), WrongUsage);
}

TEST_F(AuditCommandLine, ExportsAreVerifiedAndPruningLeavesAStub) {
  for (const std::string form : {"jsonl", "csv"}) {
    const auto file = (folder / ("trail." + form)).string();
    run({"export", file, "--format", form});
    EXPECT_EQ(code, 0) << errors;
    const auto text = run({"verify", file, "--checkpoints", (folder / "checkpoints").string()});
    EXPECT_EQ(code, 0) << text << errors;
    run({"export", file});
    EXPECT_EQ(code, 1) << "what is there is not written over";
  }
  EXPECT_TRUE(run({"export", "--since", "2020-01-01", "--until", "2999-01-01"}).contains("\"S2\"")) << errors;
  run({"export", "--until", "2020-01-01"});
  EXPECT_EQ(code, 1);
  EXPECT_TRUE(errors.contains("no entry of that time")) << errors;
  EXPECT_TRUE(run({"prune", "--older-than", "400d"}).contains("No entry"));
  EXPECT_TRUE(run({"prune", "--older-than", "0d", "--dry-run"}).contains("3 entries would be removed"));
  EXPECT_TRUE(run({"prune", "--older-than", "0d"}).contains("3 entries removed")) << errors;
  const auto text = run({"verify"});
  EXPECT_EQ(code, 0) << text;
  EXPECT_TRUE(text.contains("up to 3 they were pruned")) << text;
}

TEST_F(AuditCommandLine, AFolderWithoutATrailIsNotFoundAndStaysEmpty) {
  std::filesystem::remove(folder / kAuditFile);
  run({"verify"});
  EXPECT_EQ(code, 1);
  EXPECT_TRUE(errors.contains("there is no audit trail")) << errors;
  EXPECT_FALSE(std::filesystem::exists(folder / kAuditFile));
}

}  // namespace
}  // namespace portalkey::audit_command_test
