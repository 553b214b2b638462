#include "jobs/store/sqlite/sqlite_job_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <utility>

#include "base/ascii.h"
#include "base/crash_point.h"
#include "base/file_lock.h"
#include "base/files.h"
#include "base/foreign_text.h"
#include "jobs/store/sqlite/alterations.h"
#include "jobs/store/sqlite/clean_reasons.h"
#include "jobs/store/sqlite/job_leases.h"
#include "jobs/store/sqlite/job_rows.h"
#include "jobs/store/sqlite/journal_key.h"
#include "jobs/store/sqlite/journal_layout.h"
#include "jobs/store/sqlite/older_reasons.h"
#include "jobs/store/sqlite/take_over.h"
#include "jobs/store/sqlite/tenant_history.h"
#include "sqlite/sqlite.h"

namespace portalkey {
namespace {

constexpr std::chrono::seconds kOpenPatience{60};
constexpr std::size_t kSettledAtOnce = 256;
constexpr std::size_t kShortestPrefix = 4;
constexpr std::size_t kJobsNamed = 5;
constexpr const char* kSettle =
    "UPDATE token SET state=?, good=?, code=?, reason=?, remedy=?, settled=?, upn=?, did=?, state_mark=?{} WHERE job=? AND "
    "number=?";

/// Where a page of jobs ends: when its last one was made, and its place among those of that second.
struct Place {
  std::int64_t created = 0, row = 0;
  std::string text() const { return fmt::format("{}.{}", created, row); }
};

std::optional<Place> place_of(std::string_view text) {
  Place place;
  const char* end = text.data() + text.size();
  const auto created = std::from_chars(text.data(), end, place.created);
  if (created.ec != std::errc() || created.ptr == end || *created.ptr != '.') return std::nullopt;
  const auto row = std::from_chars(created.ptr + 1, end, place.row);
  if (row.ec != std::errc() || row.ptr != end) return std::nullopt;
  return place;
}

class SqliteJobStore final : public JobStore {
 public:
  SqliteJobStore(Sqlite db, std::filesystem::path key_file, std::optional<PassphraseSource> passphrase, Clock& clock)
      : db_(std::move(db)),
        key_file_(std::move(key_file)),
        passphrase_(std::move(passphrase)),
        leases_(db_, key_file_.parent_path(), clock),
        clock_(clock) {}

  ~SqliteJobStore() override {
    while (!settled_.empty()) {
      const Lease lease = settled_.begin()->second.lease;
      [[maybe_unused]] const auto lost = flush(lease);
      settled_.erase(lease.job);
    }
  }

  using JobStore::create;
  Result<void> create(const Job& asked, const std::function<Result<void>(const AddToken&)>& tokens) override {
    if (auto open = unlock(MissingKey::make); !open) return open;
    Job job = asked;
    job.created = job.updated = from_unix_seconds(unix_seconds(clock_.now()));
    return in_transaction([&]() -> Result<void> {
      Query insert(db_, "INSERT INTO job VALUES(?,?,?,?,?,?,?,?,?,NULL,?,?,?)");
      insert.bind(job.id).bind(job.tenant).bind(job.backend).bind(job.file).bind(std::int64_t{job.activate});
      insert.bind(name_of(job.state)).bind(unix_seconds(job.created)).bind(unix_seconds(job.updated)).bind(job.kind);
      insert.bind_blob(mark(state_of(job.id, job.state, job.updated)));
      insert.bind(std::int64_t{job.again}).bind(job.begun_by);
      if (auto done = insert.run(); !done) return done;
      Query row(db_, "INSERT INTO token VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
      std::size_t rows = 0;
      auto all =
          tokens([&](const JobToken& token) { return insert_row(row, job.id, static_cast<std::int64_t>(rows++), token); });
      if (!all) return all;
      Query bind(db_, "UPDATE job SET wish_mark=? WHERE id=?");
      bind.bind_blob(mark(wish_of(job, rows))).bind(job.id);
      return bind.run();
    });
  }

  Result<JobPage> list(const JobFilter& filter, std::size_t most, const std::string& after) override {
    const auto from = after.empty() ? Place{} : place_of(after);
    if (!from) return fail(Errc::invalid_input, "no page of jobs begins there", "Ask for the first page.");
    std::string sql = std::string(kJobColumns) + "WHERE true";
    if (!filter.tenant.empty()) sql += " AND tenant = ?";
    if (filter.state) sql += " AND state = ?";
    if (!after.empty()) sql += " AND (created, rowid) < (?, ?)";
    Query query(db_, sql + " ORDER BY created DESC, rowid DESC LIMIT ?");
    if (!filter.tenant.empty()) query.bind(filter.tenant);
    if (filter.state) query.bind(name_of(*filter.state));
    if (!after.empty()) query.bind(from->created).bind(from->row);
    query.bind(static_cast<std::int64_t>(most) + 1);
    JobPage page;
    Place last;
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) return page;
      if (page.jobs.size() == most) {
        page.next = last.text();
        return page;
      }
      page.jobs.push_back(with_holder(job_of(query)));
      last = {query.number(6), query.number(15)};
    }
  }

  Result<Job> find(const std::string& id) override {
    auto found = find_marked(id);
    if (!found && found.error().code == Errc::not_found && id.size() >= kShortestPrefix) {
      auto whole = whole_id(id);
      if (!whole) return pass(whole);
      if (!whole->empty()) found = find_marked(*whole);
    }
    if (!found) return pass(found);
    return with_holder(std::move(found->job));
  }

  Result<void> each_token(const std::string& id, const std::function<void(JobToken)>& take) override {
    Query query(db_, kRowColumns);
    return each_row(query, id, kFirst, kLast, [&](JobRow row) { take(std::move(row.token)); });
  }

  Result<Job> check(const std::string& id) override {
    if (auto open = unlock(MissingKey::refuse); !open) return pass(open);
    Job job;
    auto done = in_transaction([&]() -> Result<void> {
      auto found = find_marked(id);
      if (!found) return pass(found);
      job = found->job;
      Alterations altered(id);
      check_job(*found, altered);
      std::int64_t next = 0;
      Query query(db_, kRowColumns);
      auto read = each_row(query, id, kFirst, kLast, [&](JobRow row) {
        for (; next < row.number && next < static_cast<std::int64_t>(job.tokens); ++next) add_missing(next, altered);
        check_row(id, row, altered);
        next = row.number + 1;
      });
      if (!read) return read;
      if (!altered.none()) return std::unexpected(altered.error(db_.file()));
      auto pending = uploads(id);
      return pending ? Result<void>() : pass(pending);
    });
    if (!done) return pass(done);
    return job;
  }

  Result<std::vector<JobToken>> rows(const std::string& id, std::size_t first, std::size_t most) override {
    if (auto open = unlock(MissingKey::refuse); !open) return pass(open);
    if (!rows_) rows_.emplace(db_, kRowColumns);
    std::vector<JobToken> out;
    Alterations altered(id);
    auto next = static_cast<std::int64_t>(first);
    const auto end = next + static_cast<std::int64_t>(most);
    auto read = each_row(*rows_, id, next, end, [&](JobRow row) {
      for (; next < row.number; ++next) add_missing(next, altered);
      check_row(id, row, altered);
      out.push_back(std::move(row.token));
      next = row.number + 1;
    });
    rows_->reset();
    if (!read) return pass(read);
    for (; next < end; ++next) add_missing(next, altered);
    if (!altered.none()) return std::unexpected(altered.error(db_.file()));
    return out;
  }

  Result<Lease> claim(const std::string& id) override {
    if (auto there = state_name(id); !there) return pass(there);
    std::optional<Lease> lease;
    auto done = in_transaction([&]() -> Result<void> {
      auto claimed = leases_.claim(id);
      if (!claimed) return pass(claimed);
      lease = std::move(*claimed);
      return {};
    });
    if (done) return std::move(*lease);
    if (lease) leases_.unlock(id);
    return pass(done);
  }

  Result<bool> heartbeat(const Lease& lease) override {
    bool stop = false;
    auto done = in_transaction([&]() -> Result<void> {
      auto asked = leases_.heartbeat(lease);
      if (!asked) return pass(asked);
      stop = *asked;
      return {};
    });
    if (!done) return pass(done);
    return stop;
  }

  Result<void> release(const Lease& lease) override {
    auto done = under(lease, [&] { return leases_.release(lease); });
    if (done) leases_.unlock(lease.job);
    return done;
  }

  Result<bool> ask_to_stop(const std::string& id) override {
    if (auto there = state_name(id); !there) return pass(there);
    bool asked = false;
    auto done = in_transaction([&]() -> Result<void> {
      auto runs = leases_.ask_to_stop(id);
      if (!runs) return pass(runs);
      asked = *runs;
      return {};
    });
    if (!done) return pass(done);
    return asked;
  }

  Result<void> settle(const Lease& lease, std::size_t token, const TokenOutcome& outcome) override {
    auto& settled = settled_[lease.job];
    if (settled.lease.fence != lease.fence) settled = {lease, {}};
    settled.rows.emplace_back(token, outcome);
    return settled.rows.size() < kSettledAtOnce ? Result<void>() : flush(lease);
  }

  Result<void> flush(const Lease& lease) override {
    const auto settled = settled_.find(lease.job);
    if (settled == settled_.end() || settled->second.rows.empty()) return {};
    return under(lease, [] { return Result<void>(); });
  }

  Result<void> uploading(const Lease& lease, const std::string& name) override {
    return changed(lease, "INSERT INTO upload(job, name, done, mark) VALUES(?1, ?2, 0, ?3)", name, false);
  }
  Result<void> uploaded(const Lease& lease, const std::string& name) override {
    return changed(lease, "UPDATE upload SET done=1, mark=?3 WHERE job=?1 AND name=?2", name, true);
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

  Result<void> begin(const Lease& lease) override {
    if (auto open = unlock(MissingKey::refuse); !open) return open;
    return under(lease, [&]() -> Result<void> {
      auto state = state_name(lease.job);
      if (!state) return pass(state);
      if (*state != name_of(Job::State::planned) && *state != name_of(Job::State::queued))
        return fail(Errc::conflict, fmt::format("the job {} was begun already", lease.job));
      return set_state(lease.job, Job::State::open);
    });
  }

  Result<void> finish(const Lease& lease, Job::State state) override {
    // A job is given up without the journal's key, too: nothing is done with it any more, and what is wiped is wiped.
    if (state != Job::State::cancelled) {
      if (auto open = unlock(MissingKey::refuse); !open) return open;
    }
    auto done = under(lease, [&]() -> Result<void> {
      if (auto set = set_state(lease.job, state); !set) return set;
      if (state == Job::State::done || state == Job::State::cancelled) {
        // What failed for good, or nobody wants any more, needs no key; running the import again brings its own.
        Query wiped(db_, "UPDATE token SET seed=NULL WHERE job=? AND seed IS NOT NULL");
        wiped.bind(lease.job);
        if (auto gone = wiped.run(); !gone) return gone;
      }
      return leases_.release(lease);
    });
    if (!done) return done;
    leases_.unlock(lease.job);
    return leave_no_old_pages();
  }

  Result<void> forget(const Lease& lease) override {
    auto done = under(lease, [&]() -> Result<void> {
      for (const char* sql : {"DELETE FROM token WHERE job=?", "DELETE FROM upload WHERE job=?",
                              "DELETE FROM lease WHERE job=?", "DELETE FROM job WHERE id=?"}) {
        Query query(db_, sql);
        query.bind(lease.job);
        if (auto gone = query.run(); !gone) return gone;
      }
      return {};
    });
    if (!done) return done;
    leases_.remove_lock_file(lease.job);
    return leave_no_old_pages();
  }

  Result<std::unordered_map<std::string, WallTime>> waiting_since(const std::string& tenant,
                                                                  const std::vector<std::string>& serials) override {
    std::unordered_map<std::string, WallTime> since;
    auto done = in_transaction([&]() -> Result<void> {
      auto read = portalkey::waiting_since(db_, tenant, serials, clock_.now());
      if (!read) return pass(read);
      since = std::move(*read);
      return {};
    });
    if (!done) return pass(done);
    return since;
  }

  Result<TakenTokens> taken_away(const std::string& tenant) override { return portalkey::taken_away(db_, tenant); }

  Result<std::vector<TokenEvent>> token_events(const std::string& tenant, const std::string& serial) override {
    return portalkey::token_events(db_, tenant, serial);
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
    if (seed.hash) {
      query.bind(name_of(*seed.hash));
    } else {
      query.bind_null();
    }
    optional(seed.digits);
    if (has_key) {
      query.bind_blob(seal_->seal(seed.base32, wish.bytes()));
    } else {
      query.bind_null();
    }
    query.bind(name_of(outcome.state)).bind(std::int64_t{holds(outcome)}).bind(name_of(outcome.code));
    query.bind(outcome.reason).bind(outcome.remedy).bind(unix_seconds(outcome.settled));
    query.bind(name_of(change)).bind(from).bind(replaced_by).bind(std::int64_t{has_key});
    query.bind_blob(mark(wish)).bind_blob(mark(state_of(job, number, outcome, holds(outcome))));
    query.bind(name_of(outcome.did));
    if (outcome.clock) {
      query.bind(std::int64_t{outcome.clock->ahead.count()}).bind(unix_seconds(outcome.clock->seen));
    } else {
      query.bind_null().bind_null();
    }
    return query.run();
  }

  static std::unexpected<Error> no_such_job(const std::string& id) {
    return fail(Errc::not_found, fmt::format("there is no job {}", id), "See [[list-jobs]].");
  }

  Result<std::string> state_name(const std::string& id) {
    Query query(db_, "SELECT state FROM job WHERE id = ?");
    query.bind(id);
    auto there = query.step();
    if (!there) return pass(there);
    if (!*there) return no_such_job(id);
    return std::string(query.text(0));
  }

  Result<MarkedJob> find_marked(const std::string& id) {
    Query query(db_, std::string(kJobColumns) + "WHERE id = ?");
    query.bind(id);
    auto there = query.step();
    if (!there) return pass(there);
    if (!*there) return no_such_job(id);
    return marked_job_of(query);
  }

  /// Of the only job whose id begins like this; empty: none does.
  Result<std::string> whole_id(const std::string& begin) {
    Query query(db_, "SELECT id FROM job WHERE substr(id, 1, ?1) = ?2 ORDER BY created DESC, rowid DESC LIMIT ?3");
    query.bind(static_cast<std::int64_t>(begin.size())).bind(lower(begin)).bind(std::int64_t{kJobsNamed + 1});
    std::vector<std::string> ids;
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) break;
      ids.emplace_back(foreign_id(query.text(0)));
    }
    if (ids.size() < 2) return ids.empty() ? std::string() : ids.front();
    std::string named;
    for (std::size_t i = 0; i < std::min(ids.size(), kJobsNamed); ++i) named += (i == 0 ? "" : ", ") + ids[i];
    return fail(Errc::invalid_input,
                fmt::format("several jobs begin with {}: {}{}", begin, named, ids.size() > kJobsNamed ? " and more" : ""),
                "Name more of it.");
  }

  Job with_holder(Job job) {
    job.running = job.state == Job::State::open && leases_.held(job.id);
    return job;
  }

  static constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();

  /// `query`: kRowColumns.
  static Result<void> each_row(Query& query, const std::string& id, std::int64_t first, std::int64_t end,
                               const std::function<void(JobRow)>& take) {
    query.bind(id).bind(first).bind(end);
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) return {};
      take(row_of(query));
    }
  }

  static void add_missing(std::int64_t row, Alterations& altered) { altered.add(fmt::format("row {} is missing", row + 1)); }

  void check_job(const MarkedJob& found, Alterations& altered) const {
    const Job& job = found.job;
    if (!found.sound || !seal_->marked(wish_of(job, job.tokens).bytes(), found.wish_mark))
      altered.add("what it is to do, where, or how many rows it has");
    const bool cancelled = job.state == Job::State::cancelled;  // needs no mark: nothing more is done with it
    if (!cancelled && !seal_->marked(state_of(job.id, job.state, job.updated).bytes(), found.state_mark))
      altered.add("how far it is");
  }

  /// Opens the row's secret key.
  void check_row(const std::string& job, JobRow& row, Alterations& altered) {
    auto& token = row.token;
    const auto say = [&](std::string_view what) {
      altered.add(fmt::format("{} of row {} (serial number {})", what, row.number + 1,
                              std::string_view(token.outcome.serial).substr(0, 64)));
    };
    const auto wish = wish_of(job, row.number, token, row.has_key);
    if (!row.sound) return say("a number or a name");
    if (!seal_->marked(wish.bytes(), row.wish_mark)) return say("what is to be done");
    if (!seal_->marked(state_of(job, row.number, token.outcome, row.good).bytes(), row.state_mark) &&
        !marked_by_older(job, row))
      return say("the user or the outcome");
    if (row.sealed.empty() && (!row.has_key || key_is_spent(token.outcome) || was_active(token.outcome) || is_at_its_end(job)))
      return;
    auto key = seal_->unseal(row.sealed, wish.bytes());
    if (!key) return say("the secret key");
    token.seed.base32 = std::move(*key);
  }

  /// Its code was taken, which wiped its key, and the look at the tenant afterwards found it inactive.
  static bool was_active(const TokenOutcome& outcome) {
    return outcome.state == TokenOutcome::State::failed && outcome.code == OutcomeCode::not_activated;
  }

  bool is_at_its_end(const std::string& job) {
    const auto state = state_name(job);
    return state && (*state == name_of(Job::State::done) || *state == name_of(Job::State::cancelled));
  }

  /// The code of such a row follows from its reason, which is bound.
  bool marked_by_older(const std::string& job, const JobRow& row) const {
    TokenOutcome outcome = row.token.outcome;
    if (outcome.code != code_of_older(outcome.reason)) return false;
    outcome.code = OutcomeCode::none;
    return seal_->marked(state_of(job, row.number, outcome, row.good).bytes(), row.state_mark);
  }

  /// The write-ahead log still has what was wiped (sealed); a reader at this moment keeps it until the next time.
  Result<void> leave_no_old_pages() { return db_.run("PRAGMA wal_checkpoint(TRUNCATE)"); }

  Result<void> set_state(const std::string& id, Job::State state) {
    const WallTime now = from_unix_seconds(unix_seconds(clock_.now()));
    Query query(db_, "UPDATE job SET state=?, updated=?, state_mark=? WHERE id=?");
    query.bind(name_of(state)).bind(unix_seconds(now));
    if (state == Job::State::cancelled) {
      query.bind_null();
    } else {
      query.bind_blob(mark(state_of(id, state, now)));
    }
    query.bind(id);
    return query.run();
  }

  Result<void> changed(const Lease& lease, std::string_view sql, const std::string& name, bool done) {
    if (auto open = unlock(MissingKey::refuse); !open) return open;
    return under(lease, [&]() -> Result<void> {
      Query query(db_, sql);
      query.bind(lease.job).bind(name).bind_blob(mark(upload_fields(lease.job, name, done)));
      return query.run();
    });
  }

  /// With what was settled under it before.
  Result<void> under(const Lease& lease, const std::function<Result<void>()>& work) {
    Settled settled;
    if (const auto waiting = settled_.find(lease.job);
        waiting != settled_.end() && waiting->second.lease.fence == lease.fence) {
      settled = std::move(waiting->second);
      settled_.erase(waiting);
    }
    const auto written_with_work = [&]() -> Result<void> {
      if (!settled.rows.empty()) {
        if (auto open = unlock(MissingKey::refuse); !open) return open;
      }
      return in_transaction([&]() -> Result<void> {
        if (auto newest = leases_.check(lease); !newest) return newest;
        if (auto written = write(settled); !written) return written;
        return work();
      });
    };
    auto done = written_with_work();
    // A moment in which the journal was busy or the disk full must not cost what happened in the tenant.
    if (!done && !settled.rows.empty() && !is_lease_lost(done.error()))
      settled_.insert_or_assign(lease.job, std::move(settled));
    return done;
  }

  struct Settled {
    Lease lease;
    std::vector<std::pair<std::size_t, TokenOutcome>> rows;
  };

  Result<void> write(const Settled& settled) {
    if (settled.rows.empty()) return {};
    const std::string& job = settled.lease.job;
    Query active(db_, fmt::format(fmt::runtime(kSettle), ", seed=NULL"));
    Query other(db_, fmt::format(fmt::runtime(kSettle), ""));
    for (const auto& [token, outcome] : settled.rows) {
      const auto number = static_cast<std::int64_t>(token);
      Query& query = key_is_spent(outcome) ? active : other;
      query.bind(name_of(outcome.state)).bind(std::int64_t{holds(outcome)}).bind(name_of(outcome.code));
      query.bind(outcome.reason).bind(outcome.remedy).bind(unix_seconds(outcome.settled)).bind(outcome.upn);
      query.bind(name_of(outcome.did));
      query.bind_blob(mark(state_of(job, number, outcome, holds(outcome)))).bind(job).bind(number);
      if (auto done = query.run(); !done) return done;
    }
    return {};
  }

  Result<void> in_transaction(const std::function<Result<void>()>& work) {
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
  JobLeases leases_;
  Clock& clock_;
  std::optional<Query> rows_;               // kept prepared: it is asked for every row
  std::map<std::string, Settled> settled_;  // not written yet, by job
};

}  // namespace

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
  auto db = Sqlite::open(folder / "jobs.db", kJournalWords);
  if (!db) return pass(db);
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON",
                             "PRAGMA secure_delete=ON", "PRAGMA trusted_schema=OFF", "BEGIN IMMEDIATE"}) {
    if (auto set = db->run(pragma); !set) return pass(set);
  }
  const auto at_work = [&](const std::string& job) { return JobLeases::locked(folder, job, clock); };
  if (auto made = bring_up_to_date(*db, at_work); !made) return pass(made);
  if (auto done = db->run("COMMIT"); !done) return pass(done);
  if (auto cleaned = clean_reasons(*db); !cleaned) return pass(cleaned);
  return std::make_unique<SqliteJobStore>(std::move(*db), folder / "jobs.key", std::move(passphrase), clock);
}

}  // namespace portalkey
