#include "entra/browser_sign_in.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "base/random.h"
#include "tests/entra/loopback.h"
#include "tests/scripted_http.h"

namespace portalkey {
namespace {

using namespace std::chrono_literals;

/// Percent-decoding for values that hold no `+`.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::map<std::string, std::string> pairs(std::string_view text) {
  std::map<std::string, std::string> out;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    out[std::string(pair.substr(0, pair.find('=')))] = decoded(pair.substr(pair.find('=') + 1));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
  }
  return out;
}

struct World {
  SystemClock clock;
  Random random{1};
  ScriptedHttp http;
  TokenEndpoint endpoint{http, *find_cloud("global"), "contoso.com", clock, random};
  std::string opened;
  /// Signs in as a browser that comes back with `query` (and the state).
  Result<TokenAnswer> sign_in(const std::string& query, const std::string& claims = "") {
    std::jthread browser;
    return sign_in_with_browser(
        endpoint, "client", "https://vault.azure.net", claims,
        [&](const std::string& url) {
          opened = url;
          auto values = pairs(url.substr(url.find('?') + 1));
          const auto port = static_cast<std::uint16_t>(std::stoi(values["redirect_uri"].substr(17)));
          browser = std::jthread([port, request = "GET /?" + query + "&state=" + values["state"] + " HTTP/1.1\r\n\r\n"] {
            say_to_loopback(port, request);
          });
        },
        clock, Deadline::in(60s, clock));
  }
};

TEST(BrowserSignIn, ProvesThatItIsTheOneWhoAsked) {
  World world;
  world.http.answer(200, R"({"access_token":"AT","refresh_token":"RT","expires_in":3600})");
  ASSERT_TRUE(world.sign_in("code=the%2Bcode", R"({"access_token":{}})"));
  EXPECT_TRUE(world.opened.starts_with("https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize?"));
  auto asked = pairs(world.opened.substr(world.opened.find('?') + 1));
  auto redeemed = pairs(world.http.sent[0].body);
  EXPECT_EQ(asked["client_id"], "client");
  EXPECT_EQ(asked["response_type"], "code");
  EXPECT_EQ(asked["response_mode"], "query");
  EXPECT_EQ(asked["scope"], "https://vault.azure.net/.default offline_access openid");
  EXPECT_EQ(asked["code_challenge_method"], "S256");
  EXPECT_EQ(asked["claims"], R"({"access_token":{}})");
  EXPECT_GE(asked["state"].size(), 43u);
  EXPECT_EQ(redeemed["grant_type"], "authorization_code");
  EXPECT_EQ(redeemed["code"], "the+code");
  EXPECT_EQ(redeemed["redirect_uri"], asked["redirect_uri"]);
  EXPECT_GE(redeemed["code_verifier"].size(), 43u);
  EXPECT_EQ(pkce_challenge(Secret(redeemed["code_verifier"])), asked["code_challenge"]);
  EXPECT_EQ(world.opened.find(redeemed["code_verifier"]), std::string::npos);
}

TEST(BrowserSignIn, TheChallengeIsThatOfRfc7636) {
  EXPECT_EQ(pkce_challenge(Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(BrowserSignIn, ADeclinedOneNeedsAPersonAndAPolicyIsNamed) {
  World world;
  auto declined = world.sign_in("error=access_denied&error_description=AADSTS65004%3A+x");
  ASSERT_FALSE(declined);
  EXPECT_NE(declined.error().what.find("AADSTS65004"), std::string::npos) << declined.error().what;
  auto plain = world.sign_in("error=access_denied&error_subcode=cancel");
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().code, Errc::needs_person);
  EXPECT_EQ(world.opened.find("claims="), std::string::npos);
}

TEST(BrowserCommands, FollowTheVariableWithoutAShell) {
  using Commands = std::vector<std::vector<std::string>>;
  EXPECT_EQ(browser_commands("", "https://u"), (Commands{{"xdg-open", "https://u"}}));
  EXPECT_EQ(browser_commands("firefox  --new-window:w3m=%s:", "https://u"),
            (Commands{{"firefox", "--new-window", "https://u"}, {"w3m=https://u"}, {"xdg-open", "https://u"}}));
  EXPECT_EQ(browser_commands("$(rm) ;", "u"), (Commands{{"$(rm)", ";", "u"}, {"xdg-open", "u"}}));
}

}  // namespace
}  // namespace portalkey
