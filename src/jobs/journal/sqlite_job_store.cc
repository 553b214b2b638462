#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "base/ascii.h"
#include "base/crash_point.h"
#include "base/files.h"
#include "base/time_text.h"
#include "jobs/journal/clean_reasons.h"
#include "jobs/journal/job_store.h"
#include "jobs/journal/seed_seal.h"
#include "jobs/journal/sqlite.h"

namespace portalkey {
namespace {

constexpr int kVersion = 3;
constexpr std::size_t kSettledAtOnce = 256;
constexpr const char* kSettle =
    "UPDATE token SET state=?, good=?, reason=?, remedy=?, settled=?, upn=?{} WHERE job=? AND number=?";
constexpr const char* kSchema = R"(
CREATE TABLE job(id TEXT PRIMARY KEY, tenant TEXT NOT NULL, backend TEXT NOT NULL, file TEXT NOT NULL, activate INTEGER NOT NULL,
  state INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT;
CREATE TABLE token(job TEXT NOT NULL REFERENCES job ON DELETE CASCADE, number INTEGER NOT NULL, line INTEGER NOT NULL,
  serial TEXT NOT NULL, upn TEXT NOT NULL, manufacturer TEXT NOT NULL, model TEXT NOT NULL, step INTEGER, hash INTEGER,
  digits INTEGER, seed BLOB, state INTEGER NOT NULL, good INTEGER NOT NULL, reason TEXT NOT NULL, remedy TEXT NOT NULL,
  settled INTEGER NOT NULL,
  PRIMARY KEY(job, number)) STRICT, WITHOUT ROWID;
CREATE TABLE upload(job TEXT NOT NULL REFERENCES job ON DELETE CASCADE, name TEXT NOT NULL, done INTEGER NOT NULL,
  PRIMARY KEY(job, name)) STRICT, WITHOUT ROWID;
)";
constexpr const char* kSince2 = R"(
CREATE TABLE activation(id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX activation_at ON activation(tenant, at);
)";
constexpr const char* kSince3 = R"(
ALTER TABLE job ADD COLUMN kind TEXT NOT NULL DEFAULT 'import';
ALTER TABLE token ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN taken_from TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '';
CREATE TABLE waiting(tenant TEXT NOT NULL, serial TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY(tenant, serial))
  STRICT, WITHOUT ROWID;
)";
/// Since a job saw the token in the tenant and not active, if one did.
constexpr const char* kBeginsToWait =
    "INSERT INTO waiting SELECT ?1, serial, min(?2, ifnull((SELECT min(t.settled) FROM token t JOIN job ON job.id = t.job "
    "WHERE job.tenant = ?1 AND t.serial = asked.serial AND t.settled > 0 AND (t.state BETWEEN 2 AND 4 OR "
    "t.reason LIKE 'uploaded, but not activated%')), ?2)) FROM asked WHERE true ON CONFLICT DO NOTHING";
constexpr const char* kJobColumns =
    "SELECT id, tenant, backend, file, activate, state, created, updated, kind, (SELECT count(*) FROM token WHERE job = id), "
    "(SELECT count(*) FROM token WHERE job = id AND good), (SELECT count(*) FROM token WHERE job = id AND state = 10), "
    // One that is kept because its successor is not active has been come to.
    "(SELECT count(*) FROM token WHERE job = id AND state = 9 AND NOT (replaced_by <> '' AND reason <> '')) FROM job ";
/// What jobs did to the tokens that one of them took away, the last thing last.
constexpr const char* kTaken =
    "SELECT t.serial, t.job, t.upn, t.taken_from, t.replaced_by, t.settled, t.change, t.state FROM token t JOIN job ON "
    "job.id = t.job WHERE job.tenant = ?1 AND (t.state BETWEEN 0 AND 6) AND lower(t.serial) IN (SELECT lower(serial) FROM "
    "token "
    "WHERE change >= 4 AND state BETWEEN 5 AND 6) ORDER BY t.settled, job.rowid, t.number";

Job job_of(const Query& query) {
  Job job;
  job.id = query.text(0);
  job.tenant = query.text(1);
  job.backend = query.text(2);
  job.file = query.text(3);
  job.activate = query.number(4) != 0;
  job.state = static_cast<Job::State>(std::clamp<std::int64_t>(query.number(5), 0, 3));
  job.created = from_unix_seconds(query.number(6));
  job.updated = from_unix_seconds(query.number(7));
  job.kind = query.text(8);
  job.tokens = static_cast<std::size_t>(query.number(9));
  job.good = static_cast<std::size_t>(query.number(10));
  job.failed = static_cast<std::size_t>(query.number(11));
  job.not_come = static_cast<std::size_t>(query.number(12));
  return job;
}

bool holds(const TokenOutcome& outcome) { return outcome.state != TokenOutcome::State::not_done && outcome.good(); }

class SqliteJobStore final : public JobStore {
 public:
  SqliteJobStore(Sqlite db, std::filesystem::path key_file, std::optional<SeedSeal::PassphraseSource> passphrase, Clock& clock)
      : db_(std::move(db)), key_file_(std::move(key_file)), passphrase_(std::move(passphrase)), clock_(clock) {}

  ~SqliteJobStore() override { [[maybe_unused]] const auto lost = flush(); }

  Result<void> create(const Job& job, const std::vector<JobToken>& tokens) override {
    if (std::ranges::any_of(tokens, [](const auto& token) { return !token.seed.base32.empty(); })) {
      if (auto open = unlock(); !open) return open;
    }
    return in_transaction([&]() -> Result<void> {
      const auto now = unix_seconds(clock_.now());
      Query insert(db_, "INSERT INTO job VALUES(?,?,?,?,?,?,?,?,?)");
      insert.bind(job.id).bind(job.tenant).bind(job.backend).bind(job.file).bind(std::int64_t{job.activate});
      insert.bind(static_cast<std::int64_t>(job.state)).bind(now).bind(now).bind(job.kind);
      if (auto done = insert.run(); !done) return done;
      Query row(db_, "INSERT INTO token VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
      const auto optional = [&](auto value) { value ? row.bind(static_cast<std::int64_t>(*value)) : row.bind_null(); };
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto& [seed, outcome, change, from, replaced_by] = tokens[i];
        row.bind(job.id).bind(static_cast<std::int64_t>(i)).bind(outcome.line).bind(outcome.serial).bind(outcome.upn);
        row.bind(seed.manufacturer).bind(seed.model);
        optional(seed.step);
        optional(seed.hash);
        optional(seed.digits);
        if (seed.base32.empty()) {
          row.bind_null();
        } else {
          row.bind_blob(seal_->seal(seed.base32, job.id, static_cast<std::int64_t>(i)));
        }
        row.bind(static_cast<std::int64_t>(outcome.state)).bind(std::int64_t{holds(outcome)});
        row.bind(outcome.reason).bind(outcome.remedy).bind(unix_seconds(outcome.settled));
        row.bind(static_cast<std::int64_t>(change)).bind(from).bind(replaced_by);
        if (auto done = row.run(); !done) return done;
      }
      return {};
    });
  }

  Result<std::vector<Job>> list() override {
    Query query(db_, std::string(kJobColumns) + "ORDER BY created DESC, rowid DESC");
    std::vector<Job> jobs;
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) return jobs;
      jobs.push_back(job_of(query));
    }
  }

  Result<Job> find(const std::string& id) override {
    Query query(db_, std::string(kJobColumns) + "WHERE id = ?");
    query.bind(id);
    auto there = query.step();
    if (!there) return pass(there);
    if (!*there) return fail(Errc::not_found, fmt::format("there is no job {}", id), "See portalkey jobs list.");
    return job_of(query);
  }

  Result<std::vector<JobToken>> tokens(const std::string& id, bool with_keys) override {
    if (with_keys) {
      if (auto open = unlock(); !open) return pass(open);
    }
    Query query(
        db_,
        "SELECT number, line, serial, upn, manufacturer, model, step, hash, digits, seed, state, reason, remedy, settled, "
        "change, taken_from, replaced_by "
        "FROM token WHERE job = ? ORDER BY number");
    query.bind(id);
    std::vector<JobToken> out;
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) return out;
      JobToken token;
      token.seed.line = token.outcome.line = query.number(1);
      token.seed.serial = token.outcome.serial = std::string(query.text(2));
      token.seed.upn = token.outcome.upn = std::string(query.text(3));
      token.seed.manufacturer = query.text(4);
      token.seed.model = query.text(5);
      token.seed.step = query.null(6) ? std::nullopt : std::optional(static_cast<int>(query.number(6)));
      token.seed.hash = query.null(7) ? std::nullopt : std::optional(static_cast<Hash>(query.number(7)));
      token.seed.digits = query.null(8) ? std::nullopt : std::optional(static_cast<int>(query.number(8)));
      if (with_keys && !query.null(9)) {
        auto key = seal_->unseal(query.text(9), id, query.number(0));
        if (!key) return pass(key);
        token.seed.base32 = std::move(*key);
      }
      token.outcome.state = static_cast<TokenOutcome::State>(
          std::clamp<std::int64_t>(query.number(10), 0, static_cast<std::int64_t>(TokenOutcome::State::failed)));
      token.outcome.reason = query.text(11);
      token.outcome.remedy = query.text(12);
      token.outcome.settled = from_unix_seconds(query.number(13));
      token.change = static_cast<TokenChange>(
          std::clamp<std::int64_t>(query.number(14), 0, static_cast<std::int64_t>(TokenChange::remove)));
      token.from = query.text(15);
      token.replaced_by = query.text(16);
      out.push_back(std::move(token));
    }
  }

  Result<void> settle(const std::string& id, std::size_t token, const TokenOutcome& outcome) override {
    settled_.push_back({id, token, outcome});
    return settled_.size() < kSettledAtOnce ? Result<void>() : flush();
  }

  Result<void> flush() override {
    if (settled_.empty()) return {};
    const auto settled = std::exchange(settled_, {});
    return in_transaction([&]() -> Result<void> {
      Query active(db_, fmt::format(fmt::runtime(kSettle), ", seed=NULL"));
      Query other(db_, fmt::format(fmt::runtime(kSettle), ""));
      for (const auto& [id, token, outcome] : settled) {
        const bool wipe = outcome.state == TokenOutcome::State::active || outcome.state == TokenOutcome::State::already_active;
        Query& query = wipe ? active : other;
        query.bind(static_cast<std::int64_t>(outcome.state)).bind(std::int64_t{holds(outcome)});
        query.bind(outcome.reason).bind(outcome.remedy).bind(unix_seconds(outcome.settled)).bind(outcome.upn);
        query.bind(id).bind(static_cast<std::int64_t>(token));
        if (auto done = query.run(); !done) return done;
      }
      return {};
    });
  }

  Result<void> uploading(const std::string& id, const std::string& name) override {
    return changed(id, "INSERT INTO upload VALUES(?1, ?2, 0)", name);
  }
  Result<void> uploaded(const std::string& id, const std::string& name) override {
    return changed(id, "UPDATE upload SET done=1 WHERE job=?1 AND name=?2", name);
  }

  Result<std::vector<std::string>> uploads(const std::string& id) override {
    Query query(db_, "SELECT name FROM upload WHERE job=? AND NOT done");
    query.bind(id);
    std::vector<std::string> names;
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) return names;
      names.emplace_back(query.text(0));
    }
  }

  Result<void> finish(const std::string& id, Job::State state) override {
    auto done = in_transaction([&]() -> Result<void> {
      Query query(db_, "UPDATE job SET state=?, updated=? WHERE id=?");
      query.bind(static_cast<std::int64_t>(state)).bind(unix_seconds(clock_.now())).bind(id);
      if (auto done = query.run(); !done) return done;
      if (state == Job::State::open || state == Job::State::planned) return {};
      // What failed for good, or nobody wants any more, needs no key; running the import again brings its own.
      Query wiped(db_, "UPDATE token SET seed=NULL WHERE job=? AND seed IS NOT NULL");
      wiped.bind(id);
      return wiped.run();
    });
    return done ? leave_no_old_pages() : done;
  }

  Result<std::unordered_map<std::string, WallTime>> waiting_since(const std::string& tenant,
                                                                  const std::vector<std::string>& serials) override {
    std::unordered_map<std::string, WallTime> since;
    auto done = in_transaction([&]() -> Result<void> {
      for (const char* sql : {"CREATE TEMP TABLE IF NOT EXISTS asked(serial TEXT PRIMARY KEY)", "DELETE FROM asked"}) {
        if (auto made = db_.run(sql); !made) return made;
      }
      Query ask(db_, "INSERT OR IGNORE INTO asked VALUES(?)");
      for (const auto& serial : serials) {
        ask.bind(serial);
        if (auto added = ask.run(); !added) return added;
      }
      // A token that is not waiting any more starts anew if it comes back.
      Query gone(db_, "DELETE FROM waiting WHERE tenant=? AND serial NOT IN asked");
      gone.bind(tenant);
      if (auto removed = gone.run(); !removed) return removed;
      Query add(db_, kBeginsToWait);
      add.bind(tenant).bind(unix_seconds(clock_.now()));
      if (auto added = add.run(); !added) return added;
      Query read(db_, "SELECT serial, since FROM waiting WHERE tenant=?");
      read.bind(tenant);
      for (;;) {
        auto more = read.step();
        if (!more) return pass(more);
        if (!*more) return {};
        since.emplace(read.text(0), from_unix_seconds(read.number(1)));
      }
    });
    if (!done) return pass(done);
    return since;
  }

  Result<TakenTokens> taken_away(const std::string& tenant) override {
    if (auto flushed = flush(); !flushed) return pass(flushed);
    Query query(db_, kTaken);
    query.bind(tenant);
    TakenTokens taken;
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) return taken;
      const auto state = static_cast<TokenOutcome::State>(query.number(7));
      const std::string serial = lower(query.text(0));
      taken.erase(serial);
      if (state != TokenOutcome::State::removed && state != TokenOutcome::State::unassigned) continue;
      const auto whose = query.text(3).empty() ? query.text(2) : query.text(3);
      taken.emplace(serial, TakenToken{.serial = std::string(query.text(0)),
                                       .job = std::string(query.text(1)),
                                       .from = std::string(whose),
                                       .replaced_by = std::string(query.text(4)),
                                       .kept = state == TokenOutcome::State::unassigned,
                                       .when = from_unix_seconds(query.number(5))});
    }
  }

  Result<void> forget(const std::string& id) override {
    auto done = in_transaction([&]() -> Result<void> {
      for (const char* sql :
           {"DELETE FROM token WHERE job=?", "DELETE FROM upload WHERE job=?", "DELETE FROM job WHERE id=?"}) {
        Query query(db_, sql);
        query.bind(id);
        if (auto done = query.run(); !done) return done;
      }
      return {};
    });
    return done ? leave_no_old_pages() : done;
  }

 private:
  /// The write-ahead log still has what was wiped (sealed); a reader at this moment keeps it until the next time.
  Result<void> leave_no_old_pages() { return db_.run("PRAGMA wal_checkpoint(TRUNCATE)"); }

  /// What cannot be undone now is undone when the file is opened again.
  void roll_back() { [[maybe_unused]] const auto undone = db_.run("ROLLBACK"); }

  Result<void> unlock() {
    if (seal_) return {};
    auto opened = SeedSeal::open(key_file_, passphrase_);
    if (!opened) return pass(opened);
    seal_ = std::move(*opened);
    return {};
  }

  Result<void> changed(const std::string& id, std::string_view sql, const std::string& name) {
    return in_transaction([&]() -> Result<void> {
      Query query(db_, sql);
      query.bind(id).bind(name);
      return query.run();
    });
  }

  Result<void> in_transaction(const std::function<Result<void>()>& work) {
    if (auto flushed = flush(); !flushed) return flushed;
    crash_point();
    if (auto begun = db_.run("BEGIN IMMEDIATE"); !begun) return begun;
    auto done = work();
    if (done) done = db_.run("COMMIT");
    if (!done) roll_back();
    crash_point();
    return done;
  }

  Sqlite db_;
  std::filesystem::path key_file_;
  std::optional<SeedSeal::PassphraseSource> passphrase_;
  std::optional<SeedSeal> seal_;
  Clock& clock_;
  struct Settled {
    std::string job;
    std::size_t token;
    TokenOutcome outcome;
  };
  std::vector<Settled> settled_;  // not written yet
};

}  // namespace

std::string_view name_of(Job::State state) {
  switch (state) {
    case Job::State::open: return "open";
    case Job::State::done: return "done";
    case Job::State::cancelled: return "cancelled";
    case Job::State::planned: return "planned";
  }
  return "";
}

std::string_view state_text(const Job& job, bool running) {
  if (running) return "running";
  if (job.state != Job::State::open) return name_of(job.state);
  return job.not_come == 0 && job.failed > 0 ? "finished with failures" : "interrupted";
}

std::string text_of(const TakenToken& taken) {
  const std::string from = taken.from.empty() ? std::string() : " from " + taken.from;
  return fmt::format("was {} on {} (job {})",
                     !taken.replaced_by.empty() ? fmt::format("replaced by {}", taken.replaced_by)
                     : taken.kept               ? fmt::format("taken{}", from.empty() ? " from its user" : from)
                                                : fmt::format("removed{}", from),
                     iso_time(taken.when).substr(0, 10), taken.job);
}

Result<std::unique_ptr<JobStore>> open_job_store(const std::filesystem::path& folder,
                                                 std::optional<std::function<Result<Secret>()>> passphrase, Clock& clock) {
  if (auto made = make_private_folder(folder); !made) return pass(made);
  auto db = Sqlite::open(folder / "jobs.db");
  if (!db) return pass(db);
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON",
                             "PRAGMA secure_delete=ON", "BEGIN IMMEDIATE"}) {
    if (auto set = db->run(pragma); !set) return pass(set);
  }
  std::int64_t version = 0;
  {
    Query query(*db, "PRAGMA user_version");
    auto read = query.step();
    if (!read) return pass(read);
    version = query.number(0);
  }
  if (version > kVersion) {
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("the journal of jobs was written by a newer portalkey (version {} of its layout, "
                                             "this one knows {})",
                                             version, kVersion),
                                 "Use that newer portalkey.",
                                 {{"file", db->file().string()}}});
  }
  if (version < kVersion) {
    const std::string missing = std::string(version < 1 ? kSchema : "") + (version < 2 ? kSince2 : "") + kSince3;
    if (auto made = db->run(missing + fmt::format("PRAGMA user_version={};", kVersion)); !made) return pass(made);
  }
  if (auto done = db->run("COMMIT"); !done) return pass(done);
  if (auto cleaned = clean_reasons(*db); !cleaned) return pass(cleaned);
  return std::make_unique<SqliteJobStore>(std::move(*db), folder / "jobs.key", std::move(passphrase), clock);
}

}  // namespace portalkey
