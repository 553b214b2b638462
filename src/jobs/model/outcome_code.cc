#include "jobs/model/outcome_code.h"

namespace portalkey {

std::string_view name_of(OutcomeCode code) {
  switch (code) {
    case OutcomeCode::none: return "";
    case OutcomeCode::unusable_row: return "unusable_row";
    case OutcomeCode::unsupported_token: return "unsupported_token";
    case OutcomeCode::no_user: return "no_user";
    case OutcomeCode::invalid_user: return "invalid_user";
    case OutcomeCode::guest: return "guest";
    case OutcomeCode::taken_away: return "taken_away";
    case OutcomeCode::assigned_to_other: return "assigned_to_other";
    case OutcomeCode::too_many_tokens: return "too_many_tokens";
    case OutcomeCode::not_in_tenant: return "not_in_tenant";
    case OutcomeCode::nobodys: return "nobodys";
    case OutcomeCode::upload_unfinished: return "upload_unfinished";
    case OutcomeCode::upload_refused: return "upload_refused";
    case OutcomeCode::not_assigned: return "not_assigned";
    case OutcomeCode::not_activated: return "not_activated";
    case OutcomeCode::kept: return "kept";
    case OutcomeCode::service_refused: return "service_refused";
    case OutcomeCode::run_ended: return "run_ended";
  }
  return "";
}

std::optional<OutcomeCode> outcome_code_of(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(OutcomeCode::run_ended); ++i) {
    if (const auto code = static_cast<OutcomeCode>(i); name_of(code) == name) return code;
  }
  return std::nullopt;
}

}  // namespace portalkey
