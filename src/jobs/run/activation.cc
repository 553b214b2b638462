#include "jobs/run/activation.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <utility>

#include "base/tasks.h"
#include "otp/totp.h"
#include "seeds/model/token_clock.h"

namespace portalkey {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kAtOnce = 64;  // http/chain.h keeps them to what the service takes
constexpr std::size_t kQuestionsAtOnce = 16;
constexpr std::size_t kPage = 25;          // of the portal's list: asking for less than one in a page one by one is cheaper
constexpr milliseconds kLastMoment{1000};  // a code is not sent when it has less left than this
constexpr milliseconds kMostDoubt{600};    // how far the estimate of the server's clock may be off after one answer
constexpr milliseconds kLeastDoubt{50};
constexpr std::chrono::minutes kRequestTime{15};  // long enough for a Retry-After of the whole activation window
constexpr std::chrono::hours kLong{1};

std::uint64_t hash_of(std::string_view id) { return std::hash<std::string_view>()(id); }

std::chrono::seconds step_of(const TokenSeed& seed) { return std::chrono::seconds(seed.step.value_or(30)); }

/// How far ahead of the present a token's code is to be; see activation.h.
std::chrono::seconds ahead_of(const TokenSeed& seed, bool learns_clocks) {
  const auto clock = known_clock(seed);
  if (!clock) return {};
  const auto step = step_of(seed);
  const bool near = std::chrono::abs(clock->ahead) <= kStepsEntraTolerates * step;
  return near && !learns_clocks ? std::clamp(clock->ahead, -step, step) : clock->ahead;
}

}  // namespace

Activations::Activations(TokenDirectory& tokens, ActivationPace& pace, Clock& clock, std::stop_token stop, Orders orders,
                         OnResult on_result)
    : tokens_(tokens),
      pace_(pace),
      clock_(clock),
      stop_(std::move(stop)),
      orders_(std::move(orders)),
      on_result_(std::move(on_result)) {}

void Activations::start(Tasks& tasks) {
  workers_ = kAtOnce;
  for (std::size_t i = 0; i < kAtOnce; ++i) {
    tasks.start([this] {
      const struct Gone {
        std::size_t& workers;
        ~Gone() { --workers; }
      } gone{workers_};
      work();
    });
  }
}

void Activations::work() {
  while (const auto waiting = next()) {
    ++busy_;
    if (take_turn()) {
      attempt(*waiting);
    } else {
      ready_.push_front(*waiting);
    }
    --busy_;
  }
}

/// Waits for one that is due. Nothing: it is over, or to be ended.
std::optional<Activations::Waiting> Activations::next() {
  const auto due = [this] { return !later_.empty() && later_.begin()->first <= clock_.steady_now(); };
  for (;;) {
    if (over() || stop_.stop_requested()) return std::nullopt;
    if (due()) {
      const auto waiting = later_.begin()->second;
      later_.erase(later_.begin());
      return waiting;
    }
    if (!ready_.empty()) {
      const auto waiting = ready_.front();
      ready_.pop_front();
      return waiting;
    }
    const auto until = later_.empty() ? clock_.steady_now() + kLong : later_.begin()->first;
    Tasks::here()->wait(until, stop_, [&] { return over() || !ready_.empty() || due(); });
  }
}

bool Activations::take_turn() {
  auto& tasks = *Tasks::here();
  while (in_turn_) {
    if (!tasks.wait(clock_.steady_now() + kLong, stop_, [this] { return !in_turn_ || stopped_; }) && stop_.stop_requested())
      return false;
    if (stopped_) return false;
  }
  in_turn_ = true;
  bool taken = false;
  while (!stopped_ && !stop_.stop_requested()) {
    auto wait = pace_.take();
    if (!wait) {
      stopped_ = std::move(wait).error();
      break;
    }
    if (wait->count() == 0) {
      taken = true;
      break;
    }
    const auto until = clock_.steady_now() + *wait;
    if (on_wait_) on_wait_(until);
    tasks.wait(until, stop_, [this] { return stopped_.has_value(); });
  }
  in_turn_ = false;
  return taken;
}

/// How far the estimate of the server's clock may be off.
milliseconds Activations::doubt() const { return std::clamp(tokens_.server_clock().doubt(), kLeastDoubt, kMostDoubt); }

std::string Activations::code_of(const Order& order) {
  const TokenSeed& seed = *order.seed;
  const auto step = step_of(seed);
  const auto ahead = ahead_of(seed, tokens_.learns_clocks());  // whole steps: it begins and ends with the present one
  const auto left = time_left_in_step(tokens_.server_clock().now(), step);
  if (left < kLastMoment) clock_.sleep_for(left + doubt(), stop_);
  return totp(seed.key(), tokens_.server_clock().now() + ahead, step, seed.digits.value_or(6), seed.hash.value_or(Hash::sha1));
}

void Activations::attempt(Waiting waiting) {
  const auto& clocks = tokens_.server_clock().disagreement();
  auto found = clocks ? Result<ActivationOrder>(std::unexpected(clocks->error())) : orders_(waiting.place);
  if (!found) {
    if (!stopped_) stopped_ = std::move(found).error();
    return ready_.push_front(waiting);
  }
  Order order{std::move(*found), waiting};
  const auto accepted = tokens_.activate(*order.token, [&] { return code_of(order); }, deadline());
  if (auto noted = pace_.answered(); !noted && !stopped_) stopped_ = std::move(noted).error();
  ++order.waiting.attempts;
  if (accepted) return accept(order);
  const Error& error = accepted.error();
  switch (error.code) {
    case Errc::unavailable:  // it may have been done
      if (active_in_tenant(*order.token)) return accept(order);
      return again(order, std::chrono::seconds(2 << order.waiting.attempts), error.what, error.remedy);
    case Errc::invalid_input:  // the code was refused: the next step's may fit
      return refused(order, error);
    case Errc::throttled:
      return again(order, std::chrono::seconds(30), error.what, "Run the same command again later: it goes on where it ended.");
    case Errc::not_found:
    case Errc::conflict: return give_up(order, error.what, error.remedy);
    default:  // the account, the session, the person: nothing more will work
      if (!stopped_) stopped_ = error;
      ready_.push_front(order.waiting);
  }
}

void Activations::refused(const Order& order, const Error& error) {
  const TokenSeed& seed = *order.seed;
  const auto wait = time_left_in_step(tokens_.server_clock().now(), step_of(seed)) + kMostDoubt;
  const auto ahead = ahead_of(seed, tokens_.learns_clocks());
  if (std::chrono::abs(ahead) <= step_of(seed)) {
    return again(order, wait, fmt::format("the code was refused {} times ({})", kAttempts, error.what),
                 "The tenant probably holds another secret key for this serial number: compare with the vendor's file, "
                 "remove the token ([[remove]]) and import it with [[setting|again]].");
  }
  // One more for a code that begins with 0. Where it is not known whether it can be right at all, more would only cost time.
  const int attempts = tokens_.learns_clocks() ? kAttempts : 2;
  again(
      order, wait,
      fmt::format("the code of the device's own time ({}) was refused {} times ({})", text_of_ahead(ahead), attempts,
                  error.what),
      tokens_.learns_clocks()
          ? "Read its codes again ([[check-code]]): the reading, or the secret key in the tenant, may be wrong."
          : "This way into the tenant may take codes of the present only, and a token activated with one of those would be of "
            "no use to its owner. Replace the device; or remove the token ([[remove]]) and import it through Microsoft Graph "
            "([[setting|backend|graph]]), which is documented to learn a device's clock.",
      attempts);
}

void Activations::accept(const Order& order) {
  accepted_.push_back({order.waiting.place, hash_of(order.token->oath_id)});
  on_result_(order.waiting.place, order.seed.get(), {.active = true, .attempted = true, .reason = {}, .remedy = {}});
}

void Activations::again(const Order& order, milliseconds wait, std::string reason, std::string remedy, int attempts) {
  if (order.waiting.attempts >= attempts) return give_up(order, std::move(reason), std::move(remedy));
  later_.emplace(clock_.steady_now() + wait, order.waiting);
}

void Activations::give_up(const Order& order, std::string reason, std::string remedy) {
  on_result_(order.waiting.place, order.seed.get(), {false, true, std::move(reason), std::move(remedy)});
}

bool Activations::active_in_tenant(const TenantToken& token) {
  const auto now = tokens_.again(token, deadline());
  return now && *now && (*now)->active;
}

void Activations::finish() {
  closed_ = true;
  const auto ended = [this] { return workers_ == 0; };
  while (!ended()) Tasks::here()->wait(clock_.steady_now() + kLong, {}, ended);
  if (left() > 0 && !stopped_) {
    stopped_ = Error{Errc::cancelled, "interrupted", "Run the same command again: it goes on where it ended.", {}};
  }
  for (const auto& [when, waiting] : later_) ready_.push_back(waiting);
  later_.clear();
  for (const auto& waiting : ready_)
    on_result_(waiting.place, nullptr, {false, waiting.attempts > 0, stopped_->what, stopped_->remedy});
  ready_.clear();
}

void Activations::verify(std::size_t tenant_size) {
  if (accepted_.empty() || stop_.stop_requested()) return;
  std::vector<bool> active(accepted_.size());
  if (accepted_.size() < tenant_size / kPage) {
    Tasks::here()->each(accepted_.size(), kQuestionsAtOnce, [&](std::size_t i) {
      const auto order = orders_(accepted_[i].place);
      const auto now = order ? tokens_.again(*order->token, deadline()) : std::unexpected(order.error());
      const bool unknown = !now;  // as below
      active[i] = unknown || (*now && (*now)->active);
    });
  } else {
    boost::unordered_flat_map<std::uint64_t, std::size_t> places;
    places.reserve(accepted_.size());
    for (std::size_t i = 0; i < accepted_.size(); ++i) places.emplace(accepted_[i].token, i);
    const auto listed = tokens_.each({.upn = {}, .active = true}, deadline(), [&](const TenantToken& token) {
      if (const auto found = places.find(hash_of(token.oath_id)); found != places.end()) active[found->second] = true;
    });
    if (!listed) return;  // the service said yes to each; not being able to ask again changes nothing
  }
  for (std::size_t i = 0; i < accepted_.size(); ++i) {
    if (active[i]) continue;
    on_result_(
        accepted_[i].place, nullptr,
        {false, true, "the service accepted the code, but the token is not active", "Run the same command again in a minute."});
  }
}

Deadline Activations::deadline() const { return Deadline::in(kRequestTime, clock_, stop_); }

}  // namespace portalkey
