#include "vault/key_vault.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/foreign_text.h"
#include "base/log.h"
#include "base/secret_json.h"
#include "base/visible_text.h"
#include "http/another_answer.h"
#include "http/pages.h"
#include "vault/key_vault_refusal.h"
#include "vault/version_history.h"

namespace portalkey {
namespace {

namespace json = boost::json;

std::string text(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

constexpr std::chrono::seconds kRecoveryPatience{60};

/// The version in https://{vault}/secrets/{name}/{version}; empty if that is not an id of this secret in this vault.
std::string version_of(const Url& id, const Url& secret) {
  auto segments = id.segments();
  if (segments.size() != 3 || !is_plain_id(segments[2]) || id.target() != id.path()) return {};
  return same_resource(id, secret.below({segments[2]})) ? std::move(segments[2]) : std::string();
}

SecretVersion read_version(const json::object& object, const Url& secret) {
  SecretVersion version;
  version.id = version_id(version_of(Url(text(object, "id")), secret));
  version.content_type = foreign_text(text(object, "contentType"), 100);
  if (const auto* attributes = object.if_contains("attributes"); attributes != nullptr && attributes->is_object()) {
    const auto& a = attributes->get_object();
    if (const auto* created = a.if_contains("created"); created != nullptr && created->is_int64()) {
      version.created = from_unix_seconds(created->get_int64());
    }
    if (const auto* expires = a.if_contains("exp"); expires != nullptr && expires->is_int64()) {
      version.expires = from_unix_seconds(expires->get_int64());
    }
    if (const auto* enabled = a.if_contains("enabled"); enabled != nullptr && enabled->is_bool()) {
      version.enabled = enabled->get_bool();
    }
  }
  if (const auto* tags = object.if_contains("tags"); tags != nullptr && tags->is_object()) {
    for (const auto& tag : tags->get_object()) {
      if (tag.value().is_string()) version.tags[visible_text(tag.key())] = visible_text(tag.value().get_string());
    }
  }
  return version;
}

class KeyVault final : public SecretStore {
 public:
  KeyVault(KeyVaultOptions options, Http& http, VaultToken token, Clock& clock)
      : options_(std::move(options)), http_(http), token_(std::move(token)), clock_(clock) {}

  Result<StoredSecret> get(const std::string& name, const Deadline& deadline) override {
    auto found = get_latest(name, deadline);
    if (found || found.error().code != Errc::not_found) return found;
    if (!options_.recover_deleted) return found;
    auto recovered = recover(name, deadline);
    if (!recovered) return pass(recovered);
    if (!*recovered) return found;
    return get_latest(name, deadline);
  }

  Result<SecretVersion> put(const std::string& name, const Secret& value, const SecretAttributes& attributes,
                            const Deadline& deadline) override {
    json::object properties{{"enabled", true}};
    if (attributes.expires) properties["exp"] = unix_seconds(*attributes.expires);
    json::object tags;
    for (const auto& [key, tag] : attributes.tags) tags[key] = tag;
    json::object body{{"contentType", "text/plain"}, {"tags", std::move(tags)}, {"attributes", std::move(properties)}};
    value.reveal([&](std::string_view bare) { body["value"] = bare; });
    const Body serialised{serialize_secret_json(body), secret_list(value)};

    bool recovered = false;
    for (int attempt = 1;; ++attempt) {
      auto response = call("PUT", secret(name), serialised.clone(), Idempotency::no, name, deadline);
      if (response) {
        auto stored = bundle(*response, name);
        if (!stored) return pass(stored);
        if (stored->version.id.empty()) return fail(Errc::unavailable, "Key Vault's answer names no version of the secret");
        return std::move(stored->version);
      }
      if (response.error().code == Errc::conflict && !recovered) {  // deleted: its name is taken until it is recovered
        recovered = true;
        auto back = recover(name, deadline);
        if (!back) return pass(back);
        if (!*back) return pass(response);
        continue;
      }
      if (response.error().code != Errc::unavailable) return pass(response);
      // The answer was lost, not necessarily the write: a second PUT would pile up versions.
      auto latest = get_latest(name, deadline);
      if (latest && same(latest->value, value)) return std::move(latest->version);
      if (attempt >= 3 || (!latest && latest.error().code != Errc::not_found)) return pass(response);
    }
  }

  Result<std::vector<SecretVersion>> versions(const std::string& name, const Deadline& deadline) override {
    std::vector<SecretVersion> all;
    Pages pages(versioned(secret(name).below({"versions"})), "Key Vault", kVersionPages);
    while (pages.more()) {
      auto response = send("GET", pages.url(), Body(), Idempotency::yes, name, deadline);
      if (!response) return pass(response);
      auto object = body_of(*response);
      if (!object) return pass(object);
      const auto* value = object->if_contains("value");
      if (value == nullptr || !value->is_array()) return fail(Errc::unavailable, "Key Vault's list is not one", "Try again.");
      for (const auto& item : value->get_array()) {
        if (!item.is_object()) continue;
        all.push_back(read_version(item.get_object(), secret(name)));
        if (all.back().id.empty())
          return fail(Errc::unavailable, "Key Vault's list holds what is no version of the secret", "Try again.");
      }
      if (auto on = pages.take(value->get_array().size(), response->body.size(), text(*object, "nextLink")); !on)
        return pass(on);
    }
    if (all.empty()) return std::unexpected(none(name));
    std::ranges::stable_sort(all, std::greater<>(), &SecretVersion::created);
    return all;
  }

  Result<void> disable(const std::string& name, const std::string& version, const Deadline& deadline) override {
    auto response = call("PATCH", secret(name).below({version}), Body(Secret(R"({"attributes":{"enabled":false}})"), {}),
                         Idempotency::yes, name, deadline);
    if (!response && response.error().code != Errc::not_found) return pass(response);
    return {};
  }

  std::string place() const override { return options_.url.origin(); }

 private:
  static bool same(const Secret& a, const Secret& b) {
    return a.reveal([&](std::string_view x) { return b.reveal([&](std::string_view y) { return x == y; }); });
  }

  Error none(const std::string& name) const {
    return {Errc::not_found,
            fmt::format("the vault holds no secret named {}", name),
            "Sign the service account in: [[sign-in]]",
            {{"vault", place()}}};
  }

  Result<StoredSecret> get_latest(const std::string& name, const Deadline& deadline) {
    auto response = call("GET", secret(name), Body(), Idempotency::yes, name, deadline);
    if (!response) return pass(response);
    return bundle(*response, name);
  }

  /// Brings a deleted secret back and waits until it can be read. False if there is none to bring back. Never purges.
  Result<bool> recover(const std::string& name, const Deadline& deadline) {
    auto deleted = call("GET", deleted_secret(name), Body(), Idempotency::yes, name, deadline);
    if (!deleted) {
      const Errc code = deleted.error().code;
      // Not deleted (or so long ago that it is gone), or we may not look: then there is nothing we can do about it.
      if (code == Errc::not_found || code == Errc::forbidden) return false;
      if (code != Errc::conflict) return pass(deleted);
    }
    log(LogLevel::warning, fmt::format("the secret {} was deleted from the vault; recovering it", name));
    auto asked = call("POST", deleted_secret(name).below({"recover"}), Body(), Idempotency::yes, name, deadline);
    if (!asked && asked.error().code != Errc::not_found && asked.error().code != Errc::conflict) return pass(asked);
    const SteadyTime end = clock_.steady_now() + kRecoveryPatience;
    for (std::chrono::milliseconds wait{500};; wait = std::min<std::chrono::milliseconds>(wait * 2, std::chrono::seconds(8))) {
      auto there = get_latest(name, deadline);
      if (there) return true;
      const Errc code = there.error().code;
      if (code == Errc::forbidden) return true;  // it is back, and what is wrong with it is the caller's to tell
      if (code != Errc::not_found && code != Errc::conflict) return pass(there);
      if (clock_.steady_now() + wait > end || clock_.steady_now() + wait >= deadline.at ||
          !clock_.sleep_for(wait, deadline.stop)) {
        return std::unexpected(
            Error{Errc::unavailable,
                  fmt::format("the deleted secret {} is being recovered, which takes longer than usual", name),
                  "Run the command again in a few minutes.",
                  {{"vault", place()}}});
      }
    }
  }

  Url secret(const std::string& name) const { return options_.url.below({"secrets", name}); }
  Url deleted_secret(const std::string& name) const { return options_.url.below({"deletedsecrets", name}); }
  Url versioned(const Url& url) const { return url.with_query("api-version=" + options_.api_version); }

  Result<Response> call(std::string_view method, const Url& url, Body body, Idempotency idempotency, const std::string& name,
                        const Deadline& deadline) {
    return send(method, versioned(url), std::move(body), idempotency, name, deadline);
  }

  Result<Response> send(std::string_view method, Url url, Body body, Idempotency idempotency, const std::string& name,
                        const Deadline& deadline) {
    auto token = token_(deadline);
    if (!token) return pass(token);
    Request request;
    request.method = method;
    request.url = std::move(url);
    request.idempotency = idempotency;
    request.headers = {{"Accept", "application/json"}};
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.bearer = std::move(*token);
    request.body = std::move(body);
    auto response = http_.send(request, deadline);
    if (!response) return response;
    if (response->status != 200) return std::unexpected(read_refusal(*response, {options_.url, name}).error);
    if (is_markup(*response)) return std::unexpected(another_answer("Key Vault", *response).with("vault", place()));
    return response;
  }

  static Result<json::object> body_of(const Response& response) {
    json::value parsed;
    boost::system::error_code problem;
    response.body.reveal([&](std::string_view body) { parsed = parse_secret_json(body, problem); });
    if (problem || !parsed.is_object()) return std::unexpected(another_answer("Key Vault", response));
    return std::move(parsed.get_object());
  }

  Result<StoredSecret> bundle(const Response& response, const std::string& name) const {
    auto object = body_of(response);
    if (!object) return pass(object);
    const auto* value = object->if_contains("value");
    if (value == nullptr || !value->is_string())
      return fail(Errc::unavailable, "Key Vault's answer has no value", "Try again.");
    StoredSecret out;
    out.value = Secret(value->get_string());
    out.version = read_version(*object, secret(name));
    return out;
  }

  KeyVaultOptions options_;
  Http& http_;
  VaultToken token_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<SecretStore> make_key_vault(KeyVaultOptions options, Http& http, VaultToken token, Clock& clock) {
  return std::make_unique<KeyVault>(std::move(options), http, std::move(token), clock);
}

}  // namespace portalkey
