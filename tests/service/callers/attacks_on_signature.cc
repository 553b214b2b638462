// Algorithm, key, signature.

#include <openssl/rsa.h>

#include "tests/service/callers/attacks.h"

namespace portalkey::attacks {
namespace {

using namespace made_tokens;
using Tokens = std::vector<std::string>;

const std::string kOtherAlgorithm = "unauthenticated: its algorithm is not RS256";
const std::string kNoSuchKey = "unauthenticated: Entra has no signing key of the name in its header";
const std::string kNoKey = "unauthenticated: its header names no key";
const std::string kWrong = "unauthenticated: its signature is not that of the key it names";

std::string with_signature(const std::string& signature, const Draft& draft = {}) {
  return draft.signed_part() + "." + base64url(signature);
}

std::string by_hmac(const std::string& algorithm, const std::string& secret, const EVP_MD* digest) {
  Draft draft;
  draft.header["alg"] = algorithm;
  return with_signature(hmac(secret, draft.signed_part(), digest), draft);
}

/// Each way in which somebody may have written down the public key, as a secret.
Tokens by_public_key(Entra&) {
  const std::string pem = entra_key().public_pem(), modulus = entra_key().modulus();
  Tokens tokens;
  for (const std::string& secret :
       {pem, pem.substr(0, pem.size() - 1), entra_key().public_der(), base64(entra_key().public_der()), modulus,
        *decode_base64url(modulus), boost::json::serialize(entra_key().jwk()), entra_key().kid, std::string("AQAB"),
        std::string()}) {
    tokens.push_back(by_hmac("HS256", secret, EVP_sha256()));
    tokens.push_back(by_hmac("HS384", secret, EVP_sha384()));
    tokens.push_back(by_hmac("HS512", secret, EVP_sha512()));
  }
  return tokens;
}

/// The header says RS256, and the signature is a secret's.
Tokens by_public_key_named_rs256(Entra&) {
  return {by_hmac("RS256", entra_key().public_pem(), EVP_sha256()), by_hmac("RS256", entra_key().public_der(), EVP_sha256())};
}

Tokens by_other_digest(Entra&) {
  Tokens tokens;
  for (const auto* digest : {EVP_sha1(), EVP_sha224(), EVP_sha384(), EVP_sha512(), EVP_md5()})
    tokens.push_back(with_signature(entra_key().sign(Draft().signed_part(), digest)));
  return tokens;
}

Tokens by_other_digest_that_it_names(Entra&) {
  Tokens tokens;
  for (const auto& [name, digest] : {std::pair("RS384", EVP_sha384()), {"RS512", EVP_sha512()}}) {
    Draft draft;
    draft.header["alg"] = name;
    tokens.push_back(with_signature(entra_key().sign(draft.signed_part(), digest), draft));
  }
  return tokens;
}

/// Entra's signature with each byte altered in turn.
Tokens each_byte_altered(Entra&) {
  const std::string right = entra_key().sign(Draft().signed_part());
  Tokens tokens;
  for (std::size_t i = 0; i < right.size(); ++i) {
    std::string wrong = right;
    wrong[i] = static_cast<char>(wrong[i] ^ (1 << (i % 8)));
    tokens.push_back(with_signature(wrong));
  }
  return tokens;
}

Tokens other_lengths(Entra&) {
  const std::string right = entra_key().sign(Draft().signed_part());
  return {with_signature(right.substr(1)), with_signature(right.substr(0, right.size() - 1)),
          with_signature(right + '\0'),    with_signature('\0' + right),
          with_signature(right + right),   with_signature("x")};
}

Tokens numbers_without_key(Entra&) {
  const std::string zero(256, '\0');
  return {with_signature(zero), with_signature(zero.substr(1) + '\1'), with_signature(std::string(256, '\xff')),
          with_signature(*decode_base64url(entra_key().modulus()))};
}

Tokens altered_after_signing(Entra&) {
  const Draft right;
  const std::string signature = "." + base64url(entra_key().sign(right.signed_part()));
  Tokens tokens;
  for (const auto& change :
       std::vector<Change>{set("oid", {kUser}).front(), set("exp", {kNow + 7200}).front(),
                           set("roles", {boost::json::value(boost::json::array{"Session.Manage"})}).front()}) {
    Draft draft;
    change(draft.claims);
    tokens.push_back(draft.signed_part() + signature);
  }
  Draft header;
  header.header["x"] = 1;
  tokens.push_back(header.signed_part() + signature);
  return tokens;
}

Tokens of_another_part(Entra&) {
  const Draft draft;
  const std::string header = base64url(boost::json::serialize(draft.header)),
                    claims = base64url(boost::json::serialize(draft.claims));
  return {with_signature(entra_key().sign(claims)), with_signature(entra_key().sign(header)),
          with_signature(entra_key().sign(claims + "." + header)), with_signature(entra_key().sign(draft.signed_part() + "."))};
}

/// What leads to a key of the attacker's, which the token brings along or says where to find.
std::vector<Change> brought_keys() {
  const auto key = attackers_key().jwk();
  const auto der = base64(attackers_key().public_der());
  return {set("jwk", {boost::json::value(key)}).front(),
          set("jku", {"https://attacker.example/keys"}).front(),
          set("x5u", {"https://attacker.example/certificate"}).front(),
          set("x5c", {boost::json::value(boost::json::array{der})}).front(),
          set("x5t", {"attackers-key"}).front(),
          set("x5t#S256", {"attackers-key"}).front(),
          [=](boost::json::object& header) {
            header["jwk"] = key;
            header["jku"] = "https://attacker.example/keys";
            header["x5c"] = boost::json::array{der};
          }};
}

std::vector<Change> with_own_name(std::vector<Change> changes) {
  for (auto& change : changes) {
    change = [change](boost::json::object& header) {
      change(header);
      header["kid"] = attackers_key().kid;
    };
  }
  return changes;
}

Tokens by_the_other_of_two(Entra& entra) {
  entra.server.body = key_set_of({&entra_key(), &next_key()});
  Draft draft;
  draft.header["kid"] = next_key().kid;
  return {Draft().token(next_key()), draft.token(entra_key())};
}

Tokens by_another_tenants_key(Entra& entra) {
  auto entry = entra_key().jwk();
  entry["issuer"] = "https://login.microsoftonline.com/" + kOtherTenant + "/v2.0";
  entra.server.body = boost::json::serialize(boost::json::object{{"keys", boost::json::array{entry}}});
  return {Draft().token()};
}

std::string with_nul() { return entra_key().kid + std::string("\0x", 2); }

}  // namespace

Group on_algorithm() {
  using boost::json::value;
  return {"Algorithm",
          {{"`alg` `none`, `None`, `NONE`, `nOnE`, empty; a signature that would be right", kOtherAlgorithm, Cjose::wrong,
            with_header(set("alg", {"none", "None", "NONE", "nOnE", ""}))},
           {"the same without a signature", "unauthenticated: it is not signed", Cjose::wrong,
            [](Entra&) {
              Tokens tokens;
              for (const char* name : {"none", "None", "NONE", "nOnE", ""}) {
                Draft draft;
                draft.header["alg"] = name;
                tokens.push_back(draft.signed_part() + ".");
              }
              return tokens;
            }},
           {"`alg` absent, null, a number, a list, in lower case, with a blank or a NUL", kOtherAlgorithm, Cjose::wrong,
            with_header(both(
                set("alg", {nullptr, 256, boost::json::array{"RS256"}, "rs256", "RS256 ", value(std::string("RS256\0", 6))}),
                unset("alg")))},
           {"HS256, HS384, HS512 with the public key as secret: PEM, DER, modulus, JWK, name, nothing", kOtherAlgorithm,
            Cjose::wrong, by_public_key},
           {"the same, called RS256", kWrong, Cjose::wrong, by_public_key_named_rs256},
           {"RS384, RS512 by Entra's key, and so called", kOtherAlgorithm, Cjose::laxer, by_other_digest_that_it_names},
           {"SHA-1, SHA-224, SHA-384, SHA-512, MD5 by Entra's key, called RS256", kWrong, Cjose::wrong, by_other_digest},
           {"`alg` PS256, ES256, EdDSA, RS1, RSA-OAEP, dir", kOtherAlgorithm, Cjose::wrong,
            with_header(set("alg", {"PS256", "ES256", "EdDSA", "RS1", "RSA-OAEP", "dir"}))}}};
}

Group on_key() {
  return {
      "Key",
      {{"`kid` absent, empty, null, a number, a list, longer than 256; with an `x5t` or without", kNoKey, Cjose::wrong,
        with_header(both(set("kid", {"", nullptr, 1, boost::json::array{entra_key().kid}, std::string(257, 'k')}),
                         [](boost::json::object& header) {
                           header["x5t"] = header["kid"];
                           header.erase("kid");
                         }))},
       {"`kid` of no key: in other case, cut, longer, with a blank, a line end, `%00`, `*`", kNoSuchKey, Cjose::wrong,
        with_header(set("kid", {"ENTRA-KEY-1", "entra-key", "entra-key-11", " entra-key-1", "entra-key-1 ",
                                "entra-key-1\r\nX-Y: z", "entra-key-1%00", "*", "0"}))},
       {"`kid` with a NUL behind a right name", kNoSuchKey, Cjose::wrong, with_header(set("kid", {with_nul()}))},
       {"`kid` that is a path, SQL, a URL, a command; signed by another key", kNoSuchKey, Cjose::wrong,
        with_header(set("kid", {"../../../../../../dev/null", "/dev/null", "file:///proc/self/environ", "' OR '1'='1",
                                "x' UNION SELECT 'AAAA'--", "https://attacker.example/keys", "//attacker.example/#entra-key-1",
                                "entra-key-1?x=https://attacker.example", "$(id)", "|id", "${jndi:ldap://attacker.example}"}),
                    attackers_key())},
       {"another key's signature under the name of Entra's", kWrong, Cjose::wrong,
        with_header({[](boost::json::object&) {}}, attackers_key())},
       {"another key's signature under its own name", kNoSuchKey, Cjose::wrong,
        with_header(set("kid", {attackers_key().kid}), attackers_key())},
       {"`jwk`, `jku`, `x5u`, `x5c`, `x5t` of another key, which signed it, under the name of Entra's", kWrong, Cjose::wrong,
        with_header(brought_keys(), attackers_key())},
       {"the same under its own name", kNoSuchKey, Cjose::wrong, with_header(with_own_name(brought_keys()), attackers_key())},
       {"the same where Entra signed it: they are not looked at", "accepted", Cjose::right, with_header(brought_keys())},
       {"one of Entra's keys under the name of another of them", kWrong, Cjose::wrong, by_the_other_of_two},
       {"a key that Entra has for another tenant only", "unauthenticated: the key that signed it is another tenant's",
        Cjose::right, by_another_tenants_key}}};
}

Group on_signature() {
  return {"Signature",
          {{"none: `header.claims.`", "unauthenticated: it is not signed", Cjose::wrong,
            [](Entra&) { return Tokens{Draft().signed_part() + "."}; }},
           {"each byte altered in turn", kWrong, Cjose::wrong, each_byte_altered},
           {"a byte shorter or longer, twice, one byte", kWrong, Cjose::wrong, other_lengths},
           {"0, 1, the modulus, all bits", kWrong, Cjose::wrong, numbers_without_key},
           {"claims or header altered after signing", kWrong, Cjose::wrong, altered_after_signing},
           {"of the claims alone, the header alone, in the wrong order", kWrong, Cjose::wrong, of_another_part},
           {"of another token of the same key", kWrong, Cjose::wrong, [](Entra&) {
              return Tokens{with_signature(entra_key().sign(users().signed_part())),
                            with_signature(entra_key().sign(Draft().signed_part()), users())};
            }}}};
}

}  // namespace portalkey::attacks
