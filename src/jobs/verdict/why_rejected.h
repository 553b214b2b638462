#pragma once
// The verdict "would Entra take this token", as far as a seed file tells it. What the tenant holds is TenantCheck's.

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "directory/token_directory.h"
#include "jobs/model/outcome_code.h"
#include "seeds/model/entra_takes.h"

namespace portalkey {

/// A guest is told by its UPN: `anna_fabrikam.com#EXT#@contoso.onmicrosoft.com`.
bool is_guest_upn(std::string_view upn);
inline constexpr std::string_view kGuestsHaveNone = "the user is a guest, and guests cannot have hardware OATH tokens";
inline constexpr std::string_view kGuestRemedy = "Give the token to an account of this tenant.";
/// Of one whom Graph was not asked about: an external member of the tenant has such a UPN, too.
inline constexpr std::string_view kGuestByUpn =
    "the UPN has the form of a guest's (#EXT#), and guests cannot have hardware OATH tokens";
inline constexpr std::string_view kGuestByUpnRemedy =
    "Give the token to an account of this tenant. If the user is an external member, let Microsoft Graph be asked: the "
    "profile's credential needs User.Read.All.";

/// Why a token does not go in, and what to do about it.
struct Rejection {
  OutcomeCode code = OutcomeCode::unsupported_token;
  std::string reason, remedy;
  bool graph_would = false;  ///< Microsoft Graph, which is not asked, takes it
};

/// By its kind. Where the backend is not known, what the portal takes counts.
std::optional<Rejection> why_token_rejected(const TokenSeed& token, std::optional<Backend> backend);

/// What becomes of those who have a guest's UPN.
enum class Guests {
  by_upn,   ///< nobody was asked about them
  allowed,  ///< somebody else judges them
};
/// By whom it goes to; an empty UPN: nobody. Where the backend is not known, that alone is no reason.
std::optional<Rejection> why_user_rejected(std::string_view upn, std::optional<Backend> backend, Guests guests);

/// Both; of a token without a key, which the tenant must have, only the latter. `members`: accounts with a guest's UPN that are
/// known to be none.
std::optional<Rejection> why_rejected(const TokenSeed& token, bool with_key, Backend backend,
                                      const std::set<std::string>& members);

}  // namespace portalkey
