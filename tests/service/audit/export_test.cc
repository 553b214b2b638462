#include "service/audit/export.h"

#include "tests/service/audit/trail_fixture.h"

namespace portalkey::export_test {
namespace {

class ExportedTrail : public TrailFixture {};

TEST_F(ExportedTrail, ExportsGiveBackWhatASpreadsheetWouldRun) {
  for (const char* text : {"=1+1", "'=1", "a;=b", "''@x;'", "\"quoted\", and comma", "+", ";;-", "zo\xC3\xAB"}) {
    auto event = event_of("x");
    event.detail = text;
    ASSERT_TRUE(trail->append(event));
  }
  const auto csv = exported(AuditExportFormat::csv);
  EXPECT_TRUE(csv.contains(",\"'=1+1\","));
  EXPECT_FALSE(csv.contains("\"=1+1\""));
  for (const auto format : {AuditExportFormat::json_lines, AuditExportFormat::csv}) {
    const auto text = exported(format);
    const auto result = verified_file(text);
    ASSERT_TRUE(result) << result.error().what;
    EXPECT_TRUE(result->sound()) << all_findings(*result);
    auto changed = text;
    changed.replace(changed.find("helpdesk@"), 4, "HELP");
    const auto found = verified_file(changed);
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->findings.at(0).number, 1);
    EXPECT_FALSE(verified_file(text + "x\n"));
    EXPECT_EQ(verified_file("hello\n").error().code, Errc::corrupt);
  }
}

TEST_F(ExportedTrail, APartIsExportedAndVerifies) {
  const auto start = clock.now();
  std::vector<Checkpoint> checkpoints;
  for (int i = 0; i < 4; ++i) {
    write(10);  // an entry an hour
    checkpoints.push_back(attested());
    ASSERT_TRUE(trail->keep(checkpoints.back()));
  }
  const auto at = [&](int hour) { return start + std::chrono::hours(hour); };
  const Attested outside{checkpoints, {key.public_key()}, {}};
  struct PartCase {
    AuditSpan span;
    std::int64_t first, last;
    std::size_t older, newer;
    bool known;
  };
  const PartCase cases[] = {{{at(15), at(25)}, 16, 25, 1, 2, false},
                            {{at(15), {}}, 16, 40, 1, 0, false},
                            {{{}, at(25)}, 1, 25, 0, 2, true},
                            {{at(0), at(40)}, 1, 40, 0, 0, true},
                            {{at(10), at(20)}, 11, 20, 1, 2, false}};
  for (const auto& of : cases) {
    const auto text = exported(AuditExportFormat::json_lines, of.span);
    const auto result = verified_file(text, outside);
    ASSERT_TRUE(result) << result.error().what;
    EXPECT_TRUE(result->sound()) << all_findings(*result);
    EXPECT_EQ(result->first, of.first);
    EXPECT_EQ(result->last, of.last);
    EXPECT_EQ(result->older, of.older);
    EXPECT_EQ(result->newer, of.newer);
    EXPECT_EQ(result->beginning_known, of.known);
    EXPECT_EQ(result->attested->seq, of.last / 10 * 10);
    const auto csv = verified_file(exported(AuditExportFormat::csv, of.span));
    ASSERT_TRUE(csv) << csv.error().what;
    EXPECT_TRUE(csv->sound()) << all_findings(*csv);
    EXPECT_EQ(csv->entries, of.last - of.first + 1);
    auto lines = text;
    lines.erase(0, lines.find("{\"action\""));
    EXPECT_FALSE(verified_file(lines)) << "without its head it is no export";
  }
  auto cut = exported(AuditExportFormat::json_lines, {at(15), at(25)});
  cut.erase(cut.find("{\"action\":\"action 4\",", cut.find("\"number\":24")));
  const auto found = verified_file(cut, outside);
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(found->findings.at(0).kind, FindingKind::tail_cut) << all_findings(*found);
  EXPECT_EQ(found->findings.at(0).number, 25);
  auto reading = trail->read();
  const auto nothing =
      export_trail(**reading, AuditExportFormat::json_lines, [](std::string_view) { return Result<void>(); }, {at(100), {}});
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, Errc::not_found);
}

}  // namespace
}  // namespace portalkey::export_test
