#include "service/mirror/refresher.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace portalkey {
namespace {

constexpr std::chrono::hours kLongestReading{12};
constexpr std::chrono::milliseconds kFirstPause = std::chrono::seconds(15);
constexpr std::chrono::milliseconds kLongestPause = std::chrono::minutes(15);
constexpr std::chrono::milliseconds kLongestRest = std::chrono::hours(1);

std::chrono::milliseconds pause_after(std::uint64_t failures) {
  return std::min(kLongestPause, kFirstPause * (std::int64_t{1} << std::min<std::uint64_t>(failures - 1, 10)));
}

}  // namespace

MirrorRefresher::MirrorRefresher(Mirror& mirror, Clock& clock, std::chrono::milliseconds age,
                                 std::function<void(const std::string&, const OutsideChange&)> changed)
    : mirror_(mirror), clock_(clock), age_(age), changed_(std::move(changed)) {}

void MirrorRefresher::add(std::string tenant, Open open) {
  auto& served = served_.emplace_back();
  if (auto as_of = mirror_.as_of(tenant)) served.state.as_of = *as_of;
  // A clock that was set back would make the copy look young for long.
  if (const auto now = clock_.now(); served.state.as_of && *served.state.as_of <= now)
    served.next = clock_.steady_now() + std::chrono::ceil<std::chrono::milliseconds>(*served.state.as_of + age_ - now);
  else
    served.next = clock_.steady_now();
  served.state.tenant = std::move(tenant);
  served.open = std::move(open);
}

void MirrorRefresher::start() {
  for (auto& served : served_)
    served.thread = std::jthread([this, &served](const std::stop_token& stop) { keep(served, stop); });
}

void MirrorRefresher::stop() {
  for (auto& served : served_) served.thread.request_stop();
  for (auto& served : served_)
    if (served.thread.joinable()) served.thread.join();
}

void MirrorRefresher::soon(const std::string& tenant) {
  const std::lock_guard lock(mutex_);
  for (auto& served : served_)
    if (served.state.tenant == tenant) served.asked = true;
  woken_.notify_all();
}

std::vector<MirrorState> MirrorRefresher::states() const {
  const std::lock_guard lock(mutex_);
  std::vector<MirrorState> out;
  for (const auto& served : served_) out.push_back(served.state);
  return out;
}

SteadyTime MirrorRefresher::do_due(const std::string& tenant, const std::stop_token& stop) {
  const auto found = std::ranges::find(served_, tenant, [](const Served& served) { return served.state.tenant; });
  return found == served_.end() ? SteadyTime::max() : do_due(*found, stop);
}

void MirrorRefresher::keep(Served& served, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto next = do_due(served, stop);
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, std::max(next - clock_.steady_now(), SteadyTime::duration::zero()),
                    [&] { return served.asked; });
  }
}

SteadyTime MirrorRefresher::do_due(Served& served, const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    if (served.state.reading) return clock_.steady_now() + kFirstPause;
    if (!served.asked && clock_.steady_now() < served.next) return served.next;
    served.asked = false;
    served.state.reading = true;
  }
  const auto began = clock_.now();
  const auto from = clock_.steady_now();
  const auto done = read(served, stop);
  return settle(served, done, began, std::chrono::ceil<std::chrono::milliseconds>(clock_.steady_now() - from));
}

Result<void> MirrorRefresher::read(Served& served, const std::stop_token& stop) {
  const auto& tenant = served.state.tenant;  // is never changed
  try {
    const auto directory = served.open();
    return mirror_.refresh(tenant, *directory, Deadline::in(kLongestReading, clock_, stop),
                           [&](const OutsideChange& change) { changed_(tenant, change); });
  } catch (const std::exception& bug) {  // the thread must live on
    return fail(Errc::internal, fmt::format("reading the tenant failed: {}", bug.what()));
  }
}

SteadyTime MirrorRefresher::settle(Served& served, const Result<void>& done, WallTime began, std::chrono::milliseconds took) {
  const auto as_of = mirror_.as_of(served.state.tenant);
  const std::lock_guard lock(mutex_);
  auto& state = served.state;
  state.reading = false;
  if (as_of) state.as_of = *as_of;
  const auto now = clock_.steady_now();
  if (done) {
    ++state.readings;
    state.failures = 0;
    state.error.reset();
    state.failed_at.reset();
    state.last_took = took;
    const auto of_age = now + std::chrono::ceil<std::chrono::milliseconds>(began + age_ - clock_.now());
    served.next = std::max({of_age, now + std::min(took, kLongestRest), now - took + age_});
  } else {
    ++state.failures;
    state.error = done.error();
    state.failed_at = clock_.now();
    served.next = now + pause_after(state.failures);
    if (done.error().code != Errc::cancelled)
      log(LogLevel::warning,
          fmt::format("{}: the copy of the tenant's tokens is not read anew: {}", state.tenant, done.error().what));
  }
  return served.next;
}

}  // namespace portalkey
