#include "vault/key_vault.h"

#include <fmt/format.h>

#include "base/secret_json.h"

namespace portalkey {
namespace {

namespace json = boost::json;

std::string text(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// The deepest `innererror.code`; live answers spell the key both ways.
std::string inner_code(const json::object& error) {
  const json::object* at = &error;
  std::string code;
  for (int depth = 0; depth < 8; ++depth) {
    const auto* inner = at->if_contains("innererror");
    if (inner == nullptr) inner = at->if_contains("innerError");
    if (inner == nullptr || !inner->is_object()) break;
    at = &inner->get_object();
    if (auto deeper = text(*at, "code"); !deeper.empty()) code = deeper;
  }
  return code;
}

class KeyVault final : public SecretStore {
 public:
  KeyVault(KeyVaultOptions options, Http& http, VaultToken token)
      : options_(std::move(options)), http_(http), token_(std::move(token)) {}

  Result<StoredSecret> get(const std::string& name, const Deadline& deadline) override {
    auto response = call("GET", name, Secret(), Idempotency::yes, deadline);
    if (!response) return pass(response);
    return bundle(*response);
  }

  Result<SecretVersion> put(const std::string& name, const Secret& value, const SecretAttributes& attributes,
                            const Deadline& deadline) override {
    json::object properties{{"enabled", true}};
    if (attributes.expires) properties["exp"] = unix_seconds(*attributes.expires);
    json::object tags;
    for (const auto& [key, tag] : attributes.tags) tags[key] = tag;
    json::object body{{"contentType", "text/plain"}, {"tags", std::move(tags)}, {"attributes", std::move(properties)}};
    value.reveal([&](std::string_view bare) { body["value"] = bare; });
    const Secret serialised = serialize_secret_json(body);

    for (int attempt = 1;; ++attempt) {
      auto response = call("PUT", name, serialised.clone(), Idempotency::no, deadline);
      if (response) {
        auto stored = bundle(*response);
        if (!stored) return pass(stored);
        if (stored->version.id.empty()) return fail(Errc::unavailable, "Key Vault's answer names no version of the secret");
        return std::move(stored->version);
      }
      if (response.error().code != Errc::unavailable) return pass(response);
      // The answer was lost, not necessarily the write: a second PUT would pile up versions.
      auto latest = get(name, deadline);
      if (latest && same(latest->value, value)) return std::move(latest->version);
      if (attempt == 3 || (!latest && latest.error().code != Errc::not_found)) return pass(response);
    }
  }

  std::string place() const override { return options_.url; }

 private:
  static bool same(const Secret& a, const Secret& b) {
    return a.reveal([&](std::string_view x) { return b.reveal([&](std::string_view y) { return x == y; }); });
  }

  Result<Response> call(std::string_view method, const std::string& name, Secret body, Idempotency idempotency,
                        const Deadline& deadline) {
    auto token = token_(deadline);
    if (!token) return pass(token);
    Request request;
    request.method = method;
    request.url = fmt::format("{}/secrets/{}?api-version={}", options_.url, name, options_.api_version);
    request.idempotency = idempotency;
    request.headers = {{"Accept", "application/json"}};
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.bearer = std::move(*token);
    request.body = std::move(body);
    auto response = http_.send(request, deadline);
    if (!response) return response;
    if (response->status != 200) return std::unexpected(refusal(*response, name));
    return response;
  }

  Error refusal(const Response& response, const std::string& name) const {
    json::value parsed;
    boost::system::error_code problem;
    response.body.reveal([&](std::string_view body) { parsed = json::parse(body, problem); });
    std::string code, inner, message;
    if (!problem && parsed.is_object()) {
      if (const auto* error = parsed.get_object().if_contains("error"); error != nullptr && error->is_object()) {
        code = text(error->get_object(), "code");
        inner = inner_code(error->get_object());
        message = text(error->get_object(), "message");
      }
    }
    Error error = explain(response.status, code, inner, message, name);
    error.context.emplace_back("vault", options_.url);
    error.context.emplace_back("secret", name);
    error.context.emplace_back("status", std::to_string(response.status));
    if (!inner.empty()) error.context.emplace_back("code", inner);
    if (inner.empty() && !code.empty()) error.context.emplace_back("code", code);
    if (auto id = response.header("x-ms-request-id"); !id.empty()) error.context.emplace_back("request id", id);
    return error;
  }

  Error explain(int status, const std::string& code, const std::string& inner, const std::string& message,
                const std::string& name) const {
    if (status == 401) {
      if (message.find("AKV10032") != std::string::npos) {
        return {Errc::unauthenticated,
                "the vault belongs to another tenant than the sign-in",
                "Set the vault's tenant in the profile, or the right vault.",
                {}};
      }
      return {Errc::unauthenticated,
              "Key Vault does not accept the access token",
              "Check the profile's tenant, cloud and vault URL.",
              {}};
    }
    if (status == 403 && (inner == "ForbiddenByFirewall" || inner == "ForbiddenByConnection")) {
      return {Errc::forbidden,
              "the vault's network rules do not let this machine in",
              "Add this machine's public address to the vault's firewall, or run where the vault can be reached.",
              {}};
    }
    if (status == 403 && inner == "SecretDisabled") {
      return {Errc::forbidden,
              fmt::format("the latest version of the secret {} is disabled", name),
              "Enable it in the vault, or run portalkey login.",
              {}};
    }
    if (status == 403) {
      return {Errc::forbidden,
              "the identity that opens the vault may not do this",
              fmt::format(
                  "Give it the role \"Key Vault Secrets Officer\" on the vault or on the secret {} (a new assignment can take "
                  "some minutes).",
                  name),
              {}};
    }
    if (status == 404 && code == "SecretNotFound") {
      return {Errc::not_found,
              fmt::format("the vault holds no secret named {}", name),
              "Sign the service account in: portalkey login",
              {}};
    }
    if (status == 404) return {Errc::invalid_input, "there is no such vault", "Check the vault's URL in the profile.", {}};
    if (status == 409) {
      return {Errc::conflict,
              fmt::format("the secret {} is deleted but can be recovered; its name is taken until then", name),
              "Recover or purge the deleted secret in the vault.",
              {}};
    }
    if (status == 429)
      return {Errc::throttled, "Key Vault throttles the vault's callers", "Wait a minute and run the command again.", {}};
    if (status >= 500) return {Errc::unavailable, "Key Vault is not available", "Try again in a few minutes.", {}};
    return {Errc::invalid_input,
            fmt::format("Key Vault refused the request ({})", code.empty() ? "no reason given" : code),
            "Check the vault's URL and the secret's name in the profile.",
            {}};
  }

  static Result<StoredSecret> bundle(const Response& response) {
    json::value parsed;
    boost::system::error_code problem;
    response.body.reveal([&](std::string_view body) { parsed = parse_secret_json(body, problem); });
    if (problem || !parsed.is_object()) return fail(Errc::unavailable, "Key Vault's answer is not JSON", "Try again.");
    const auto& object = parsed.get_object();
    const auto* value = object.if_contains("value");
    if (value == nullptr || !value->is_string())
      return fail(Errc::unavailable, "Key Vault's answer has no value", "Try again.");
    StoredSecret out;
    out.value = Secret(value->get_string());
    // https://{vault}/secrets/{name}/{version}
    const std::string id = text(object, "id");
    const auto secrets = id.find("/secrets/");
    const auto slash = secrets == std::string::npos ? secrets : id.find('/', secrets + 9);
    if (slash != std::string::npos) out.version.id = id.substr(slash + 1);
    if (const auto* attributes = object.if_contains("attributes"); attributes != nullptr && attributes->is_object()) {
      const auto& a = attributes->get_object();
      if (const auto* created = a.if_contains("created"); created != nullptr && created->is_int64()) {
        out.version.created = from_unix_seconds(created->get_int64());
      }
      if (const auto* expires = a.if_contains("exp"); expires != nullptr && expires->is_int64()) {
        out.version.expires = from_unix_seconds(expires->get_int64());
      }
    }
    if (const auto* tags = object.if_contains("tags"); tags != nullptr && tags->is_object()) {
      for (const auto& tag : tags->get_object()) {
        if (tag.value().is_string()) out.version.tags[tag.key()] = std::string(tag.value().get_string());
      }
    }
    return out;
  }

  KeyVaultOptions options_;
  Http& http_;
  VaultToken token_;
};

}  // namespace

std::unique_ptr<SecretStore> make_key_vault(KeyVaultOptions options, Http& http, VaultToken token) {
  return std::make_unique<KeyVault>(std::move(options), http, std::move(token));
}

}  // namespace portalkey
