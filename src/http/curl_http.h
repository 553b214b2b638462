#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "http/http.h"

namespace portalkey {

struct CurlOptions {
  std::string ca_file;              ///< PEM file that replaces the system's certificate store; empty: the system's
  std::uint16_t loopback_port = 0;  ///< not 0: every connection goes to 127.0.0.1 at this port, whatever the URL's host; the
                                    ///< host name, SNI and certificate check stay those of the URL. No proxy is used then.
  std::chrono::milliseconds connect_timeout{15'000};
  std::chrono::milliseconds attempt_timeout{60'000};  ///< for one exchange; the deadline is for all attempts together
  std::size_t body_limit = 64 << 20;
};

/// libcurl: TLS always verified, no redirects, connections kept and reused, proxies from the environment (https_proxy,
/// no_proxy). One thread at a time. A stop request ends a transfer within milliseconds.
std::unique_ptr<Http> make_curl_http(CurlOptions options, Clock& clock);

}  // namespace portalkey
