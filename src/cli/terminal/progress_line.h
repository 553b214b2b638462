#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "jobs/model/progress.h"

namespace portalkey {

/// What a progress line says. Without a clock of its own, so that it can be tested.
struct ProgressState {
  std::string what;                   ///< the phase
  std::size_t done = 0, total = 0;    ///< 0 of 0: there is nothing to count
  std::string states;                 ///< how `done` divides
  double rate = 0;                    ///< a second; 0: not known
  SteadyTime begun{}, end{}, slot{};  ///< of the phase; when it ends by what is known; when the next activation may go
};

/// One line of at most `columns` characters (0: any).
std::string progress_text(const ProgressState& state, SteadyTime now, std::size_t columns);

/// On a terminal one line that fits it and is rewritten ten times a second at most and once a second at least; elsewhere a line
/// per phase, one every ten seconds where something is done, and one a minute where nothing is.
class ProgressLine final : public Progress {
 public:
  explicit ProgressLine(const Clock& clock);
  ~ProgressLine() override;
  void phase(std::string_view what) override;
  void step(std::size_t done, std::size_t total, std::chrono::seconds eta, std::string_view states) override;
  void next_slot(SteadyTime at) override;

 private:
  void tick(const std::stop_token& stop);
  void draw(SteadyTime now);
  void clear();

  const Clock& clock_;
  const bool terminal_;
  std::mutex mutex_;  // guards what follows: the ticker draws, too
  ProgressState state_;
  bool drawn_ = false;
  SteadyTime shown_{};
  std::size_t at_begin_ = 0;  // done when the phase began
  std::condition_variable_any over_;
  std::jthread ticker_;
};

}  // namespace portalkey
