#include "entra/credentials/cached_credential.h"

#include <algorithm>

#include "base/tasks.h"

namespace portalkey {
namespace {

/// What another thread brings wakes no task of this one: it is looked for this often.
constexpr std::chrono::milliseconds kLook{50};

bool in_passing(const Error& error) { return error.code == Errc::unavailable || error.code == Errc::throttled; }

}  // namespace

Result<Secret> CachedCredential::access_token(const std::string& resource, const Deadline& deadline) {
  return share(std::unique_lock(mutex_), resource, deadline);
}

Result<Secret> CachedCredential::answer_challenge(const std::string& resource, const Secret& refused, const std::string& claims,
                                                  const Deadline& deadline) {
  std::unique_lock lock(mutex_);
  Entry& entry = tokens_[resource];
  const bool current = entry.token.reveal(
      [&](std::string_view kept) { return refused.reveal([&](std::string_view other) { return kept == other; }); });
  if (current) {  // otherwise another caller met the same challenge and has answered it
    entry.token = Secret();
    entry.claims = claims;
  }
  return share(std::move(lock), resource, deadline);
}

Result<Secret> CachedCredential::share(std::unique_lock<std::mutex> lock, const std::string& resource,
                                       const Deadline& deadline) {
  for (;;) {
    if (auto& entry = tokens_[resource]; !entry.token.empty() && clock_.steady_now() < entry.renew_at) {
      return entry.token.clone();
    }
    if (!flight_) break;
    const auto flight = flight_;
    if (auto* tasks = Tasks::here()) {  // the fetch may be another task's of this thread
      const auto landed = [&] {
        const std::lock_guard turn(mutex_);
        return flight->landed.has_value();
      };
      lock.unlock();
      while (!landed() && !deadline.stop.stop_requested() && clock_.steady_now() < deadline.at)
        tasks->wait(std::min(deadline.at, clock_.steady_now() + kLook), deadline.stop, landed);
      lock.lock();
    } else {
      const auto left = deadline.at - clock_.steady_now();
      changed_.wait_for(lock, deadline.stop, left, [&] { return flight->landed.has_value(); });
    }
    if (!flight->landed) {
      if (deadline.stop.stop_requested()) return fail(Errc::cancelled, "interrupted while waiting for an access token");
      return fail(Errc::unavailable, "no time was left to wait for an access token", "Try again.");
    }
    if (flight->resource != resource) continue;
    if (*flight->landed) return (*flight->landed)->clone();
    if (flight->landed->error().code != Errc::cancelled) return std::unexpected(flight->landed->error());
    // whoever fetched was interrupted; this caller was not
  }
  const auto flight = std::make_shared<Flight>(resource, std::nullopt);
  flight_ = flight;
  const std::string claims = tokens_[resource].claims;
  lock.unlock();
  auto answer = [&]() -> Result<TokenAnswer> {
    try {
      return fetch(resource, claims, deadline);
    } catch (...) {  // whoever waits must not wait for ever
      lock.lock();
      flight->landed = fail(Errc::internal, "asking for an access token failed unexpectedly");
      flight_.reset();
      changed_.notify_all();
      throw;
    }
  }();
  lock.lock();
  auto& entry = tokens_[resource];
  if (answer) {
    entry.token = std::move(answer->access_token);
    entry.renew_at = clock_.steady_now() + answer->lifetime - renewal_margin(answer->lifetime);
    entry.ends = clock_.steady_now() + answer->lifetime;
    flight->landed = entry.token.clone();
  } else if (in_passing(answer.error()) && !entry.token.empty() && clock_.steady_now() < entry.ends) {
    flight->landed = entry.token.clone();
  } else {
    flight->landed = std::unexpected(answer.error());
  }
  flight_.reset();
  changed_.notify_all();
  if (!*flight->landed) return pass(answer);
  return (*flight->landed)->clone();
}

}  // namespace portalkey
