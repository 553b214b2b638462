#include "http/transport_error.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/ascii.h"
#include "base/foreign_text.h"

namespace portalkey {
namespace {

constexpr const char* kNoVerification = "Verification cannot be turned off.";

struct Words {
  Errc code;
  std::string what, remedy;
};

Words proxy_answered(const TransportFailure& failure) {
  const std::string proxy = failure.proxy->shown;
  switch (failure.connect_status) {
    case 401:  // tinyproxy's answer to a wrong password
    case 407: {
      const std::string wants = lower(failure.proxy_wants);
      if (!wants.empty() && wants.find("basic") == std::string::npos) {
        return {Errc::unauthenticated,
                fmt::format("the proxy {} demands a sign-in that portalkey cannot do ({})", proxy,
                            foreign_text(failure.proxy_wants, 100)),
                "Have the proxy let this machine through, allow Basic there, or put a local proxy that signs in (cntlm, px) "
                "between."};
      }
      if (failure.proxy->has_credentials) {
        return {Errc::unauthenticated, fmt::format("the proxy {} does not accept the user name and password", proxy),
                fmt::format("Correct them in {} (http://USER:PASSWORD@HOST:PORT, special characters percent-encoded).",
                            failure.proxy->source)};
      }
      return {Errc::unauthenticated, fmt::format("the proxy {} demands a user name and a password", proxy),
              fmt::format("Put them into {}: http://USER:PASSWORD@HOST:PORT", failure.proxy->source)};
    }
    case 403:
    case 405:
      return {Errc::forbidden, fmt::format("the proxy {} does not let this machine reach {}", proxy, failure.host),
              fmt::format("Have {}:443 allowed at the proxy.", failure.host)};
    default:
      return {Errc::unavailable,
              fmt::format("the proxy {} could not reach {} (it answered {})", proxy, failure.host, failure.connect_status),
              "Check the name (a Key Vault that does not exist has no DNS name), and that the proxy may reach it."};
  }
}

Words untrusted(const TransportFailure& failure) {
  const auto* certificate = failure.certificate;
  const std::string where = failure.proxy == nullptr ? "" : fmt::format(" (through the proxy {})", failure.proxy->shown);
  if (certificate != nullptr && !certificate->problem.empty()) {
    return {Errc::invalid_input,
            fmt::format("the TLS certificate of {}{} cannot be trusted: {}; issued by {}", failure.host, where,
                        certificate->problem, certificate->issuer),
            fmt::format(
                "If that issuer is your organisation's TLS inspection, name its root certificate in ca_file of the profile or "
                "in PORTALKEY_CA_FILE. {}",
                kNoVerification)};
  }
  if (certificate != nullptr && !certificate->subject.empty()) {
    return {Errc::invalid_input,
            fmt::format("the TLS certificate shown for {}{} is for another name: {}; issued by {}", failure.host, where,
                        certificate->subject, certificate->issuer),
            fmt::format("Something else answers for {}: check DNS, the hosts file and the proxy. {}", failure.host,
                        kNoVerification)};
  }
  return {Errc::invalid_input, fmt::format("the TLS certificate of {}{} cannot be trusted", failure.host, where),
          fmt::format("If a proxy inspects TLS, name its root certificate in ca_file of the profile. {}", kNoVerification)};
}

Words words(const TransportFailure& failure) {
  const auto& host = failure.host;
  const bool proxied = failure.proxy != nullptr;
  if (proxied && failure.connect_status != 0 && failure.connect_status / 100 != 2) return proxy_answered(failure);
  switch (failure.curl_code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Errc::unavailable, fmt::format("the name {} does not resolve", host),
              "Check the name (a Key Vault that does not exist has no DNS name), the DNS server and the network."};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {Errc::unavailable, fmt::format("the name of the proxy {} does not resolve", proxied ? failure.proxy->shown : ""),
              fmt::format("Check {}.", proxied ? failure.proxy->source : "https_proxy in the environment")};
    case CURLE_COULDNT_CONNECT:
      if (proxied) {
        return {Errc::unavailable, fmt::format("no connection to the proxy {}", failure.proxy->shown),
                fmt::format("Check that it runs and that {} is right.", failure.proxy->source)};
      }
      return {Errc::unavailable, fmt::format("no connection to {}", host),
              "Check the network and the firewall; where only a proxy leads out, set https_proxy."};
    case CURLE_OPERATION_TIMEDOUT:
      if (proxied && failure.connect_status == 0) {
        return {Errc::unavailable, fmt::format("the proxy {} did not answer in time", failure.proxy->shown),
                fmt::format("Try again; check the proxy and {}.", failure.proxy->source)};
      }
      return {Errc::unavailable, fmt::format("{} did not answer in time", host),
              "Try again; check the network, the firewall and the proxy settings."};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      if (proxied) {
        return {Errc::invalid_input, fmt::format("the proxy's address {} is not one", failure.proxy->shown),
                fmt::format("Correct {}: http://HOST:PORT", failure.proxy->source)};
      }
      break;
    case CURLE_PROXY:
      return {Errc::unavailable,
              fmt::format("the proxy {} refused the connection to {}", proxied ? failure.proxy->shown : "", host),
              "Check the proxy's rules and its user name and password."};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: return untrusted(failure);
    case CURLE_SSL_CONNECT_ERROR:
      return {Errc::unavailable, fmt::format("TLS with {} failed", host), "Check that no proxy or firewall interferes."};
    default: break;
  }
  return {Errc::unavailable, fmt::format("the connection to {} broke before the answer was complete", host), "Try again."};
}

}  // namespace

Error explain(const TransportFailure& failure) {
  auto [code, what, remedy] = words(failure);
  Error error{code, std::move(what), std::move(remedy), {{"host", failure.host}}};
  if (failure.proxy != nullptr) error.context.emplace_back("proxy", failure.proxy->shown);
  error.context.emplace_back("network", curl_easy_strerror(static_cast<CURLcode>(failure.curl_code)));
  return error;
}

}  // namespace portalkey
