#include "service/mirror/sqlite_mirror.h"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_set>

#include "service/mirror/fresh_tokens.h"
#include "service/mirror/generation.h"
#include "service/mirror/mirror_layout.h"
#include "service/mirror/mirror_pages.h"
#include "service/mirror/token_rows.h"
#include "service/mirror/turns.h"
#include "service/mirror/untold.h"

namespace portalkey {
namespace {

constexpr int kWriterCacheKib = 2048;
constexpr int kReaderCacheKib = 2048;
constexpr int kRefreshCacheKib = 16384;
constexpr std::size_t kIdleReaders = 16;
constexpr std::size_t kTakenAtOnce = 500;

/// How much is written in one turn, so that who waits for the next one waits for some 50 ms. The waiting for the turn itself
/// counts: where several write, each writes less.
class BatchSize {
 public:
  std::size_t most() const { return most_; }
  void took(SteadyTime::duration time) {
    if (time > std::chrono::milliseconds(50)) most_ = std::max(kLeast, most_ / 2);
    if (time < std::chrono::milliseconds(20)) most_ = std::min(FreshTokens::kMostDifferences, most_ * 2);
  }

 private:
  static constexpr std::size_t kLeast = 16;
  std::size_t most_ = 128;
};

/// The serial_key()s of what the service did itself while a tenant is read.
struct Touched {
  std::unordered_set<std::string> all;
  std::unordered_set<std::string> carried_not;  ///< those that no generation has yet
};

/// A reading that writes.
struct Reading {
  std::uint64_t file;
  const std::string& tenant;
  FreshTokens& fresh;
  WallTime as_of;
  std::stop_token stop;
};

class SqliteMirror final : public Mirror {
 public:
  SqliteMirror(std::filesystem::path folder, Clock& clock) : folder_(std::move(folder)), clock_(clock) {}

  Result<void> open() {
    auto prepared = prepare_mirror_db(folder_, clock_);
    if (!prepared) return pass(prepared);
    auto key = mark_key(**prepared);
    if (!key) return pass(key);
    auto writer = connect_mirror_db(folder_, kWriterCacheKib);
    if (!writer) return pass(writer);
    mark_key_ = std::move(*key);
    writer_ = std::move(*writer);
    return {};
  }

  Result<MirrorPage> page(const std::string& tenant, const MirrorQuery& query) override {
    return reading<MirrorPage>([&](Sqlite& db) { return read_page(db, mark_key_, tenant, query); });
  }

  Result<MirrorCounts> counts(const std::string& tenant, const MirrorQuery& query) override {
    return reading<MirrorCounts>([&](Sqlite& db) { return read_counts(db, tenant, query); });
  }

  Result<std::optional<WallTime>> as_of(const std::string& tenant) override {
    return reading<std::optional<WallTime>>([&](Sqlite& db) -> Result<std::optional<WallTime>> {
      Query query(db, "SELECT as_of FROM tenant WHERE name = ? AND shown = 1 AND as_of IS NOT NULL");
      auto found = query.bind(tenant).step();
      if (!found) return pass(found);
      return *found ? std::optional(from_unix_seconds(query.number(0))) : std::nullopt;
    });
  }

  Result<void> put(const std::string& tenant, const TenantToken& token) override {
    return touching(tenant, token.serial, [&](TokenRows& rows) { return put_token(rows, token); });
  }

  Result<void> gone(const std::string& tenant, const std::string& serial) override {
    return touching(tenant, serial, [&](TokenRows& rows) { return erase_serial(rows, serial); });
  }

  Result<void> refresh(const std::string& tenant, TokenDirectory& directory, const Deadline& deadline,
                       const std::function<void(const OutsideChange&)>& changed) override {
    {
      const std::lock_guard turn(turns_);
      if (!touched_.try_emplace(tenant).second) return fail(Errc::conflict, "the tenant is being read already");
    }
    auto done = tell(tenant, changed);  // what was left when the service ended
    if (done) done = read_tenant_whole(tenant, directory, deadline);
    {
      const std::lock_guard turn(turns_);
      touched_.erase(tenant);
    }
    if (!done) return done;
    return tell(tenant, changed);
  }

 private:
  /// With a connection that nobody else uses. A damaged file is given up, and asked again.
  template <class T>
  Result<T> reading(const std::function<Result<T>(Sqlite&)>& read) {
    return unless_damaged<T>([&]() -> Result<T> {
      auto db = take_reader();
      if (!db) return pass(db);
      auto done = read(**db);
      give_reader(std::move(*db));
      return done;
    });
  }

  template <class T>
  Result<T> unless_damaged(const std::function<Result<T>()>& work) {
    for (bool again = false;; again = true) {
      std::uint64_t file = 0;
      {
        const std::shared_lock used(file_mutex_);
        file = file_number_;
        auto done = work();
        if (done || done.error().code != Errc::corrupt || again) return done;
      }
      if (auto anew = begin_anew(file); !anew) return pass(anew);
    }
  }

  Result<void> begin_anew(std::uint64_t damaged) {
    const std::unique_lock alone(file_mutex_);
    if (file_number_ != damaged) return {};  // another thread did
    readers_.clear();
    writer_.reset();
    move_mirror_db_aside(folder_, clock_, "is damaged");
    ++file_number_;
    return open();
  }

  Result<MirrorDb> take_reader() {
    {
      const std::lock_guard turn(readers_mutex_);
      if (!readers_.empty()) {
        auto db = std::move(readers_.back());
        readers_.pop_back();
        return db;
      }
    }
    return connect_mirror_db(folder_, kReaderCacheKib);
  }

  void give_reader(MirrorDb db) {
    const std::lock_guard turn(readers_mutex_);
    if (readers_.size() < kIdleReaders) readers_.push_back(std::move(db));
  }

  /// What the service did itself: a reading that is under way leaves this serial number alone.
  Result<void> touching(const std::string& tenant, const std::string& serial,
                        const std::function<Result<void>(TokenRows&)>& change) {
    return unless_damaged<void>([&]() -> Result<void> {
      const std::lock_guard turn(turns_);
      if (writer_ == nullptr) return fail(Errc::unavailable, "the copy of the tenants' tokens could not be begun anew");
      if (const auto read = touched_.find(tenant); read != touched_.end()) {
        read->second.all.insert(serial_key(serial));
        read->second.carried_not.insert(serial_key(serial));
      }
      auto writing = MirrorTransaction::begin(*writer_, "BEGIN IMMEDIATE");
      if (!writing) return pass(writing);
      auto number = made_tenant_number(*writer_, tenant);
      if (!number) return pass(number);
      {
        TokenRows rows(*writer_, *number);
        if (auto done = change(rows); !done) return done;
        if (auto indexed = rows.index_parts(); !indexed) return indexed;
      }
      return writing->commit();
    });
  }

  Result<void> read_tenant_whole(const std::string& tenant, TokenDirectory& directory, const Deadline& deadline) {
    std::uint64_t file = 0;
    Result<MirrorDb> db;
    {
      const std::shared_lock used(file_mutex_);
      file = file_number_;
      db = connect_mirror_db(folder_, kRefreshCacheKib);
    }
    if (!db) return pass(db);
    auto fresh = FreshTokens::begin(std::move(*db), tenant);
    if (!fresh) return pass(fresh);
    const auto as_of = clock_.now();
    std::vector<TenantToken> taken;
    Result<void> kept;
    const auto keep = [&] {
      if (kept) kept = fresh->add(taken);
      taken.clear();
    };
    auto read = directory.each({}, deadline, [&](TenantToken token) {
      taken.push_back(std::move(token));
      if (taken.size() >= kTakenAtOnce) keep();
    });
    if (!read) return read;
    keep();
    if (!kept) return kept;
    if (deadline.stop.stop_requested()) return fail(Errc::cancelled, "the reading of the tenant was stopped");
    return take_place({file, tenant, *fresh, as_of, deadline.stop});
  }

  /// With nobody else writing.
  template <class T>
  Result<T> in_turn(const Reading& reading, const std::function<Result<T>()>& work) {
    return unless_begun_anew<T>(reading, [&] {
      const std::lock_guard turn(turns_);
      return work();
    });
  }

  template <class T>
  Result<T> unless_begun_anew(const Reading& reading, const std::function<Result<T>()>& work) {
    return unless_damaged<T>([&]() -> Result<T> {
      if (reading.file != file_number_)
        return fail(Errc::unavailable, "the copy of the tenants' tokens was begun anew meanwhile");
      return work();
    });
  }

  /// In turns that others have theirs between, until `some` has nothing left.
  Result<void> in_batches(const Reading& reading, const std::function<Result<bool>(std::size_t most)>& some) {
    for (BatchSize size;;) {
      if (reading.stop.stop_requested()) return fail(Errc::cancelled, "the reading of the tenant was stopped");
      const auto from = clock_.steady_now();
      auto more = in_turn<bool>(reading, [&] { return some(size.most()); });
      if (!more) return pass(more);
      if (!*more) return {};
      size.took(clock_.steady_now() - from);
    }
  }

  Result<void> take_place(const Reading& reading) {
    auto& fresh = reading.fresh;
    auto ready = erase_hidden(reading);  // that an earlier reading left
    if (ready) ready = in_batches(reading, [&](std::size_t most) { return fresh.adopt_ids(most); });
    if (!ready) return ready;
    const auto differences = unless_begun_anew<std::size_t>(reading, [&] { return fresh.compare(); });
    if (!differences) return std::unexpected(differences.error());
    if (*differences > FreshTokens::kMostDifferences) return take_place_as_generation(reading);
    return in_turn<void>(reading, [&] { return fresh.take_place(touched_[reading.tenant].all, reading.as_of); });
  }

  Result<void> take_place_as_generation(const Reading& reading) {
    const auto tell = unless_begun_anew<bool>(reading, [&] { return reading.fresh.was_read_before(); });
    if (!tell) return std::unexpected(tell.error());
    auto generation = in_turn<Generation>(reading, [&] { return Generation::begin(reading.fresh); });
    if (!generation) return pass(generation);
    auto done = in_batches(reading, [&](std::size_t most) { return generation->write_some(most); });
    if (done && *tell)
      done = in_batches(reading, [&](std::size_t most) { return generation->tell_some(most, touched_[reading.tenant].all); });
    if (done) done = in_batches(reading, [&](std::size_t most) { return carry_over_some(reading, *generation, most); });
    if (!done) return done;
    // It has taken its place: what cannot be erased now is left to the next reading.
    (void)erase_hidden(reading);
    return {};
  }

  /// In a turn. False: that was the last, and the generation is shown.
  Result<bool> carry_over_some(const Reading& reading, Generation& generation, std::size_t most) {
    auto& left = touched_[reading.tenant].carried_not;
    std::vector<std::string> some;
    while (!left.empty() && some.size() < most) some.push_back(std::move(left.extract(left.begin()).value()));
    const bool last = left.empty();
    auto carried = generation.carry_over(some, last ? std::optional(reading.as_of) : std::nullopt);
    if (!carried) return pass(carried);
    return !last;
  }

  Result<void> erase_hidden(const Reading& reading) {
    return in_batches(reading, [&](std::size_t most) { return erase_some_hidden(reading.fresh.db(), reading.tenant, most); });
  }

  /// What was told is forgotten afterwards: after a crash some of it is told again, none is lost.
  Result<void> tell(const std::string& tenant, const std::function<void(const OutsideChange&)>& changed) {
    for (;;) {
      auto untold = reading<Untold>([&](Sqlite& db) { return read_untold(db, tenant); });
      if (!untold) return pass(untold);
      if (untold->changes.empty()) return {};
      for (const auto& change : untold->changes)
        if (changed) changed(change);
      auto forgotten = unless_damaged<void>([&]() -> Result<void> {
        const std::lock_guard turn(turns_);
        if (writer_ == nullptr) return {};
        return forget_told(*writer_, tenant, untold->through);
      });
      if (!forgotten) return forgotten;
    }
  }

  const std::filesystem::path folder_;
  Clock& clock_;
  std::string mark_key_;
  std::shared_mutex file_mutex_;  // alone: to put another file in its place
  std::uint64_t file_number_ = 0;
  std::mutex readers_mutex_;
  std::vector<MirrorDb> readers_;
  Turns turns_;  // to write
  MirrorDb writer_;
  std::map<std::string, Touched> touched_;  // while a tenant is read
};

}  // namespace

Result<std::unique_ptr<Mirror>> open_mirror(const std::filesystem::path& folder, Clock& clock) {
  auto mirror = std::make_unique<SqliteMirror>(folder, clock);
  if (auto opened = mirror->open(); !opened) return pass(opened);
  return mirror;
}

}  // namespace portalkey
