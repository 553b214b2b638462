// Authorization codes redeemed.

#include <openssl/evp.h>

#include "base/base64.h"
#include "sandbox/entra/app_settings.h"
#include "sandbox/entra/grants.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

/// The challenge that belongs to a verifier by the method S256.
std::string s256(std::string_view verifier) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(verifier.data(), verifier.size(), out, &size, EVP_sha256(), nullptr);
  return base64url({reinterpret_cast<char*>(out), size});
}

/// 0, or the code for the verifier (RFC 7636).
int judge_verifier(const AuthorizationCode& code, const std::optional<std::string>& verifier) {
  if (code.challenge.empty()) return verifier ? 501481 : 0;
  if (!verifier) return 50148;
  return (code.plain ? *verifier : s256(*verifier)) == code.challenge ? 0 : 501481;
}

/// 0, or the code for a client that proves itself where it must not, or does not where it must.
int judge_platform(const EntraCall& call, const Client& client, std::string_view redirect_uri) {
  const auto platform = platform_of(client.app, redirect_uri);
  if (!platform) return 50011;
  switch (*platform) {
    case Platform::web: return client.confidential ? 0 : 7000218;
    case Platform::public_client: return client.confidential ? 700025 : 0;
    case Platform::spa:
      if (client.confidential) return 700025;
      return call.request.header("origin").empty() ? 9002327 : 0;
  }
  return 0;
}

}  // namespace

HttpResponse authorization_code_grant(EntraCall& call, const Client& client) {
  World& world = call.world;
  ErrorDetails details = call.details();
  details.client = client.id;
  const auto text = call.parameter("code");
  if (!text) {
    details.value = "code";
    return call.error(900144, details);
  }
  const auto found = world.authorization_codes.find(*text);
  if (found == world.authorization_codes.end()) {
    const bool looks_real = text->size() > 100 && (text->starts_with("0.") || text->starts_with("1."));
    return call.error(looks_real ? 70000 : 9002313, details);
  }
  AuthorizationCode& code = found->second;
  if (code.client_id != client.id) return call.error(70000, details);
  if (code.used) return call.error(54005, details);
  if (world.clock.seconds() >= code.expires) return call.error(70008, details);
  const auto redirect_uri = call.parameter("redirect_uri");
  if (!redirect_uri) {
    details.value = "redirect_uri";
    return call.error(900144, details);
  }
  if (*redirect_uri != code.redirect_uri) {
    details.value = *redirect_uri;
    details.issued = code.redirect_uri;
    return call.error(500112, details);
  }
  details.value = *redirect_uri;
  if (const int error = judge_platform(call, client, code.redirect_uri); error != 0) return call.error(error, details);
  if (const int error = judge_verifier(code, call.parameter("code_verifier")); error != 0) return call.error(error, details);

  Wanted wanted;
  if (const int error = read_wanted(call, wanted); error != 0) return call.error(error, details);
  if (wanted.identifier.empty()) wanted.identifier = code.resource;
  for (const auto& scope : code.scopes) {
    if (!wanted.has(scope)) wanted.scopes.push_back(scope);
  }
  details.resource = wanted.identifier;
  SandboxUser* user = find_user(world, code.user);
  details.user = code.user;
  if (const int error = judge_user(user); error != 0) return call.error(error, details);
  const auto resource = find_resource(world, wanted.identifier);
  if (const int error = why_not(world, client, resource); error != 0) return call.error(error, details);
  if (const int error = judge_sign_in(world, code.mfa); error != 0) return call.error(error, details);

  code.used = true;
  if (!code.claims.empty() && !call.parameter("claims")) call.form.emplace_back("claims", code.claims);
  const bool single_page = platform_of(client.app, code.redirect_uri) == Platform::spa;
  auto answer = user_token_answer(call, client, {user, code.mfa, true, code.nonce, single_page, 0}, wanted, *resource);
  if (single_page) answer.headers.emplace_back("Access-Control-Allow-Origin", "*");
  return answer;
}

}  // namespace portalkey::sandbox
