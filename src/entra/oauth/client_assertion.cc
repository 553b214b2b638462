#include "entra/oauth/client_assertion.h"

#include <boost/json.hpp>

#include "base/base64.h"

namespace portalkey {

namespace json = boost::json;

Secret client_assertion(const ClientCertificate& certificate, SignatureAlgorithm algorithm, std::string_view client_id,
                        std::string_view audience, std::string_view id, WallTime now) {
  constexpr std::chrono::minutes kLifetime{10};
  json::object header{{"typ", "JWT"}};
  if (algorithm == SignatureAlgorithm::ps256) {
    header["alg"] = "PS256";
    header["x5t#S256"] = base64url(certificate.sha256());
  } else {
    header["alg"] = "RS256";
    header["x5t"] = base64url(certificate.sha1());
  }
  const json::object claims{{"aud", audience},
                            {"iss", client_id},
                            {"sub", client_id},
                            {"jti", id},
                            {"nbf", unix_seconds(now)},
                            {"iat", unix_seconds(now)},
                            {"exp", unix_seconds(now + kLifetime)}};
  std::string jwt = base64url(json::serialize(header)) + "." + base64url(json::serialize(claims));
  std::string signature = base64url(certificate.sign(jwt, algorithm));
  jwt.reserve(jwt.size() + 1 + signature.size());
  jwt += '.';
  jwt += signature;
  Secret out(jwt);
  wipe(jwt);
  wipe(signature);
  return out;
}

}  // namespace portalkey
