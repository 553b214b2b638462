#include "jobs/model/token_outcome.h"

namespace portalkey {

std::string_view name_of(TokenOutcome::State state) {
  switch (state) {
    case TokenOutcome::State::active: return "active";
    case TokenOutcome::State::already_active: return "already active";
    case TokenOutcome::State::uploaded: return "uploaded";
    case TokenOutcome::State::already_uploaded: return "already uploaded";
    case TokenOutcome::State::assigned: return "assigned";
    case TokenOutcome::State::unassigned: return "unassigned";
    case TokenOutcome::State::removed: return "removed";
    case TokenOutcome::State::would_import: return "would import";
    case TokenOutcome::State::rejected: return "rejected";
    case TokenOutcome::State::not_done: return "not done";
    case TokenOutcome::State::failed: return "failed";
    case TokenOutcome::State::would_do: return "would be done";
    case TokenOutcome::State::nothing_to_do: return "nothing to do";
  }
  return "failed";
}

std::optional<TokenOutcome::State> outcome_state_of(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(TokenOutcome::State::nothing_to_do); ++i) {
    if (const auto state = static_cast<TokenOutcome::State>(i); name_of(state) == name) return state;
  }
  return std::nullopt;
}

std::string_view name_of(TokenOutcome::Did did) {
  switch (did) {
    case TokenOutcome::Did::nothing: return "";
    case TokenOutcome::Did::put_in: return "put in";
    case TokenOutcome::Did::gave: return "gave";
  }
  return "";
}

std::optional<TokenOutcome::Did> outcome_did_of(std::string_view name) {
  using Did = TokenOutcome::Did;
  for (const auto did : {Did::nothing, Did::put_in, Did::gave}) {
    if (name_of(did) == name) return did;
  }
  return std::nullopt;
}

}  // namespace portalkey
