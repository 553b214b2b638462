#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace portalkey {

/// The kind of a job that moves tokens from the portal to Microsoft Graph: it works with both, whichever a profile names.
inline constexpr std::string_view kMoveKind = "move";

struct Job {
  enum class State {
    open,       ///< not at its end: can be resumed
    done,       ///< each token is where it was to go, or has a reason why not
    cancelled,  ///< by a person; its secret keys are wiped
    planned,    ///< a saved plan: nothing of it is begun
    queued,     ///< it waits for its turn: nothing of it is begun
  } state = State::open;
  std::string id;               ///< a GUID; older jobs have a day and four letters, `20261130-abcd`
  std::string kind = "import";  ///< the command that began it
  std::string tenant, backend;  ///< where its tokens go
  std::string file;             ///< the seed file's name, or the list's; empty: none
  bool activate = true;         ///< false: only until uploaded
  bool again = false;           ///< of one that is queued: tokens that were taken away may come back
  std::string begun_by;         ///< by whose call of the service; empty: from a command line
  bool running = false;         ///< a process does it now
  WallTime created, updated;
  std::size_t tokens = 0;
  std::size_t good = 0;  ///< of them in the state wanted
  std::size_t failed = 0;
  std::size_t not_come = 0;  ///< of them that no run came to
};

/// Stable: in journals, and for programs.
std::string_view name_of(Job::State state);
/// nullopt: no state has this name.
std::optional<Job::State> job_state_of(std::string_view name);
/// An open job that no process does was interrupted, or has failures.
std::string_view state_text(const Job& job);

}  // namespace portalkey
