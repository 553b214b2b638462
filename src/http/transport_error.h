#pragma once

#include <string>

#include "base/error.h"
#include "http/proxy.h"
#include "http/tls_trust.h"

namespace portalkey {

/// Why no answer came back, in words: what libcurl reports, seen together with the proxy and the certificate.
struct TransportFailure {
  int curl_code = 0;
  std::string host;
  const Proxy* proxy = nullptr;
  long connect_status = 0;  ///< the proxy's answer to CONNECT; 0: none
  std::string proxy_wants;  ///< its Proxy-Authenticate headers
  const PeerCertificate* certificate = nullptr;
};

/// unavailable where trying again may help; invalid_input, unauthenticated, forbidden where a setting must change first.
Error explain(const TransportFailure& failure);

}  // namespace portalkey
