#include "sandbox/entra/errors.h"

#include <algorithm>
#include <utility>

#include "base/time_text.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

// Texts in public logs are quoted; where none is known, Microsoft's list of codes is paraphrased. Clients that read the
// text instead of the code deserve what they get.
constexpr AadstsCode kCodes[] = {
    {16000, "invalid_grant", 400, "",
     "User account '{user}' from identity provider 'live.com' does not exist in tenant '{tenant}' and cannot access the "
     "application '{client}' in that tenant."},
    {16001, "interaction_required", 400, "", "User account selection is required."},
    {16002, "interaction_required", 400, "", "Application session is invalid."},
    {16003, "interaction_required", 400, "", "User account is not yet added to the tenant."},
    {28000, "invalid_scope", 400, "",
     "Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {value} is "
     "not valid."},
    {28002, "invalid_scope", 400, "",
     "Provided value for the input parameter scope '{value}' is not valid when requesting an access token. Please specify a "
     "valid scope."},
    {28003, "invalid_scope", 400, "",
     "Provided value for the input parameter scope cannot be empty when requesting an access token using the provided "
     "authorization code. Please specify a valid scope."},
    {50001, "invalid_resource", 400, "", "The application named {resource} was not found in the tenant named {tenant}."},
    {50005, "invalid_grant", 400, "message_only",
     "User tried to log in to a device from a platform ({value}) that's currently not supported through Conditional "
     "Access policy."},
    {50011, "invalid_request", 400, "",
     "The redirect URI '{value}' specified in the request does not match the redirect URIs configured for the application "
     "'{client}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal."},
    {50012, "invalid_client", 401, "", "Authentication failed."},
    {50013, "invalid_grant", 400, "", "Assertion failed signature validation."},
    {50020, "invalid_request", 400, "", "User account '{user}' from identity provider does not exist in tenant '{tenant}'."},
    {50027, "invalid_client", 401, "", "JWT token is invalid or malformed.{value}"},
    {50033, "temporarily_unavailable", 503, "", "A retryable error has occurred."},
    {50034, "invalid_grant", 400, "",
     "The user account {user} does not exist in the {tenant} directory. To sign into this application, the account must be "
     "added to the directory."},
    {50053, "invalid_grant", 400, "",
     "The account is locked, you've tried to sign in too many times with an incorrect user ID or password."},
    {50055, "invalid_grant", 400, "user_password_expired", "The password is expired."},
    {50057, "invalid_grant", 400, "", "The user account is disabled."},
    {50049, "invalid_instance", 400, "", "Unknown or invalid instance."},
    {50058, "login_required", 400, "",
     "Session information is not sufficient for single-sign-on. This means that a user is not signed in. This is a common "
     "error that is expected when a user is unauthenticated and has not yet signed in."},
    {50059, "invalid_request", 400, "",
     "No tenant-identifying information found in either the request or implied by any provided credentials."},
    {50072, "invalid_grant", 400, "basic_action",
     "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in "
     "multi-factor authentication to access '{resource}'."},
    {50074, "invalid_grant", 400, "basic_action", "Strong Authentication is required."},
    {50076, "invalid_grant", 400, "basic_action",
     "Due to a configuration change made by your administrator, or because you moved to a new location, you must use "
     "multi-factor authentication to access '{resource}'."},
    {50078, "invalid_grant", 400, "basic_action",
     "Presented multi-factor authentication has expired due to policies configured by your administrator, you must refresh "
     "your multi-factor authentication to access '{resource}'."},
    {50079, "invalid_grant", 400, "basic_action",
     "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in "
     "multi-factor authentication to access '{resource}'."},
    {50085, "invalid_grant", 400, "",
     "Refresh token needs social IDP login. Have user try signing-in again with username and password."},
    {50087, "temporarily_unavailable", 503, "",
     "A transient error has occurred during strong authentication. Please try again."},
    {50089, "invalid_grant", 400, "", "Authentication failed due to flow token expired."},
    {50097, "interaction_required", 400, "", "Device authentication is required."},
    {50105, "invalid_grant", 400, "",
     "Your administrator has configured the application {client} to block users unless they are specifically granted "
     "('assigned') access to the application. The signed in user '{user}' is blocked because they are not a direct member of a "
     "group with access."},
    {50126, "invalid_grant", 400, "", "Error validating credentials due to invalid username or password."},
    {50128, "invalid_request", 400, "",
     "Invalid domain name. No tenant-identifying information found in either the request or implied by any provided "
     "credentials."},
    {50131, "invalid_grant", 400, "message_only",
     "Device is not in required device state. Request was blocked due to suspicious activity, access policy, or security "
     "policy decisions."},
    {50132, "invalid_grant", 400, "",
     "The session is not valid due to the following reasons: password expiration or recent password change, SSO Artifact is "
     "invalid or expired, session is not fresh enough for application, or a silent sign-in request was sent but the user's "
     "session with Azure AD is invalid or has expired."},
    {50133, "invalid_grant", 400, "",
     "The session is not valid due to the following reasons: password expiration or recent password change."},
    {50135, "invalid_grant", 400, "", "Password change is required due to account risk."},
    {50142, "invalid_grant", 400, "basic_action", "Password change is required due to a conditional access policy."},
    {50144, "invalid_grant", 400, "", "The user's Active Directory password has expired."},
    {50148, "invalid_grant", 400, "", "The code_verifier is missing, but the authorization request had a code_challenge."},
    {50149, "invalid_request", 400, "", "Invalid Code_Challenge_method parameter."},
    {50155, "invalid_grant", 400, "device_authentication_failed", "Device authentication failed."},
    {50158, "interaction_required", 400, "additional_action",
     "External security challenge not satisfied. User will be redirected to another page or authentication provider to satisfy "
     "additional authentication challenges."},
    {50166, "temporarily_unavailable", 503, "", "Request to External OIDC endpoint failed."},
    {50173, "invalid_grant", 400, "bad_token",
     "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or "
     "reset their password. The grant was issued on '{issued}' and the TokensValidFrom date (before which tokens are not "
     "valid) for this user is '{value}'."},
    {50194, "invalid_request", 400, "",
     "Application '{client}' is not configured as a multi-tenant application. Usage of the /common endpoint is not supported "
     "for such apps. Use a tenant-specific endpoint or configure the application to be multi-tenant."},
    {50196, "invalid_grant", 400, "",
     "The server terminated an operation because it encountered a client request loop. Please contact your app vendor."},
    {51004, "invalid_grant", 400, "", "The user account {user} does not exist in the {tenant} directory."},
    {53000, "invalid_grant", 400, "message_only",
     "Device is not in required device state: compliant. Conditional Access policy requires a compliant device, and the device "
     "is not compliant. The user must enroll their device with an approved MDM provider like Intune."},
    {53001, "invalid_grant", 400, "message_only",
     "Device is not in required device state: domain_joined. Conditional Access policy requires a domain joined device, and "
     "the device is not domain joined."},
    {53002, "invalid_grant", 400, "message_only",
     "Application used is not an approved application for Conditional Access. User needs to use one of the apps from the list "
     "of approved applications to use in order to get access."},
    {53003, "invalid_grant", 400, "message_only",
     "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."},
    {53004, "invalid_grant", 400, "message_only",
     "User needs to complete Multi-factor authentication registration process before accessing this content."},
    {53009, "invalid_grant", 400, "message_only", "Application needs to enforce Intune protection policies."},
    {53011, "invalid_grant", 400, "message_only", "User blocked due to risk on home tenant."},
    {54005, "invalid_grant", 400, "",
     "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."},
    {65001, "invalid_grant", 400, "consent_required",
     "The user or administrator has not consented to use the application with ID '{client}' named 'portalkey'. Send an "
     "interactive authorization request for this user and resource."},
    {65002, "invalid_grant", 400, "",
     "Consent between first party application '{client}' and first party resource '{resource}' must be configured via "
     "preauthorization - applications owned and operated by Microsoft must get approval from the API owner before requesting "
     "tokens for that API."},
    {65004, "access_denied", 400, "", "User declined to consent to access the app."},
    {70000, "invalid_grant", 400, "", "Provided grant is invalid or malformed."},
    {70001, "unauthorized_client", 400, "",
     "Application with identifier '{client}' was not found in the directory '{tenant}'."},
    {70002, "invalid_client", 401, "",
     "The request body must contain the following parameter: 'client_secret or client_assertion'."},
    {70003, "unsupported_grant_type", 400, "", "The app requested an unsupported grant type '{value}'."},
    {70008, "invalid_grant", 400, "token_expired",
     "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization "
     "request for this user and resource."},
    {70011, "invalid_scope", 400, "",
     "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not "
     "valid. The scope {value} is not valid."},
    {70016, "authorization_pending", 400, "", "OAuth 2.0 device flow error. Authorization is pending. Continue polling."},
    {70018, "bad_verification_code", 400, "",
     "Invalid verification code due to user typing in wrong user code for device code flow."},
    {70019, "code_expired", 400, "", "Verification code expired. Have the user retry the sign-in."},
    {70020, "expired_token", 400, "",
     "The provided value for the input parameter 'device_code' is not valid. This code has expired."},
    {70021, "invalid_client", 401, "", "No matching federated identity record found for presented assertion."},
    {70025, "invalid_client", 401, "", "The client '{client}' has no configured federated identity credentials."},
    {70043, "invalid_grant", 400, "bad_token",
     "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued "
     "on {issued} and the maximum allowed lifetime for this request is 86400."},
    {70044, "invalid_grant", 400, "bad_token",
     "The session has expired or is invalid due to sign-in frequency checks by conditional access."},
    {90002, "invalid_request", 400, "",
     "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. "
     "Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."},
    {90006, "temporarily_unavailable", 503, "", "The service is temporarily unavailable. Please retry the request."},
    {90012, "temporarily_unavailable", 503, "", "The request has timed out."},
    {90013, "invalid_request", 400, "", "Invalid input received from the user."},
    {90014, "invalid_request", 400, "",
     "The required field '{value}' is missing from the credential. Ensure that you have all the necessary parameters for the "
     "login request."},
    {90019, "invalid_request", 400, "",
     "No tenant-identifying information found in either the request or implied by any provided credentials."},
    {90023, "invalid_request", 400, "", "The authentication service request isn't valid."},
    {90024, "temporarily_unavailable", 503, "", "A transient error has occurred. Please try again."},
    {90033, "temporarily_unavailable", 503, "", "A transient error has occurred. Please try again."},
    {90036, "server_error", 500, "", "An unexpected, non-retryable error stemming from the directory service has occurred."},
    {90038, "invalid_request", 400, "",
     "Tenant '{tenant}' request is being redirected to the National Cloud 'microsoftonline.us'."},
    {90055, "temporarily_unavailable", 429, "", "Too many requests. The tenant is throttled."},
    {90072, "invalid_grant", 400, "",
     "User account '{user}' does not exist in tenant '{tenant}' and cannot access the application '{client}' in "
     "that tenant. The account needs to be added as an external user in the tenant first."},
    {90090, "temporarily_unavailable", 503, "", "Graph returned a transient error."},
    {90094, "consent_required", 400, "consent_required",
     "An administrator of contoso has set a policy that prevents you from granting portalkey the permissions it is "
     "requesting."},
    {135010, "invalid_grant", 400, "", "KeyNotFound: the device key was not found."},
    {135011, "invalid_grant", 400, "", "Device used during the authentication is disabled."},
    {240002, "invalid_grant", 400, "", "Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' grant."},
    {500011, "invalid_resource", 400, "",
     "The resource principal named {resource} was not found in the tenant named contoso. This can happen if the application "
     "has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent "
     "your authentication request to the wrong tenant."},
    {500014, "invalid_grant", 400, "", "The service principal for resource '{resource}' is disabled."},
    {500112, "invalid_grant", 400, "",
     "The reply address '{value}' does not match the reply address '{issued}' provided when requesting Authorization code."},
    {500113, "invalid_request", 400, "", "No reply address is registered for the application."},
    {500131, "invalid_grant", 400, "",
     "Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '{value}' "
     "and "
     "the expected audience is '{client}' or one of the Application Uris of this application with App ID '{client}'. The "
     "downstream client must request a token for the expected audience (the application that made the OBO request) and this "
     "application should use that token as the assertion."},
    {500133, "invalid_grant", 400, "",
     "Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user "
     "assertion, or request a new token."},
    {501481, "invalid_grant", 400, "",
     "The Code_Verifier does not match the code_challenge supplied in the authorization request."},
    {501491, "invalid_request", 400, "", "The size of the Code_Challenge parameter isn't valid."},
    {530003, "invalid_grant", 400, "message_only", "Your device is required to be managed to access this resource."},
    {530021, "invalid_grant", 400, "message_only",
     "Application does not meet the conditional access approved app requirements."},
    {530032, "invalid_grant", 400, "message_only", "User blocked due to risk on home tenant."},
    {530034, "invalid_grant", 400, "message_only",
     "A delegated administrator was blocked from accessing the tenant due to account risk in their home tenant."},
    {530035, "invalid_grant", 400, "message_only", "Access has been blocked by security defaults."},
    {530036, "invalid_grant", 400, "message_only",
     "Access has been blocked by a policy on authentication flows; the token will never be usable and should be "
     "deleted."},
    {530084, "invalid_grant", 400, "protection_policy_required",
     "Access has been blocked by conditional access token protection policy."},
    {650052, "invalid_client", 400, "",
     "The app is trying to access a service '{resource}' that your organization 'contoso' lacks a service principal for."},
    {650056, "invalid_client", 400, "", "Misconfigured application."},
    {650057, "invalid_resource", 400, "",
     "Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the "
     "client's application registration. Client app ID: {client}(portalkey). Resource value from request: {resource}."},
    {700003, "invalid_grant", 400, "", "Device object was not found in the tenant '{tenant}' directory."},
    {700005, "invalid_grant", 400, "",
     "The provided authorization code is intended to use against other tenant, thus rejected."},
    {700016, "unauthorized_client", 400, "",
     "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has "
     "not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your "
     "authentication request to the wrong tenant."},
    {700021, "invalid_client", 401, "", "Client assertion application identifier doesn't match 'client_id' parameter."},
    {700023, "invalid_client", 401, "", "Client assertion audience claim does not match Realm issuer."},
    {700024, "invalid_client", 401, "", "Client assertion is not within its valid time range.{value}"},
    {700025, "invalid_client", 401, "",
     "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."},
    {700026, "invalid_request", 400, "",
     "Unsupported value '{value}' for the 'client_assertion_type' parameter. The value must be "
     "'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'."},
    {700027, "invalid_client", 401, "",
     "The certificate with identifier used to sign the client assertion is not registered on application.{value}"},
    {700051, "unsupported_response_type", 400, "", "response_type '{value}' is not enabled for the application."},
    {700082, "invalid_grant", 400, "bad_token",
     "The refresh token has expired due to inactivity. The token was issued on {issued} and was inactive for 90.00:00:00."},
    {700084, "invalid_grant", 400, "bad_token",
     "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, "
     "which cannot be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page. The "
     "token was issued on {issued}."},
    {700211, "invalid_client", 401, "",
     "No matching federated identity record found for presented assertion issuer '{value}'."},
    {700212, "invalid_client", 401, "",
     "No matching federated identity record found for presented assertion audience '{value}'."},
    {700213, "invalid_client", 401, "",
     "No matching federated identity record found for presented assertion subject '{value}'."},
    {900023, "invalid_request", 400, "",
     "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain."},
    {900144, "invalid_request", 400, "", "The request body must contain the following parameter: '{value}'."},
    {900382, "invalid_request", 400, "", "Confidential Client is not supported in Cross Cloud request."},
    {900432, "invalid_request", 400, "", "Confidential Client is not supported in Cross Cloud request."},
    {900561, "invalid_request", 400, "", "The endpoint only accepts POST requests. Received a {value} request."},
    {901002, "invalid_request", 400, "", "The 'resource' request parameter is not supported."},
    {1002012, "invalid_scope", 400, "",
     "The provided value for scope {value} is not valid. Client credential flows must have a scope value with /.default "
     "suffixed to the resource identifier (application ID URI)."},
    {7000112, "unauthorized_client", 400, "", "Application '{client}'(portalkey) is disabled."},
    {7000114, "invalid_grant", 400, "", "Application '{client}' is not allowed to make application on-behalf-of calls."},
    {7000215, "invalid_client", 401, "",
     "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client "
     "secret ID, for a secret added to app '{client}'."},
    {7000218, "invalid_client", 401, "",
     "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."},
    {7000222, "invalid_client", 401, "",
     "The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys for your app: "
     "https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds."},
    {7000229, "unauthorized_client", 400, "",
     "The client application {client} is missing service principal in the tenant {tenant}."},
    {7000272, "invalid_client", 401, "",
     "The certificate with identifier {value} used to sign the federated credential could not be found in the metadata of the "
     "identity provider. Please validate that your Identity Provider's metadata exposes the key used to sign the incoming "
     "token."},
    {9002313, "invalid_request", 400, "", "Invalid request. Request is malformed or invalid."},
    {9002325, "invalid_request", 400, "",
     "Proof Key for Code Exchange is required for cross-origin authorization code redemption."},
    {9002327, "invalid_request", 400, "",
     "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests."},
};

std::string replace_all(std::string_view text, const ErrorDetails& details) {
  const std::pair<std::string_view, const std::string*> names[] = {
      {"{client}", &details.client}, {"{resource}", &details.resource}, {"{tenant}", &details.tenant},
      {"{user}", &details.user},     {"{value}", &details.value},       {"{issued}", &details.issued},
      {"{now}", &details.now}};
  std::string out;
  while (!text.empty()) {
    const auto* found = text.front() == '{'
                            ? std::ranges::find_if(names, [&](const auto& name) { return text.starts_with(name.first); })
                            : std::end(names);
    if (found != std::end(names)) {
      out += *found->second;
      text.remove_prefix(found->first.size());
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace

const AadstsCode* find_aadsts(int code) {
  const auto* found = std::ranges::find(kCodes, code, &AadstsCode::code);
  return found == std::end(kCodes) ? nullptr : found;
}

std::string aadsts_message(int code, const ErrorDetails& details) {
  const auto* row = find_aadsts(code);
  return "AADSTS" + std::to_string(code) + ": " + (row == nullptr ? "Unknown." : replace_all(row->text, details));
}

bool names_policies(int code) {
  return code == 50076 || code == 50079 || code == 50078 || code == 50072 || code == 53000 || code == 53001 || code == 53003;
}

std::string iso7(std::int64_t unix_seconds) {
  std::string text = iso_time(from_unix_seconds(unix_seconds));
  text.insert(text.size() - 1, ".0000000");
  return text;
}

void add_entra_headers(World& world, const HttpRequest& request, HttpResponse& answer) {
  const auto add = [&](std::string name, std::string value) { answer.headers.emplace_back(std::move(name), std::move(value)); };
  add("Cache-Control", "no-store, no-cache");
  add("Pragma", "no-cache");
  add("Expires", "-1");
  add("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  add("X-Content-Type-Options", "nosniff");
  add("P3P", "CP=\"DSP CUR OTPi IND OTRi ONL FIN\"");
  if (answer.header("x-ms-request-id").empty()) add("x-ms-request-id", world.random.guid());
  add("x-ms-ests-server", "2.1.20000.0 - SANDBOX ProdSlices");
  add("X-XSS-Protection", "0");
  const auto id = request.header("client-request-id");
  if (!id.empty() && same_ignoring_case(request.header("return-client-request-id"), "true")) {
    add("client-request-id", std::string(id));
  }
}

HttpResponse entra_error(World& world, const HttpRequest& request, const SandboxCloud& cloud, int code,
                         const ErrorDetails& details, std::string_view word) {
  const auto* row = find_aadsts(code);
  const std::string trace = world.random.guid();
  const std::string correlation =
      is_guid(request.header("client-request-id")) ? std::string(request.header("client-request-id")) : world.random.guid();
  std::string timestamp = iso_time(world.clock.now());
  timestamp[10] = ' ';
  const std::string_view error = !word.empty() ? word : row == nullptr ? "invalid_grant" : row->error;
  const auto& texts = world.state.policy.error_texts;
  const auto text = texts.find(code);
  const std::string message =
      text == texts.end() ? aadsts_message(code, details) : "AADSTS" + std::to_string(code) + ": " + text->second;
  json::object body{
      {"error", error},
      {"error_description", message + " Trace ID: " + trace + " Correlation ID: " + correlation + " Timestamp: " + timestamp},
      {"error_codes", json::array{code}},
      {"timestamp", timestamp},
      {"trace_id", trace},
      {"correlation_id", correlation},
      {"error_uri", "https://" + std::string(cloud.authority) + "/error?code=" + std::to_string(code)}};
  if (row != nullptr && !row->suberror.empty()) body["suberror"] = row->suberror;
  if (names_policies(code)) {
    body["claims"] = R"({"access_token":{"capolids":{"essential":true,"values":[")" + world.state.subscription_id.substr(0, 8) +
                     R"(-0000-4000-8000-00000000ca01"]}}})";
  }
  HttpResponse answer = json_answer(row == nullptr ? 400 : row->status, body);
  answer.headers.emplace_back("x-ms-request-id", trace);
  if (row != nullptr && (row->status == 429 || row->status == 503)) answer.headers.emplace_back("Retry-After", "1");
  add_entra_headers(world, request, answer);
  return answer;
}

}  // namespace portalkey::sandbox
