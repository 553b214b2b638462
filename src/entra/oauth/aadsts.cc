#include "entra/oauth/aadsts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/first_sentence.h"
#include "base/foreign_text.h"
#include "base/secret_json.h"
#include "http/another_answer.h"

namespace portalkey {
namespace {

constexpr std::string_view kSignIn = "Sign the service account in again: [[sign-in]]";
constexpr std::string_view kPolicy =
    "Look at the service account's entry in the Entra sign-in log, and exclude the account from the policy named there or "
    "satisfy it; then run [[sign-in]], by web browser where the policy blocks the device code flow.";
constexpr std::string_view kBug = "This looks like a defect in portalkey; please report it.";

struct Row {
  std::int64_t code;
  Errc errc;
  std::string_view what;
  std::string_view remedy;
};

// Sorted by code.
constexpr std::array kRows{
    Row{16000, Errc::needs_person, "the account is not in this tenant, or several sessions compete",
        "Sign the right account in and check the tenant id: [[sign-in]]"},
    Row{16001, Errc::needs_person, "Entra wants a person to pick an account", kSignIn},
    Row{16002, Errc::needs_person, "the sign-in session is gone", kSignIn},
    Row{16003, Errc::needs_person, "the account is not yet in the directory", kSignIn},
    Row{28000, Errc::invalid_input, "two resources were asked for in one request", kBug},
    Row{28002, Errc::invalid_input, "the scope is malformed", kBug},
    Row{28003, Errc::invalid_input, "two resources were asked for in one request", kBug},
    Row{50001, Errc::invalid_input, "the resource is unknown in this tenant", "Check the profile's cloud and the resource id."},
    Row{50005, Errc::needs_person, "a policy refuses the platform of the device that signed in", kPolicy},
    Row{50011, Errc::invalid_input, "the redirect URI is not registered",
        "Register the exact redirect URI on the app registration."},
    Row{50012, Errc::unauthenticated, "the client assertion is not valid", "Check the key and this machine's clock."},
    Row{50013, Errc::unauthenticated, "the client assertion is not valid", "Check the key and this machine's clock."},
    Row{50020, Errc::needs_person, "the account belongs to another tenant",
        "Use the tenant id in the profile and sign in with an account of that tenant."},
    Row{50027, Errc::unauthenticated, "the client assertion is not a valid token", "Check the key and this machine's clock."},
    Row{50033, Errc::unavailable, "Entra has a passing problem", "Try again in a few minutes."},
    Row{50034, Errc::needs_person, "the service account is not in the directory (deleted or renamed)",
        "Restore the account or choose another one, then run [[sign-in]]."},
    Row{50053, Errc::needs_person, "the account is locked after too many bad sign-ins",
        "Unlock it, look at the sign-in log, then run [[sign-in]]."},
    Row{50055, Errc::needs_person, "the account's password has expired", "Change the password, then run [[sign-in]]."},
    Row{50057, Errc::needs_person, "the service account is disabled", "Enable the account in Entra, then run [[sign-in]]."},
    Row{50059, Errc::invalid_input, "the tenant is missing from the request", "Set the tenant id in the profile."},
    Row{50072, Errc::needs_person, "the account must register for multi-factor authentication",
        "Register the account's methods, then run [[sign-in]]."},
    Row{50074, Errc::needs_person, "multi-factor authentication is demanded now", "Sign in again with MFA: [[sign-in]]"},
    Row{50076, Errc::needs_person, "multi-factor authentication is demanded now", "Sign in again with MFA: [[sign-in]]"},
    Row{50078, Errc::needs_person, "the account's multi-factor authentication is too old",
        "Sign in again with MFA ([[sign-in]]) and look at the policy's sign-in frequency."},
    Row{50079, Errc::needs_person, "the account must register for multi-factor authentication",
        "Register the account's methods, then run [[sign-in]]."},
    Row{50085, Errc::needs_person, "the refresh token needs a sign-in at another identity provider", kSignIn},
    Row{50087, Errc::unavailable, "Entra has a passing problem", "Try again in a few minutes."},
    Row{50089, Errc::needs_person, "the sign-in expired", kSignIn},
    Row{50097, Errc::needs_person, "device authentication is demanded",
        "Exclude the service account from policies that need a device, then run [[sign-in]]."},
    Row{50105, Errc::forbidden, "the account is not assigned to the application",
        "Assign the account or its group to the application."},
    Row{50126, Errc::needs_person, "wrong user name or password", kSignIn},
    Row{50128, Errc::invalid_input, "the tenant is missing from the request or wrong", "Set the tenant id in the profile."},
    Row{50131, Errc::needs_person, "Conditional Access blocked the sign-in", kPolicy},
    Row{50132, Errc::needs_person, "the session was revoked or the password changed", kSignIn},
    Row{50133, Errc::needs_person, "the session was revoked or the password changed", kSignIn},
    Row{50135, Errc::needs_person, "a password change is required because of risk",
        "Change the password, then run [[sign-in]]."},
    Row{50142, Errc::needs_person, "a policy demands that the password be changed",
        "Change the password, then run [[sign-in]]."},
    Row{50144, Errc::needs_person, "the account's password has expired", "Change the password, then run [[sign-in]]."},
    Row{50155, Errc::needs_person, "device authentication failed", kPolicy},
    Row{50158, Errc::needs_person, "another challenge must be met (terms of use or an outside MFA provider)",
        "Sign in interactively: [[sign-in]]"},
    Row{50166, Errc::unavailable, "Entra has a passing problem", "Try again in a few minutes."},
    Row{50173, Errc::needs_person, "the refresh token was revoked, or the account's password was changed or reset", kSignIn},
    Row{50194, Errc::invalid_input, "the application is not multi-tenant", "Set the tenant id in the profile."},
    Row{50196, Errc::throttled, "Entra saw too many equal requests in a short time",
        "Wait five minutes, and look for a job that runs in a loop."},
    Row{51004, Errc::needs_person, "the account does not exist in the directory",
        "Restore the account or choose another one, then run [[sign-in]]."},
    Row{53000, Errc::needs_person, "a compliant device is demanded", kPolicy},
    Row{53001, Errc::needs_person, "a joined device is demanded", kPolicy},
    Row{53002, Errc::needs_person, "an approved app is demanded", kPolicy},
    Row{53003, Errc::needs_person, "Conditional Access blocked the sign-in", kPolicy},
    Row{53004, Errc::needs_person, "MFA registration was blocked because of risk", kPolicy},
    Row{53009, Errc::needs_person, "a policy demands an app that enforces Intune's protection", kPolicy},
    Row{53011, Errc::needs_person, "the account is blocked because of risk", kPolicy},
    Row{54005, Errc::needs_person, "the code was already redeemed", "Start over: [[sign-in]]"},
    Row{65001, Errc::forbidden, "consent is missing", "Grant admin consent to the application."},
    Row{65002, Errc::forbidden, "this client is not pre-authorised for the resource",
        "Use one of Microsoft's own public clients, such as Azure PowerShell (the default)."},
    Row{65004, Errc::needs_person, "the person declined", kSignIn},
    Row{70000, Errc::needs_person, "the refresh token is not valid, or belongs to another client", kSignIn},
    Row{70001, Errc::unauthenticated, "the application is not known in this tenant", "Check the client id and the tenant id."},
    Row{70002, Errc::unauthenticated, "the client's credential does not fit its type",
        "Check the client id; a public client has no secret."},
    Row{70008, Errc::needs_person, "the refresh token has expired or was revoked", kSignIn},
    Row{70011, Errc::invalid_input, "the scope is malformed", kBug},
    Row{70016, Errc::unavailable, "the person has not signed in yet", ""},
    Row{70018, Errc::needs_person, "the device code is wrong or was used before", "Start over: [[sign-in]]"},
    Row{70019, Errc::needs_person, "the device code has expired", "Start over: [[sign-in]]"},
    Row{70020, Errc::needs_person, "the device code has expired", "Start over: [[sign-in]]"},
    Row{70021, Errc::unauthenticated, "no federated credential matches",
        "Compare issuer, subject and audience with the app registration."},
    Row{70043, Errc::needs_person, "a policy's sign-in frequency ended the session",
        "Exclude the service account from the sign-in frequency policy, then run [[sign-in]]."},
    Row{70044, Errc::needs_person, "a policy's sign-in frequency ended the session",
        "Exclude the service account from the sign-in frequency policy, then run [[sign-in]]."},
    Row{90002, Errc::invalid_input, "the tenant was not found", "Check the tenant id and the cloud in the profile."},
    Row{90006, Errc::unavailable, "Entra has a passing problem", "Try again in a few minutes."},
    Row{90012, Errc::unavailable, "Entra has a passing problem", "Try again in a few minutes."},
    Row{90013, Errc::invalid_input, "Entra could not read the request", kBug},
    Row{90014, Errc::invalid_input, "a required parameter is missing", kBug},
    Row{90019, Errc::invalid_input, "the tenant is missing from the request", "Set the tenant id in the profile."},
    Row{90023, Errc::invalid_input, "Entra could not read the request", kBug},
    Row{90024, Errc::unavailable, "Entra has a passing problem", "Try again in a few minutes."},
    Row{90033, Errc::unavailable, "Entra has a passing problem", "Try again in a few minutes."},
    Row{90036, Errc::unavailable, "Entra has a passing problem", "Try again in a few minutes."},
    Row{90038, Errc::invalid_input, "the tenant is in another cloud", "Set the right cloud in the profile."},
    Row{90055, Errc::throttled, "Entra throttles the tenant", "Wait some minutes and run the command again."},
    Row{90072, Errc::needs_person, "the account is another tenant's, and not a member of this one",
        "Sign in with an account of the profile's tenant: [[sign-in]]"},
    Row{90090, Errc::unavailable, "Entra has a passing problem", "Try again in a few minutes."},
    Row{90094, Errc::forbidden, "an administrator must consent", "Grant admin consent to the application."},
    Row{135010, Errc::needs_person, "the token is bound to a device key that is not here",
        "Such a refresh token cannot be used here; run [[sign-in]]."},
    Row{135011, Errc::needs_person, "the device behind the refresh token is disabled", kSignIn},
    Row{500011, Errc::invalid_input, "the resource has no service principal in this tenant",
        "Check the profile's cloud and the resource id."},
    Row{500014, Errc::forbidden, "the resource's service principal is disabled in this tenant",
        "Enable it under Enterprise applications: the one that Entra names."},
    Row{500021, Errc::forbidden, "a proxy's tenant restrictions refuse this tenant", "Allow the tenant at the proxy."},
    Row{500022, Errc::forbidden, "a proxy's tenant restrictions refuse this tenant", "Allow the tenant at the proxy."},
    Row{500112, Errc::invalid_input, "the redirect URI is not the one of the sign-in",
        "Register the exact redirect URI on the app registration."},
    Row{500133, Errc::unauthenticated, "the access token has expired", "Run the command again."},
    Row{501481, Errc::needs_person, "the code is not this sign-in's (its PKCE verifier is wrong)", "Start over: [[sign-in]]"},
    Row{530003, Errc::needs_person, "a policy demands a managed device", kPolicy},
    Row{530021, Errc::needs_person, "a policy demands an approved app", kPolicy},
    Row{530032, Errc::needs_person, "a security policy of the tenant blocks the sign-in", kPolicy},
    Row{530034, Errc::needs_person, "a delegated administrator is blocked here", kPolicy},
    Row{530035, Errc::needs_person, "the tenant's security defaults block the sign-in (as they do the device code flow)",
        "Sign in with a web browser: [[sign-in]]"},
    Row{530036, Errc::needs_person,
        "a policy blocks the device code flow, by which this session began: its refresh token will not work again",
        "Sign in with a web browser: [[sign-in]]"},
    Row{530084, Errc::needs_person, "a token protection policy demands a device-bound token",
        "Exclude the service account from the token protection policy (this way of signing in cannot satisfy it), then run "
        "[[sign-in]]."},
    Row{650052, Errc::forbidden, "the application lacks a permission or service principal", "Add the permission and consent."},
    Row{650056, Errc::forbidden, "the application lacks a permission or service principal", "Add the permission and consent."},
    Row{650057, Errc::invalid_input, "the resource is not in the application's permissions", "Add the permission and consent."},
    Row{700003, Errc::needs_person, "the device behind the refresh token was not found", kSignIn},
    Row{700005, Errc::needs_person, "the refresh token belongs to another tenant",
        "Check the tenant id in the profile, then run [[sign-in]]."},
    Row{700016, Errc::unauthenticated, "the application was not found in the tenant",
        "Check the client id and the tenant id in the profile."},
    Row{700024, Errc::unauthenticated, "the client assertion is outside its time range", "Set this machine's clock right."},
    Row{700025, Errc::unauthenticated, "the client is public and must not send a secret",
        "Remove the client secret from the profile."},
    Row{700027, Errc::unauthenticated, "the client assertion's key is not registered, or its signature is wrong",
        "Upload the certificate to the app registration."},
    Row{700082, Errc::needs_person, "the refresh token was not used for 90 days",
        "Sign the service account in again ([[sign-in]]), and schedule [[refresh-session]]."},
    Row{700084, Errc::needs_person, "the refresh token of a single-page application ended after 24 hours",
        "Sign in with a public client: [[sign-in]]"},
    Row{700211, Errc::unauthenticated, "no federated credential matches: the issuer differs",
        "Compare issuer, subject and audience with the app registration."},
    Row{700212, Errc::unauthenticated, "no federated credential matches: the audience differs",
        "Compare issuer, subject and audience with the app registration."},
    Row{700213, Errc::unauthenticated, "no federated credential matches: the subject differs",
        "Compare issuer, subject and audience with the app registration."},
    Row{900023, Errc::invalid_input, "the tenant id is malformed",
        "Set the tenant's GUID or a verified domain name in the profile."},
    Row{900144, Errc::invalid_input, "a required parameter is missing", kBug},
    Row{900382, Errc::invalid_input, "the tenant is in another cloud", "Set the right cloud in the profile."},
    Row{900432, Errc::invalid_input, "the tenant is in another cloud", "Set the right cloud in the profile."},
    Row{901002, Errc::invalid_input, "the v2 endpoint does not take `resource`", kBug},
    Row{7000112, Errc::unauthenticated, "the application is disabled", "Enable it under Enterprise applications."},
    Row{7000215, Errc::unauthenticated, "the client secret is wrong",
        "Check that the secret's value was stored, not its id, or make a new one."},
    Row{7000218, Errc::unauthenticated,
        "the client must send a credential, or its app registration does not allow public client flows",
        "Add the client secret, or allow public client flows on the app registration."},
    Row{7000222, Errc::unauthenticated, "the client secret has expired",
        "Make a new secret on the app registration and store it where the profile says."},
    Row{7000229, Errc::unauthenticated, "the application has no service principal in this tenant",
        "Consent to the application in this tenant."},
    Row{9002313, Errc::needs_person, "Entra could not read the request: what is stored is not a refresh token, or is damaged",
        kSignIn},
    Row{9002327, Errc::needs_person, "the refresh token belongs to a single-page application",
        "Sign in with a public client: [[sign-in]]"},
};
static_assert(std::ranges::is_sorted(kRows, {}, &Row::code));

std::string text_of(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// `claims` of an error is a JSON string; Conditional Access puts the policies' ids into access_token.capolids.values.
std::string policy_ids(std::string_view claims) {
  boost::system::error_code problem;
  const auto parsed = parse_secret_json(claims, problem);
  if (problem) return {};
  const auto at = parsed.find_pointer("/access_token/capolids/values", problem);
  if (problem || at == nullptr || !at->is_array()) return {};
  constexpr std::size_t kMost = 20;
  std::string ids;
  for (std::size_t i = 0; i < std::min(kMost, at->get_array().size()); ++i) {
    const auto& one = at->get_array()[i];
    if (const auto id = one.is_string() ? foreign_id(one.get_string()) : std::string(); !id.empty())
      ids += (ids.empty() ? "" : ", ") + id;
  }
  return ids;
}

}  // namespace

namespace {

Errc errc_of(std::string_view oauth_error) {
  if (oauth_error == "invalid_grant" || oauth_error == "interaction_required" || oauth_error == "consent_required")
    return Errc::needs_person;
  if (oauth_error == "invalid_client" || oauth_error == "unauthorized_client") return Errc::unauthenticated;
  if (oauth_error == "temporarily_unavailable" || oauth_error == "server_error") return Errc::unavailable;
  return Errc::invalid_input;
}

/// Of these codes Entra's sentence says which application, resource or tenant is meant: the profile's own app, Azure
/// PowerShell, the portal's.
constexpr std::int64_t kNamesWhich[] = {50001,  50005,  50020,  50105,  53009,   65001,   65002,  70001,
                                        90002,  90072,  90094,  500011, 500014,  530003,  530021, 650052,
                                        650056, 650057, 700005, 700016, 7000112, 7000218, 7000229};

constexpr std::size_t kLongestSentence = 300;

}  // namespace

Error aadsts_error(std::int64_t code, std::string_view said, std::string_view description) {
  const std::string oauth_error = foreign_code(said);
  const auto row = std::ranges::lower_bound(kRows, code, {}, &Row::code);
  if (row != kRows.end() && row->code == code) {
    Error error{row->errc, fmt::format("{} (AADSTS{})", row->what, code), std::string(row->remedy), {}};
    const auto sentence = foreign_text(first_sentence(description), kLongestSentence);
    if (!sentence.empty() && std::ranges::find(kNamesWhich, code) != std::end(kNamesWhich))
      error.what += fmt::format("; Entra says: {}", sentence);
    return error;
  }
  const std::string shown = code != 0 ? fmt::format("{}, AADSTS{}", oauth_error, code) : oauth_error;
  const Errc errc = errc_of(oauth_error);
  if (const auto sentence = foreign_text(first_sentence(description), kLongestSentence); code != 0 && !sentence.empty()) {
    return Error{
        errc,
        fmt::format("Entra refused, and says: {} ({})", sentence, shown),
        "portalkey knows no more of this code: look for the sign-in in the Entra sign-in log, by the correlation id, and for "
        "the code in Microsoft's list of AADSTS codes.",
        {}};
  }
  switch (errc) {
    case Errc::needs_person:
      return Error{errc, fmt::format("Entra no longer accepts the sign-in ({})", shown), std::string(kSignIn), {}};
    case Errc::unauthenticated:
      return Error{errc,
                   fmt::format("Entra does not accept the client's credential ({})", shown),
                   "Check the client id and its secret.",
                   {}};
    case Errc::unavailable:
      return Error{errc, fmt::format("Entra has a passing problem ({})", shown), "Try again in a few minutes.", {}};
    default:
      return Error{errc,
                   fmt::format("Entra refused the request ({})", shown.empty() ? "no reason given" : shown),
                   "Check the tenant id, the client id and the cloud in the profile.",
                   {}};
  }
}

std::int64_t find_aadsts(std::string_view text) {
  constexpr std::string_view kMark = "AADSTS";
  for (auto at = text.find(kMark); at != std::string_view::npos; at = text.find(kMark, at + 1)) {
    std::int64_t code = 0;
    int digits = 0;
    for (auto i = at + kMark.size(); i < text.size() && text[i] >= '0' && text[i] <= '9' && digits < 9; ++i, ++digits) {
      code = code * 10 + (text[i] - '0');
    }
    if (digits > 0) return code;
  }
  return 0;
}

Error token_endpoint_error(const Response& response) {
  boost::json::value parsed;
  boost::system::error_code problem;
  response.body.reveal([&](std::string_view body) { parsed = parse_secret_json(body, problem); });
  const auto status = std::to_string(response.status);
  if (problem || !parsed.is_object() || text_of(parsed.get_object(), "error").empty()) return another_answer("Entra", response);
  const auto& object = parsed.get_object();
  std::int64_t code = 0;
  if (const auto* codes = object.if_contains("error_codes");
      codes != nullptr && codes->is_array() && !codes->get_array().empty() && codes->get_array()[0].is_int64()) {
    code = codes->get_array()[0].get_int64();
  }
  if (code == 0) code = find_aadsts(text_of(object, "error_description"));
  Error error = aadsts_error(code, text_of(object, "error"), text_of(object, "error_description"));
  error.context.emplace_back("status", status);
  if (auto id = foreign_id(text_of(object, "correlation_id")); !id.empty()) error.context.emplace_back("correlation id", id);
  if (auto sub = foreign_code(text_of(object, "suberror")); !sub.empty()) error.context.emplace_back("suberror", sub);
  if (auto ids = policy_ids(text_of(object, "claims")); !ids.empty()) error.context.emplace_back("policies", ids);
  return error;
}

}  // namespace portalkey
