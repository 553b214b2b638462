#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace portalkey {

/// What became of one token, for a person: the state it is in and, if that is not the one wanted, why and what to do.
struct TokenOutcome {
  enum class State {
    active,            ///< activated by this run
    already_active,    ///< was so before; nothing was sent
    uploaded,          ///< in the tenant, not activated, as asked for (`--until uploaded`)
    already_uploaded,  ///< was so before, and no more was asked for
    assigned,
    unassigned,
    removed,
    would_import,   ///< `--dry-run`
    rejected,       ///< the row of the file is not usable
    not_done,       ///< the run ended before it came to this token
    failed,         ///< the service refused it
    would_do,       ///< `--dry-run`, of what is no import
    nothing_to_do,  ///< `--dry-run`, of what is no import and is so already
  } state = State::failed;
  std::int64_t line = 0;  ///< in the seed file; 0 if there is none
  std::string serial;
  std::string upn;
  std::string reason;
  std::string remedy;
  WallTime settled{};  ///< when this was known; 1970 if it was not by a job

  bool good() const { return state != State::rejected && state != State::not_done && state != State::failed; }
};

std::string_view name_of(TokenOutcome::State state);

}  // namespace portalkey
