#pragma once
// Entra's token and device code endpoints, version 2.0.
// Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-{auth-code-flow,client-creds-grant-flow,device-code}; RFC 6749,
// RFC 8628.

#include <algorithm>
#include <string>

#include "entra/oauth/cloud.h"
#include "http/http.h"

namespace portalkey {

class Random;

struct TokenAnswer {
  Secret access_token;
  Secret refresh_token;  ///< empty where the grant gives none
  Secret id_token;       ///< likewise
  std::chrono::seconds lifetime{0};
};

/// The scope of everything that was consented to for a resource. One that ends in a slash gets a second one, which is right.
inline std::string default_scope(std::string_view resource) { return std::string(resource) + "/.default"; }
/// For a person: a refresh token, too, and an id token that says who it is.
inline std::string person_scope(std::string_view resource) {
  return default_scope(resource) + " offline_access openid profile";
}

/// How long before its end an access token is renewed: five minutes, less if it lives shorter.
inline std::chrono::seconds renewal_margin(std::chrono::seconds lifetime) {
  return std::min<std::chrono::seconds>(std::chrono::minutes(5), lifetime / 2);
}

struct DeviceCode {
  std::string user_code;
  std::string verification_uri;
  Secret device_code;
  std::chrono::seconds lifetime{0};
  std::chrono::seconds interval{5};
};

class TokenEndpoint {
 public:
  TokenEndpoint(Http& http, const Cloud& cloud, std::string tenant, Clock& clock, Random& random);

  /// Redeems a refresh token for `resource` (an application id or URI). The answer carries a successor.
  /// A refusal that needs a person is Errc::needs_person and was sent once only.
  /// `claims` (here and below): JSON that the token must satisfy or that says what the client can (entra/oauth/claims.h);
  /// empty: none.
  Result<TokenAnswer> redeem(const Secret& refresh_token, std::string_view client_id, std::string_view resource,
                             const Deadline& deadline, std::string_view claims = {});
  Result<TokenAnswer> client_secret(std::string_view client_id, const Secret& secret, std::string_view resource,
                                    const Deadline& deadline, std::string_view claims = {});
  /// `assertion`: a JWT signed with the client's certificate, or the outside token of a federated credential.
  Result<TokenAnswer> client_assertion(std::string_view client_id, const Secret& assertion, std::string_view resource,
                                       const Deadline& deadline, std::string_view claims = {});

  Result<DeviceCode> start_device_code(std::string_view client_id, std::string_view resource, const Deadline& deadline,
                                       std::string_view claims = {});
  /// Polls at the interval Entra asks for until the person has signed in, declined, or the code has expired.
  Result<TokenAnswer> await_device_code(const DeviceCode& code, std::string_view client_id, const Deadline& deadline,
                                        std::string_view claims = {});

  /// Redeems what the browser brought back; `verifier` is the PKCE one (RFC 7636). A code works once.
  Result<TokenAnswer> authorization_code(const Secret& code, const Secret& verifier, std::string_view redirect_uri,
                                         std::string_view client_id, std::string_view resource, const Deadline& deadline,
                                         std::string_view claims = {});

  /// `https://{authority}/{tenant}/oauth2/v2.0/{endpoint}`
  std::string url(std::string_view endpoint) const;

  /// Whether an issuer (RFC 9207) is this endpoint's: `https://{authority}/{tenant id}/v2.0`; any tenant id if only the
  /// tenant's domain name is known.
  bool is_issuer(std::string_view issuer) const;

  /// The tenant's GUID. A domain name is resolved through OpenID Connect discovery, whose issuer names the GUID.
  Result<std::string> tenant_id(const Deadline& deadline);

 private:
  Result<Response> post(std::string_view endpoint, Body form, Idempotency idempotency, const Deadline& deadline);
  Result<TokenAnswer> decode(const Response& response);

  Http& http_;
  Cloud cloud_;
  std::string tenant_;
  Clock& clock_;
  Random& random_;
};

}  // namespace portalkey
