#include "entra/credentials/browser_sign_in.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <thread>

#include "base/files.h"
#include "base/random.h"
#include "tests/entra/jwt.h"
#include "tests/entra/loopback.h"
#include "tests/scripted_http.h"
#include "tests/temporary_folder.h"

namespace portalkey::browser_sign_in_test {
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
  /// What Entra answers to the code, given the nonce of the request; empty: it is not asked.
  std::function<std::string(const std::string& nonce)> answer = answer_with_nonce;
  static std::string answer_with_nonce(const std::string& nonce) {
    return R"({"access_token":"AT","refresh_token":"RT","expires_in":3600,"id_token":")" +
           unsigned_jwt(R"({"tid":"t","nonce":")" + nonce + "\"}") + "\"}";
  }
  /// Signs in as a browser that comes back with `query` (and the state).
  Result<TokenAnswer> sign_in(const std::string& query, const std::string& claims = "") {
    std::jthread browser;
    return sign_in_with_browser(
        endpoint, "client", "https://vault.azure.net", claims,
        [&](const std::string& url) -> Result<std::optional<RedirectPage>> {
          opened = url;
          auto values = pairs(url.substr(url.find('?') + 1));
          if (answer) http.answer(200, answer(values["nonce"]));
          const std::string host = values["redirect_uri"].substr(7);
          const auto port = static_cast<std::uint16_t>(std::stoi(host.substr(10)));
          browser =
              std::jthread([port, request = "GET /?" + query + "&state=" + values["state"] + " HTTP/1.1\r\nHost: " + host +
                                            "\r\n\r\n"] { say_to_loopback(port, request); });
          return std::optional<RedirectPage>();
        },
        clock, Deadline::in(60s, clock));
  }
};

TEST(BrowserSignIn, ProvesThatItIsTheOneWhoAsked) {
  World world;
  const auto signed_in = world.sign_in("code=the%2Bcode", R"({"access_token":{}})");
  ASSERT_TRUE(signed_in) << signed_in.error().what;
  EXPECT_TRUE(world.opened.starts_with("https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize?"));
  auto asked = pairs(world.opened.substr(world.opened.find('?') + 1));
  auto redeemed = pairs(world.http.sent[0].body);
  EXPECT_EQ(asked["client_id"], "client");
  EXPECT_EQ(asked["response_type"], "code");
  EXPECT_EQ(asked["response_mode"], "query");
  EXPECT_EQ(asked["scope"], "https://vault.azure.net/.default offline_access openid profile");
  EXPECT_EQ(asked["code_challenge_method"], "S256");
  EXPECT_EQ(asked["claims"], R"({"access_token":{}})");
  EXPECT_GE(asked["state"].size(), 43u);
  EXPECT_GE(asked["nonce"].size(), 43u);
  EXPECT_NE(asked["nonce"], asked["state"]);
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

TEST(BrowserSignIn, AnAnswerToAnotherSignInIsRefused) {
  const std::string others = unsigned_jwt(R"({"tid":"t","nonce":"another"})");
  for (const std::string& id_token : {others, std::string(), unsigned_jwt(R"({"tid":"t"})"), std::string("opaque")}) {
    World world;
    world.answer = [&](const std::string&) {
      return R"({"access_token":"AT","refresh_token":"RT","expires_in":3600,"id_token":")" + id_token + "\"}";
    };
    const auto answer = world.sign_in("code=C");
    ASSERT_FALSE(answer) << id_token;
    EXPECT_EQ(answer.error().code, Errc::forbidden);
  }
}

TEST(BrowserSignIn, AnotherIssuersCodeIsNotRedeemed) {
  for (const char* issuer :
       {"https%3A%2F%2Fevil.example%2F11111111-2222-3333-4444-555555555555%2Fv2.0",
        "https%3A%2F%2Flogin.microsoftonline.com%2Fcommon%2Fv2.0", "https%3A%2F%2Flogin.microsoftonline.com",
        "https%3A%2F%2Flogin.microsoftonline.com.evil.example%2F11111111-2222-3333-4444-555555555555%2Fv2.0"}) {
    World world;
    world.answer = nullptr;
    const auto answer = world.sign_in("code=C&iss=" + std::string(issuer));
    ASSERT_FALSE(answer) << issuer;
    EXPECT_EQ(answer.error().code, Errc::forbidden);
  }
  World world;
  EXPECT_TRUE(
      world.sign_in("code=C&iss=https%3A%2F%2Flogin.microsoftonline.com%2F11111111-2222-3333-4444-555555555555%2Fv2.0"));
}

TEST(RedirectPage, IsOursAloneAndGoesWithTheSignIn) {
  const TemporaryFolder folder;
  const std::string url = "https://login.microsoftonline.com/t/oauth2/v2.0/authorize?state=S&code_challenge=C&q=\"<";
  std::filesystem::path path;
  {
    auto page = RedirectPage::make(folder / "a folder", url);
    ASSERT_TRUE(page) << page.error().what;
    const std::string place = page->url();
    EXPECT_TRUE(place.starts_with("file:///")) << place;
    EXPECT_TRUE(place.ends_with("/a%20folder/sign-in.html")) << place;
    EXPECT_EQ(place.find("state"), std::string::npos);
    path = folder / "a folder/sign-in.html";
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
    EXPECT_EQ(std::filesystem::status(path.parent_path()).permissions(), std::filesystem::perms(0700));
    const auto text =
        read_file(path, 10'000, FileUse::secret)->reveal([](std::string_view bytes) { return std::string(bytes); });
    EXPECT_NE(text.find("content=\"0;url=https://login.microsoftonline.com/t/oauth2/v2.0/authorize?state=S&amp;code_challenge=C"
                        "&amp;q=&quot;&lt;\""),
              std::string::npos)
        << text;
    const RedirectPage moved = std::move(*page);
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(RedirectPage, AFolderThatOthersMayWriteToIsNotUsed) {
  const TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0777));
  EXPECT_FALSE(RedirectPage::make(folder.path(), "https://login.microsoftonline.com/"));
}

TEST(BrowserSignIn, ADeclinedOneNeedsAPersonAndAPolicyIsNamed) {
  World world;
  world.answer = nullptr;
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
}  // namespace portalkey::browser_sign_in_test
