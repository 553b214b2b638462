#include "provision/apply_app.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "azure/graph.h"
#include "base/crash_point.h"
#include "base/files.h"
#include "base/time_text.h"
#include "provision/app_certificate.h"
#include "provision/patience.h"

namespace portalkey {
namespace {

constexpr std::chrono::days kCredentialLifetime{365};

boost::json::array as_json(const std::vector<std::string>& texts) {
  boost::json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

std::vector<std::string> with(std::vector<std::string> there, const std::vector<std::string>& wanted) {
  for (const auto& one : wanted) {
    if (std::ranges::find(there, one) == there.end()) there.push_back(one);
  }
  return there;
}

boost::json::array roles_with_ours(const ActualApp* app) {
  boost::json::array roles = app == nullptr ? boost::json::array() : boost::json::parse(app->roles_json).as_array();
  for (const auto& role : app_roles()) {
    const bool there = app != nullptr && std::ranges::find(app->roles, role.value, &ActualAppRole::value) != app->roles.end();
    if (there) continue;
    roles.push_back(boost::json::object{{"id", app_role_id(role.value)},
                                        {"value", role.value},
                                        {"displayName", role.name},
                                        {"description", role.description},
                                        {"allowedMemberTypes", boost::json::array{"User", "Application"}},
                                        {"isEnabled", true}});
  }
  return roles;
}

bool unknown_yet(const Reply& reply) { return reply.status == 404; }

std::string app_path(const Actual& actual) { return "/applications/" + actual.app->object_id; }

Result<void> patch_app(const Azure& azure, const Actual& actual, const boost::json::object& body, std::string_view doing) {
  const Graph graph(azure);
  auto reply = when_replicated(azure, [&] { return graph.call("PATCH", app_path(actual), body); }, unknown_yet);
  if (!reply) return pass(reply);
  if (!reply->ok()) return std::unexpected(explain(*reply, doing));
  return {};
}

Result<void> add_secret(const Azure& azure, const Desired& desired, const Actual& actual) {
  const Graph graph(azure);
  const boost::json::object body{
      {"passwordCredential", boost::json::object{{"displayName", credential_name(desired)},
                                                 {"endDateTime", iso_time(azure.clock.now() + kCredentialLifetime)}}}};
  auto reply = when_replicated(azure, [&] { return graph.call("POST", app_path(actual) + "/addPassword", body); }, unknown_yet);
  if (!reply) return pass(reply);
  if (!reply->ok()) return std::unexpected(explain(*reply, "add a client secret to the app"));
  crash_point();
  const auto* text = find_at(reply->json, {"secretText"});
  if (text == nullptr || !text->is_string() || text->get_string().empty()) {
    return fail(Errc::unavailable, "Graph added a client secret and did not tell it", "Run the command again.");
  }
  // Before anything else: it is told this once.
  auto written = write_file_atomically(desired.credential_file, text->get_string());
  if (!written) return written;
  crash_point();
  return {};
}

Result<void> remove_secret(const Azure& azure, const Actual& actual, const std::string& key_id) {
  const Graph graph(azure);
  auto reply = graph.call("POST", app_path(actual) + "/removePassword", boost::json::object{{"keyId", key_id}});
  if (!reply) return pass(reply);
  if (!reply->ok() && reply->status != 404) return std::unexpected(explain(*reply, "remove a client secret that nobody holds"));
  return {};
}

Result<void> apply_secret(const Azure& azure, const Desired& desired, const Actual& actual) {
  const auto* held = held_password(desired, actual);
  const bool renew = held == nullptr || (held->ends != WallTime{} && held->ends < azure.clock.now() + kRenewBefore);
  if (renew) {
    if (auto added = add_secret(azure, desired, actual); !added) return added;
  }
  for (const auto* stray : stray_passwords(desired, actual)) {
    if (auto removed = remove_secret(azure, actual, stray->key_id); !removed) return removed;
    crash_point();
  }
  // The one that ends soon goes too, once the new one is on disk: nobody else has its text.
  if (renew && held != nullptr && held->name == credential_name(desired)) return remove_secret(azure, actual, held->key_id);
  return {};
}

/// The certificate to register: the one on disk, or a new one that waits beside it until it is registered.
Result<AppCertificate> certificate_to_register(const Azure& azure, const Desired& desired, const Actual& actual,
                                               const std::filesystem::path& waiting) {
  const auto now = azure.clock.now();
  if (actual.local.there && actual.local.ends >= now + kRenewBefore) {
    return AppCertificate{actual.local.certificate, actual.local.thumbprint, actual.local.ends};
  }
  if (auto begun = read_file(waiting, 1 << 16, FileUse::secret)) {
    if (auto read = read_app_certificate(*begun); read && read->ends >= now + kRenewBefore) return read;
  }
  auto pem = make_app_certificate(credential_name(desired).substr(0, 64), now, kCredentialLifetime);
  if (!pem) return pass(pem);
  auto written = pem->reveal([&](std::string_view text) { return write_file_atomically(waiting, text); });
  if (!written) return pass(written);
  crash_point();
  return read_app_certificate(*pem);
}

Result<void> apply_certificate(const Azure& azure, const Desired& desired, const Actual& actual) {
  auto waiting = desired.credential_file;
  waiting += ".new";
  auto certificate = certificate_to_register(azure, desired, actual, waiting);
  if (!certificate) return pass(certificate);
  auto keys = boost::json::parse(actual.app->keys_json).as_array();  // the PATCH replaces the collection
  const bool there =
      std::ranges::any_of(actual.app->keys, [&](const ActualKey& key) { return key.certificate == certificate->der_base64; });
  if (!there) {
    keys.push_back(boost::json::object{{"type", "AsymmetricX509Cert"},
                                       {"usage", "Verify"},
                                       {"key", certificate->der_base64},
                                       {"displayName", "CN=" + credential_name(desired)}});
    if (auto patched = patch_app(azure, actual, {{"keyCredentials", std::move(keys)}}, "register the certificate"); !patched)
      return patched;
    crash_point();
  }
  std::error_code problem;
  if (certificate->der_base64 != actual.local.certificate) {
    std::filesystem::rename(waiting, desired.credential_file, problem);
    if (problem) {
      return std::unexpected(Error{Errc::unavailable,
                                   fmt::format("cannot put the new certificate in place: {}", problem.message()),
                                   "Check the folder and run the command again.",
                                   {{"file", desired.credential_file.string()}}});
    }
  }
  return {};
}

Result<void> apply_federated(const Azure& azure, const Desired& desired, const Actual& actual) {
  const Graph graph(azure);
  const auto list = app_path(actual) + "/federatedIdentityCredentials";
  const boost::json::object body{{"name", federated_name(desired)},
                                 {"issuer", desired.federated_issuer},
                                 {"subject", desired.federated_subject},
                                 {"audiences", boost::json::array{desired.federated_audience}},
                                 {"description", "portalkey, profile " + desired.profile}};
  auto reply = when_replicated(azure, [&] { return graph.call("POST", list, body); }, unknown_yet);
  if (!reply) return pass(reply);
  if (!reply->ok()) return std::unexpected(explain(*reply, "add the federated credential"));
  return {};
}

}  // namespace

Result<void> apply_app(const Azure& azure, const Desired& desired, const Actual& actual) {
  if (!actual.app) {
    const Graph graph(azure);
    boost::json::object body{{"displayName", desired.app_name},
                             {"signInAudience", "AzureADMyOrg"},
                             {"tags", boost::json::array{kMark}},
                             {"web", boost::json::object{{"redirectUris", as_json(desired.redirect_uris)}}},
                             {"api", boost::json::object{{"requestedAccessTokenVersion", 2}}}};
    if (desired.app_roles) body["appRoles"] = roles_with_ours(nullptr);
    auto reply = graph.call("POST", "/applications", body);
    if (!reply) return pass(reply);
    if (!reply->ok()) return std::unexpected(explain(*reply, "create the app registration"));
    crash_point();
    if (!desired.app_roles) return {};
    // Its own URI holds its client id, so it needs a second call.
    Actual made;
    made.app = ActualApp{};
    made.app->object_id = raw_text_at(reply->json, {"id"});
    if (auto fine = check_plain_id(made.app->object_id, "Microsoft Graph's id of the new app registration"); !fine) return fine;
    return patch_app(azure, made, {{"identifierUris", boost::json::array{"api://" + text_at(reply->json, {"appId"})}}},
                     "set the app's identifier URI");
  }
  const ActualApp& app = *actual.app;
  boost::json::object body;
  if (auto uris = with(app.redirect_uris, desired.redirect_uris); uris != app.redirect_uris) {
    body["web"] = boost::json::object{{"redirectUris", as_json(uris)}};
  }
  if (desired.app_roles) {
    body["appRoles"] = roles_with_ours(&app);
    body["identifierUris"] = as_json(with(app.identifier_uris, {"api://" + app.app_id}));
  }
  return patch_app(azure, actual, body, "change the app registration");
}

Result<void> apply_principal(const Azure& azure, const Actual& actual) {
  const Graph graph(azure);
  const boost::json::object body{{"appId", actual.app->app_id}};
  const auto exists = [](const Reply& answer) { return answer.error_code() == "Request_MultipleObjectsWithSameKeyValue"; };
  auto reply = when_replicated(
      azure, [&] { return graph.call("POST", "/servicePrincipals", body); },
      [&](const Reply& answer) {
        // An app that has not replicated is "not found" in several ways; what else is wrong with so small a body?
        return answer.status == 404 || (answer.status == 400 && !exists(answer));
      });
  if (!reply) return pass(reply);
  if (reply->ok() || exists(*reply)) return {};
  return std::unexpected(explain(*reply, "create the service principal"));
}

Result<void> apply_credential(const Azure& azure, const Desired& desired, const Actual& actual) {
  switch (desired.credential) {
    case AppCredential::secret: return apply_secret(azure, desired, actual);
    case AppCredential::certificate: return apply_certificate(azure, desired, actual);
    case AppCredential::federated: return apply_federated(azure, desired, actual);
  }
  return {};
}

}  // namespace portalkey
