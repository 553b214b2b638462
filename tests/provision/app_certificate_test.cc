#include "provision/app_certificate.h"

#include <gtest/gtest.h>

namespace portalkey::app_certificate_test {
namespace {

using std::chrono::days;

TEST(AppCertificate, WhatIsMadeCanBeReadAndEndsWhenItWasToldTo) {
  const auto now = from_unix_seconds(1'767'225'600);
  auto pem = make_app_certificate("portalkey host/default", now, days(365));
  ASSERT_TRUE(pem) << pem.error().what;
  auto read = read_app_certificate(*pem);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->ends, now + days(365));
  EXPECT_EQ(read->thumbprint.size(), 40U);
  EXPECT_FALSE(read->der_base64.empty());
}

TEST(AppCertificate, AKeyOfAnotherCertificateIsRefused) {
  auto one = make_app_certificate("one", {}, days(1));
  auto two = make_app_certificate("two", {}, days(1));
  ASSERT_TRUE(one && two);
  const auto cut = [](const Secret& pem, bool key) {
    return pem.reveal([&](std::string_view text) {
      const auto at = text.find("-----BEGIN CERTIFICATE");
      return std::string(key ? text.substr(0, at) : text.substr(at));
    });
  };
  auto mixed = read_app_certificate(Secret(cut(*one, true) + cut(*two, false)));
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code, Errc::corrupt);
  EXPECT_FALSE(read_app_certificate(Secret(cut(*one, false)))) << "no key";
  EXPECT_FALSE(read_app_certificate(Secret(cut(*one, true)))) << "no certificate";
  EXPECT_FALSE(read_app_certificate(Secret("")));
}

}  // namespace
}  // namespace portalkey::app_certificate_test
