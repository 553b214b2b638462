// What is no signed token, or can be read in two ways; and Entra's keys, when they cannot be had or change.

#include "service/callers/entra_keys.h"
#include "tests/service/callers/attacks.h"

namespace portalkey::attacks {
namespace {

using namespace made_tokens;
using Tokens = std::vector<std::string>;

const std::string kParts = "unauthenticated: it does not consist of three parts";
const std::string kBase64 = "unauthenticated: a part of it is not base64url";
const std::string kHeader = "unauthenticated: its header is no JSON, or can be read in two ways";
const std::string kClaims = "unauthenticated: its claims are no JSON, or can be read in two ways";
const std::string kWants = "unauthenticated: its header wants something understood that is not";
const std::string kLong = "unauthenticated: it is too long";
const std::string kNoSuchKey = "unauthenticated: Entra has no signing key of the name in its header";
const std::string kNoKeys = "unavailable: Entra's signing keys cannot be had";

std::string signed_text(const std::string& header, const std::string& claims) {
  return Draft::signed_by(entra_key(), base64url(header) + "." + base64url(claims));
}
std::string right_header() { return boost::json::serialize(Draft().header); }
std::string right_claims() { return boost::json::serialize(Draft().claims); }
std::string without_brace(std::string object) {
  object.pop_back();
  return object;
}

/// Objects that some readers take for the right one.
Tokens almost_objects(const std::string& right) {
  return {right + "x",
          right + right,
          right + '\0',
          "\xef\xbb\xbf" + right,
          without_brace(right),
          "[" + right + "]",
          "/**/" + right,
          without_brace(right) + ",}",
          without_brace(right) + ",\"x\":NaN}",
          without_brace(right) + ",\"x\":\"\xff\"}",
          without_brace(right) + ",\"x\":\"\xed\xa0\x80\"}",
          "null",
          "1",
          "\"\""};
}
Tokens doubled(const std::string& right, const std::string& name, const std::string& escaped, const std::string& value) {
  const std::string rest = right.substr(1), first = "{\"" + name + "\":" + value + ",";
  return {first + rest, without_brace(right) + ",\"" + name + "\":" + value + "}",
          without_brace(right) + ",\"" + escaped + "\":" + value + "}", without_brace(right) + ",\"x\":{\"y\":1,\"y\":2}}"};
}
std::string nested(int depth) {
  const auto levels = static_cast<std::size_t>(depth);
  return std::string(levels, '[') + std::string(levels, ']');
}

Tokens headers(const Tokens& texts) {
  Tokens tokens;
  for (const auto& text : texts) tokens.push_back(signed_text(text, right_claims()));
  return tokens;
}
Tokens payloads(const Tokens& texts) {
  Tokens tokens;
  for (const auto& text : texts) tokens.push_back(signed_text(right_header(), text));
  return tokens;
}

Tokens wrong_numbers_of_parts(Entra&) {
  const std::string right = Draft().token(), part = Draft().signed_part();
  return {part,         right + ".",
          "." + right,  right + "." + right,
          right + ".x", part + ".." + base64url(entra_key().sign(part)),
          "x.y.z.u.v",  ".",
          "....",       "",
          "x",          boost::json::serialize(boost::json::object{{"payload", base64url(right_claims())}})};
}

/// A right token whose signature and signed part have characters that the two alphabets write differently.
std::string with_both_alphabets() {
  for (int i = 0;; ++i) {
    Draft draft;
    draft.claims["x"] = std::to_string(i) + "\u00fb\u00ff\u00bf?>~~";
    const auto token = draft.token();
    const auto signature = token.substr(token.rfind('.'));
    if (signature.find('-') != std::string::npos && signature.find('_') != std::string::npos) return token;
  }
}
std::string in_other_alphabet(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  return text;
}

Tokens other_alphabet(Entra&) {
  const std::string token = with_both_alphabets();
  const auto last = token.rfind('.');
  return {token.substr(0, last) + in_other_alphabet(token.substr(last))};
}

/// Where blanks, padding and other strangers stand: in the signature, before and behind it, in the claims, in the header.
Tokens with_stranger(const Tokens& strangers) {
  const std::string right = Draft().token();
  const auto first = right.find('.'), last = right.rfind('.');
  Tokens tokens;
  for (const auto& stranger : strangers) {
    for (const auto at : {right.size(), last + 1, last + 9, last, last - 5, first + 1, first, std::size_t{0}}) {
      if (at == 0 && stranger == " ") continue;  // as if it stood before the token (RFC 9110 §11.4)
      auto token = right;
      tokens.push_back(token.insert(at, stranger));
    }
  }
  return tokens;
}

/// The last character of a part can hold bits that belong to no byte.
Tokens left_over_bits(Entra&) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::string right = Draft().token();  // 256 bytes: four bits are left over
  Tokens tokens;
  for (std::size_t more = 1; more < 16; ++more) {
    auto token = right;
    token.back() = kAlphabet[kAlphabet.find(token.back()) + more];
    tokens.push_back(std::move(token));
  }
  return tokens;
}

Tokens padded_and_signed(Entra&) {
  Tokens tokens;
  for (const char* more : {"=", "==", "\n", " "}) {
    const std::string part = base64url(right_header()) + more + "." + base64url(right_claims());
    tokens.push_back(Draft::signed_by(entra_key(), part));
    tokens.push_back(Draft::signed_by(entra_key(), Draft().signed_part() + more));
  }
  return tokens;
}

Tokens huge(Entra&) {
  Tokens tokens;
  for (const std::size_t size : {std::size_t{16} * 1024, std::size_t{1024} * 1024}) {
    Draft draft;
    draft.claims["groups"] = std::string(size, 'g');
    tokens.push_back(draft.token());
  }
  return tokens;
}

void wait(Entra& entra, std::chrono::seconds time) { entra.clock.advance(time); }

Tokens by_next_key() {
  Draft draft;
  draft.header["kid"] = next_key().kid;
  draft.claims["exp"] = kNow + 1'000'000;
  return {draft.token(next_key())};
}
Tokens by_first_key() {
  Draft draft;
  draft.claims["exp"] = kNow + 1'000'000;
  return {draft.token()};
}
auto with_set(std::function<void(KeyServer&)> change) {
  return [change = std::move(change)](Entra& entra) {
    change(entra.server);
    return by_first_key();
  };
}
/// One is accepted, then Entra has another set, and so much time passes.
void change_over(Entra& entra, std::string set, std::chrono::seconds time) {
  (void)entra.caller_of(Draft().token());
  entra.server.body = std::move(set);
  wait(entra, time);
}

Tokens flood(Entra&) {
  Tokens tokens;
  for (int i = 0; i < 500; ++i) {
    Draft draft;
    draft.header["kid"] = "unknown-" + std::to_string(i);
    tokens.push_back(draft.signed_part() + ".AAAA");
  }
  return tokens;
}

}  // namespace

Group on_form() {
  const std::string depth = without_brace(right_claims()) + ",\"x\":", header_depth = without_brace(right_header()) + ",\"x\":";
  return {
      "Form",
      {{"two, four, five parts; empty ones; JSON (RFC 7515 §7.2); nothing", kParts, Cjose::wrong, wrong_numbers_of_parts},
       {"`+` and `/` for `-` and `_`", kBase64, Cjose::wrong, other_alphabet},
       {"padding", kBase64, Cjose::laxer, [](Entra&) { return with_stranger({"=", "=="}); }},
       {"blanks, line ends, NUL, percent, non-ASCII", kBase64, Cjose::wrong,
        [](Entra&) { return with_stranger({" ", "\n", "\r\n", "\t", std::string(1, '\0'), "%20", "\u00e4", "*"}); }},
       {"padding or blanks that are signed too", kBase64, Cjose::laxer, padded_and_signed},
       {"bits left over in the last character", kBase64, Cjose::laxer, left_over_bits},
       {"17 KB, 1 MB", kLong, Cjose::right, huge},
       {"claims: lists in each other, 8, 1,000 and 5,000 deep", kClaims, Cjose::right,
        [=](Entra&) { return payloads({depth + nested(8) + "}", depth + nested(1000) + "}", depth + nested(5000) + "}"}); }},
       {"the same in the header", kHeader, Cjose::laxer,
        [=](Entra&) { return headers({header_depth + nested(8) + "}", header_depth + nested(1000) + "}"}); }},
       {"claims: a member twice, also with its name in escapes, or deeper", kClaims, Cjose::right,
        [](Entra&) { return payloads(doubled(right_claims(), "tid", "\\u0074id", "\"" + kTenant + "\"")); }},
       {"header: a member twice, also with its name in escapes, or deeper", kHeader, Cjose::laxer,
        [](Entra&) { return headers(doubled(right_header(), "kid", "k\\u0069d", "\"" + entra_key().kid + "\"")); }},
       {"claims that are no object, or not quite JSON or UTF-8", kClaims, Cjose::right,
        [](Entra&) { return payloads(almost_objects(right_claims())); }},
       {"such a header", kHeader, Cjose::wrong, [](Entra&) { return headers(almost_objects(right_header())); }},
       {"`crit`, `b64`, `zip`, `enc`", kWants, Cjose::laxer,
        with_header({set("crit", {boost::json::value(boost::json::array{"exp"})}).front(), set("b64", {false}).front(),
                     set("zip", {"DEF"}).front(), set("enc", {"A256GCM"}).front()})},
       {"`typ` absent, `at+jwt`, `pop`, `JOSE`, `secevent+jwt`", "unauthenticated: its type is not JWT", Cjose::right,
        with_header(both(set("typ", {"at+jwt", "pop", "JOSE", "secevent+jwt", nullptr}), unset("typ")))},
       {"`nonce` in the header", "unauthenticated: its header has a nonce: it is for an API of Microsoft's own", Cjose::right,
        with_header(set("nonce", {"x", "", nullptr}))}}};
}

Group on_key_set() {
  return {"Entra's keys",
          {{"cannot be reached", kNoKeys, Cjose::right, with_set([](KeyServer& server) { server.reachable = false; })},
           {"answers 500", kNoKeys, Cjose::right, with_set([](KeyServer& server) { server.status = 500; })},
           {"a sign-in page, or 1 MB, instead of keys", kNoKeys, Cjose::wrong,
            with_set([](KeyServer& server) { server.body = "<html>" + std::string(1024 * 1024, ' '); })},
           {"a symmetric key in the set, under the right name", kNoKeys, Cjose::wrong,
            [](Entra& entra) {
              entra.server.body = R"({"keys":[{"kty":"oct","kid":"entra-key-1","alg":"HS256","k":"c2VjcmV0"}]})";
              return by_first_key();
            }},
           {"new key, before the minute is over in which the set was fetched", kNoSuchKey, Cjose::right,
            [](Entra& entra) {
              change_over(entra, key_set_of({&entra_key(), &next_key()}), kKeysPause - std::chrono::seconds(1));
              return by_next_key();
            }},
           {"new key, after that minute", "accepted", Cjose::right,
            [](Entra& entra) {
              change_over(entra, key_set_of({&entra_key(), &next_key()}), kKeysPause);
              return by_next_key();
            }},
           {"the old key beside the new one", "accepted", Cjose::right,
            [](Entra& entra) {
              change_over(entra, key_set_of({&next_key(), &entra_key()}), std::chrono::days(1));
              return by_first_key();
            }},
           {"a key that Entra withdrew, a day later", kNoSuchKey, Cjose::wrong,
            [](Entra& entra) {
              change_over(entra, key_set_of({&next_key()}), std::chrono::days(1));
              return by_first_key();
            }},
           {"not to be reached for just under three days, a key known before", "accepted", Cjose::right,
            [](Entra& entra) {
              entra.server.reachable = true;
              change_over(entra, entra.server.body, std::chrono::days(3) - std::chrono::seconds(1));
              entra.server.reachable = false;
              return by_first_key();
            }},
           {"not to be reached for three days", kNoKeys, Cjose::right,
            [](Entra& entra) {
              change_over(entra, entra.server.body, std::chrono::days(3));
              entra.server.reachable = false;
              return by_first_key();
            }},
           {"500 unknown names at once: one request to Entra", kNoSuchKey, Cjose::wrong, flood}}};
}

}  // namespace portalkey::attacks
