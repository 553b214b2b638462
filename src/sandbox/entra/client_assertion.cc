#include "sandbox/entra/client_assertion.h"

#include <algorithm>
#include <ctime>

#include "base/base64.h"
#include "base/time_text.h"
#include "sandbox/entra/workload_issuer.h"
#include "sandbox/wire/jws.h"
#include "sandbox/world/replication.h"

namespace portalkey::sandbox {
namespace {

constexpr std::int64_t kLeeway = 300;

std::int64_t unix_seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<std::int64_t>(timegm(&parts)) : 0;
}

/// `1/31/2026 12:00:00`, near enough to how the texts write it.
std::string us_time(std::int64_t seconds) {
  std::string iso = iso_time(from_unix_seconds(seconds));
  return iso.substr(5, 2) + '/' + iso.substr(8, 2) + '/' + iso.substr(0, 4) + ' ' + iso.substr(11, 8);
}

/// What the header says about the key: bytes of a SHA-1 or a SHA-256 thumbprint.
struct KeyHint {
  std::string sha1, sha256;
  bool empty() const { return sha1.empty() && sha256.empty(); }
  bool fits(X509* certificate) const {
    if (!sha256.empty() && thumbprint(certificate, EVP_sha256()) != sha256) return false;
    return sha1.empty() || thumbprint(certificate, EVP_sha1()) == sha1;
  }
  std::string text() const { return upper_hex(sha1.empty() ? sha256 : sha1); }
};

std::string from_hex(std::string_view text) {
  std::string out;
  if (text.size() % 2 != 0) return {};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = to_lower(text[i]);
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return {};
    if (i % 2 == 0) {
      out += static_cast<char>(digit << 4);
    } else {
      out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) | static_cast<unsigned>(digit));
    }
  }
  return out;
}

std::string from_base64url(std::string text) {
  while (text.ends_with('=')) text.pop_back();  // some libraries pad
  return decode_base64url(text).value_or("");
}

KeyHint hint_of(const json::object& header) {
  KeyHint hint;
  hint.sha256 = from_base64url(string_member(header, "x5t#S256").value_or(""));
  hint.sha1 = from_base64url(string_member(header, "x5t").value_or(""));
  if (hint.sha1.size() != 20) hint.sha1.clear();
  if (hint.sha256.size() != 32) hint.sha256.clear();
  if (!hint.empty()) return hint;
  const std::string kid = string_member(header, "kid").value_or("");
  for (const auto& bytes : {from_hex(kid), from_base64url(kid)}) {
    if (bytes.size() == 20) hint.sha1 = bytes;
    if (bytes.size() == 32) hint.sha256 = bytes;
    if (!hint.empty()) break;
  }
  return hint;
}

/// Whether `audience` is this tenant's token endpoint or issuer, by any name of the authority.
bool is_our_endpoint(const EntraCall& call, std::string_view audience) {
  if (!audience.starts_with("https://")) return false;
  audience.remove_prefix(8);
  const auto slash = audience.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string host = lower(audience.substr(0, std::min(slash, audience.find(':'))));
  const Route route = route_of(host);
  if (route.service != Service::login || route.cloud->name != call.cloud.name) return false;
  std::string path = lower(audience.substr(slash + 1));
  while (path.ends_with('/')) path.pop_back();
  const auto end = std::min(path.find('/'), path.size());
  const std::string tenant = path.substr(0, end);
  const std::string rest = path.substr(end);
  if (tenant != call.world.state.tenant_id && tenant != kDomain && tenant != kInitialDomain && tenant != lower(call.tenant)) {
    return false;
  }
  return rest.empty() || rest == "/v2.0" || rest == "/oauth2/token" || rest == "/oauth2/v2.0/token";
}

/// 0, 700024 outside its time, or 50027 if it does not say when it ends.
AssertionVerdict judge_times(const World& world, const json::object& claims) {
  const auto exp = time_of(claims, "exp");
  if (!exp) return {50027, " The 'exp' claim is missing."};
  const std::int64_t begin = time_of(claims, "nbf").value_or(time_of(claims, "iat").value_or(0));
  const std::int64_t now = world.clock.seconds();
  if (now < *exp + kLeeway && now + kLeeway >= begin) return {};
  return {700024, " Current time: " + iso7(now) + ", assertion valid from " + iso7(begin) + ", expiry time of assertion " +
                      iso7(*exp) + '.'};
}

std::string reason(std::string_view what, const KeyHint& hint, const SandboxApp& app, const std::string& found = {}) {
  return " [Reason - " + std::string(what) + ", Thumbprint of key used by client: '" + hint.text() + "'," + found +
         " Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '" +
         app.client_id + "'.]";
}

AssertionVerdict judge_certificate(const EntraCall& call, const SandboxApp& app, const Jws& jws) {
  const KeyHint hint = hint_of(jws.header);
  if (hint.empty()) return {50027, " No certificate thumbprint specified in token header."};
  const std::string algorithm = string_member(jws.header, "alg").value_or("");
  if (algorithm != "RS256" && algorithm != "PS256") return {50027, " The algorithm '" + algorithm + "' is not supported."};
  if (member(jws.header, "crit") != nullptr) return {50027, " The header has critical extensions."};

  auto keys = app.keys;
  if (const auto* principal = find_service_principal(call.world, app.client_id)) {
    keys.insert(keys.end(), principal->keys.begin(), principal->keys.end());
  }
  for (const auto& key : keys) {
    const auto certificate = certificate_from_base64(key.certificate);
    if (!certificate || !hint.fits(certificate.get()) || !is_replicated(call.world, key.key_id, key.created)) continue;
    const std::int64_t start = key.start != 0 ? key.start : unix_seconds_of(X509_get0_notBefore(certificate.get()));
    const std::int64_t end = key.end != 0 ? key.end : unix_seconds_of(X509_get0_notAfter(certificate.get()));
    const std::string found = " Found key 'Start=" + us_time(start) + ", End=" + us_time(end) + "',";
    if (!is_signed_by(jws, X509_get0_pubkey(certificate.get()))) {
      return {700027, reason("The provided signature value did not match the expected signature value.", hint, app, found)};
    }
    const std::int64_t now = call.world.clock.seconds();
    if (now >= end) return {700027, reason("The key used is expired.", hint, app, found)};
    if (now < start) return {700027, reason("The key used is not yet valid.", hint, app, found)};

    const std::string subject = lower(string_member(jws.claims, "sub").value_or(""));
    if (lower(string_member(jws.claims, "iss").value_or("")) != app.client_id || subject != app.client_id) return {700021, {}};
    if (!std::ranges::any_of(audiences_of(jws.claims), [&](const auto& aud) { return is_our_endpoint(call, aud); })) {
      return {700023, {}};
    }
    return judge_times(call.world, jws.claims);
  }
  return {700027, reason("The key was not found.", hint, app)};
}

AssertionVerdict judge_federated(const EntraCall& call, const SandboxApp& app, const Jws& jws, std::string_view assertion) {
  const World& world = call.world;
  const std::string issuer = string_member(jws.claims, "iss").value_or("");
  const std::string subject = string_member(jws.claims, "sub").value_or("");
  if (app.federated.empty()) return {70025, {}};
  // Letter case counts in all three.
  const auto same_issuer = [&](const FederatedCredential& one) { return one.issuer == issuer; };
  if (std::ranges::none_of(app.federated, same_issuer)) return {700211, issuer};
  if (!knows_keys_of(world, issuer)) return {50166, {}};
  if (!world.signing.verify(assertion)) return {7000272, string_member(jws.header, "kid").value_or("")};
  auto audiences = audiences_of(jws.claims);
  // Entra's own tokens for the exchange, which managed identities get, name it by its app id.
  if (std::ranges::find(audiences, kTokenExchangeAppId) != audiences.end()) {
    audiences.insert(audiences.end(), std::begin(kTokenExchangeUris), std::end(kTokenExchangeUris));
  }
  bool subject_fits = false;
  for (const auto& one : app.federated) {
    if (!same_issuer(one) || one.subject != subject) continue;
    subject_fits = true;
    const auto fits = [&](const auto& audience) { return std::ranges::find(one.audiences, audience) != one.audiences.end(); };
    if (std::ranges::any_of(audiences, fits)) return judge_times(world, jws.claims);
  }
  if (!subject_fits) return {700213, subject};
  return {700212, audiences.empty() ? std::string() : audiences.front()};
}

}  // namespace

AssertionVerdict judge_assertion(const EntraCall& call, const SandboxApp& app, std::string_view assertion) {
  const auto jws = take_apart(assertion);
  if (!jws) return {50027, {}};
  const auto issuer = string_member(jws->claims, "iss");
  if (!issuer) return {50027, " The 'iss' claim is missing."};
  // An app signs for itself under its id; whatever else comes is somebody else's token.
  if (is_guid(*issuer)) return judge_certificate(call, app, *jws);
  return judge_federated(call, app, *jws, assertion);
}

std::string subject_of_assertion(std::string_view assertion) {
  const auto jws = take_apart(assertion);
  return jws ? lower(string_member(jws->claims, "sub").value_or("")) : std::string();
}

}  // namespace portalkey::sandbox
