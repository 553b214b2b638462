#include "service/audit/checkpoint.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <sstream>

#include "service/audit/checkpoint_text.h"
#include "service/audit/checkpointer.h"
#include "service/audit/sqlite_audit_log.h"
#include "tests/service/audit/audit_events.h"
#include "tests/temporary_folder.h"
#include "vault/secret_store.h"

namespace portalkey::checkpoint_test {
namespace {

using std::chrono::minutes;

std::string read_text(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

class Checkpoints : public testing::Test {
 protected:
  TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(1'800'000'000)};
  std::unique_ptr<AuditTrail> trail = *open_audit_log(folder.path(), clock);
  SigningKey key = *SigningKey::open(folder.path(), SigningKey::Missing::made);

  void write(int entries) {
    for (int i = 0; i < entries; ++i) ASSERT_TRUE(trail->append(event_of("x")));
  }
  Checkpoint some(std::int64_t seq = 7) {
    return signed_checkpoint("11111111-1111-4111-8111-111111111111", seq, std::string(64, 'a'), clock.now(), key);
  }
};

TEST_F(Checkpoints, AreReadAsTheyAreWritten) {
  const auto made = some();
  EXPECT_EQ(checkpoint_of(checkpoint_line(made)), made);
  EXPECT_TRUE(signature_fits(made));
  for (const auto change : {0, 1, 2, 3, 4}) {
    auto other = made;
    if (change == 0) other.seq++;
    if (change == 1) other.head[0] = 'b';
    if (change == 2) other.time += std::chrono::milliseconds(1);
    if (change == 3) other.trail[0] = '2';
    if (change == 4) other.signature[0] = other.signature[0] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(signature_fits(other)) << change;
  }
  for (const char* text : {"", "{}", "[]", "{\"head\":\"x\"}", "null"}) EXPECT_FALSE(checkpoint_of(text)) << text;
}

TEST_F(Checkpoints, TheKeyIsMadeOnceForItsOwnerAlone) {
  struct stat facts{};
  ASSERT_EQ(::stat((folder / "audit.key").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  EXPECT_EQ(SigningKey::open(folder.path(), SigningKey::Missing::not_found)->public_key(), key.public_key());
  EXPECT_EQ(key.public_key().size(), 43U);
  std::ofstream(folder / "audit.key") << "x";
  EXPECT_EQ(SigningKey::open(folder.path(), SigningKey::Missing::made).error().code, Errc::corrupt);
}

TEST_F(Checkpoints, AreFoundInLogsAndTags) {
  const auto first = some(1), second = some(2);
  const auto line = checkpoint_line(first);
  std::string escaped;
  for (const char c : line) escaped += c == '"' ? "\\\"" : std::string(1, c);
  const std::string texts[] = {line,
                               "Dec 01 03:29:13 host portalkey[7]: audit checkpoint " + line + "\nDec 01 other {\"head\":1}\n",
                               R"({"MESSAGE":"audit checkpoint )" + escaped + R"(","_PID":"7"})",
                               "{\n  \"tags\": {\n    \"portalkey-audit\": \"" + checkpoint_tag(first) +
                                   "\",\n    \"portalkey-audit-signature\": \"" + signature_tag(first) + "\"\n  }\n}\n"};
  for (const auto& text : texts) {
    const auto found = checkpoints_in(text);
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_EQ(found[0], first);
    EXPECT_TRUE(signature_fits(found[0]));
  }
  EXPECT_EQ(checkpoints_in(line + "\nx\n\n" + checkpoint_line(second) + "\n").size(), 2U);
  EXPECT_LE(checkpoint_tag(some(999'999'999)).size(), 256U);
  EXPECT_LE(signature_tag(first).size(), 256U);
}

TEST_F(Checkpoints, AreMadeWhenDueAndOnlyIfSomethingCame) {
  std::vector<std::string> log;
  Checkpointer checkpointer(*trail, key, clock, {.entries = 10, .time = minutes(15)},
                            {to_log([&](const std::string& line) { log.push_back(line); })});
  ASSERT_TRUE(checkpointer.tick());
  EXPECT_TRUE(log.empty()) << "nothing is there yet";
  write(1);
  ASSERT_TRUE(checkpointer.tick());
  EXPECT_EQ(log.size(), 1U) << "the beginning is attested at once";
  write(9);
  ASSERT_TRUE(checkpointer.tick());
  EXPECT_EQ(log.size(), 1U);
  write(1);
  ASSERT_TRUE(checkpointer.tick());
  EXPECT_EQ(log.size(), 2U) << "ten entries";
  clock.advance(minutes(60));
  ASSERT_TRUE(checkpointer.tick());
  ASSERT_TRUE(checkpointer.finish());
  EXPECT_EQ(log.size(), 2U) << "nothing new came";
  write(1);
  ASSERT_TRUE(checkpointer.tick());
  EXPECT_EQ(log.size(), 3U) << "fifteen minutes";
  write(1);
  clock.jump(minutes(-600));
  ASSERT_TRUE(checkpointer.tick());
  EXPECT_EQ(log.size(), 4U) << "a clock that was set back puts nothing off";
  write(1);
  ASSERT_TRUE(checkpointer.finish());
  ASSERT_EQ(log.size(), 5U);
  const auto found = checkpoints_in(log.back());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].seq, 14);
  EXPECT_EQ(found[0].head, trail->end()->head);
  EXPECT_EQ(trail->last_checkpoint()->value(), found[0]);
}

TEST_F(Checkpoints, GoToEverySenderOnceAlsoAfterFailuresAndStarts) {
  bool broken = true;
  int posted = 0;
  const auto senders = [&] {
    return std::vector{to_webhook([&](const std::string&) -> Result<void> {
                         if (broken) return fail(Errc::unavailable, "no answer");
                         ++posted;
                         return {};
                       }),
                       to_file(folder / "checkpoints")};
  };
  Checkpointer first(*trail, key, clock, {}, senders());
  write(1);
  ASSERT_TRUE(first.tick());
  ASSERT_TRUE(first.senders()[0].failed);
  EXPECT_EQ(first.senders()[1].seq, 1);
  broken = false;
  ASSERT_TRUE(first.tick());
  ASSERT_TRUE(first.tick());
  EXPECT_EQ(posted, 1);
  EXPECT_FALSE(first.senders()[0].failed);
  Checkpointer second(*trail, key, clock, {}, senders());
  ASSERT_TRUE(second.tick());
  EXPECT_EQ(posted, 1) << "after a start it is not sent again";
  std::ofstream(folder / "checkpoints", std::ios::app) << "{\"head\":\"cut sho";
  write(1);
  ASSERT_TRUE(second.finish());
  EXPECT_EQ(checkpoints_in(read_text(folder / "checkpoints")).size(), 2U);
}

/// Keeps versions as Key Vault does.
class SomeVault final : public SecretStore {
 public:
  Result<StoredSecret> get(const std::string&, const Deadline&) override { return fail(Errc::forbidden, "no"); }
  Result<SecretVersion> put(const std::string& name, const Secret& value, const SecretAttributes& attributes,
                            const Deadline&) override {
    if (broken) return fail(Errc::forbidden, "the vault refuses");
    EXPECT_EQ(name, "portalkey-audit-checkpoint");
    value.reveal([&](std::string_view text) { values.emplace_back(text); });
    tags.push_back(attributes.tags);
    return SecretVersion{};
  }
  Result<std::vector<SecretVersion>> versions(const std::string&, const Deadline&) override {
    return std::vector<SecretVersion>{};
  }
  Result<void> disable(const std::string&, const std::string&, const Deadline&) override { return {}; }
  std::string place() const override { return "a vault"; }

  bool broken = false;
  std::vector<std::string> values;
  std::vector<std::map<std::string, std::string>> tags;
};

TEST_F(Checkpoints, BecomeFewVersionsOfASecret) {
  SomeVault vault;
  Checkpointer checkpointer(*trail, key, clock, {.entries = 1, .time = minutes(15)}, {to_secret(vault, clock)});
  vault.broken = true;
  write(1);
  ASSERT_TRUE(checkpointer.tick());
  ASSERT_TRUE(checkpointer.senders()[0].failed);
  EXPECT_EQ(checkpointer.senders()[0].failed->what, "the vault refuses");
  vault.broken = false;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(checkpointer.tick());
    write(1);
    clock.advance(minutes(60));
  }
  EXPECT_EQ(vault.values.size(), 4U) << "one at once, and then one in six hours";
  ASSERT_TRUE(checkpointer.finish());
  ASSERT_EQ(vault.values.size(), 5U) << "and the last";
  const auto last = checkpoint_of(vault.values.back());
  ASSERT_TRUE(last);
  EXPECT_EQ(last->seq, trail->end()->seq);
  std::string listed;  // as `az keyvault secret list-versions` shows them
  for (const auto& tags : vault.tags) {
    for (const auto& [name, value] : tags) {
      EXPECT_LE(value.size(), 256U);
      listed += "      \"" + name + "\": \"" + value + "\",\n";
    }
  }
  const auto found = checkpoints_in(listed);
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found.back(), *last);
  EXPECT_TRUE(signature_fits(found.back()));
}

}  // namespace
}  // namespace portalkey::checkpoint_test
