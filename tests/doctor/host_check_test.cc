#include "doctor/host_check.h"

#include <gtest/gtest.h>

namespace portalkey::host_check_test {
namespace {

using namespace std::chrono_literals;
const auto kNow = from_unix_seconds(1'767'225'600);

HostReport answered(std::chrono::hours certificate_left = 24h * 60) {
  HostReport report{{"login.microsoftonline.com", "/", "sign-in"}, 200, {}, {"192.0.2.1", "", {}}, 0ms, {}};
  report.connection.certificate.issuer = "CN=DigiCert";
  report.connection.certificate.expires = kNow + certificate_left;
  return report;
}

TEST(HostCheck, WhatIsSaidOfAHost) {
  auto fine = judge_host(answered(), kNow);
  EXPECT_EQ(fine.outcome, Outcome::ok);
  EXPECT_EQ(fine.what, "sign-in answers at 192.0.2.1; TLS certificate by CN=DigiCert, 60 days left");

  EXPECT_EQ(judge_host(answered(24h * 10), kNow).outcome, Outcome::warning);

  auto inspected = answered();
  inspected.connection.proxy = "http://proxy:8080";
  inspected.connection.certificate.from_extra = true;
  EXPECT_NE(judge_host(inspected, kNow).what.find("through http://proxy:8080"), std::string::npos);
  EXPECT_NE(judge_host(inspected, kNow).what.find("TLS is inspected"), std::string::npos);

  auto ailing = answered();
  ailing.status = 503;
  EXPECT_EQ(judge_host(ailing, kNow).outcome, Outcome::warning);

  auto gone = answered();
  gone.failure = Error{Errc::unavailable, "the name x does not resolve", "Check the name", {}};
  EXPECT_EQ(judge_host(gone, kNow).outcome, Outcome::failure);
  EXPECT_EQ(judge_host(gone, kNow).remedy, "Check the name");
}

TEST(HostCheck, TheClock) {
  const auto judged = [](std::optional<std::chrono::milliseconds> skew) {
    auto silent = answered(), report = answered();
    silent.skew.reset();
    report.skew = skew;
    return judge_clock({silent, report});
  };
  EXPECT_EQ(judged(29s).outcome, Outcome::ok);
  EXPECT_EQ(judged(-30s).outcome, Outcome::ok);
  EXPECT_EQ(judged(31s).outcome, Outcome::warning);
  EXPECT_NE(judged(31s).what.find("behind"), std::string::npos);
  EXPECT_EQ(judged(-300s).outcome, Outcome::warning);
  EXPECT_EQ(judged(-301s).outcome, Outcome::failure);
  EXPECT_NE(judged(-301s).what.find("ahead of"), std::string::npos);
  EXPECT_EQ(judged(std::nullopt).outcome, Outcome::not_checked);
}

TEST(HostCheck, TheProxyIsNamedWithoutItsPassword) {
  CurlOptions wire;
  wire.proxies = proxy_settings("http://anna:geheim@proxy:8080", [](const char* name) {
    return std::string(std::string_view(name) == "no_proxy" ? "b.c" : "");
  });
  const auto finding = describe_proxy({{"a.c", "/", ""}, {"b.c", "/", ""}}, wire);
  EXPECT_EQ(finding.what, "http://proxy:8080 (proxy in the profile, with user name and password); directly: b.c");
}

}  // namespace
}  // namespace portalkey::host_check_test
