#pragma once
// A trail in a folder of its own, and ways to do it harm.

#include <gtest/gtest.h>

#include <fstream>

#include "service/audit/audit_layout.h"
#include "service/audit/audit_rows.h"
#include "service/audit/entry_form.h"
#include "service/audit/export.h"
#include "service/audit/sqlite_audit_log.h"
#include "service/audit/verify.h"
#include "tests/service/audit/audit_events.h"
#include "tests/temporary_folder.h"

namespace portalkey {

inline std::string all_findings(const Verification& verification) {
  std::string out;
  for (const auto& finding : verification.findings)
    out += std::to_string(finding.number) + " " + std::string(name_of(finding.kind)) + ": " + finding.what + "\n";
  return out;
}

class TrailFixture : public testing::Test {
 protected:
  TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(1'800'000'000)};
  std::unique_ptr<AuditTrail> trail = *open_audit_log(folder.path(), clock);
  SigningKey key = *SigningKey::open(folder.path(), SigningKey::Missing::made);

  void write(int entries) {
    for (int i = 0; i < entries; ++i) {
      ASSERT_TRUE(trail->append(event_of("action " + std::to_string(i), "S" + std::to_string(i))));
      clock.advance(std::chrono::hours(1));
    }
  }
  Checkpoint attested() {
    const auto end = *trail->end();
    return signed_checkpoint(end.trail, end.seq, end.head, clock.now(), key);
  }
  Verification verified(const Attested& from_outside = {}) {
    auto reading = trail->read();
    EXPECT_TRUE(reading) << reading.error().what;
    auto out = verify(**reading, from_outside);
    EXPECT_TRUE(out) << out.error().what;
    return out ? *out : Verification{};
  }
  void tamper(const std::string& sql) {
    auto db = *Sqlite::open(folder / kAuditFile, kAuditWords);
    auto done = db.run(sql);
    ASSERT_TRUE(done) << done.error().what << sql;
  }
  /// As one who knows how would: hashes from `number` on are computed anew.
  void compute_anew(std::int64_t number, std::int64_t through = 1'000'000) {
    auto db = *Sqlite::open(folder / kAuditFile, kAuditWords);
    auto hash = number == 1 ? (*read_beginning()).hash : **hash_at(db, number - 1);
    const auto entries = *entries_from(db, number, 1000);
    for (const auto& entry : entries) {
      if (entry.number > through) break;
      hash = entry_hash(entry, hash);
      Query update(db, "UPDATE entry SET hash = ? WHERE number = ?");
      update.bind_blob(bytes_of_hex(hash)).bind(entry.number);
      ASSERT_TRUE(update.run());
    }
  }
  std::unique_ptr<ChainBeginning> read_beginning() { return std::make_unique<ChainBeginning>((*trail->read())->beginning()); }
  std::string exported(AuditExportFormat format, const AuditSpan& span = {}) {
    std::string out;
    auto reading = trail->read();
    auto done = export_trail(
        **reading, format,
        [&](std::string_view bytes) -> Result<void> {
          out += bytes;
          return {};
        },
        span);
    EXPECT_TRUE(done) << done.error().what;
    return out;
  }
  Result<Verification> verified_file(const std::string& text, const Attested& from_outside = {}) {
    std::ofstream(folder / "export") << text;
    auto opened = open_exported_trail(folder / "export");
    if (!opened) return pass(opened);
    return verify(**opened, from_outside);
  }
};

}  // namespace portalkey
