#include "service/audit/verify.h"

#include <thread>

#include "service/audit/prune.h"
#include "tests/service/audit/trail_fixture.h"

namespace portalkey::verify_test {
namespace {

class Trail : public TrailFixture {};

TEST_F(Trail, ThatNobodyTouchedIsSound) {
  EXPECT_TRUE(verified().sound());
  write(10);
  clock.jump(std::chrono::hours(-5));
  write(10);
  Attested outside{{attested()}, {key.public_key()}, {}};
  const auto result = verified(outside);
  EXPECT_TRUE(result.sound()) << all_findings(result);
  EXPECT_EQ(result.entries, 20);
  EXPECT_EQ(result.first, 1);
  EXPECT_EQ(result.last, 20);
  EXPECT_EQ(result.set_back, 1U);
  EXPECT_EQ(result.attested->seq, 20);
}

struct Case {
  const char* name;
  const char* sql;
  std::int64_t anew;  ///< hashes are computed anew from here; 0: they are not
  std::int64_t number;
  FindingKind kind;
};

const Case kCases[] = {
    {"a text", "UPDATE entry SET detail = 'x' WHERE number = 7", 0, 7, FindingKind::changed},
    {"a text emptied", "UPDATE entry SET serial = NULL WHERE number = 7", 0, 7, FindingKind::changed},
    {"a text moved to another column", "UPDATE entry SET job = serial, serial = NULL WHERE number = 7", 0, 7,
     FindingKind::changed},
    {"a time", "UPDATE entry SET time = time + 1 WHERE number = 7", 0, 7, FindingKind::changed},
    {"a hash", "UPDATE entry SET hash = zeroblob(32) WHERE number = 7", 0, 7, FindingKind::changed},
    {"the first", "UPDATE entry SET action = 'x' WHERE number = 1", 0, 1, FindingKind::changed},
    {"the last", "UPDATE entry SET action = 'x' WHERE number = 20", 0, 20, FindingKind::changed},
    {"removed", "DELETE FROM entry WHERE number = 7", 0, 7, FindingKind::removed},
    {"several removed", "DELETE FROM entry WHERE number BETWEEN 7 AND 9", 0, 7, FindingKind::removed},
    {"removed, counted anew",
     "DELETE FROM entry WHERE number = 7; UPDATE entry SET number = -number WHERE number > 7;"
     "UPDATE entry SET number = -number - 1 WHERE number < 0",
     0, 7, FindingKind::removed},
    {"inserted, counted anew",
     "UPDATE entry SET number = -number WHERE number >= 7; UPDATE entry SET number = -number + 1 WHERE number < 0;"
     "INSERT INTO entry SELECT 7, time, 'forged', caller_kind, caller_id, caller_name, peer, tenant, serial, upn, job, "
     "outcome, "
     "correlation, detail, hash FROM entry WHERE number = 6",
     0, 7, FindingKind::inserted},
    {"neighbours swapped",
     "UPDATE entry SET number = -7 WHERE number = 7; UPDATE entry SET number = 7 WHERE number = 8;"
     "UPDATE entry SET number = 8 WHERE number = -7",
     0, 7, FindingKind::moved},
    {"distant ones swapped",
     "UPDATE entry SET number = -7 WHERE number = 7; UPDATE entry SET number = 7 WHERE number = 12;"
     "UPDATE entry SET number = 12 WHERE number = -7",
     0, 7, FindingKind::moved},
    {"the head cut", "DELETE FROM entry WHERE number <= 5", 0, 1, FindingKind::head_cut},
    {"an entry before the first", "INSERT INTO entry(number, time, hash) VALUES(0, 1, zeroblob(32))", 0, 0,
     FindingKind::inserted},
    {"the beginning", "UPDATE trail SET made = made + 1", 0, 1, FindingKind::changed},
    // What only somebody outside can know.
    {"the tail cut", "DELETE FROM entry WHERE number > 15", 0, 16, FindingKind::tail_cut},
    {"all of it", "DELETE FROM entry", 0, 1, FindingKind::tail_cut},
    {"changed and computed anew", "UPDATE entry SET action = 'x' WHERE number = 12", 12, 11, FindingKind::rewritten},
    {"all computed anew", "UPDATE entry SET action = 'x' WHERE number = 1", 1, 1, FindingKind::rewritten},
    {"another trail", "UPDATE trail SET id = '99999999-9999-4999-8999-999999999999'", 1, 0, FindingKind::other_trail},
};

class Tampered : public Trail, public testing::WithParamInterface<Case> {};

TEST_P(Tampered, IsFoundWhereItWasDone) {
  const auto& that = GetParam();
  write(10);
  Attested outside{{attested()}, {}, {}};
  write(10);
  outside.checkpoints.push_back(attested());
  ASSERT_TRUE(verified(outside).sound());
  tamper(that.sql);
  if (that.anew > 0) compute_anew(that.anew);
  const auto result = verified(outside);
  ASSERT_FALSE(result.sound());
  EXPECT_EQ(result.findings.front().number, that.number) << all_findings(result);
  EXPECT_EQ(result.findings.front().kind, that.kind) << all_findings(result);
  const auto lines = verified_file(exported(AuditExportFormat::json_lines), outside);
  if (lines) {
    EXPECT_FALSE(lines->sound());
  }
}

INSTANTIATE_TEST_SUITE_P(Each, Tampered, testing::ValuesIn(kCases), [](const auto& of) {
  std::string name;
  for (const char* c = of.param.name; *c != '\0'; ++c)
    if (std::isalpha(static_cast<unsigned char>(*c)) != 0) name += *c;
  return name;
});

TEST_F(Trail, ForgedCheckpointsAreFound) {
  write(5);
  auto forged = attested();
  forged.seq = 4;
  EXPECT_EQ(verified({{forged}, {}, {}}).findings.at(0).kind, FindingKind::bad_signature);
  const TemporaryFolder elsewhere;
  const auto other = *SigningKey::open(elsewhere.path(), SigningKey::Missing::made);
  const auto end = *trail->end();
  const auto foreign = signed_checkpoint(end.trail, end.seq, end.head, clock.now(), other);
  EXPECT_EQ(verified({{foreign}, {key.public_key()}, {}}).findings.at(0).kind, FindingKind::other_key);
  EXPECT_EQ(verified({{attested(), foreign}, {}, {}}).findings.at(0).kind, FindingKind::other_key);
  const auto of_other_trail = signed_checkpoint("other", 3, end.head, clock.now(), key);
  EXPECT_EQ(verified({{of_other_trail}, {}, {}}).findings.at(0).kind, FindingKind::other_trail);
  const auto known = verified({{of_other_trail, attested()}, {}, end.trail});
  EXPECT_TRUE(known.sound()) << all_findings(known);
  EXPECT_EQ(known.of_others, 1U);
}

TEST_F(Trail, IsPrunedAndStillVerifies) {
  write(30);
  const auto early = attested();
  ASSERT_TRUE(trail->keep(early));
  write(30);
  AuditPruning pruning{from_unix_seconds(1'800'000'000) + std::chrono::hours(40), true, event_of("")};
  auto dry = prune(*trail, key, clock, pruning);
  ASSERT_TRUE(dry) << dry.error().what;
  EXPECT_EQ(dry->entries, 40);
  EXPECT_EQ(verified().entries, 60);
  pruning.dry_run = false;
  auto pruned = prune(*trail, key, clock, pruning);
  ASSERT_TRUE(pruned) << pruned.error().what;
  EXPECT_EQ(pruned->through, 40);
  const auto left = verified({{early, attested()}, {key.public_key()}, {}});
  EXPECT_TRUE(left.sound()) << all_findings(left);
  EXPECT_EQ(left.entries, 22) << "with the two that tell of it";
  EXPECT_EQ(left.first, 41);
  EXPECT_EQ(left.pruned_through, 40);
  EXPECT_EQ(left.older, 1U);
  write(1);
  for (const auto format : {AuditExportFormat::json_lines, AuditExportFormat::csv}) {
    const auto file = verified_file(exported(format), {{attested()}, {}, {}});
    ASSERT_TRUE(file) << file.error().what;
    EXPECT_TRUE(file->sound()) << all_findings(*file);
    EXPECT_EQ(file->entries, 23);
    EXPECT_EQ(file->attested->seq, 63);
  }
  clock.advance(std::chrono::hours(10'000));
  pruning.older_than = clock.now();
  ASSERT_TRUE(prune(*trail, key, clock, pruning)) << "again, with all that is there";
  EXPECT_TRUE(verified().sound()) << all_findings(verified());
  tamper("UPDATE pruned SET through = through - 1");
  EXPECT_FALSE(verified().sound());
}

TEST_F(Trail, WhatWasTamperedWithIsNotPruned) {
  write(20);
  tamper("UPDATE entry SET detail = 'x' WHERE number = 7");
  auto pruned = prune(*trail, key, clock, {clock.now(), false, {}});
  ASSERT_FALSE(pruned);
  EXPECT_EQ(pruned.error().code, Errc::corrupt);
  EXPECT_EQ(verified().entries, 20);
}

TEST_F(Trail, IsPrunedByOneProcessWhileAnotherWrites) {
  write(3000);
  std::jthread writer([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) EXPECT_TRUE(trail->append(event_of("meanwhile")));
  });
  auto other = *open_audit_log(folder.path(), clock);
  auto pruned = prune(*other, key, clock, {from_unix_seconds(1'800'000'000) + std::chrono::hours(2500), false, {}});
  ASSERT_TRUE(pruned) << pruned.error().what;
  EXPECT_EQ(pruned->through, 2500);
  writer.request_stop();
  writer.join();
  EXPECT_TRUE(verified().sound()) << all_findings(verified());
}

}  // namespace
}  // namespace portalkey::verify_test
