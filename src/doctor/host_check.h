#pragma once
// Can the hosts be reached: name, connection (and through which proxy), TLS, the server's clock.

#include <optional>
#include <string>
#include <vector>

#include "doctor/finding.h"
#include "http/curl_http.h"

namespace portalkey {

struct HostToProbe {
  std::string host;
  std::string path;    ///< of a GET without any token
  std::string serves;  ///< what it is needed for: `sign-in`
};

struct HostReport {
  HostToProbe asked;
  int status = 0;          ///< of the answer; 0: none came
  std::string body_start;  ///< at most 2 KB
  ConnectionFacts connection;
  std::optional<std::chrono::milliseconds> skew;  ///< the server's clock minus ours
  std::optional<Error> failure;
};

/// Asks all of them at once, each for at most five seconds.
std::vector<HostReport> probe_hosts(const std::vector<HostToProbe>& hosts, const CurlOptions& wire, Clock& clock,
                                    std::stop_token stop);

/// The line about one host. `now`: to tell how long its certificate is still valid.
Finding judge_host(const HostReport& report, WallTime now);

/// This machine's clock against the servers': 30 s off is a warning, 5 minutes a failure (Entra refuses what is signed with
/// it).
Finding judge_clock(const std::vector<HostReport>& reports);

/// Which proxy the hosts are reached through, and which are reached directly.
Finding describe_proxy(const std::vector<HostToProbe>& hosts, const CurlOptions& wire);

}  // namespace portalkey
