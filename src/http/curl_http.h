#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "http/http.h"
#include "http/proxy.h"
#include "http/tls_trust.h"

namespace portalkey {

/// What is known of the connection the last exchange went over, whether it succeeded or not.
struct ConnectionFacts {
  std::string address;          ///< the peer's (the proxy's, if there is one); empty if there was none
  std::string proxy;            ///< as shown in messages; empty: direct
  PeerCertificate certificate;  ///< filled when a new TLS connection was made
};

struct CurlOptions {
  std::string ca_file;              ///< PEM file that replaces the system's certificate store; empty: the system's
  std::uint16_t loopback_port = 0;  ///< not 0: every connection goes to 127.0.0.1 at this port, whatever the URL's host; the
                                    ///< host name, SNI and certificate check stay those of the URL. No proxy is used then.
  std::vector<std::filesystem::path> extra_ca_files;  ///< PEM files trusted in addition
  ProxySettings proxies;
  std::shared_ptr<ConnectionFacts> facts;  ///< if set, filled by every exchange
  std::chrono::milliseconds connect_timeout{15'000};
  std::chrono::milliseconds attempt_timeout{60'000};  ///< for one exchange; the deadline is for all attempts together
  std::size_t body_limit = 64 << 20;
};

/// libcurl: TLS always verified, no redirects, connections kept and reused; through a proxy by CONNECT, so that TLS is end to
/// end. Threads may share it, but with `facts`; in tasks (base/tasks.h) exchanges overlap. A stop request ends a transfer
/// within milliseconds. If extra_ca_files cannot be read every exchange returns that error.
std::unique_ptr<Http> make_curl_http(CurlOptions options, Clock& clock);

}  // namespace portalkey
