#pragma once

#include <string>

#include "base/clock.h"
#include "jobs/progress.h"

namespace portalkey {

/// On a terminal one line that is rewritten ten times a second at most; elsewhere a line per phase and one every ten seconds.
class ProgressLine final : public Progress {
 public:
  explicit ProgressLine(const Clock& clock);
  ~ProgressLine() override;
  void phase(std::string_view what) override;
  void step(std::size_t done, std::size_t total, std::chrono::seconds eta, std::string_view states) override;

 private:
  void clear();

  const Clock& clock_;
  bool terminal_;
  bool drawn_ = false;
  std::string what_;
  SteadyTime begun_{}, shown_{};
  std::size_t at_begin_ = 0;
};

}  // namespace portalkey
