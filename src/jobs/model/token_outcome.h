#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "jobs/model/outcome_code.h"
#include "otp/device_clock.h"

namespace portalkey {

/// What became of one token: the state it is in and, if that is not the one wanted, why and what to do. The numbers of the
/// states are bound in journals: new ones come at the end.
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
  OutcomeCode code = OutcomeCode::none;  ///< why, for programs
  std::string reason;                    ///< why, for a person
  std::string remedy;
  /// What the job did to the token and can take back.
  enum class Did {
    nothing,  ///< or the journal does not know
    put_in,   ///< into the tenant
    gave,     ///< to somebody, when it was nobody's
  } did = Did::nothing;
  WallTime settled{};                ///< when this was known; 1970 if it was not by a job
  std::optional<DeviceClock> clock;  ///< its device's, as it was known when the job was begun: what it is activated with

  bool good() const { return state != State::rejected && state != State::not_done && state != State::failed; }
};

/// Stable: in journals, JSON and reports.
std::string_view name_of(TokenOutcome::State state);
/// nullopt: no state has this name.
std::optional<TokenOutcome::State> outcome_state_of(std::string_view name);
std::string_view name_of(TokenOutcome::Did did);
/// nullopt: nothing has this name.
std::optional<TokenOutcome::Did> outcome_did_of(std::string_view name);

}  // namespace portalkey
