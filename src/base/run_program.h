#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

struct ProgramLimits {
  std::chrono::milliseconds time{30'000};
  std::size_t output_bytes = 1 << 20;
};

struct ProgramRun {
  int exit_code = 0;  ///< 128 + the signal's number if a signal ended it
  Secret output;
  std::string complaints;  ///< standard error, at most 64 KiB of it; for deciding, not for showing
};

/// Runs a program found on PATH, without a shell and without standard input, in a process group of its own, in the root folder
/// and with the environment of base/program_environment.h; of our files it has none open. not_found: there is no such program;
/// invalid_input: another account may have changed it; unavailable: it took too long or said too much, and was ended with its
/// children; cancelled.
Result<ProgramRun> run_program(const std::vector<std::string>& command, const ProgramLimits& limits, std::stop_token stop);

/// The same, with `input` as its standard input; it need not read it.
Result<ProgramRun> run_filter(const std::vector<std::string>& command, const Secret& input, const ProgramLimits& limits,
                              std::stop_token stop);

/// Starts a program and does not wait for it; its streams go nowhere. not_found as above.
Result<void> start_program(const std::vector<std::string>& command);

}  // namespace portalkey
