#include "service/audit/sqlite_audit_log.h"

#include <sodium.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <optional>
#include <span>

#include "base/files.h"
#include "service/audit/audit_layout.h"
#include "service/audit/audit_rows.h"
#include "service/audit/audit_search.h"
#include "service/audit/entry_form.h"
#include "service/audit/kept_checkpoints.h"
#include "service/audit/sqlite_trail_reading.h"
#include "sqlite/sqlite.h"

namespace portalkey {
namespace {

constexpr std::size_t kAtOnce = 1000;  ///< events of a transaction, unless one caller brings more
constexpr std::size_t kReaders = 8;    ///< connections that are kept for the next search
constexpr std::size_t kRead = 500;     ///< entries read at a time

/// A caller's events, or other work, on the way into the file; on its stack while it waits.
struct Waiting {
  explicit Waiting(std::vector<AuditEvent> what) : events(std::move(what)) {}
  explicit Waiting(std::function<Result<void>(Sqlite&)> what) : work(std::move(what)) {}
  std::vector<AuditEvent> events;
  std::function<Result<void>(Sqlite&)> work;  ///< done alone
  AuditEntry last;
  Result<void> result;
  bool done = false;
  std::condition_variable woken;
};

class SqliteAuditLog final : public AuditTrail {
 public:
  SqliteAuditLog(Sqlite writer, Clock& clock) : writer_(std::move(writer)), insert_(writer_, kInsertEntry), clock_(clock) {}

  Result<AuditEntry> append(const AuditEvent& event) override {
    Waiting mine({written_down(event)});
    if (auto done = write(mine); !done) return pass(done);
    return std::move(mine.last);
  }

  Result<void> append_all(const std::vector<AuditEvent>& events) override {
    if (events.empty()) return {};
    std::vector<AuditEvent> texts;
    texts.reserve(events.size());
    for (const auto& event : events) texts.push_back(written_down(event));
    Waiting mine(std::move(texts));
    return write(mine);
  }

  Result<AuditPage> search(const AuditFilter& filter, std::size_t most, std::int64_t before) override {
    AuditPage page;
    auto done = reading([&](Sqlite& db) -> Result<void> {
      auto found = search_entries(db, written_down(filter), most, before);
      if (!found) return pass(found);
      page = std::move(*found);
      return {};
    });
    if (!done) return pass(done);
    return page;
  }

  Result<void> each(std::int64_t from, const std::function<Result<void>(const AuditEntry&)>& take) override {
    for (;;) {
      std::vector<AuditEntry> entries;  // page by page: whoever takes them slowly keeps nobody from writing
      auto done = reading([&](Sqlite& db) -> Result<void> {
        auto read = entries_from(db, from, kRead);
        if (!read) return pass(read);
        entries = std::move(*read);
        return {};
      });
      if (!done) return done;
      for (const auto& entry : entries) {
        if (auto taken = take(entry); !taken) return taken;
        from = entry.number + 1;
      }
      if (entries.size() < kRead) return {};
    }
  }

  Result<End> end() override {
    End out;
    auto done = reading([&](Sqlite& db) -> Result<void> {
      auto trail = trail_id(db);
      if (!trail) return pass(trail);
      auto end = chain_end(db);
      if (!end) return pass(end);
      out = {std::move(*trail), end->number, std::move(end->hash)};
      return {};
    });
    if (!done) return pass(done);
    return out;
  }

  Result<std::unique_ptr<TrailReading>> read() override { return read_sqlite_trail(writer_.file()); }

  Result<std::optional<Checkpoint>> last_checkpoint() override {
    std::optional<Checkpoint> out;
    auto done = reading([&](Sqlite& db) -> Result<void> {
      auto last = last_kept_checkpoint(db);
      if (!last) return pass(last);
      out = std::move(*last);
      return {};
    });
    if (!done) return pass(done);
    return out;
  }
  Result<void> keep(const Checkpoint& checkpoint) override {
    return write_alone([&](Sqlite& db) { return keep_checkpoint(db, checkpoint); });
  }
  Result<std::int64_t> sent(const std::string& sender) override {
    std::int64_t out = 0;
    auto done = reading([&](Sqlite& db) -> Result<void> {
      auto seq = last_sent(db, sender);
      if (!seq) return pass(seq);
      out = *seq;
      return {};
    });
    if (!done) return pass(done);
    return out;
  }
  Result<void> note_sent(const std::string& sender, std::int64_t seq) override {
    return write_alone([&](Sqlite& db) { return keep_sent(db, sender, seq); });
  }
  Result<void> replace_by(const PruningStub& stub) override {
    return write_alone([&](Sqlite& db) { return replace_entries(db, stub); });
  }

 private:
  /// Whoever comes when nobody writes writes for all who wait; those who come meanwhile are the next transaction.
  Result<void> write(Waiting& mine) {
    std::unique_lock lock(waiting_);
    queue_.push_back(&mine);
    while (!mine.done && (writing_ || queue_.front() != &mine)) mine.woken.wait(lock);
    if (!mine.done) write_queue(lock);
    return std::move(mine.result);
  }

  void write_queue(std::unique_lock<std::mutex>& lock) {
    const auto batch = next_batch();
    writing_ = true;
    lock.unlock();
    auto written = guarded_transaction(batch);
    lock.lock();
    writing_ = false;
    for (auto* waiting : batch) {
      waiting->result = written;
      waiting->done = true;
      waiting->woken.notify_one();  // under the lock: it is on a stack
    }
    if (!queue_.empty()) queue_.front()->woken.notify_one();
  }

  std::vector<Waiting*> next_batch() {
    std::vector<Waiting*> batch;
    std::size_t events = 0;
    while (!queue_.empty()) {
      auto* next = queue_.front();
      events += next->events.size();
      if (!batch.empty() && (next->work || batch.front()->work || events > kAtOnce)) break;
      batch.push_back(next);
      queue_.pop_front();
    }
    return batch;
  }

  /// Those who wait must hear of it whatever happens.
  Result<void> guarded_transaction(std::span<Waiting* const> batch) {
    try {
      return in_transaction(batch);
    } catch (const std::bad_alloc&) {
      take_back();
      return fail(Errc::internal, "no memory is left for the audit trail", "");
    }
  }

  Result<void> in_transaction(std::span<Waiting* const> batch) {
    if (auto begun = writer_.run("BEGIN IMMEDIATE"); !begun) return begun;
    const auto& work = batch.front()->work;
    ChainEnd end;
    auto done = work ? work(writer_) : insert_all(batch, end);
    if (done) done = writer_.run("COMMIT");
    if (done) {
      if (!work) known_ = std::move(end);
      return {};
    }
    take_back();
    return done;
  }

  void take_back() {
    insert_.reset();
    [[maybe_unused]] const auto undone = writer_.run("ROLLBACK");
  }

  Result<void> insert_all(std::span<Waiting* const> batch, ChainEnd& end) {
    auto there = chain_end(writer_);
    if (!there) return pass(there);
    if (auto same = still_there(*there); !same) return same;
    end = std::move(*there);
    const auto now = from_unix_milliseconds(unix_milliseconds(clock_.now()));
    if (now < end.time) {
      Query step(writer_, "INSERT INTO step_back VALUES(?)");
      step.bind(end.number + 1);
      if (auto noted = step.run(); !noted) return noted;
    }
    for (auto* waiting : batch) {
      for (auto& event : waiting->events) {
        AuditEntry entry{end.number + 1, now, std::move(event), {}};
        entry.hash = entry_hash(entry, end.hash);
        bind_entry(insert_, entry);
        if (auto inserted = insert_.run(); !inserted) return inserted;
        end = {entry.number, now, entry.hash};
        waiting->last = std::move(entry);
      }
    }
    return {};
  }

  /// What this process wrote last, or what is left of it, is still in the chain that it would go on with.
  Result<void> still_there(const ChainEnd& end) {
    if (!known_ || (end.number == known_->number && end.hash == known_->hash)) return {};
    auto pruned = pruned_through(writer_);
    if (!pruned) return pass(pruned);
    if (*pruned > known_->number) return {};
    if (*pruned < known_->number && end.number > known_->number) {
      auto hash = hash_at(writer_, known_->number);
      if (!hash) return pass(hash);
      if (*hash == known_->hash) return {};
    }
    if (*pruned == known_->number && end.number > known_->number) return {};
    return std::unexpected(Error{Errc::corrupt,
                                 "the audit trail no longer has what was written into it: somebody changed the file",
                                 kAuditWords.damaged,
                                 {{"file", writer_.file().string()}, {"entry", std::to_string(known_->number)}}});
  }

  Result<void> write_alone(std::function<Result<void>(Sqlite&)> work) {
    Waiting mine(std::move(work));
    return write(mine);
  }

  Result<void> reading(const std::function<Result<void>(Sqlite&)>& read) {
    std::unique_ptr<Sqlite> reader;
    {
      const std::scoped_lock lock(reading_);
      if (!readers_.empty()) {
        reader = std::move(readers_.back());
        readers_.pop_back();
      }
    }
    if (!reader) {
      auto opened = open_audit_reader(writer_.file());
      if (!opened) return pass(opened);
      reader = std::make_unique<Sqlite>(std::move(*opened));
    }
    auto done = read(*reader);
    const std::scoped_lock lock(reading_);
    if (done && readers_.size() < kReaders) readers_.push_back(std::move(reader));
    return done;
  }

  Sqlite writer_;  ///< of whoever writes for the queue
  Query insert_;
  Clock& clock_;
  std::optional<ChainEnd> known_;

  std::mutex waiting_;
  std::deque<Waiting*> queue_;
  bool writing_ = false;

  std::mutex reading_;
  std::vector<std::unique_ptr<Sqlite>> readers_;
};

}  // namespace

Result<std::unique_ptr<AuditTrail>> open_audit_log(const std::filesystem::path& folder, Clock& clock, MissingTrail missing) {
  if (sodium_init() < 0) throw std::bad_alloc();
  const auto file = folder / kAuditFile;
  if (missing == MissingTrail::not_found) {
    auto there = file_exists(file);
    if (!there) return pass(there);
    if (!*there)
      return std::unexpected(Error{
          Errc::not_found, "there is no audit trail", "Name the folder of the service's state.", {{"file", file.string()}}});
  }
  auto db = Sqlite::open(file, kAuditWords);
  if (!db) return pass(db);
  if (auto set = set_up_audit_connection(*db); !set) return pass(set);
  if (auto ready = prepare_audit_layout(*db, clock); !ready) return pass(ready);
  return std::unique_ptr<AuditTrail>(std::make_unique<SqliteAuditLog>(std::move(*db), clock));
}

}  // namespace portalkey
