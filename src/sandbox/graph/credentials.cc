// Secrets and certificates of app registrations and of service principals.
// Source: learn.microsoft.com/graph/api/{application,serviceprincipal}-{addpassword,removepassword,addkey,removekey}.

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/base64.h"
#include "base/time_text.h"
#include "sandbox/graph/call.h"
#include "sandbox/wire/jws.h"
#include "sandbox/world/replication.h"

namespace portalkey::sandbox {
namespace {

constexpr std::int64_t kTwoYears = 2LL * 365 * 86400;
constexpr std::int64_t kProofLifetime = 600;
constexpr std::string_view kProofAudience = "00000002-0000-0000-c000-000000000000";

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<std::int64_t>(::timegm(&parts)) : 0;
}

/// A time member; false if it is there and no time.
bool read_time(const json::object& from, std::string_view name, std::int64_t& to) {
  const auto* value = member(from, name);
  if (value == nullptr || value->is_null()) return true;
  const auto time = value->is_string() ? parse_iso_time(view(value->get_string())) : std::nullopt;
  if (!time) return false;
  to = unix_seconds(*time);
  return true;
}

/// The display name, or a `customKeyIdentifier` that stands for one.
std::string name_in(const json::object& in) { return string_member(in, "displayName").value_or(""); }

/// The key, without the line breaks that azure-cli leaves in.
std::optional<std::string> key_in(const json::object& in) {
  auto text = string_member(in, "key");
  if (text) std::erase_if(*text, is_blank);
  return text;
}

std::string invalid_keys(std::string_view type, std::string_view more = {}) {
  return "Invalid value specified for property 'keyCredentials' of resource '" + std::string(type) + '\'' +
         (more.empty() ? "." : ": " + std::string(more));
}

/// A `keyCredential` with its key. The message of a 400 if it is no good.
std::string read_key(World& world, const json::object& in, std::string_view type, KeyCredential& out) {
  const auto text = key_in(in);
  if (string_member(in, "type").value_or("AsymmetricX509Cert") != "AsymmetricX509Cert" ||
      string_member(in, "usage").value_or("Verify") != "Verify") {
    return invalid_keys(type, "the sandbox takes AsymmetricX509Cert for Verify.");
  }
  const auto certificate = text ? certificate_from_base64(*text) : nullptr;
  if (!certificate) return invalid_keys(type);
  const auto not_before = seconds_of(X509_get0_notBefore(certificate.get()));
  const auto not_after = seconds_of(X509_get0_notAfter(certificate.get()));
  out.key_id = string_member(in, "keyId").value_or(world.random.guid());
  if (!is_guid(out.key_id)) return "Invalid value specified for property 'keyId' of resource 'KeyCredential'.";
  out.display_name = name_in(in);
  out.certificate = *text;
  out.start = not_before;
  out.end = not_after;
  if (!read_time(in, "startDateTime", out.start)) return "Key credential start date is invalid.";
  if (!read_time(in, "endDateTime", out.end)) return "Key credential end date is invalid.";
  // Clients write dates a little after the certificate's own, to the second or the day.
  if (out.end > not_after + 86400) return "Key credential end date is invalid.";
  if (out.start >= out.end) return "Key credential start date is invalid.";
  out.created = world.clock.seconds();
  return {};
}

HttpResponse add_password(GraphCall& call, CredentialOwner owner) {
  World& world = call.world;
  json::object in;
  if (!call.request.body.empty()) {
    const auto body = graph_body(call);
    if (!body) return body.error();
    if (const auto* inner = member(*body, "passwordCredential"); inner != nullptr && inner->is_object()) {
      in = inner->get_object();
    }
  }
  PasswordCredential made;
  made.start = made.created = world.clock.seconds();
  made.end = made.start + kTwoYears;
  made.display_name = name_in(in);
  if (!read_time(in, "startDateTime", made.start)) return graph_bad_request(call, "Password credential start date is invalid.");
  if (!read_time(in, "endDateTime", made.end) || made.end <= made.start || made.end <= world.clock.seconds()) {
    return graph_error(call, 400, "Request_BadRequest", "Password credential end date is invalid.");
  }
  Random secrets;  // from the kernel: not to be guessed from the seed
  made.key_id = world.random.guid();
  made.secret = opaque(secrets, 3) + "8Q~" + opaque(secrets, 34);
  begin_replication(world, made.key_id);
  owner.passwords.push_back(made);
  world.touch();
  auto out = password_objects({made}).front().get_object();
  out["@odata.context"] = call.base() + "/$metadata#microsoft.graph.passwordCredential";
  out["secretText"] = made.secret;
  return json_answer(200, out);
}

HttpResponse remove_password(GraphCall& call, CredentialOwner owner) {
  const auto body = graph_body(call);
  if (!body) return body.error();
  const auto id = string_member(*body, "keyId").value_or("");
  if (std::erase_if(owner.passwords, [&](const auto& one) { return one.key_id == id; }) == 0) {
    return graph_bad_request(call, "No password credential found with keyId.");
  }
  call.world.touch();
  return graph_no_content();
}

/// Whether the proof was signed for this object by a key that it has, less than ten minutes ago.
bool proves(const World& world, const CredentialOwner& owner, std::string_view proof) {
  const auto jws = take_apart(proof);
  if (!jws) return false;
  const auto audiences = audiences_of(jws->claims);
  if (std::ranges::find(audiences, kProofAudience) == audiences.end()) return false;
  if (lower(string_member(jws->claims, "iss").value_or("")) != owner.object_id) return false;
  const auto now = world.clock.seconds();
  const auto from = int_member(jws->claims, "nbf").value_or(0);
  const auto to = int_member(jws->claims, "exp").value_or(0);
  if (now + 300 < from || now > to || to - from > kProofLifetime) return false;
  return std::ranges::any_of(owner.keys, [&](const KeyCredential& key) {
    if (key.end != 0 && key.end <= now) return false;
    const auto certificate = certificate_from_base64(key.certificate);
    return certificate && is_signed_by(*jws, X509_get0_pubkey(certificate.get()));
  });
}

HttpResponse no_proof(const GraphCall& call) {
  return graph_error(call, 401, "Authentication_MissingOrMalformed", "Access Token missing or malformed.");
}

HttpResponse add_key(GraphCall& call, CredentialOwner owner) {
  const auto body = graph_body(call);
  if (!body) return body.error();
  if (!proves(call.world, owner, string_member(*body, "proof").value_or(""))) return no_proof(call);
  const auto* in = member(*body, "keyCredential");
  if (in == nullptr || !in->is_object()) return graph_bad_request(call, "The parameter 'keyCredential' is missing.");
  KeyCredential key;
  if (const auto message = read_key(call.world, in->get_object(), owner.type, key); !message.empty())
    return graph_bad_request(call, message);
  begin_replication(call.world, key.key_id);
  owner.keys.push_back(key);
  call.world.touch();
  auto out = key_objects({key}, false).front().get_object();
  out["@odata.context"] = call.base() + "/$metadata#microsoft.graph.keyCredential";
  return json_answer(200, out);
}

HttpResponse remove_key(GraphCall& call, CredentialOwner owner) {
  const auto body = graph_body(call);
  if (!body) return body.error();
  if (!proves(call.world, owner, string_member(*body, "proof").value_or(""))) return no_proof(call);
  const auto id = string_member(*body, "keyId").value_or("");
  if (std::erase_if(owner.keys, [&](const auto& one) { return one.key_id == id; }) == 0) {
    return graph_bad_request(call, "No key credential found with keyId.");
  }
  call.world.touch();
  return graph_no_content();
}

json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

}  // namespace

json::array password_objects(const std::vector<PasswordCredential>& passwords) {
  json::array out;
  for (const auto& one : passwords) {
    out.push_back({{"customKeyIdentifier", nullptr},
                   {"displayName", text_or_null(one.display_name)},
                   {"endDateTime", graph_time(one.end)},
                   {"hint", one.secret.substr(0, 3)},
                   {"keyId", one.key_id},
                   {"secretText", nullptr},
                   {"startDateTime", graph_time(one.start)}});
  }
  return out;
}

json::array key_objects(const std::vector<KeyCredential>& keys, bool with_keys) {
  json::array out;
  for (const auto& one : keys) {
    const auto certificate = certificate_from_base64(one.certificate);
    out.push_back({{"customKeyIdentifier",
                    certificate ? json::value(upper_hex(thumbprint(certificate.get(), EVP_sha1()))) : json::value(nullptr)},
                   {"displayName", text_or_null(one.display_name)},
                   {"endDateTime", graph_time(one.end)},
                   {"key", with_keys ? json::value(one.certificate) : json::value(nullptr)},
                   {"keyId", one.key_id},
                   {"startDateTime", graph_time(one.start)},
                   {"type", "AsymmetricX509Cert"},
                   {"usage", "Verify"}});
  }
  return out;
}

std::string take_keys(World& world, const json::value& list, std::string_view type, std::vector<KeyCredential>& keys) {
  if (!list.is_array()) return invalid_keys(type);
  std::vector<KeyCredential> changed;
  for (const auto& item : list.get_array()) {
    if (!item.is_object()) return invalid_keys(type);
    const auto& in = item.get_object();
    const auto id = string_member(in, "keyId");
    const auto kept = id ? std::ranges::find(keys, *id, &KeyCredential::key_id) : keys.end();
    const auto* key = member(in, "key");
    if (kept != keys.end() && (key == nullptr || key->is_null() || key_in(in) == kept->certificate)) {
      changed.push_back(*kept);  // sent along, so that it stays
      continue;
    }
    KeyCredential made;
    if (auto message = read_key(world, in, type, made); !message.empty()) return message;
    if (std::ranges::find(changed, made.key_id, &KeyCredential::key_id) != changed.end()) {
      return "Property keyCredentials has duplicate values of 'keyId'.";
    }
    begin_replication(world, made.key_id);
    changed.push_back(std::move(made));
  }
  keys = std::move(changed);
  return {};
}

bool keep_passwords(const json::array& list, std::vector<PasswordCredential>& passwords) {
  std::vector<PasswordCredential> kept;
  for (const auto& one : list) {
    const auto id = one.is_object() ? string_member(one.get_object(), "keyId") : std::nullopt;
    const auto known = id ? std::ranges::find(passwords, *id, &PasswordCredential::key_id) : passwords.end();
    if (known == passwords.end()) return false;
    kept.push_back(*known);
  }
  passwords = std::move(kept);
  return true;
}

std::optional<HttpResponse> graph_credentials(GraphCall& call, CredentialOwner owner, std::string_view action) {
  using Action = HttpResponse (*)(GraphCall&, CredentialOwner);
  static constexpr std::pair<std::string_view, Action> kActions[] = {
      {"addPassword", add_password}, {"removePassword", remove_password}, {"addKey", add_key}, {"removeKey", remove_key}};
  if (const auto dot = action.rfind('.'); dot != std::string_view::npos) action.remove_prefix(dot + 1);  // microsoft.graph.…
  for (const auto& [name, run] : kActions) {
    if (!same_ignoring_case(action, name)) continue;
    if (auto refused = graph_refuses(call, GraphRight::write_app, owner.owners)) return refused;
    return run(call, owner);
  }
  return std::nullopt;
}

}  // namespace portalkey::sandbox
