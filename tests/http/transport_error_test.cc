#include "http/transport_error.h"

#include <curl/curl.h>
#include <gtest/gtest.h>

namespace portalkey::transport_error_test {
namespace {

Proxy proxy(const char* url) {
  return std::move(*proxy_settings(url, [](const char*) { return std::string(); }).proxy);
}

std::string all_of(const Error& error) {
  std::string text = error.what + "\n" + error.remedy;
  for (const auto& [key, value] : error.context) text += "\n" + key + ": " + value;
  return text;
}

TEST(TransportError, EachFailureIsExplainedAndOnlyPassingOnesAreRetried) {
  const Proxy with = proxy("http://anna:geheim@proxy.contoso.com:8080");
  const Proxy without = proxy("http://proxy.contoso.com:8080");
  PeerCertificate inspected;
  inspected.subject = "CN=login.microsoftonline.com";
  inspected.issuer = "CN=Contoso Inspection CA";
  inspected.problem = "unable to get local issuer certificate";
  PeerCertificate other;
  other.subject = "CN=hotel.example";
  other.issuer = "CN=Hotel";
  const struct {
    TransportFailure failure;
    Errc code;
    const char* what;
    const char* remedy;
  } rows[] = {
      {{CURLE_COULDNT_RESOLVE_HOST, "h", nullptr, 0, "", nullptr}, Errc::unavailable, "the name h does not resolve", "DNS"},
      {{CURLE_COULDNT_RESOLVE_PROXY, "h", &with, 0, "", nullptr},
       Errc::unavailable,
       "proxy http://proxy.contoso.com:8080 does not resolve",
       "proxy in the profile"},
      {{CURLE_COULDNT_CONNECT, "h", &with, 0, "", nullptr},
       Errc::unavailable,
       "no connection to the proxy",
       "Check that it runs"},
      {{CURLE_COULDNT_CONNECT, "h", nullptr, 0, "", nullptr}, Errc::unavailable, "no connection to h", "https_proxy"},
      {{CURLE_OPERATION_TIMEDOUT, "h", &with, 0, "", nullptr},
       Errc::unavailable,
       "the proxy http://proxy.contoso.com:8080 did not answer",
       "proxy"},
      {{CURLE_OPERATION_TIMEDOUT, "h", &with, 200, "", nullptr}, Errc::unavailable, "h did not answer", "network"},
      {{CURLE_RECV_ERROR, "h", &with, 407, "Basic realm=\"x\"", nullptr},
       Errc::unauthenticated,
       "does not accept the user name",
       "Correct them in proxy in the profile"},
      {{CURLE_RECV_ERROR, "h", &with, 401, "", nullptr},
       Errc::unauthenticated,
       "does not accept the user name",
       "Correct them"},
      {{CURLE_RECV_ERROR, "h", &without, 407, "Basic realm=\"x\"", nullptr},
       Errc::unauthenticated,
       "demands a user name",
       "USER:PASSWORD"},
      {{CURLE_RECV_ERROR, "h", &without, 407, "Negotiate", nullptr}, Errc::unauthenticated, "cannot do (Negotiate)", "Basic"},
      {{CURLE_RECV_ERROR, "h", &without, 403, "", nullptr}, Errc::forbidden, "does not let this machine reach h", "h:443"},
      {{CURLE_RECV_ERROR, "h", &without, 502, "", nullptr},
       Errc::unavailable,
       "could not reach h (it answered 502)",
       "Key Vault"},
      {{CURLE_PEER_FAILED_VERIFICATION, "h", &without, 200, "", &inspected},
       Errc::invalid_input,
       "issued by CN=Contoso Inspection CA",
       "ca_file"},
      {{CURLE_PEER_FAILED_VERIFICATION, "h", nullptr, 0, "", &other},
       Errc::invalid_input,
       "is for another name: CN=hotel.example",
       "DNS"},
      {{CURLE_PEER_FAILED_VERIFICATION, "h", nullptr, 0, "", nullptr}, Errc::invalid_input, "cannot be trusted", "ca_file"},
      {{CURLE_SSL_CONNECT_ERROR, "h", nullptr, 0, "", nullptr}, Errc::unavailable, "TLS with h failed", "firewall"},
      {{CURLE_GOT_NOTHING, "h", nullptr, 0, "", nullptr}, Errc::unavailable, "broke", "again"},
  };
  for (const auto& row : rows) {
    const Error error = explain(row.failure);
    EXPECT_EQ(error.code, row.code) << error.what;
    EXPECT_NE(error.what.find(row.what), std::string::npos) << error.what;
    EXPECT_NE(error.remedy.find(row.remedy), std::string::npos) << error.remedy;
    EXPECT_EQ(all_of(error).find("geheim"), std::string::npos);
    EXPECT_EQ(all_of(error).find("anna"), std::string::npos);
  }
}

}  // namespace
}  // namespace portalkey::transport_error_test
