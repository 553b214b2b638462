#include "entra/credentials/browser_sign_in.h"

#include <gtest/gtest.h>
#include <unistd.h>

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
        [&](const SignInPage& page) -> Result<ShownSignIn> {
          auto values = begin(page);
          const std::string host = values["redirect_uri"].substr(7);
          const auto port = static_cast<std::uint16_t>(std::stoi(host.substr(10)));
          browser =
              std::jthread([port, request = "GET /?" + query + "&state=" + values["state"] + " HTTP/1.1\r\nHost: " + host +
                                            "\r\n\r\n"] { say_to_loopback(port, request); });
          return ShownSignIn();
        },
        clock, Deadline::in(60s, clock));
  }
  /// Signs in by what somebody pastes: `{state}` stands for the state, `{port}` for the port.
  Result<TokenAnswer> paste(std::vector<std::string> lines) {
    return sign_in_with_browser(
        endpoint, "client", "https://vault.azure.net", {},
        [&](const SignInPage& page) -> Result<ShownSignIn> {
          auto values = begin(page);
          for (auto& line : lines) {
            if (const auto at = line.find("{state}"); at != std::string::npos) line.replace(at, 7, values["state"]);
            if (const auto at = line.find("{port}"); at != std::string::npos) line.replace(at, 6, std::to_string(page.port));
          }
          ShownSignIn shown;
          shown.pasted = std::make_unique<Typed>(std::move(lines), refused);
          return shown;
        },
        clock, Deadline::in(60s, clock));
  }
  std::vector<std::string> refused;  ///< why lines were of no use

 private:
  /// A pipe that is always readable, and the lines.
  class Typed final : public PastedLines {
   public:
    Typed(std::vector<std::string> lines, std::vector<std::string>& refused) : lines_(std::move(lines)), refused_(refused) {
      if (::pipe(ends_) != 0 || ::write(ends_[1], "x", 1) != 1) throw std::runtime_error("no pipe");
    }
    ~Typed() override {
      ::close(ends_[0]);
      ::close(ends_[1]);
    }
    int descriptor() const override { return lines_.empty() ? -1 : ends_[0]; }
    std::optional<Secret> take() override {
      Secret line(lines_.front());
      lines_.erase(lines_.begin());
      return line;
    }
    void refuse(std::string_view why) override { refused_.emplace_back(why); }

   private:
    std::vector<std::string> lines_;
    std::vector<std::string>& refused_;
    int ends_[2];
  };

  std::map<std::string, std::string> begin(const SignInPage& page) {
    opened = page.url;
    auto values = pairs(page.url.substr(page.url.find('?') + 1));
    EXPECT_EQ(values["redirect_uri"], "http://localhost:" + std::to_string(page.port));
    if (answer) http.answer(200, answer(values["nonce"]));
    return values;
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

TEST(BrowserSignIn, WhatIsPastedDoesAsWell) {
  const std::string code = "1.AX0AsomethingLong-enough_to.be.a.code";
  for (const std::string& line : {"http://localhost:{port}/?code=" + code + "&state={state}&session_state=x",
                                  "  '?code=" + code + "&state={state}'  ", "code=" + code + "&state={state}#", code}) {
    World world;
    const auto answer = world.paste({line});
    ASSERT_TRUE(answer) << line << ": " << answer.error().what;
    EXPECT_EQ(pairs(world.http.sent[0].body)["code"], code);
    EXPECT_TRUE(world.refused.empty());
  }
}

TEST(BrowserSignIn, WhatIsPastedWrongIsSaidAndWaitedOn) {
  World world;
  const std::string good = "http://localhost:{port}/?code=1.AX0AsomethingLong&state={state}";
  const auto answer =
      world.paste({"", "hello", "http://localhost:{port}/", "http://localhost:{port}/?code=1.AX0Asome&state=older",
                   "http://localhost:{port}/?code=1.AX0Asome", "http://localhost:{port}/?state={state}",
                   "https://login.microsoftonline.com/t/oauth2/v2.0/authorize?code_challenge=x&state={state}",
                   "1.AX0A something Long with blanks", good});
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(world.http.sent.size(), 1u) << "something else was redeemed";
  const char* const words[] = {"nothing",         "neither",          "no code in this address", "another sign-in",
                               "another sign-in", "neither one code", "sign-in page's own",      "neither"};
  ASSERT_EQ(world.refused.size(), std::size(words));
  for (std::size_t i = 0; i < std::size(words); ++i) EXPECT_TRUE(world.refused[i].contains(words[i])) << world.refused[i];
}

TEST(BrowserSignIn, ABareCodeOfAnotherSignInIsNamedAsSuch) {
  World world;
  world.answer = nullptr;
  world.http.answer(400, R"({"error":"invalid_grant","error_description":"AADSTS501481: x","error_codes":[501481]})");
  const auto answer = world.paste({"1.AX0AsomethingLong-of-yesterday"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::needs_person);
  EXPECT_TRUE(answer.error().what.contains("not of this sign-in")) << answer.error().what;
}

TEST(BrowserSignIn, APastedRefusalEndsTheSignIn) {
  World world;
  world.answer = nullptr;
  const auto answer =
      world.paste({"http://localhost:{port}/?error=access_denied&error_description=AADSTS65004%3A+x&state={state}"});
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().what.contains("AADSTS65004")) << answer.error().what;
}

TEST(BrowserCommands, FollowTheVariableWithoutAShell) {
  using Commands = std::vector<std::vector<std::string>>;
  EXPECT_EQ(browser_commands("", true, "https://u"), (Commands{{"xdg-open", "https://u"}}));
  EXPECT_EQ(browser_commands("", false, "https://u"), Commands());
  EXPECT_EQ(browser_commands("w3m", false, "https://u"), (Commands{{"w3m", "https://u"}}));
  EXPECT_EQ(browser_commands("firefox  --new-window:w3m=%s:", true, "https://u"),
            (Commands{{"firefox", "--new-window", "https://u"}, {"w3m=https://u"}, {"xdg-open", "https://u"}}));
  EXPECT_EQ(browser_commands("$(rm) ;", true, "u"), (Commands{{"$(rm)", ";", "u"}, {"xdg-open", "u"}}));
}

}  // namespace
}  // namespace portalkey::browser_sign_in_test
