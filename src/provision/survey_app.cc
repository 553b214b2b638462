#include "provision/survey_app.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "azure/graph.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "base/files.h"
#include "base/percent_encoding.h"
#include "base/time_text.h"
#include "base/visible_text.h"
#include "provision/app_certificate.h"

namespace portalkey {
namespace {

constexpr std::chrono::minutes kClockSkew{5};
constexpr std::chrono::minutes kMaking{60};  // an app made later than that after a run that was cut short is somebody else's
constexpr std::string_view kAppProperties =
    "id,appId,displayName,createdDateTime,tags,web,identifierUris,appRoles,passwordCredentials,keyCredentials";

std::vector<std::string> texts_at(const boost::json::value& json, std::initializer_list<std::string_view> path) {
  std::vector<std::string> out;
  if (const auto* list = find_at(json, path); list != nullptr && list->is_array()) {
    for (const auto& item : list->get_array()) {
      if (item.is_string()) out.push_back(visible_text(item.get_string()));
    }
  }
  return out;
}

const boost::json::array& items_at(const boost::json::value& json, std::string_view name) {
  static const boost::json::array none;
  const auto* list = find_at(json, {name});
  return list != nullptr && list->is_array() ? list->get_array() : none;
}

WallTime end_of(const boost::json::value& json) { return parse_iso_time(text_at(json, {"endDateTime"})).value_or(WallTime{}); }

/// Graph writes a thumbprint as base64 of its bytes, other tools as hexadecimal digits.
std::string thumbprint_of(const std::string& text) {
  std::string bytes;
  if (auto decoded = decode_base64(text); decoded && decoded->size() == 20) bytes = std::move(*decoded);
  if (bytes.empty()) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), to_upper);
    return out;
  }
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02X}", static_cast<unsigned char>(byte));
  return out;
}

Result<ActualApp> decode_app(const boost::json::value& json) {
  ActualApp app;
  app.object_id = raw_text_at(json, {"id"});
  app.app_id = raw_text_at(json, {"appId"});
  for (const auto& id : {app.object_id, app.app_id}) {
    if (auto fine = check_plain_id(id, "Microsoft Graph's id of an app registration"); !fine) return pass(fine);
  }
  app.name = text_at(json, {"displayName"});
  app.created = parse_iso_time(text_at(json, {"createdDateTime"})).value_or(WallTime{});
  const auto tags = texts_at(json, {"tags"});
  app.marked = std::ranges::find(tags, std::string(kMark)) != tags.end();
  app.redirect_uris = texts_at(json, {"web", "redirectUris"});
  app.identifier_uris = texts_at(json, {"identifierUris"});
  for (const auto& role : items_at(json, "appRoles")) {
    const auto* enabled = find_at(role, {"isEnabled"});
    app.roles.push_back(
        {text_at(role, {"id"}), text_at(role, {"value"}), enabled == nullptr || !enabled->is_bool() || enabled->get_bool()});
  }
  app.roles_json = boost::json::serialize(items_at(json, "appRoles"));
  app.keys_json = boost::json::serialize(items_at(json, "keyCredentials"));
  for (const auto& item : items_at(json, "passwordCredentials")) {
    app.passwords.push_back({text_at(item, {"keyId"}), text_at(item, {"displayName"}), text_at(item, {"hint"}), end_of(item)});
  }
  for (const auto& item : items_at(json, "keyCredentials")) {
    app.keys.push_back({text_at(item, {"keyId"}), text_at(item, {"displayName"}), text_at(item, {"key"}),
                        thumbprint_of(text_at(item, {"customKeyIdentifier"})), end_of(item)});
  }
  return app;
}

LocalCredential read_local(const Desired& desired) {
  LocalCredential local;
  if (desired.credential == AppCredential::federated) return local;
  auto text = read_file(desired.credential_file, 1 << 16, FileUse::secret);
  if (!text) {
    if (text.error().code != Errc::not_found) local.problem = text.error().what;
    return local;
  }
  local.there = true;
  if (desired.credential == AppCredential::secret) {
    text->reveal([&](std::string_view secret) { local.hint = std::string(secret.substr(0, 3)); });
    if (local.hint.size() < 3) local.problem = "the file holds no secret";
    return local;
  }
  auto certificate = read_app_certificate(*text);
  if (!certificate) {
    local.problem = certificate.error().what;
    return local;
  }
  local.certificate = certificate->der_base64;
  local.thumbprint = certificate->thumbprint;
  local.ends = certificate->ends;
  return local;
}

/// Anybody in the tenant may make an app of that name and mark, so that only the record tells ours.
bool is_being_made(const Desired& desired, const ActualApp& app) {
  const auto since = parse_iso_time(desired.making_app_since);
  return since && app.marked && app.created >= *since - kClockSkew && app.created <= *since + kMaking;
}

}  // namespace

Result<void> read_app(const Azure& azure, const Desired& desired, Actual& actual) {
  const Graph graph(azure);
  actual.app.reset();
  actual.unmarked_apps.clear();
  actual.rival_apps.clear();
  actual.app_missing = false;
  const auto query = [&](std::string_view filter) {
    return fmt::format("/applications?$filter={}&$select={}", percent_encode(filter), kAppProperties);
  };
  if (!desired.app_id.empty()) {
    auto found = graph.list(query(fmt::format("appId eq '{}'", desired.app_id)), "look for the app registration");
    if (!found) return pass(found);
    if (!found->empty()) {
      auto app = decode_app(found->front());
      if (!app) return pass(app);
      actual.app = std::move(*app);
      return {};
    }
    if (desired.app_id_given) {
      actual.app_missing = true;
      return {};
    }
  }
  std::string quoted;  // OData doubles an apostrophe
  for (const char c : desired.app_name) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  auto found = graph.list(query(fmt::format("displayName eq '{}'", quoted)), "look for the app registration");
  if (!found) return pass(found);
  std::vector<ActualApp> mine;
  for (const auto& item : *found) {
    auto app = decode_app(item);
    if (!app) return pass(app);
    if (is_being_made(desired, *app)) {
      mine.push_back(std::move(*app));
    } else {
      actual.unmarked_apps.push_back(app->app_id);
    }
  }
  if (mine.size() == 1) {
    actual.app = std::move(mine.front());
  } else {
    for (const auto& app : mine) actual.rival_apps.push_back(app.app_id);
  }
  return {};
}

Result<void> read_principal(const Azure& azure, Actual& actual) {
  actual.principal.clear();
  if (!actual.app) return {};
  const Graph graph(azure);
  auto found = graph.list(
      "/servicePrincipals?$filter=" + percent_encode(fmt::format("appId eq '{}'", actual.app->app_id)) + "&$select=id,appId",
      "look for the service principal");
  if (!found) return pass(found);
  if (found->empty()) return {};
  actual.principal = raw_text_at(found->front(), {"id"});
  return check_plain_id(actual.principal, "Microsoft Graph's id of the service principal");
}

Result<void> read_credential(const Azure& azure, const Desired& desired, Actual& actual) {
  actual.local = read_local(desired);
  if (!actual.app) return {};
  const Graph graph(azure);
  auto reply = graph.call("GET", fmt::format("/applications/{}?$select={}", actual.app->object_id, kAppProperties));
  if (!reply) return pass(reply);
  if (reply->ok()) {  // 404: too new for this replica; what the list said stands
    auto app = decode_app(reply->json);
    if (!app) return pass(app);
    actual.app = std::move(*app);
  } else if (reply->status != 404) {
    return std::unexpected(explain(*reply, "read the app registration"));
  }
  auto items = graph.call("GET", fmt::format("/applications/{}/federatedIdentityCredentials", actual.app->object_id));
  if (!items) return pass(items);
  actual.app->federated.clear();
  if (items->status == 404) return {};
  if (!items->ok()) return std::unexpected(explain(*items, "list the app's federated credentials"));
  for (const auto& item : items_at(items->json, "value")) {
    actual.app->federated.push_back({text_at(item, {"id"}), text_at(item, {"name"}), text_at(item, {"issuer"}),
                                     text_at(item, {"subject"}), texts_at(item, {"audiences"})});
  }
  return {};
}

}  // namespace portalkey
