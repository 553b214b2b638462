#include "doctor/host_check.h"

#include <fmt/format.h>

#include <cmath>
#include <future>

#include "base/counted.h"
#include "base/time_text.h"
#include "http/server_clock.h"

namespace portalkey {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::seconds kSkewWarning{30}, kSkewFailure{300};
constexpr std::chrono::days kCertificateWarning{14};

HostReport probe(const HostToProbe& asked, CurlOptions wire, Clock& clock, std::stop_token stop) {
  HostReport report{asked, 0, {}, {}, {}, {}};
  wire.facts = std::make_shared<ConnectionFacts>();
  wire.connect_timeout = wire.attempt_timeout = kPatience;
  const auto facts = wire.facts;
  const auto http = make_curl_http(std::move(wire), clock);
  Request request;
  request.url = Url(fmt::format("https://{}{}", asked.host, asked.path));
  auto answer = http->send(request, Deadline::in(kPatience, clock, std::move(stop)));
  report.connection = *facts;
  if (!answer) {
    report.failure = std::move(answer).error();
    return report;
  }
  report.status = answer->status;
  answer->body.reveal([&](std::string_view body) { report.body_start = body.substr(0, 2048); });
  ServerClock server(clock);
  server.observe(*answer);
  if (server.known()) report.skew = server.offset();
  if (const auto& wrong = server.disagreement())
    report.skew = std::chrono::round<std::chrono::milliseconds>(wrong->server - wrong->local);
  return report;
}

}  // namespace

std::vector<HostReport> probe_hosts(const std::vector<HostToProbe>& hosts, const CurlOptions& wire, Clock& clock,
                                    std::stop_token stop) {
  std::vector<std::future<HostReport>> asked;
  asked.reserve(hosts.size());
  for (const auto& host : hosts) {
    CurlOptions own;  // each thread its own: nothing in it is shared
    own.ca_file = wire.ca_file;
    own.loopback_port = wire.loopback_port;
    own.extra_ca_files = wire.extra_ca_files;
    own.proxies.no_proxy = wire.proxies.no_proxy;
    if (const auto& proxy = wire.proxies.proxy) {
      own.proxies.proxy = Proxy{proxy->url.clone(), proxy->shown, proxy->source, proxy->has_credentials, proxy->problem};
    }
    asked.push_back(std::async(std::launch::async, probe, host, std::move(own), std::ref(clock), stop));
  }
  std::vector<HostReport> reports;
  for (auto& one : asked) reports.push_back(one.get());
  return reports;
}

Finding judge_host(const HostReport& report, WallTime now) {
  const std::string check = fmt::format("host {}", report.asked.host);
  if (report.failure) {
    Finding finding = failed(check, *report.failure);
    finding.what += fmt::format(" (needed for {})", report.asked.serves);
    return finding;
  }
  const auto& certificate = report.connection.certificate;
  const auto left = std::chrono::floor<std::chrono::days>(certificate.expires - now);
  std::string what = fmt::format("{} answers", report.asked.serves);
  if (!report.connection.proxy.empty()) {
    what += fmt::format(" through {}", report.connection.proxy);
  } else if (!report.connection.address.empty()) {
    what += fmt::format(" at {}", report.connection.address);
  }
  if (!certificate.issuer.empty())
    what += fmt::format("; TLS certificate by {}, {} left", certificate.issuer, counted(left.count(), "day"));
  if (certificate.from_extra)
    what += "; TLS is inspected on the way (the issuer is trusted by ca_file or the environment only)";
  if (report.status >= 500) {
    return {check, Outcome::warning, fmt::format("{}, but with {}", what, report.status), "Try again in a few minutes."};
  }
  if (!certificate.issuer.empty() && left < kCertificateWarning) {
    return {check, Outcome::warning, what, "Whoever issued it must renew it: the host itself, or the proxy that inspects TLS."};
  }
  return {check, Outcome::ok, what, ""};
}

Finding judge_clock(const std::vector<HostReport>& reports) {
  for (const auto& report : reports) {
    if (!report.skew) continue;
    const auto off = std::chrono::round<std::chrono::seconds>(*report.skew);
    const auto size = std::chrono::abs(off);
    if (size <= kSkewWarning) return {"clock", Outcome::ok, fmt::format("agrees with {}", report.asked.host), ""};
    return {"clock", size > kSkewFailure ? Outcome::failure : Outcome::warning,
            fmt::format("this machine's clock is {} {} {}'s", about(size), off.count() > 0 ? "behind" : "ahead of",
                        report.asked.host),
            "Set it by the network: timedatectl set-ntp true"};
  }
  return not_checked("clock", "no host answered");
}

Finding describe_proxy(const std::vector<HostToProbe>& hosts, const CurlOptions& wire) {
  if (wire.loopback_port != 0) return {"proxy", Outcome::ok, "none: every connection goes to the sandbox", ""};
  if (!wire.proxies.proxy) return {"proxy", Outcome::ok, "none", ""};
  std::string direct;
  for (const auto& host : hosts) {
    if (proxy_for(host.host, wire.proxies) == nullptr) direct += (direct.empty() ? "" : ", ") + host.host;
  }
  return {"proxy", Outcome::ok,
          fmt::format("{} ({}{}){}", wire.proxies.proxy->shown, wire.proxies.proxy->source,
                      wire.proxies.proxy->has_credentials ? ", with user name and password" : "",
                      direct.empty() ? "" : fmt::format("; directly: {}", direct)),
          ""};
}

}  // namespace portalkey
