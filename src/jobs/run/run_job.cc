#include "jobs/run/run_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <ranges>
#include <unordered_set>
#include <utility>

#include "base/ascii.h"
#include "base/remedy.h"
#include "base/tasks.h"
#include "jobs/run/import.h"
#include "jobs/run/lease_keeper.h"
#include "jobs/verdict/tenant_check.h"

namespace portalkey {
namespace {

using State = TokenOutcome::State;
using Code = OutcomeCode;
using Rows = std::vector<std::size_t>;

constexpr std::chrono::minutes kRequestTime{5};
constexpr std::size_t kRequestsAtOnce = 16;
constexpr int kAttempts = 3;
constexpr std::string_view kAbsent = "the tenant has no token with this serial number";
constexpr std::string_view kAgain = "Run the same command again.";

/// Tells the journal what the import does, in the job's numbers.
class Recorder final : public ImportRecorder {
 public:
  Recorder(JobStore& store, LeaseKeeper& keeper, const Rows& places) : store_(store), keeper_(keeper), places_(places) {}
  Result<void> uploading(const std::string& name) override { return keeper_.noted(store_.uploading(keeper_.lease(), name)); }
  Result<void> uploaded(const std::string& name) override { return keeper_.noted(store_.uploaded(keeper_.lease(), name)); }
  Result<void> settled(std::size_t token, const TokenOutcome& outcome) override {
    return keeper_.noted(store_.settle(keeper_.lease(), places_[token], outcome));
  }
  Result<void> flush() override { return keeper_.flush(); }

 private:
  JobStore& store_;
  LeaseKeeper& keeper_;
  const Rows& places_;
};

class JobRun {
 public:
  JobRun(std::vector<JobToken>& tokens, TokenDirectory& directory, const JobOptions& options, Clock& clock, Random& random,
         Progress& progress, std::stop_token stop)
      : tokens_(tokens),
        directory_(directory),
        options_(options),
        clock_(clock),
        random_(random),
        progress_(progress),
        keeper_(options.store, options.lease, clock, std::move(stop)),
        stop_(keeper_.stop()) {}

  std::optional<Error> run() && {
    std::vector<Rows> by_change(static_cast<std::size_t>(TokenChange::remove) + 1);
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (left(tokens_[i])) by_change[static_cast<std::size_t>(tokens_[i].change)].push_back(i);
    }
    const auto of = [&](TokenChange change) -> Rows& { return by_change[static_cast<std::size_t>(change)]; };
    const bool only_creates = std::ranges::all_of(by_change | std::views::drop(1), &Rows::empty);
    Rows coming = of(TokenChange::create);
    if (!only_creates && read_tenant()) {
      each("unassigning", of(TokenChange::unassign), [this](std::size_t i) { unassign(i); });
      Rows assigned;  // of tokens without a secret key
      each("reassigning", of(TokenChange::reassign), [&](std::size_t i) {
        if (make_free(i)) (tokens_[i].seed.base32.empty() ? assigned : coming).push_back(i);
      });
      for (const auto i : of(TokenChange::activate)) {
        if (can_activate(i)) coming.push_back(i);
      }
      for (const auto i : of(TokenChange::assign)) (tokens_[i].seed.base32.empty() ? assigned : coming).push_back(i);
      each("assigning", assigned, [this](std::size_t i) { assign(i); });
    }
    if (!stopped_) bring_in(std::move(coming));
    each("removing", of(TokenChange::remove), [this](std::size_t i) { remove(i); });
    if (stopped_) {
      for (auto& token : tokens_) {
        if (token.outcome.state != State::not_done || !token.outcome.reason.empty()) continue;
        token.outcome.code = token.replaced_by.empty() ? Code::run_ended : Code::kept;
        token.outcome.reason = token.replaced_by.empty() ? stopped_->what : kept_for(token.replaced_by);
        token.outcome.remedy = stopped_->remedy;
      }
    }
    return std::move(stopped_);
  }

 private:
  /// Rows that are begun anew have no old reason.
  static bool left(JobToken& token) {
    const bool needs_key = token.change == TokenChange::create || token.change == TokenChange::activate;
    const bool open = token.outcome.state == State::not_done || token.outcome.state == State::failed;
    if (!open || (needs_key && token.seed.base32.empty())) return false;
    token.outcome.state = State::not_done;
    token.outcome.code = Code::none;
    token.outcome.reason.clear();
    token.outcome.remedy.clear();
    return true;
  }

  void each(std::string_view doing, const Rows& rows, const std::function<void(std::size_t)>& work) {
    if (rows.empty() || stopped_) return;
    if (!options_.dry_run) progress_.phase(fmt::format("{} {} tokens", doing, rows.size()));
    std::size_t done = 0;
    meanwhile_keeping([&] {
      Tasks::here()->each(rows.size(), kRequestsAtOnce, [&](std::size_t k) {
        if (stopped_) return;
        work(rows[k]);
        progress_.step(++done, rows.size(), std::chrono::seconds(0));
      });
    });
  }

  void meanwhile_keeping(const std::function<void()>& work) {
    bool over = false;
    Tasks tasks(clock_, stop_);
    tasks.start([&] {
      work();
      over = true;
    });
    if (options_.store != nullptr) tasks.start([&] { journaled(keeper_.keep(over)); });
    tasks.run();
    journaled(keeper_.flush());
  }

  Deadline deadline() const { return Deadline::in(kRequestTime, clock_, stop_); }

  void stop_with(Error error) {
    if (!stopped_) stopped_ = std::move(error);
  }

  bool journaled(Result<void> done) {
    if (!done) stop_with(std::move(done).error());
    return !stopped_;
  }

  static bool ends_all(const Error& error) {
    return error.code == Errc::forbidden || error.code == Errc::unauthenticated || error.code == Errc::needs_person ||
           error.code == Errc::cancelled;
  }

  bool read_tenant() {
    progress_.phase("reading the tenant's tokens");
    meanwhile_keeping([&] {
      if (auto read = tenant_.read(directory_, deadline()); !read) stop_with(std::move(read).error());
    });
    return !stopped_;
  }

  void settle(std::size_t i, State state, Code code = Code::none, std::string reason = {}, std::string remedy = {}) {
    auto& outcome = tokens_[i].outcome;
    outcome.state = state;
    outcome.code = code;
    outcome.reason = std::move(reason);
    outcome.remedy = std::move(remedy);
    outcome.settled = clock_.now();
    if (options_.store != nullptr) journaled(keeper_.noted(options_.store->settle(options_.lease, i, outcome)));
  }

  /// It, or everything, failed.
  void fail_with(std::size_t i, const Error& error) {
    if (ends_all(error)) {
      stop_with(error);
    } else {
      settle(i, State::failed, Code::service_refused, error.what, error.remedy.empty() ? std::string(kAgain) : error.remedy);
    }
  }

  const TenantToken* there(std::size_t i) const { return tenant_.find(tokens_[i].outcome.serial); }

  /// The job knew whose it was, and somebody else has it now. Through Graph a removal that was cut off leaves it nobody's.
  bool changed_hands(std::size_t i, const TenantToken& token) {
    const auto& from = tokens_[i].from;
    if (from.empty() || token.nobodys() || account_of(from) == account_of(token.upn) || from == token.user_id) return false;
    settle(i, State::failed, Code::assigned_to_other,
           fmt::format("the token is assigned to {}, not to {}", owner_of(token), from), "Check who has the device.");
    return true;
  }

  enum class Taken { done, not_done, stopped };

  /// Asks the tenant what came of it: of the portal's answer nothing is recorded, and answers get lost.
  Taken take(const TenantToken& token, bool out_of_tenant, std::string& why) {
    auto* inventory = directory_.inventory();
    for (int attempt = 1;; ++attempt) {
      const auto done =
          out_of_tenant || inventory == nullptr ? directory_.remove(token, deadline()) : inventory->unassign(token, deadline());
      const auto now = done || !ends_all(done.error()) ? directory_.again(token, deadline())
                                                       : Result<std::optional<TenantToken>>(std::unexpected(done.error()));
      if (!now && ends_all(now.error())) {
        stop_with(now.error());
        return Taken::stopped;
      }
      if (now && (!*now || (!out_of_tenant && (*now)->nobodys()))) return Taken::done;
      why = !done ? done.error().what : !now ? now.error().what : "the service answered, but did not do it";
      const bool may_pass = !done && (done.error().code == Errc::unavailable || done.error().code == Errc::throttled);
      if (!may_pass || attempt == kAttempts) return Taken::not_done;
      clock_.sleep_for(std::chrono::seconds(1 << attempt), stop_);
    }
  }

  void unassign(std::size_t i) {
    const auto* token = there(i);
    if (token == nullptr) return settle(i, State::failed, Code::not_in_tenant, std::string(kAbsent));
    if (token->nobodys() && options_.dry_run) return settle(i, State::nothing_to_do, Code::none, "is nobody's already");
    if (token->nobodys()) return settle(i, State::unassigned, Code::none, "was nobody's already");
    tokens_[i].outcome.upn = token->upn;
    if (changed_hands(i, *token)) return;
    if (options_.dry_run) return settle(i, State::would_do, Code::none, "would be unassigned");
    std::string why;
    const auto taken = take(*token, false, why);
    if (taken == Taken::done) return settle(i, State::unassigned);
    if (taken == Taken::not_done)
      settle(i, State::failed, Code::service_refused, std::move(why), "Run the same command again in a minute.");
  }

  /// Of a token that goes to somebody else. True: nobody has it now, or its new user does.
  bool make_free(std::size_t i) {
    const auto* token = there(i);
    if (token == nullptr || token->nobodys() || account_of(token->upn) == account_of(tokens_[i].outcome.upn)) return true;
    if (changed_hands(i, *token)) return false;
    if (options_.dry_run) {
      settle(i, State::would_do, Code::none,
             fmt::format("would be taken from {}, and {}", owner_of(*token),
                         tokens_[i].seed.base32.empty() ? "assigned" : "activated"));
      return false;
    }
    std::string why;
    const auto taken = take(*token, false, why);
    if (taken == Taken::not_done)
      settle(i, State::failed, Code::service_refused, fmt::format("not taken from {}: {}", owner_of(*token), why),
             std::string(kAgain));
    if (taken == Taken::done && tokens_[i].seed.base32.empty()) {  // assigned from there
      TenantToken freed = *token;
      freed.user_id.clear();
      freed.upn.clear();
      freed.active = false;
      tenant_.add(std::move(freed));
    }
    return taken == Taken::done;
  }

  bool can_activate(std::size_t i) {
    auto& [seed, outcome, change, from, replaced_by] = tokens_[i];
    const auto* token = there(i);
    if (token == nullptr) {
      settle(i, State::failed, Code::not_in_tenant, std::string(kAbsent), "Upload it first: [[import|FILE]]");
    } else if (!seed.upn.empty() && !token->nobodys() && account_of(seed.upn) != account_of(token->upn)) {
      settle(i, State::failed, Code::assigned_to_other,
             fmt::format("the tenant has this token assigned to {}", owner_of(*token)),
             "Check who has the device, and correct the file or the assignment.");
    } else if (token->nobodys()) {
      settle(i, State::failed, Code::nobodys, "nobody has this token yet",
             fmt::format("Assign it first: [[assign-to|{}|UPN]]", as_parameter(outcome.serial)));
    } else {
      seed.upn = outcome.upn = token->upn;
      return true;
    }
    return false;
  }

  void assign(std::size_t i) {
    const auto* token = there(i);
    const std::string upn = tokens_[i].outcome.upn;
    if (token == nullptr)
      return settle(i, State::failed, Code::not_in_tenant, std::string(kAbsent),
                    "Import it with its seed file: [[import|FILE]]");
    if (!token->nobodys() && account_of(token->upn) != account_of(upn)) {
      return settle(i, State::failed, Code::assigned_to_other, fmt::format("the token is assigned to {}", owner_of(*token)),
                    fmt::format("Check who has the device; then [[unassign|{}]]", as_parameter(token->serial)));
    }
    if (!token->nobodys()) return settle(i, State::already_uploaded, Code::none, "is this user's already");
    if (options_.dry_run) return settle(i, State::would_do, Code::none, "would be assigned");
    for (int attempt = 1;; ++attempt) {
      auto done = directory_.inventory()->assign(*token, upn, deadline());
      if (done) return settle(i, State::assigned);
      if (done.error().code != Errc::unavailable) return fail_with(i, done.error());
      auto now = directory_.again(*token, deadline());  // the answer may have been lost
      if (now && *now && account_of((*now)->upn) == account_of(upn)) return settle(i, State::assigned);
      if (attempt == kAttempts) return fail_with(i, done.error());
      clock_.sleep_for(std::chrono::seconds(1 << attempt), stop_);
    }
  }

  void bring_in(Rows rows) {
    std::ranges::sort(rows);
    ImportOptions import;
    if (options_.store != nullptr) {
      auto earlier = options_.store->uploads(options_.lease.job);
      if (!earlier) return stop_with(std::move(earlier).error());
      import.earlier_uploads = std::move(*earlier);
    }
    if (rows.empty()) return;
    std::vector<TokenSeed> seeds;
    seeds.reserve(rows.size());
    for (const auto i : rows) seeds.push_back(std::move(tokens_[i].seed));
    std::optional<Recorder> recorder;
    if (options_.store != nullptr) import.recorder = &recorder.emplace(*options_.store, keeper_, rows);
    import.activate = options_.activate;
    import.dry_run = options_.dry_run;
    import.upload_patience = options_.upload_patience;
    import.pace = options_.pace;
    import.members = options_.members;
    if (!options_.not_again.empty()) {
      import.taken_away = [&](std::size_t k) -> const TakenToken* {
        const auto& token = tokens_[rows[k]];
        if (token.change != TokenChange::create && token.change != TokenChange::assign) return nullptr;
        const auto taken = options_.not_again.find(lower(token.outcome.serial));
        return taken == options_.not_again.end() ? nullptr : &taken->second;
      };
    }
    auto report = import_tokens(seeds, directory_, import, clock_, random_, progress_, stop_);
    for (std::size_t k = 0; k < rows.size(); ++k) tokens_[rows[k]].outcome = std::move(report.outcomes[k]);
    if (report.stopped) stop_with(std::move(*report.stopped));
  }

  static std::string kept_for(const std::string& serial) { return fmt::format("kept: the new token {} is not active", serial); }

  /// Its user has the one that replaces it.
  bool replaced(const std::string& serial) {
    if (in_place_.empty()) {
      for (const auto& [seed, outcome, change, from, replaced_by] : tokens_) {
        if (outcome.state == State::active || outcome.state == State::already_active) in_place_.insert(outcome.serial);
      }
    }
    return in_place_.contains(serial);
  }

  void remove(std::size_t i) {
    const auto* token = there(i);
    if (token == nullptr && options_.dry_run)
      return settle(i, State::nothing_to_do, Code::none, "is not in the tenant any more");
    if (token == nullptr) return settle(i, State::removed, Code::none, "was not in the tenant any more");
    tokens_[i].outcome.upn = token->upn;
    if (changed_hands(i, *token)) return;
    if (options_.dry_run) {
      return settle(i, State::would_do, Code::none,
                    tokens_[i].replaced_by.empty() ? "would be removed" : "would be removed when the new one is active");
    }
    if (!tokens_[i].replaced_by.empty() && !replaced(tokens_[i].replaced_by)) {
      return settle(i, State::not_done, Code::kept, kept_for(tokens_[i].replaced_by),
                    "It goes when that one is active: see there.");
    }
    std::string why;
    const auto taken = take(*token, true, why);
    if (taken == Taken::done) return settle(i, State::removed);
    if (taken == Taken::not_done) {
      settle(i, State::failed, Code::service_refused, std::move(why),
             directory_.inventory() == nullptr
                 ? "Run the same command again; if it stays, remove it in the portal: this call of the unsupported API is the "
                   "least known one."
                 : std::string(kAgain));
    }
  }

  std::vector<JobToken>& tokens_;
  TokenDirectory& directory_;
  const JobOptions& options_;
  Clock& clock_;
  Random& random_;
  Progress& progress_;
  LeaseKeeper keeper_;
  std::stop_token stop_;
  TenantCheck tenant_;
  std::unordered_set<std::string> in_place_;  // serial numbers of tokens that are active
  std::optional<Error> stopped_;
};

}  // namespace

std::optional<Error> run_job(std::vector<JobToken>& tokens, TokenDirectory& directory, const JobOptions& options, Clock& clock,
                             Random& random, Progress& progress, std::stop_token stop) {
  return JobRun(tokens, directory, options, clock, random, progress, std::move(stop)).run();
}

}  // namespace portalkey
