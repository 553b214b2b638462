#include <gtest/gtest.h>

#include "http/chain.h"
#include "tests/hostile_urls.h"
#include "tests/scripted_http.h"

namespace portalkey::guarded_test {
namespace {

TEST(Guarded, NothingLeavesForAHostThatIsNotListed) {
  ManualClock clock(WallTime{});
  auto urls = hostile_urls("login.microsoftonline.com", "/x");
  for (const char* url :
       {"https://evil.example/", "https://vault.azure.net.evil.example/", "https://xvault.azure.net/",
        "https://vault.azure.net/", "https://login.microsoftonline.com.evil.example/", "https://xlogin.microsoftonline.com/"}) {
    urls.emplace_back(url);
  }
  for (const auto& url : urls) {
    auto http = make_guarded(std::make_unique<ScriptedHttp>(), {"login.microsoftonline.com", ".vault.azure.net"});
    Request request;
    request.url = Url(url);
    request.bearer = Secret("TOKEN");
    auto answer = http->send(request, Deadline::in(std::chrono::seconds(1), clock));
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().code, Errc::invalid_input) << url;
    EXPECT_NE(answer.error().what.find("nothing was sent"), std::string::npos) << answer.error().what;
  }
}

TEST(Guarded, AnAddressOfThisMachineIsNoHostOfTheCloud) {
  ManualClock clock(WallTime{});
  auto http = make_guarded(std::make_unique<ScriptedHttp>(), {"localhost"});
  Request request;
  request.url = Url::local("http://localhost/");
  EXPECT_FALSE(http->send(request, Deadline::in(std::chrono::seconds(1), clock)));
}

TEST(Guarded, ListedHostsAndNamesBelowADotPass) {
  ManualClock clock(WallTime{});
  for (const char* url :
       {"https://login.microsoftonline.com/x", "https://a.vault.azure.net/", "https://A.VAULT.azure.net:443/"}) {
    auto wire = std::make_unique<ScriptedHttp>();
    wire->answer(200, "");
    auto http = make_guarded(std::move(wire), {"login.microsoftonline.com", ".vault.azure.net"});
    Request request;
    request.url = Url(url);
    EXPECT_TRUE(http->send(request, Deadline::in(std::chrono::seconds(1), clock))) << url;
  }
}

}  // namespace
}  // namespace portalkey::guarded_test
