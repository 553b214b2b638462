#include "seeds/input/kinds_of_tokens.h"

#include <algorithm>
#include <utility>

namespace portalkey {
namespace {

/// `hotp`, `hotp6`, `hotpsha1`, `oathhotp`, `hotptoken`; but `TOTP0001A0` is a serial number.
bool is_called(std::string_view word, std::string_view name) {
  const auto letters = [](std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c < '0' || c > '9'; });
  };
  if (word.starts_with(name)) {
    const auto rest = word.substr(name.size());
    return letters(rest) || rest.size() == 1 || rest.starts_with("sha") || rest.starts_with("hmac");
  }
  return word.ends_with(name) && letters(word) && word.substr(0, word.size() - name.size()) != "s";  // a shotput
}
bool is_ocra(std::string_view word) {
  return word == "ocra" || (word.starts_with("ocra") && word.size() > 4 && word[4] >= '0' && word[4] <= '9');
}

constexpr auto kEventWords = std::to_array<std::string_view>({"event",
                                                              "events",
                                                              "eventbased",
                                                              "eventsync",
                                                              "counterbased",
                                                              "hmacbased",
                                                              "ereignis",
                                                              "ereignisbasiert",
                                                              "ereignisgesteuert",
                                                              "ereignisbasierend",
                                                              "z\u00E4hlerbasiert",
                                                              "zaehlerbasiert",
                                                              "z\u00E4hlergesteuert",
                                                              "zaehlergesteuert",
                                                              "evento",
                                                              "eventos",
                                                              "eventi",
                                                              "evenement",
                                                              "\u00E9v\u00E9nement",
                                                              "evenements",
                                                              "\u00E9v\u00E9nements",
                                                              "evenementiel",
                                                              "rfc4226"});
constexpr auto kTimeWords =
    std::to_array<std::string_view>({"timebased", "zeitbasiert", "zeitgesteuert", "zeitbasierend", "timesync", "rfc6238"});
constexpr auto kChallengeWords = std::to_array<std::string_view>({"challenge", "challengeresponse", "rfc6287"});
/// What may stand beside them in a value that says nothing else.
constexpr auto kCompanions = std::to_array<std::string_view>(
    {"based",  "basiert",  "token",    "tokens", "otp",      "oath", "driven", "sync",    "synchronous", "synchron",  "type",
     "mode",   "hardware", "response", "button", "password", "one",  "time",   "counter", "hmac",        "bas\u00E9", "base",
     "basado", "basada",   "basato",   "basata", "sur",      "su",   "en",     "par",     "gesteuert",   "rfc"});

}  // namespace

Kinds kinds_in(const Words& words) {
  Kinds kinds;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    const bool based = words[i + 1] == "based" || words[i + 1] == "basiert" || words[i + 1] == "gesteuert";
    if (word == "rfc" && (words[i + 1] == "4226" || words[i + 1] == "6238" || words[i + 1] == "6287")) {
      (words[i + 1] == "4226" ? kinds.hotp : words[i + 1] == "6238" ? kinds.totp : kinds.ocra) = true;
      ++i;
      continue;
    }
    if (is_ocra(word)) {
      kinds.ocra = kinds.strong = true;
    } else if (is_called(word, "totp")) {
      kinds.totp = kinds.strong = true;
    } else if (is_called(word, "hotp")) {
      kinds.hotp = kinds.strong = true;
    } else if (word == "motp") {
      kinds.other = "Mobile-OTP";
      kinds.strong = true;
    } else if ((word == "yubico" && words[i + 1] == "otp") || word == "yubiotp" || word == "yubicootp") {
      kinds.other = "Yubico OTP";
      kinds.strong = true;
    } else if (is_one_of(kTimeWords, word) || (word == "time" && based)) {
      kinds.totp = true;
    } else if (is_one_of(kEventWords, word) || ((is_one_of(kCounterWords, word) || word == "hmac") && based)) {
      kinds.hotp = true;
    } else if (is_one_of(kChallengeWords, word)) {
      kinds.ocra = true;
    } else if (!is_one_of(kCompanions, word)) {
      kinds.pure = false;
    }
  }
  if (kinds.ocra && kinds.strong) kinds.hotp = kinds.totp = false;  // a suite: OCRA-1:HOTP-SHA1-6:QN08
  return kinds;
}

std::string_view other_type(const Words& words) {
  constexpr auto kOthers = std::to_array<std::pair<std::string_view, std::string_view>>({{"fido", "FIDO"},
                                                                                         {"fido2", "FIDO2"},
                                                                                         {"u2f", "U2F"},
                                                                                         {"webauthn", "WebAuthn"},
                                                                                         {"piv", "PIV"},
                                                                                         {"sms", "SMS"},
                                                                                         {"push", "push"},
                                                                                         {"steam", "Steam Guard"},
                                                                                         {"securid", "SecurID"},
                                                                                         {"static", "static passwords"},
                                                                                         {"yubico", "Yubico OTP"}});
  for (const auto& [word, name] : kOthers) {
    if (words.size() <= 2 && words[0] == word) return name;
  }
  return {};
}

}  // namespace portalkey
