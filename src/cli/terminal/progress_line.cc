#include "cli/terminal/progress_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/time_text.h"
#include "cli/terminal/output.h"

namespace portalkey {
namespace {

using std::chrono::seconds;

constexpr std::chrono::milliseconds kRedrawn{100};
constexpr seconds kTick{1};
constexpr seconds kLogged{10};
constexpr seconds kLoggedWaiting{60};

std::size_t columns_of_terminal() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/// Cut between two characters of UTF-8.
std::string fitted(std::string text, std::size_t columns) {
  if (columns == 0) return text;
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
    if (++width > columns) {
      text.resize(i);
      break;
    }
  }
  return text;
}

}  // namespace

std::string progress_text(const ProgressState& state, SteadyTime now, std::size_t columns) {
  const auto until = [&](SteadyTime moment) { return std::chrono::ceil<seconds>(moment - now); };
  const bool counts = state.total > 0;
  std::string times;
  if (state.slot > now) times += fmt::format(", next slot in {}", about(until(state.slot)));
  if (counts && state.done < state.total && state.end > now) times += fmt::format(", about {} left", about(until(state.end)));
  if (times.empty() && now - state.begun >= seconds(2))
    times = fmt::format(", for {} now", about(std::chrono::floor<seconds>(now - state.begun)));
  const std::string count = counts ? fmt::format(": {} of {}", state.done, state.total) : std::string();
  const std::string states = counts && !state.states.empty() ? fmt::format(" ({})", state.states) : std::string();
  const std::string rate = counts && state.rate > 0 ? fmt::format(", {:.3g} a second", state.rate) : std::string();
  // What is least worth knowing goes first where the line is short.
  for (const auto& text :
       {state.what + count + states + rate + times, state.what + count + states + times, state.what + count + times}) {
    if (columns == 0 || fitted(text, columns).size() == text.size()) return text;
  }
  return fitted(counts ? fmt::format("{} of {}", state.done, state.total) + times : state.what + times, columns);
}

ProgressLine::ProgressLine(const Clock& clock) : clock_(clock), terminal_(stderr_is_terminal()) {}

ProgressLine::~ProgressLine() {
  ticker_.request_stop();
  if (ticker_.joinable()) ticker_.join();
  clear();
}

void ProgressLine::clear() {
  if (drawn_) say("\r\033[K");
  drawn_ = false;
}

void ProgressLine::draw(SteadyTime now) {
  shown_ = now;
  clear();
  // The last column stays free: a terminal would go to the next line.
  const std::size_t columns = terminal_ ? std::max<std::size_t>(columns_of_terminal(), 1) - 1 : 0;
  say(progress_text(state_, now, columns) + (terminal_ ? "" : "\n"));
  drawn_ = terminal_;
}

void ProgressLine::phase(std::string_view what) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.steady_now();
  const bool again = what == state_.what && now - state_.begun < kLogged;  // as when rows are retried one by one
  state_.what = what;
  state_.begun = now;
  state_.rate = 0;
  if (state_.done == state_.total) state_.done = state_.total = 0;  // what follows counts anew, if it counts
  at_begin_ = state_.done;
  if (!terminal_ && again) return;
  shown_ = now;
  if (terminal_) {
    draw(now);
  } else {
    say(fmt::format("{} ...\n", what));
  }
  if (!ticker_.joinable()) ticker_ = std::jthread([this](const std::stop_token& stop) { tick(stop); });
}

void ProgressLine::step(std::size_t done, std::size_t total, seconds eta, std::string_view states) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.steady_now();
  state_.done = done;
  state_.total = total;
  state_.states = states;
  if (done < at_begin_) at_begin_ = 0;
  if (done > at_begin_) {
    const auto each = std::chrono::duration<double>(now - state_.begun).count() / static_cast<double>(done - at_begin_);
    state_.rate = each > 0 ? 1 / each : 0;
    // Where the service's limit decides, the pace so far tells nothing: it is bursts and waits.
    if (eta.count() == 0) eta = seconds(static_cast<std::int64_t>(each * static_cast<double>(total - done)));
  }
  state_.end = now + eta;
  if (now - shown_ >= (terminal_ ? kRedrawn : std::chrono::milliseconds(kLogged))) draw(now);
}

void ProgressLine::next_slot(SteadyTime at) {
  const std::lock_guard lock(mutex_);
  state_.slot = at;
}

/// While nothing is done, the times go on.
void ProgressLine::tick(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!over_.wait_for(lock, stop, kTick, [&] { return stop.stop_requested(); })) {
    const auto now = clock_.steady_now();
    if (now - shown_ >= (terminal_ ? kTick : kLoggedWaiting)) draw(now);
  }
}

}  // namespace portalkey
