#include "cli/progress_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/time_text.h"
#include "cli/output.h"

namespace portalkey {

ProgressLine::ProgressLine(const Clock& clock) : clock_(clock), terminal_(stderr_is_terminal()) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::clear() {
  if (drawn_) say(fmt::format("\r\033[K"));
  drawn_ = false;
}

void ProgressLine::phase(std::string_view what) {
  clear();
  what_ = what;
  begun_ = shown_ = clock_.steady_now();
  at_begin_ = 0;
  say(fmt::format("{} ...{}", what_, terminal_ ? "" : "\n"));
  drawn_ = terminal_;
}

void ProgressLine::step(std::size_t done, std::size_t total, std::chrono::seconds eta, std::string_view states) {
  const auto now = clock_.steady_now();
  if (now - shown_ < (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000))) return;
  shown_ = now;
  std::string rate;
  // The service's limit and the pace so far: whichever is slower tells when it ends.
  if (done > at_begin_) {
    const auto so_far = std::chrono::duration<double>(now - begun_).count() / static_cast<double>(done - at_begin_);
    rate = so_far > 0 ? fmt::format(", {:.3g} a second", 1 / so_far) : "";
    eta = std::max(eta, std::chrono::seconds(static_cast<std::int64_t>(so_far * static_cast<double>(total - done))));
  }
  clear();
  say(fmt::format("{}: {} of {}{}{}, about {} left{}", what_, done, total, states.empty() ? "" : fmt::format(" ({})", states),
                  rate, about(eta), terminal_ ? "" : "\n"));
  drawn_ = terminal_;
}

}  // namespace portalkey
