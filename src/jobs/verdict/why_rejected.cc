#include "jobs/verdict/why_rejected.h"

#include "base/ascii.h"
#include "seeds/input/entra_fields.h"

namespace portalkey {

bool is_guest_upn(std::string_view upn) { return lower(upn).find("#ext#") != std::string::npos; }

std::optional<Rejection> why_token_rejected(const TokenSeed& token, std::optional<Backend> backend) {
  auto refusal = why_not(token, backend.value_or(Backend::portal));
  if (!refusal) return std::nullopt;
  return Rejection{OutcomeCode::unsupported_token, std::move(refusal->why), std::move(refusal->remedy), refusal->graph_would};
}

std::optional<Rejection> why_user_rejected(std::string_view upn, std::optional<Backend> backend, Guests guests) {
  if (upn.empty()) {
    if (backend != Backend::portal) return std::nullopt;
    return Rejection{OutcomeCode::no_user, "the file does not say who gets this token",
                     "Add a column upn with the user principal name, or [[setting|assign|LIST]]; Microsoft Graph also takes "
                     "tokens that nobody has: [[setting|backend|graph]].",
                     true};
  }
  if (auto problem = problem_of_upn(upn))
    return Rejection{OutcomeCode::invalid_user, "upn: " + problem->what, std::move(problem->remedy)};
  if (guests == Guests::by_upn && is_guest_upn(upn))
    return Rejection{OutcomeCode::guest, std::string(kGuestByUpn), std::string(kGuestByUpnRemedy)};
  return std::nullopt;
}

std::optional<Rejection> why_rejected(const TokenSeed& token, bool with_key, Backend backend,
                                      const std::set<std::string>& members) {
  if (auto kind = with_key ? why_token_rejected(token, backend) : std::nullopt) return kind;
  const bool member = !members.empty() && members.contains(account_of(token.upn));
  return why_user_rejected(token.upn, backend, member ? Guests::allowed : Guests::by_upn);
}

}  // namespace portalkey
