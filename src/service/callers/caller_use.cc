#include "service/callers/caller_use.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/counted.h"
#include "service/callers/callers_db.h"

namespace portalkey {
namespace {

constexpr std::int64_t kHour = 3600, kHoursCounted = 24;

std::string counted_as(const Caller& caller) { return fmt::format("{}|{}|{}", name_of(caller.kind), caller.tenant, caller.id); }

class SqliteCallerUse final : public CallerUse {
 public:
  SqliteCallerUse(Sqlite db, Clock& clock) : db_(std::move(db)), clock_(clock) {}

  Result<void> count(const Caller& caller, std::size_t tokens) override {
    if (!caller.limits.tokens_a_day || tokens == 0) return {};
    return in_transaction([&]() -> Result<void> {
      auto left = left_in_transaction(caller);
      if (!left) return pass(left);
      if (tokens > *left) return std::unexpected(too_many(caller, tokens, *left));
      return add(caller, static_cast<std::int64_t>(tokens));
    });
  }

  Result<void> uncount(const Caller& caller, std::size_t tokens) override {
    if (!caller.limits.tokens_a_day || tokens == 0) return {};
    return in_transaction([&] { return take_back(caller, static_cast<std::int64_t>(tokens)); });
  }

  Result<std::size_t> left(const Caller& caller) override {
    if (!caller.limits.tokens_a_day) return std::size_t{1'000'000'000};
    const std::scoped_lock lock(mutex_);
    return left_in_transaction(caller);
  }

 private:
  Result<void> in_transaction(const std::function<Result<void>()>& work) {
    const std::scoped_lock lock(mutex_);
    if (auto begun = db_.run("BEGIN IMMEDIATE"); !begun) return begun;
    auto done = work();
    auto ended = db_.run(done ? "COMMIT" : "ROLLBACK");
    return done ? ended : done;
  }

  /// Those from here on count.
  std::int64_t first_hour() const { return this_hour() - kHoursCounted; }
  std::int64_t this_hour() const { return unix_seconds(clock_.now()) / kHour; }

  Result<std::size_t> left_in_transaction(const Caller& caller) {
    // Hours in the future are of a clock that was set back since: they tell nothing.
    Query used(db_, "SELECT coalesce(sum(tokens), 0) FROM token_use WHERE caller=? AND hour BETWEEN ? AND ?");
    auto there = used.bind(counted_as(caller)).bind(first_hour()).bind(this_hour()).step();
    if (!there) return pass(there);
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(used.number(0), 0));
    const auto most = *caller.limits.tokens_a_day;
    return count >= most ? 0 : most - count;
  }

  Result<void> add(const Caller& caller, std::int64_t tokens) {
    Query forget(db_, "DELETE FROM token_use WHERE hour<?");
    if (auto done = forget.bind(first_hour()).run(); !done) return done;
    Query insert(db_,
                 "INSERT INTO token_use(caller, hour, tokens) VALUES(?,?,?) "
                 "ON CONFLICT(caller, hour) DO UPDATE SET tokens=tokens+excluded.tokens");
    return insert.bind(counted_as(caller)).bind(this_hour()).bind(tokens).run();
  }

  /// From the newest hours first: it was counted a moment ago, and the hour may have ended meanwhile.
  Result<void> take_back(const Caller& caller, std::int64_t tokens) {
    while (tokens > 0) {
      Query newest(db_,
                   "SELECT hour, tokens FROM token_use WHERE caller=? AND tokens>0 AND hour>=? ORDER BY hour DESC LIMIT 1");
      auto there = newest.bind(counted_as(caller)).bind(this_hour() - 1).step();
      if (!there) return pass(there);
      if (!*there) return {};
      const auto hour = newest.number(0), some = std::min(newest.number(1), tokens);
      newest.reset();
      Query update(db_, "UPDATE token_use SET tokens=tokens-? WHERE caller=? AND hour=?");
      if (auto done = update.bind(some).bind(counted_as(caller)).bind(hour).run(); !done) return done;
      tokens -= some;
    }
    return {};
  }

  Error too_many(const Caller& caller, std::size_t tokens, std::size_t left) {
    const auto now = unix_seconds(clock_.now());
    Query oldest(db_, "SELECT min(hour) FROM token_use WHERE caller=? AND hour BETWEEN ? AND ? AND tokens>0");
    auto there = oldest.bind(counted_as(caller)).bind(first_hour()).bind(this_hour()).step();
    const auto hour = there && *there && !oldest.null(0) ? oldest.number(0) : this_hour();
    const auto wait = left > 0 ? 0 : std::max<std::int64_t>((hour + kHoursCounted + 1) * kHour - now, 1);
    return {Errc::throttled,
            fmt::format("the caller may change {} in 24 hours, and with {} it would be more",
                        counted(*caller.limits.tokens_a_day, "token"), counted(tokens, "token")),
            left > 0 ? fmt::format("Change at most {} now.", left) : "Wait until those of yesterday do not count any more.",
            {{"left", std::to_string(left)}, {"retry-after", std::to_string(wait)}}};
  }

  std::mutex mutex_;
  Sqlite db_;
  Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<CallerUse>> open_caller_use(const std::filesystem::path& folder, Clock& clock) {
  auto db = open_callers_db(folder, Durability::whole_file, clock);
  if (!db) return pass(db);
  return std::make_unique<SqliteCallerUse>(std::move(*db), clock);
}

Result<bool> GroupLimit::allows(const CallerLimits& limits, std::string_view user) {
  if (limits.groups.empty()) return true;
  if (user.empty()) return false;
  const std::string who = lower(user);
  for (const auto& group : limits.groups) {
    auto member = is_member(group, who);
    if (!member || *member) return member;
  }
  return false;
}

Result<bool> GroupLimit::is_member(const std::string& group, const std::string& user) {
  const std::string key = group + '|' + user;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = known_.find(key);
    if (found != known_.end() && clock_.steady_now() - found->second.since < kRemembered) return found->second.member;
  }
  auto member = is_member_(group, user);  // without the lock: it takes its time
  if (!member) return member;
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= kMostRemembered) known_.clear();
  known_[key] = {*member, clock_.steady_now()};
  return member;
}

bool in_domains(const CallerLimits& limits, std::string_view user) {
  if (limits.domains.empty()) return true;
  const auto at = user.rfind('@');
  return at != std::string_view::npos && limits.domains.contains(lower(user.substr(at + 1)));
}

Result<bool> may_act_on(const CallerLimits& limits, std::string_view user, GroupLimit& groups) {
  if (!in_domains(limits, user)) return false;
  return groups.allows(limits, user);
}

}  // namespace portalkey
