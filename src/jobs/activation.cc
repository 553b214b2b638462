#include "jobs/activation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "oath/totp.h"

namespace portalkey {
namespace {

using std::chrono::milliseconds;

constexpr int kAttempts = 3;
constexpr milliseconds kLastMoment{1000};         // a code is not sent when it has less left than this
constexpr milliseconds kClockDoubt{600};          // how far the estimate of the server's clock may be off after one answer
constexpr std::chrono::minutes kRequestTime{15};  // long enough for a Retry-After of the whole activation window

struct Pending {
  std::size_t order;
  int attempts = 0;
  SteadyTime not_before{};
};

class Run {
 public:
  Run(const std::vector<ActivationOrder>& orders, TokenDirectory& tokens, ActivationPace& pace, Clock& clock,
      Progress& progress, std::stop_token stop, std::function<void(std::size_t)> on_active)
      : orders_(orders),
        tokens_(tokens),
        pace_(pace),
        clock_(clock),
        progress_(progress),
        stop_(std::move(stop)),
        on_active_(std::move(on_active)) {
    run_.results.resize(orders.size());
    for (std::size_t i = 0; i < orders.size(); ++i) pending_.push_back({i});
  }

  ActivationRun run() && {
    while (!pending_.empty() && !run_.stopped) {
      progress_.step(orders_.size() - pending_.size(), orders_.size(), pace_.least_time(pending_.size(), clock_.steady_now()));
      if (!wait_for_turn()) break;
      const auto next = std::ranges::find_if(pending_, [&](const Pending& p) { return p.not_before <= clock_.steady_now(); });
      if (next == pending_.end()) continue;
      const Pending chosen = *next;
      pending_.erase(next);
      attempt(chosen);
    }
    if (stop_.stop_requested() && !run_.stopped)
      run_.stopped = Error{Errc::cancelled, "interrupted", "Run the same command again: it goes on where it ended.", {}};
    for (const Pending& left : pending_) {
      run_.results[left.order] = {false, left.attempts > 0, run_.stopped ? run_.stopped->what : "",
                                  run_.stopped ? run_.stopped->remedy : ""};
    }
    progress_.step(orders_.size() - pending_.size(), orders_.size(), std::chrono::seconds(0));
    verify();
    return std::move(run_);
  }

 private:
  /// Until the pace allows another one and at least one token is due. False: told to stop.
  bool wait_for_turn() {
    milliseconds wait = pace_.wait(clock_.steady_now());
    const auto earliest = std::ranges::min(pending_, {}, &Pending::not_before).not_before;
    wait = std::max(wait, std::chrono::ceil<milliseconds>(earliest - clock_.steady_now()));
    if (wait.count() <= 0) return !stop_.stop_requested();
    return clock_.sleep_for(wait, stop_);
  }

  void attempt(Pending pending) {
    const ActivationOrder& order = orders_[pending.order];
    const TokenSeed& seed = *order.seed;
    const std::chrono::seconds step(seed.step.value_or(30));
    const Secret key = seed.key();
    const auto accepted = tokens_.activate(
        order.token,
        [&] {
          const auto left = time_left_in_step(tokens_.server_clock().now(), step);
          if (left < kLastMoment) clock_.sleep_for(left + kClockDoubt, stop_);
          return totp(key, tokens_.server_clock().now(), step, seed.digits.value_or(6), seed.hash.value_or(Hash::sha1));
        },
        deadline());
    pace_.sent(clock_.steady_now());  // the service counted it at some moment up to now: later is the safe side
    ++pending.attempts;
    if (accepted) return accept(pending.order);
    const Error& error = accepted.error();
    switch (error.code) {
      case Errc::unavailable:  // it may have been done
        if (active_in_tenant(order.token)) {
          accept(pending.order);
        } else {
          again(pending, std::chrono::seconds(2 << pending.attempts), error.what, error.remedy);
        }
        return;
      case Errc::invalid_input:  // the code was refused: the next step's may fit
        again(pending, time_left_in_step(tokens_.server_clock().now(), step) + kClockDoubt,
              fmt::format("the code was refused {} times ({})", kAttempts, error.what),
              "The tenant probably holds another secret key for this serial number: compare with the vendor's file, remove the "
              "token "
              "(portalkey tokens remove) and import it again.");
        return;
      case Errc::throttled:
        again(pending, std::chrono::seconds(30), error.what, "Run the same command again later: it goes on where it ended.");
        return;
      case Errc::not_found:
      case Errc::conflict: give_up(pending.order, error.what, error.remedy); return;
      default:  // the account, the session, the person: nothing more will work
        run_.stopped = error;
        pending_.push_back(pending);
        return;
    }
  }

  void accept(std::size_t order) {
    run_.results[order].active = true;
    if (on_active_) on_active_(order);
  }

  void again(Pending pending, milliseconds wait, std::string reason, std::string remedy) {
    if (pending.attempts >= kAttempts) return give_up(pending.order, std::move(reason), std::move(remedy));
    pending.not_before = clock_.steady_now() + wait;
    pending_.push_back(pending);
  }

  void give_up(std::size_t order, std::string reason, std::string remedy) {
    run_.results[order] = {false, true, std::move(reason), std::move(remedy)};
  }

  bool active_in_tenant(const TenantToken& token) {
    const auto now = tokens_.again(token, deadline());
    return now && *now && (*now)->active;
  }

  /// An accepted code is not yet an active token: ask.
  void verify() {
    const bool any = std::ranges::any_of(run_.results, &ActivationResult::active);
    if (!any || stop_.stop_requested()) return;
    const auto listed = tokens_.list({}, deadline());
    if (!listed) return;  // the service said yes to each; not being able to ask again changes nothing
    std::map<std::string, bool> active;
    for (const auto& token : *listed) active[token.oath_id] = token.active;
    for (std::size_t i = 0; i < orders_.size(); ++i) {
      if (run_.results[i].active && !active[orders_[i].token.oath_id]) {
        give_up(i, "the service accepted the code, but the token is not active", "Run the same command again in a minute.");
      }
    }
  }

  Deadline deadline() const { return Deadline::in(kRequestTime, clock_, stop_); }

  const std::vector<ActivationOrder>& orders_;
  TokenDirectory& tokens_;
  ActivationPace& pace_;
  Clock& clock_;
  Progress& progress_;
  std::stop_token stop_;
  std::function<void(std::size_t)> on_active_;
  std::vector<Pending> pending_;
  ActivationRun run_;
};

}  // namespace

ActivationRun activate_tokens(const std::vector<ActivationOrder>& orders, TokenDirectory& tokens, ActivationPace& pace,
                              Clock& clock, Progress& progress, std::stop_token stop,
                              std::function<void(std::size_t)> on_active) {
  return Run(orders, tokens, pace, clock, progress, std::move(stop), std::move(on_active)).run();
}

}  // namespace portalkey
