#pragma once

#include "base/error.h"

namespace portalkey {

/// What scripts may branch on; listed in docs/exit-codes.md and `portalkey --help`.
enum class ExitCode : int {
  done = 0,
  failed = 1,
  usage = 2,         ///< a wrong option, argument or setting in the profile
  partly_done = 3,   ///< some rows or tokens failed, the others are done
  needs_person = 4,  ///< somebody must sign in: portalkey login
  interrupted = 130,
};

/// The option of tokens plan with which 2 is no wrong usage, but a change.
inline constexpr const char* kDetailedExitCode = "--detailed-exitcode";

constexpr ExitCode exit_code_of(Errc code) {
  switch (code) {
    case Errc::needs_person: return ExitCode::needs_person;
    case Errc::cancelled: return ExitCode::interrupted;
    default: return ExitCode::failed;
  }
}

}  // namespace portalkey
