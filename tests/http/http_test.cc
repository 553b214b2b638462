#include "http/http.h"

#include <gtest/gtest.h>

namespace portalkey {
namespace {

TEST(HostOf, OnlyPlainHttpsAddressesHaveOne) {
  EXPECT_EQ(host_of("https://Main.IAM.ad.ext.azure.com/api?x=1"), "main.iam.ad.ext.azure.com");
  EXPECT_EQ(host_of("https://contoso-kv.vault.azure.net:443/secrets"), "contoso-kv.vault.azure.net");
  for (const char* bad :
       {"http://login.microsoftonline.com/", "https://login.microsoftonline.com@evil.example/", "ftp://x", "", "//x/y"}) {
    EXPECT_EQ(host_of(bad), "") << bad;
  }
  EXPECT_EQ(host_of("https://good.example\\@evil.example/"), "good.example");
}

TEST(FormEncode, EverythingButUnreservedIsEscaped) {
  const auto form = form_encode({{"a", "x y&z=1"}, {"token", "0.AX-_~+/"}});
  EXPECT_EQ(form.reveal([](std::string_view text) { return std::string(text); }), "a=x%20y%26z%3D1&token=0.AX-_~%2B%2F");
}

}  // namespace
}  // namespace portalkey
