// Everything of attacks.h is tried: each comes to the code and the reason that it is to come to; who presents it is told
// nothing of the reason; and cjose, of whom nothing here knows, says the same of the signature.
//
// docs/security-service.md has the table; PORTALKEY_WRITE_DOCUMENTS=1 in the environment writes it there.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "service/callers/api_key_text.h"
#include "service/callers/callers.h"
#include "tests/service/callers/attacks.h"
#include "tests/service/callers/second_opinion.h"
#include "tests/temporary_folder.h"

namespace portalkey::entra_tokens_attack_test {
namespace {

using namespace made_tokens;
using attacks::Attack;
using attacks::Cjose;

constexpr FailureLimit kWithoutEnd{1'000'000, 10};

/// The door that Entra's tokens and API keys open.
struct Door {
  explicit Door(Entra& entra) {
    auto opened = open_api_keys(folder / "service", entra.clock);
    if (!opened) throw std::runtime_error(opened.error().what);
    keys = std::move(*opened);
    auto made = make_authenticator(usual_settings(), *keys, &entra.server, entra.clock, kWithoutEnd);
    if (!made) throw std::runtime_error(made.error().what);
    authenticator = std::move(*made);
  }
  /// `accepted`, or all that is told.
  std::string told(const std::string& authorization) const {
    const auto caller = authenticator->caller_of(authorization, "192.0.2.1");
    if (caller) return "accepted";
    std::string text = std::string(name_of(caller.error().code)) + ": " + caller.error().what + " / " + caller.error().remedy;
    for (const auto& [name, value] : caller.error().context) text.append(" / ").append(name).append("=").append(value);
    return text;
  }

  TemporaryFolder folder;
  std::unique_ptr<ApiKeys> keys;
  std::unique_ptr<Authenticator> authenticator;
};

/// Entra's tokens as who goes through the door has them, so that what an attack does before goes through it too.
class ThroughDoor final : public EntraTokens {
 public:
  explicit ThroughDoor(const Door& door) : door_(door) {}
  Result<Caller> caller_of(std::string_view token) override {
    return door_.authenticator->caller_of("Bearer " + std::string(token), "192.0.2.1");
  }

 private:
  const Door& door_;
};

std::string code_in(const std::string& verdict) { return verdict.substr(0, verdict.find(':')); }

template <class Judge>
void each_attack(Judge judge) {
  for (const auto& group : attacks::all_groups()) {
    for (const auto& attack : group.attacks) {
      SCOPED_TRACE(group.title + ": " + attack.name);
      judge(attack);
    }
  }
}

TEST(EntraTokensAttack, EachIsRefusedForItsOwnReason) {
  std::size_t tried = 0;
  each_attack([&](const Attack& attack) {
    Entra entra;
    const auto tokens = attack.sent(entra);
    EXPECT_FALSE(tokens.empty());
    for (std::size_t i = 0; i < tokens.size(); ++i, ++tried)
      EXPECT_EQ(entra.verdict(tokens[i]), attack.expected) << "the one at " << i;
    const auto minutes = (unix_seconds(entra.clock.now()) - kNow) / 60;
    EXPECT_LE(entra.server.asked, 1 + minutes);
    for (const auto& url : entra.server.urls) EXPECT_EQ(url, "https://login.microsoftonline.com/common/discovery/v2.0/keys");
  });
  EXPECT_GT(tried, 1000U);
}

TEST(EntraTokensAttack, WhatIsToldDependsOnNothingButTheCode) {
  Entra first;
  const std::string nobody = Door(first).told("");
  EXPECT_EQ(code_in(nobody), "unauthenticated");
  std::set<std::string> forbidden, unavailable;
  each_attack([&](const Attack& attack) {
    Entra entra;
    const Door door(entra);
    entra.tokens = std::make_unique<ThroughDoor>(door);
    const auto tokens = attack.sent(entra);
    for (const auto& token : tokens) {
      const auto told = door.told("Bearer " + token);
      EXPECT_EQ(code_in(told), code_in(attack.expected));
      EXPECT_TRUE(code_in(told) != "unauthenticated" || told == nobody) << told;
      if (code_in(told) == "forbidden") forbidden.insert(told);
      if (code_in(told) == "unavailable") unavailable.insert(told);
    }
  });
  EXPECT_EQ(forbidden.size(), 1U);
  EXPECT_EQ(unavailable.size(), 1U);
}

TEST(EntraTokensAttack, CjoseSaysTheSameOfTheSignature) {
  each_attack([&](const Attack& attack) {
    Entra entra;
    const auto tokens = attack.sent(entra);
    std::size_t right = 0;
    for (const auto& token : tokens) {
      const bool signed_by_entra = cjose_finds_it_signed(token, entra.server.body);
      right += signed_by_entra;
      EXPECT_TRUE(signed_by_entra || entra.verdict(token) != "accepted");
    }
    switch (attack.cjose) {
      case Cjose::right: EXPECT_EQ(right, tokens.size()); break;
      case Cjose::wrong: EXPECT_EQ(right, 0U); break;
      case Cjose::laxer: EXPECT_GT(right, 0U); break;
    }
  });
}

/// API keys, and what stands around what is shown. In Markdown; what is sent.
struct HeaderAttack {
  std::string name;
  std::function<std::vector<std::string>(Entra&, Door&)> sent;
};

std::string bare(const Secret& secret) {
  return secret.reveal([](std::string_view text) { return std::string(text); });
}
std::string new_key(Entra& entra, Door& door) {
  auto made = door.keys->create({"flow", {Right::tokens_read}, {}, entra.clock.now() + std::chrono::days(1)});
  if (!made) throw std::runtime_error(made.error().what);
  return bare(made->text);
}

std::vector<HeaderAttack> header_attacks() {
  using Texts = std::vector<std::string>;
  return {
      {"nothing, `Bearer`, `Bearer` and blanks", [](Entra&, Door&) { return Texts{"", "Bearer", "Bearer ", "Bearer    "}; }},
      {"a right token under `Basic`, `PoP`, `DPoP`, `Negotiate`, alone, with a tab, quoted",
       [](Entra&, Door&) {
         const auto token = Draft().token();
         return Texts{"Basic " + token,
                      "PoP " + token,
                      "DPoP " + token,
                      "Negotiate " + token,
                      token,
                      "Bearer\t" + token,
                      "Bearer \"" + token + "\"",
                      "Bearer " + token + " "};
       }},
      {"a right one and something else: two tokens, a token and a key, `Bearer` twice",
       [](Entra& entra, Door& door) {
         const auto token = Draft().token(), key = new_key(entra, door);
         return Texts{"Bearer " + token + ", Bearer " + token, "Bearer " + token + "," + token, "Bearer Bearer " + token,
                      "Bearer " + token + " " + key,           "Bearer " + key + "," + token,   "Bearer " + key + "." + token};
       }},
      {"an API key with each character altered in turn, and each beginning of one",
       [](Entra& entra, Door& door) {
         const auto key = new_key(entra, door);
         Texts texts;
         for (std::size_t i = 0; i < key.size(); ++i) {
           auto wrong = key;
           wrong[i] = wrong[i] == 'x' ? 'y' : 'x';
           texts.push_back("Bearer " + wrong);
           texts.push_back("Bearer " + key.substr(0, i));
         }
         return texts;
       }},
      {"an API key in upper case, with more behind it, under `Basic`, as user and password",
       [](Entra& entra, Door& door) {
         const auto key = new_key(entra, door);
         auto upper = key;
         for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
         return Texts{"Bearer " + upper,
                      "Bearer " + key + "a",
                      "Bearer " + key + std::string(1, '\0'),
                      "Basic " + base64(key + ":"),
                      "Basic " + key,
                      "ApiKey " + key,
                      key};
       }},
      {"a well-formed API key that nobody made; SQL, a path, 1 MB behind `pk_`",
       [](Entra&, Door&) {
         return Texts{"Bearer " + bare(new_api_key()), "Bearer pk_' OR 1=1--", "Bearer pk_../../callers.db",
                      "Bearer pk_" + std::string(1024 * 1024, 'a')};
       }},
      {"an API key that was revoked",
       [](Entra& entra, Door& door) {
         const auto key = new_key(entra, door);
         EXPECT_TRUE(door.keys->revoke("flow"));
         return Texts{"Bearer " + key};
       }},
      {"an API key that is expired",
       [](Entra& entra, Door& door) {
         const auto key = new_key(entra, door);
         entra.clock.advance(std::chrono::days(1));
         return Texts{"Bearer " + key};
       }},
  };
}

TEST(EntraTokensAttack, KeysAndHeadersThatAreNotRightAreNobodys) {
  for (const auto& attack : header_attacks()) {
    SCOPED_TRACE(attack.name);
    Entra entra;
    Door door(entra);
    const auto nobody = door.told("");
    for (const auto& header : attack.sent(entra, door)) EXPECT_EQ(door.told(header), nobody) << header.substr(0, 100);
  }
}

/// As the service answers (service/api).
std::string answer_of(const std::string& verdict) {
  const auto code = code_in(verdict);
  return code == "accepted" ? "accepted" : code == "unauthenticated" ? "401" : code == "forbidden" ? "403" : "503";
}
std::string reason_in(const std::string& verdict) {
  const auto at = verdict.find(": ");
  return at == std::string::npos ? "" : verdict.substr(at + 2);
}
std::string_view word_for(Cjose cjose) {
  return cjose == Cjose::right ? "right" : cjose == Cjose::wrong ? "wrong" : "takes some";
}

std::string table() {
  std::ostringstream out;
  std::size_t sent = 0;
  out << "| what is sent | | answer | reason in the log | cjose: signature |\n| --- | ---: | --- | --- | --- |\n";
  for (const auto& group : attacks::all_groups()) {
    out << "| **" << group.title << "** | | | | |\n";
    for (const auto& attack : group.attacks) {
      Entra entra;
      const auto count = attack.sent(entra).size();
      sent += count;
      out << "| " << attack.name << " | " << count << " | " << answer_of(attack.expected) << " | " << reason_in(attack.expected)
          << " | " << word_for(attack.cjose) << " |\n";
    }
  }
  out << "| **API keys and the header** | | | | |\n";
  for (const auto& attack : header_attacks()) {
    Entra entra;
    Door door(entra);
    const auto count = attack.sent(entra, door).size();
    sent += count;
    out << "| " << attack.name << " | " << count << " | 401 | | |\n";
  }
  out << "\n" << sent << " in all.\n";
  return out.str();
}

TEST(EntraTokensAttack, TheDocumentHasTheTable) {
  const std::string path = TEST_DATA "/../../docs/security-service.md";
  const std::string begin = "<!-- attacks:begin: written by service_callers_test with PORTALKEY_WRITE_DOCUMENTS=1 -->\n",
                    end = "<!-- attacks:end -->\n";
  std::ostringstream read;
  read << std::ifstream(path).rdbuf();
  const std::string document = read.str();
  const auto from = document.find(begin), to = document.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const auto at = from + begin.size();
  if (const char* write = std::getenv("PORTALKEY_WRITE_DOCUMENTS"); write != nullptr && std::string_view(write) == "1")
    std::ofstream(path) << document.substr(0, at) << table() << document.substr(to);
  else
    EXPECT_EQ(document.substr(at, to - at), table()) << "run this test with PORTALKEY_WRITE_DOCUMENTS=1";
}

}  // namespace
}  // namespace portalkey::entra_tokens_attack_test
