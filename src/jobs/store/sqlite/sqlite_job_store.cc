#include <fmt/format.h>

#include <functional>
#include <optional>

#include "base/ascii.h"
#include "base/crash_point.h"
#include "base/file_lock.h"
#include "base/files.h"
#include "base/time_text.h"
#include "jobs/store/job_store.h"
#include "jobs/store/sqlite/clean_reasons.h"
#include "jobs/store/sqlite/job_rows.h"
#include "jobs/store/sqlite/journal_key.h"
#include "jobs/store/sqlite/journal_layout.h"
#include "jobs/store/sqlite/sqlite.h"
#include "jobs/store/sqlite/take_over.h"

namespace portalkey {
namespace {

constexpr std::chrono::seconds kOpenPatience{60};
constexpr std::size_t kSettledAtOnce = 256;
constexpr std::size_t kNamedAtMost = 5;
constexpr const char* kSettle =
    "UPDATE token SET state=?, good=?, reason=?, remedy=?, settled=?, upn=?, state_mark=?{} WHERE job=? AND number=?";
/// Since a job saw the token in the tenant and not active, if one did.
constexpr const char* kBeginsToWait =
    "INSERT INTO waiting SELECT ?1, serial, min(?2, ifnull((SELECT min(t.settled) FROM token t JOIN job ON job.id = t.job "
    "WHERE job.tenant = ?1 AND t.serial = asked.serial AND t.settled > 0 AND (t.state BETWEEN 2 AND 4 OR "
    "t.reason LIKE 'uploaded, but not activated%')), ?2)) FROM asked WHERE true ON CONFLICT DO NOTHING";
/// What jobs did to the tokens that one of them took away, the last thing last.
constexpr const char* kTaken =
    "SELECT t.serial, t.job, t.upn, t.taken_from, t.replaced_by, t.settled, t.change, t.state FROM token t JOIN job ON "
    "job.id = t.job WHERE job.tenant = ?1 AND (t.state BETWEEN 0 AND 6) AND lower(t.serial) IN (SELECT lower(serial) FROM "
    "token "
    "WHERE change >= 4 AND state BETWEEN 5 AND 6) ORDER BY t.settled, job.rowid, t.number";

/// What is not as portalkey wrote it, for a person: the first few by name.
class Alterations {
 public:
  explicit Alterations(std::string job) : job_(std::move(job)) {}
  void add(std::string what) {
    if (++count_ <= kNamedAtMost) text_ += (text_.empty() ? "" : "; ") + std::move(what);
  }
  bool none() const { return count_ == 0; }
  Error error(const std::filesystem::path& file) const {
    const std::string more = count_ > kNamedAtMost ? fmt::format("; and {} more", count_ - kNamedAtMost) : "";
    return {Errc::corrupt,
            fmt::format("the job {} in the journal is not as portalkey wrote it, or the journal's key is another: {}{}", job_,
                        text_, more),
            fmt::format("Nothing of it is sent. Find out who can write to the journal's folder; then begin anew from the file "
                        "or list (what the tenant has already is left as it is), and portalkey jobs forget {}.",
                        job_),
            {{"file", file.string()}}};
  }

 private:
  std::string job_, text_;
  std::size_t count_ = 0;
};

class SqliteJobStore final : public JobStore {
 public:
  SqliteJobStore(Sqlite db, std::filesystem::path key_file, std::optional<PassphraseSource> passphrase, Clock& clock)
      : db_(std::move(db)), key_file_(std::move(key_file)), passphrase_(std::move(passphrase)), clock_(clock) {}

  ~SqliteJobStore() override { [[maybe_unused]] const auto lost = flush(); }

  Result<void> create(const Job& asked, const std::vector<JobToken>& tokens) override {
    if (auto open = unlock(MissingKey::make); !open) return open;
    Job job = asked;
    job.created = job.updated = from_unix_seconds(unix_seconds(clock_.now()));
    return in_transaction([&]() -> Result<void> {
      Query insert(db_, "INSERT INTO job VALUES(?,?,?,?,?,?,?,?,?,?,?)");
      insert.bind(job.id).bind(job.tenant).bind(job.backend).bind(job.file).bind(std::int64_t{job.activate});
      insert.bind(static_cast<std::int64_t>(job.state)).bind(unix_seconds(job.created)).bind(unix_seconds(job.updated));
      insert.bind(job.kind).bind_blob(mark(wish_of(job, tokens.size())));
      insert.bind_blob(mark(state_of(job.id, job.state, job.updated)));
      if (auto done = insert.run(); !done) return done;
      Query row(db_, "INSERT INTO token VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (auto done = insert_row(row, job.id, static_cast<std::int64_t>(i), tokens[i]); !done) return done;
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
    auto found = find_marked(id);
    if (!found) return pass(found);
    return std::move(found->job);
  }

  Result<std::vector<JobToken>> tokens(const std::string& id) override {
    std::vector<JobToken> out;
    auto read = each_row(id, [&](JobRow row) { out.push_back(std::move(row.token)); });
    if (!read) return pass(read);
    return out;
  }

  Result<LoadedJob> load(const std::string& id) override {
    if (auto open = unlock(MissingKey::refuse); !open) return pass(open);
    LoadedJob loaded;
    auto done = in_transaction([&]() -> Result<void> {
      auto found = find_marked(id);
      if (!found) return pass(found);
      loaded.job = found->job;
      Alterations altered(id);
      check_job(*found, altered);
      std::int64_t next = 0;
      auto read = each_row(id, [&](JobRow row) {
        for (; next < row.number && next < static_cast<std::int64_t>(loaded.job.tokens); ++next)
          altered.add(fmt::format("row {} is missing", next + 1));
        check_row(loaded.job, row, altered);
        loaded.tokens.push_back(std::move(row.token));
        next = row.number + 1;
      });
      if (!read) return read;
      if (!altered.none()) return std::unexpected(altered.error(db_.file()));
      auto pending = uploads(id);
      return pending ? Result<void>() : pass(pending);
    });
    if (!done) return pass(done);
    return loaded;
  }

  Result<void> settle(const std::string& id, std::size_t token, const TokenOutcome& outcome) override {
    settled_.push_back({id, token, outcome});
    return settled_.size() < kSettledAtOnce ? Result<void>() : flush();
  }

  Result<void> flush() override {
    if (settled_.empty()) return {};
    if (auto open = unlock(MissingKey::refuse); !open) return open;
    const auto settled = std::exchange(settled_, {});
    return in_transaction([&]() -> Result<void> {
      Query active(db_, fmt::format(fmt::runtime(kSettle), ", seed=NULL"));
      Query other(db_, fmt::format(fmt::runtime(kSettle), ""));
      for (const auto& [id, token, outcome] : settled) {
        Query& query = key_is_spent(outcome) ? active : other;
        query.bind(static_cast<std::int64_t>(outcome.state)).bind(std::int64_t{holds(outcome)});
        query.bind(outcome.reason).bind(outcome.remedy).bind(unix_seconds(outcome.settled)).bind(outcome.upn);
        query.bind_blob(mark(state_of(id, static_cast<std::int64_t>(token), outcome, holds(outcome))));
        query.bind(id).bind(static_cast<std::int64_t>(token));
        if (auto done = query.run(); !done) return done;
      }
      return {};
    });
  }

  Result<void> uploading(const std::string& id, const std::string& name) override {
    return changed(id, "INSERT INTO upload(job, name, done, mark) VALUES(?1, ?2, 0, ?3)", name, false);
  }
  Result<void> uploaded(const std::string& id, const std::string& name) override {
    return changed(id, "UPDATE upload SET done=1, mark=?3 WHERE job=?1 AND name=?2", name, true);
  }

  Result<std::vector<std::string>> uploads(const std::string& id) override {
    if (auto open = unlock(MissingKey::refuse); !open) return pass(open);
    Query query(db_, "SELECT name, done, mark FROM upload WHERE job=?");
    query.bind(id);
    std::vector<std::string> names;
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) return names;
      const bool done = query.number(1) != 0;
      const bool sound = done == (query.number(1) == 1);
      if (!sound || !seal_->marked(upload_fields(id, query.text(0), done).bytes(), query.text(2))) {
        Alterations altered(id);
        altered.add("the name of an upload");
        return std::unexpected(altered.error(db_.file()));
      }
      if (!done) names.emplace_back(query.text(0));
    }
  }

  Result<void> finish(const std::string& id, Job::State state) override {
    // A job is given up without the journal's key, too: nothing is done with it any more, and what is wiped is wiped.
    const bool cancelled = state == Job::State::cancelled;
    if (!cancelled) {
      if (auto open = unlock(MissingKey::refuse); !open) return open;
    }
    auto done = in_transaction([&]() -> Result<void> {
      const WallTime now = from_unix_seconds(unix_seconds(clock_.now()));
      Query query(db_, "UPDATE job SET state=?, updated=?, state_mark=? WHERE id=?");
      query.bind(static_cast<std::int64_t>(state)).bind(unix_seconds(now));
      if (cancelled) {
        query.bind_null();
      } else {
        query.bind_blob(mark(state_of(id, state, now)));
      }
      query.bind(id);
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
  /// What cannot be undone now is undone when the file is opened again.
  void roll_back() { [[maybe_unused]] const auto undone = db_.run("ROLLBACK"); }

  Result<void> unlock(MissingKey missing) {
    if (seal_) return {};
    const auto bind_older = [this](const JournalSeal& seal) -> Result<void> {
      auto taken = in_transaction([&] { return take_over(db_, seal); });
      return taken ? leave_no_old_pages() : taken;
    };
    auto opened = open_journal_key(key_file_, passphrase_, missing, bind_older, clock_);
    if (!opened) return pass(opened);
    seal_ = std::move(*opened);
    return {};
  }

  std::string mark(const BoundFields& fields) const { return seal_->mark(fields.bytes()); }

  Result<void> insert_row(Query& query, const std::string& job, std::int64_t number, const JobToken& token) {
    const auto& [seed, outcome, change, from, replaced_by] = token;
    const bool has_key = !seed.base32.empty();
    const auto optional = [&](auto value) { value ? query.bind(static_cast<std::int64_t>(*value)) : query.bind_null(); };
    const auto wish = wish_of(job, number, token, has_key);
    query.bind(job).bind(number).bind(outcome.line).bind(outcome.serial).bind(outcome.upn);
    query.bind(seed.manufacturer).bind(seed.model);
    optional(seed.step);
    optional(seed.hash);
    optional(seed.digits);
    if (has_key) {
      query.bind_blob(seal_->seal(seed.base32, wish.bytes()));
    } else {
      query.bind_null();
    }
    query.bind(static_cast<std::int64_t>(outcome.state)).bind(std::int64_t{holds(outcome)});
    query.bind(outcome.reason).bind(outcome.remedy).bind(unix_seconds(outcome.settled));
    query.bind(static_cast<std::int64_t>(change)).bind(from).bind(replaced_by).bind(std::int64_t{has_key});
    query.bind_blob(mark(wish)).bind_blob(mark(state_of(job, number, outcome, holds(outcome))));
    return query.run();
  }

  Result<MarkedJob> find_marked(const std::string& id) {
    Query query(db_, std::string(kJobColumns) + "WHERE id = ?");
    query.bind(id);
    auto there = query.step();
    if (!there) return pass(there);
    if (!*there) return fail(Errc::not_found, fmt::format("there is no job {}", id), "See portalkey jobs list.");
    return marked_job_of(query);
  }

  Result<void> each_row(const std::string& id, const std::function<void(JobRow)>& take) {
    Query query(db_, kRowColumns);
    query.bind(id);
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) return {};
      take(row_of(query));
    }
  }

  void check_job(const MarkedJob& found, Alterations& altered) const {
    const Job& job = found.job;
    if (!found.sound || !seal_->marked(wish_of(job, job.tokens).bytes(), found.wish_mark))
      altered.add("what it is to do, where, or how many rows it has");
    const bool cancelled = job.state == Job::State::cancelled;  // needs no mark: nothing more is done with it
    if (!cancelled && !seal_->marked(state_of(job.id, job.state, job.updated).bytes(), found.state_mark))
      altered.add("how far it is");
  }

  /// Opens the row's secret key.
  void check_row(const Job& job, JobRow& row, Alterations& altered) const {
    auto& token = row.token;
    const auto say = [&](std::string_view what) {
      altered.add(fmt::format("{} of row {} (serial number {})", what, row.number + 1,
                              std::string_view(token.outcome.serial).substr(0, 64)));
    };
    const auto wish = wish_of(job.id, row.number, token, row.has_key);
    if (!row.sound) return say("a number");
    if (!seal_->marked(wish.bytes(), row.wish_mark)) return say("what is to be done");
    if (!seal_->marked(state_of(job.id, row.number, token.outcome, row.good).bytes(), row.state_mark))
      return say("the user or the outcome");
    const bool wiped = key_is_spent(token.outcome) || job.state == Job::State::done || job.state == Job::State::cancelled;
    if (row.sealed.empty() && (!row.has_key || wiped)) return;
    auto key = seal_->unseal(row.sealed, wish.bytes());
    if (!key) return say("the secret key");
    token.seed.base32 = std::move(*key);
  }

  /// The write-ahead log still has what was wiped (sealed); a reader at this moment keeps it until the next time.
  Result<void> leave_no_old_pages() { return db_.run("PRAGMA wal_checkpoint(TRUNCATE)"); }

  Result<void> changed(const std::string& id, std::string_view sql, const std::string& name, bool done) {
    if (auto open = unlock(MissingKey::refuse); !open) return open;
    return in_transaction([&]() -> Result<void> {
      Query query(db_, sql);
      query.bind(id).bind(name).bind_blob(mark(upload_fields(id, name, done)));
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
  std::optional<PassphraseSource> passphrase_;
  std::optional<JournalSeal> seal_;
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
  // Several that open a new journal at once: SQLite does not wait for who turns it into WAL mode.
  auto lock = FileLock::take(folder / "jobs.db.lock", kOpenPatience, clock, {});
  if (!lock) {
    if (lock.error().code == Errc::conflict)
      lock.error().what = "another portalkey run is opening the journal of jobs and has not finished";
    return pass(lock);
  }
  auto db = Sqlite::open(folder / "jobs.db");
  if (!db) return pass(db);
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON",
                             "PRAGMA secure_delete=ON", "PRAGMA trusted_schema=OFF", "BEGIN IMMEDIATE"}) {
    if (auto set = db->run(pragma); !set) return pass(set);
  }
  if (auto made = bring_up_to_date(*db); !made) return pass(made);
  if (auto done = db->run("COMMIT"); !done) return pass(done);
  if (auto cleaned = clean_reasons(*db); !cleaned) return pass(cleaned);
  return std::make_unique<SqliteJobStore>(std::move(*db), folder / "jobs.key", std::move(passphrase), clock);
}

}  // namespace portalkey
