#pragma once

#include <optional>
#include <string_view>

namespace portalkey {

/// Why a token is not in the state wanted, for programs; the sentence beside it is for people. The numbers are bound in
/// journals (jobs/store/sqlite/job_rows.h): new ones come at the end.
enum class OutcomeCode {
  none,               ///< it is, or nobody said
  unusable_row,       ///< of the file
  unsupported_token,  ///< the backend does not take its kind
  no_user,            ///< nothing says who gets it
  invalid_user,       ///< the UPN cannot be one, or the user is not there
  guest,              ///< who can have none
  taken_away,         ///< by a job before, and not to come back by itself
  assigned_to_other,
  too_many_tokens,  ///< of one user
  not_in_tenant,
  nobodys,            ///< in the tenant, and nobody has it
  upload_unfinished,  ///< the service did not come to its end
  upload_refused,     ///< as a whole, or this row
  not_assigned,
  not_activated,    ///< in the tenant, but not active
  kept,             ///< its successor is not active
  service_refused,  ///< whatever else a service answered
  run_ended,        ///< the run ended before it came to this token
};

/// Stable: in journals, and for programs.
std::string_view name_of(OutcomeCode code);
/// nullopt: no code has this name.
std::optional<OutcomeCode> outcome_code_of(std::string_view name);

}  // namespace portalkey
