#pragma once
// Entra's token and device code endpoints, version 2.0.
// Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-{auth-code-flow,client-creds-grant-flow,device-code}; RFC 6749,
// RFC 8628.

#include <algorithm>
#include <string>

#include "entra/cloud.h"
#include "http/http.h"

namespace portalkey {

class Random;

struct TokenAnswer {
  Secret access_token;
  Secret refresh_token;  ///< empty where the grant gives none
  std::chrono::seconds lifetime{0};
};

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
  Result<TokenAnswer> redeem(const Secret& refresh_token, std::string_view client_id, std::string_view resource,
                             const Deadline& deadline);
  Result<TokenAnswer> client_secret(std::string_view client_id, const Secret& secret, std::string_view resource,
                                    const Deadline& deadline);

  Result<DeviceCode> start_device_code(std::string_view client_id, std::string_view resource, const Deadline& deadline);
  /// Polls at the interval Entra asks for until the person has signed in, declined, or the code has expired.
  Result<TokenAnswer> await_device_code(const DeviceCode& code, std::string_view client_id, const Deadline& deadline);

  /// The tenant's GUID. A domain name is resolved through OpenID Connect discovery, whose issuer names the GUID.
  Result<std::string> tenant_id(const Deadline& deadline);

 private:
  Result<Response> post(std::string_view endpoint, Secret form, Idempotency idempotency, const Deadline& deadline);
  Result<TokenAnswer> decode(const Response& response);

  Http& http_;
  Cloud cloud_;
  std::string tenant_;
  Clock& clock_;
  Random& random_;
};

}  // namespace portalkey
