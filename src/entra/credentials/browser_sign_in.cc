#include "entra/credentials/browser_sign_in.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdexcept>

#include "base/base64.h"
#include "entra/credentials/loopback_listener.h"
#include "entra/oauth/aadsts.h"
#include "entra/oauth/access_token.h"

namespace portalkey {
namespace {

/// 43 characters of base64url; from OpenSSL, because base/random.h is not for secrets.
std::string unguessable() {
  unsigned char bytes[32];
  if (RAND_bytes(bytes, sizeof bytes) != 1) throw std::runtime_error("no random bytes");
  std::string out = base64url({reinterpret_cast<const char*>(bytes), sizeof bytes});
  explicit_bzero(bytes, sizeof bytes);
  return out;
}

Error declined(const Redirect& redirect) {
  if (const auto code = find_aadsts(redirect.error_description); code != 0)
    return aadsts_error(code, redirect.error, redirect.error_description);
  if (redirect.error == "access_denied")
    return {Errc::needs_person, "the sign-in was declined in the browser; nothing was stored", "Start over: [[sign-in]]", {}};
  return aadsts_error(0, redirect.error);
}

std::unexpected<Error> anothers() {
  return fail(Errc::forbidden, "the sign-in that came back is not the one that was begun here; nothing was stored",
              "Start over: [[sign-in]]. If it happens again, find out which program sends the browser here.");
}

/// What Entra says to a code that was not given for this sign-in: wrong verifier, another redirect URI (each sign-in has a port
/// of its own), unknown, redeemed, too old.
bool is_anothers(std::int64_t code) {
  return code == 501481 || code == 500112 || code == 70000 || code == 54005 || code == 70008;
}

std::unexpected<Error> anothers_code(Error error) {
  error.code = Errc::needs_person;
  error.what = fmt::format(
      "the code that was pasted is not of this sign-in, but of an earlier one perhaps (AADSTS{}); nothing "
      "was stored",
      find_aadsts(error.what));
  error.remedy = "Start over ([[sign-in]]), and paste what that sign-in's browser ends at.";
  return std::unexpected(std::move(error));
}

}  // namespace

std::string pkce_challenge(const Secret& verifier) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const bool hashed = verifier.reveal(
      [&](std::string_view text) { return EVP_Digest(text.data(), text.size(), hash, &size, EVP_sha256(), nullptr) == 1; });
  if (!hashed) throw std::runtime_error("SHA-256 failed");
  return base64url({reinterpret_cast<const char*>(hash), size});
}

Result<TokenAnswer> sign_in_with_browser(TokenEndpoint& endpoint, const std::string& client_id, const std::string& resource,
                                         const std::string& claims, const OpenBrowser& open, const Clock& clock,
                                         const Deadline& deadline) {
  LoopbackListener listener;
  const std::string state = unguessable();
  const std::string nonce = unguessable();
  std::string text = unguessable();
  const Secret verifier(text);
  wipe(text);
  const std::string redirect_uri = listener.redirect_uri();
  const std::string scope = person_scope(resource);
  const std::string challenge = pkce_challenge(verifier);
  std::vector<std::pair<std::string_view, std::string_view>> query{{"client_id", client_id},
                                                                   {"response_type", "code"},
                                                                   {"redirect_uri", redirect_uri},
                                                                   {"response_mode", "query"},
                                                                   {"scope", scope},
                                                                   {"state", state},
                                                                   {"nonce", nonce},
                                                                   {"code_challenge", challenge},
                                                                   {"code_challenge_method", "S256"}};
  if (!claims.empty()) query.emplace_back("claims", claims);
  const auto shown = open({form_encode(query).reveal(
                               [&](std::string_view pairs) { return fmt::format("{}?{}", endpoint.url("authorize"), pairs); }),
                           listener.port()});
  if (!shown) return std::unexpected(shown.error());
  auto redirect = listener.await(state, deadline, clock, shown->pasted.get());
  if (!redirect) return pass(redirect);
  if (!redirect->issuer.empty() && !endpoint.is_issuer(redirect->issuer)) return anothers();
  if (!redirect->error.empty()) return std::unexpected(declined(*redirect));
  auto answer = endpoint.authorization_code(redirect->code, verifier, redirect_uri, client_id, resource, deadline, claims);
  if (!answer && redirect->bare_code && is_anothers(find_aadsts(answer.error().what)))
    return anothers_code(std::move(answer).error());
  if (!answer) return answer;
  const auto id = read_claims(answer->id_token);
  if (!id || id->nonce != nonce) return anothers();
  return answer;
}

std::vector<std::vector<std::string>> browser_commands(const std::string& browser_variable, bool desktop,
                                                       const std::string& url) {
  std::vector<std::vector<std::string>> out;
  for (std::size_t begin = 0; begin < browser_variable.size();) {
    const auto end = std::min(browser_variable.find(':', begin), browser_variable.size());
    std::vector<std::string> command;
    bool placed = false;
    for (std::size_t word = begin; word < end;) {
      const auto blank = std::min(browser_variable.find(' ', word), end);
      if (blank > word) {
        std::string part = browser_variable.substr(word, blank - word);
        if (const auto at = part.find("%s"); at != std::string::npos) {
          part.replace(at, 2, url);
          placed = true;
        }
        command.push_back(std::move(part));
      }
      word = blank + 1;
    }
    if (!command.empty() && !placed) command.push_back(url);
    if (!command.empty()) out.push_back(std::move(command));
    begin = end + 1;
  }
  if (desktop) out.push_back({"xdg-open", url});  // elsewhere it would start a browser for terminals, and have none
  return out;
}

}  // namespace portalkey
