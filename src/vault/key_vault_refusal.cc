#include "vault/key_vault_refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>

#include "base/ascii.h"
#include "base/first_sentence.h"
#include "base/foreign_text.h"
#include "base/key_like.h"
#include "base/secret_json.h"
#include "http/another_answer.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr const char* kOfficer = "Key Vault Secrets Officer";

struct Answer {
  int status = 0;
  bool from_the_vault = false;  ///< has its shape; otherwise nothing in it counts
  std::string code, inner, message;
};

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
    if (auto deeper = foreign_code(text(*at, "code")); !deeper.empty()) code = deeper;
  }
  return code;
}

Answer parse(const Response& response) {
  Answer answer;
  answer.status = response.status;
  json::value parsed;
  boost::system::error_code problem;
  response.body.reveal([&](std::string_view body) { parsed = parse_secret_json(body, problem); });
  if (problem || !parsed.is_object()) return answer;
  if (const auto* error = parsed.get_object().if_contains("error"); error != nullptr && error->is_object()) {
    answer.code = foreign_code(text(error->get_object(), "code"));
    answer.inner = inner_code(error->get_object());
    answer.message = text(error->get_object(), "message");
    answer.from_the_vault = !text(error->get_object(), "code").empty() || !answer.message.empty();
  }
  return answer;
}

/// What follows `label` in the message, up to the end of the line or one of `ends`. Empty if it holds anything that does not
/// belong into a command line a person will paste.
std::string part(std::string_view message, std::string_view label, std::string_view ends = "\r\n") {
  const auto found = message.find(label);
  if (found == std::string_view::npos) return {};
  message.remove_prefix(found + label.size());
  message = trimmed(message.substr(0, message.find_first_of(ends)));
  const bool harmless = std::ranges::all_of(message, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("-_./:@() ").find(static_cast<char>(c)) != std::string_view::npos;
  });
  return harmless && message.size() <= kForeignText && !looks_like_key(message) ? std::string(message) : std::string();
}

std::string vault_name(const VaultPlace& place) {
  const auto host = place.url.host();
  return std::string(host.substr(0, host.find('.')));
}

/// `getSecret` for `Microsoft.KeyVault/vaults/secrets/getSecret/action`, in words.
std::string_view deed(std::string_view action) {
  static constexpr std::pair<std::string_view, std::string_view> kDeeds[] = {{"getsecret", "read the secret"},
                                                                             {"setsecret", "write the secret"},
                                                                             {"readmetadata", "list the secret's versions"},
                                                                             {"update", "change the secret's attributes"},
                                                                             {"recover", "recover the deleted secret"},
                                                                             {"delete", "delete the secret"}};
  const std::string name = lower(action);
  for (const auto& [word, words] : kDeeds) {
    if (name.find(std::string("/secrets/") + std::string(word)) != std::string::npos) return words;
  }
  return "do this";
}

Error forbidden_by_rbac(const Answer& answer) {
  const std::string app = part(answer.message, "appid=", ";\r\n"), oid = part(answer.message, "oid=", ";\r\n");
  const std::string scope = part(answer.message, "Resource: '", "'\r\n");
  std::string what =
      fmt::format("the identity that opens the vault{} may not {}", app.empty() ? "" : fmt::format(" (app {})", app),
                  deed(part(answer.message, "Action: '", "'\r\n")));
  const std::string& assignee = oid.empty() ? app : oid;
  if (assignee.empty() || scope.empty()) {
    return {Errc::forbidden,
            std::move(what),
            fmt::format("Give it the role \"{}\" on the vault or on the secret (a new assignment can take some minutes).",
                        kOfficer),
            {}};
  }
  return {
      Errc::forbidden,
      std::move(what),
      fmt::format("az role assignment create --role \"{}\" --assignee {} --scope \"{}\"   (takes effect within ten minutes)",
                  kOfficer, assignee, scope),
      {}};
}

Error forbidden_by_policy(const Answer& answer, const VaultPlace& place) {
  const std::string oid = part(answer.message, "oid=", ";'\r\n");
  return {Errc::forbidden,
          "the vault's access policies do not let the identity that opens it do this",
          oid.empty() ? "Give it the secret permissions get, list and set in the vault's access policies."
                      : fmt::format("az keyvault set-policy --name {} --object-id {} --secret-permissions get list set recover",
                                    vault_name(place), oid),
          {}};
}

Error forbidden_by_network(const Answer& answer, const VaultPlace& place) {
  if (answer.inner == "ForbiddenByConnection") {
    return {
        Errc::forbidden,
        "the vault's network rules let nobody in from public networks",
        fmt::format(
            "Run where the vault's private endpoint can be reached, or: az keyvault update --name {} --public-network-access "
            "Enabled",
            vault_name(place)),
        {}};
  }
  const std::string address = part(answer.message, "Client address:");
  return {Errc::forbidden,
          address.empty() ? "the vault's network rules do not let this machine in"
                          : fmt::format("the vault's network rules do not let this machine in, which it sees as {}", address),
          address.empty() ? "Add this machine's public address to the vault's firewall, or run where the vault can be reached."
                          : fmt::format("az keyvault network-rule add --name {} --ip-address {}", vault_name(place), address),
          {}};
}

Error unauthorized(const Answer& answer) {
  if (answer.message.find("AKV10032") != std::string::npos) {
    const std::string wanted = part(answer.message, "Expected one of https://sts.windows.net/", "/,\r\n");
    const std::string found = part(answer.message, "found https://sts.windows.net/", "/,\r\n");
    return {
        Errc::unauthenticated,
        wanted.empty() || found.empty()
            ? "the vault belongs to another tenant than the sign-in"
            : fmt::format("the vault belongs to another tenant ({}) than the sign-in ({})", wanted, found),
        "Set the vault's tenant in the profile, or the right vault. A vault that was moved with its subscription keeps the old "
        "tenant until it is changed (az keyvault update --set properties.tenantId=...).",
        {}};
  }
  if (answer.message.find("AKV10022") != std::string::npos) {
    const std::string found = part(answer.message, "found: ", " \r\n");
    return {
        Errc::unauthenticated,
        fmt::format("the access token is for something else than this vault{}",
                    found.empty() ? "" : fmt::format(": {}", found.ends_with('.') ? found.substr(0, found.size() - 1) : found)),
        "Check the profile's cloud: the vault's URL must belong to it.",
        {}};
  }
  return {Errc::unauthenticated,
          "Key Vault does not accept the access token",
          "Check the profile's tenant, cloud and vault URL, and this machine's clock.",
          {}};
}

/// Nothing is known of it but what the vault says.
Error unknown(Errc code, const Answer& answer) {
  const std::string& named = answer.inner.empty() ? answer.code : answer.inner;
  const auto sentence = foreign_text(first_sentence(answer.message));
  return {
      code,
      fmt::format("Key Vault refused{}{} (status {}{})", sentence.empty() ? "" : ", and says: ", sentence, answer.status,
                  named.empty() ? "" : ", " + named),
      "portalkey knows no more of this code: look for it in Key Vault's documentation, and for the request id in the vault's "
      "diagnostic log.",
      {}};
}

Error secret_expired(const VaultPlace& place) {
  return {Errc::forbidden,
          fmt::format("the latest version of the secret {} is past its expiry time, and the vault does not give it out",
                      place.secret),
          "A new sign-in stores a new version: [[sign-in]]",
          {}};
}

/// What Azure Policy or a vault's owner forbids is not told by the code.
bool speaks_of_access_policy(const Answer& answer) {
  const std::string said = lower(answer.message);
  return said.contains("does not have secrets") || said.contains("access policy") || said.contains("access policies");
}

Error conflict(const Answer& answer, const VaultPlace& place) {
  if (answer.inner == "ObjectIsBeingDeleted" || answer.inner == "ObjectIsBeingRecovered") {
    return {Errc::conflict,
            fmt::format("the secret {} is just being {}", place.secret,
                        answer.inner == "ObjectIsBeingDeleted" ? "deleted" : "recovered"),
            "Run the command again in a minute.",
            {}};
  }
  if (answer.inner != "ObjectIsDeletedButRecoverable") return unknown(Errc::conflict, answer);
  return {Errc::conflict,
          fmt::format("the secret {} is deleted but can be recovered; its name is taken until then", place.secret),
          fmt::format("az keyvault secret recover --vault-name {} --name {}", vault_name(place), place.secret),
          {}};
}

Error explain(const Answer& answer, const VaultPlace& place) {
  switch (answer.status) {
    case 401: return unauthorized(answer);
    case 403:
      if (answer.inner == "ForbiddenByFirewall" || answer.inner == "ForbiddenByConnection")
        return forbidden_by_network(answer, place);
      if (answer.inner == "SecretDisabled") {
        return {Errc::forbidden,
                fmt::format("the latest version of the secret {} is disabled", place.secret),
                fmt::format("Enable it (az keyvault secret set-attributes --enabled true --vault-name {} --name {}), or run "
                            "[[sign-in]].",
                            vault_name(place), place.secret),
                {}};
      }
      if (answer.inner == "SecretExpired") return secret_expired(place);
      if ((answer.inner == "AccessDenied" || answer.inner == "ForbiddenByPolicy") && speaks_of_access_policy(answer))
        return forbidden_by_policy(answer, place);
      return answer.inner == "ForbiddenByRbac" ? forbidden_by_rbac(answer) : unknown(Errc::forbidden, answer);
    case 404:
      if (answer.code == "SecretNotFound") {
        return {Errc::not_found,
                fmt::format("the vault holds no secret named {}", place.secret),
                "Sign the service account in: [[sign-in]]",
                {}};
      }
      if (answer.code == "VaultNotFound")
        return {Errc::invalid_input, "there is no such vault", "Check the vault's URL in the profile.", {}};
      return unknown(Errc::invalid_input, answer);
    case 409: return conflict(answer, place);
    case 429:
      return {Errc::throttled, "Key Vault throttles the vault's callers", "Wait a minute and run the command again.", {}};
    default: break;
  }
  if (answer.status >= 500) return {Errc::unavailable, "Key Vault is not available", "Try again in a few minutes.", {}};
  return unknown(Errc::invalid_input, answer);
}

}  // namespace

VaultRefusal read_refusal(const Response& response, const VaultPlace& place) {
  const Answer answer = parse(response);
  VaultRefusal refusal{answer.from_the_vault ? explain(answer, place) : another_answer("Key Vault", response),
                       answer.inner.empty() ? answer.code : answer.inner};
  auto& context = refusal.error.context;
  context.clear();
  context.emplace_back("vault", place.url.origin());
  if (!place.secret.empty()) context.emplace_back("secret", place.secret);
  context.emplace_back("status", std::to_string(answer.status));
  if (!refusal.code.empty()) context.emplace_back("code", refusal.code);
  if (auto id = foreign_id(response.header("x-ms-request-id")); !id.empty()) context.emplace_back("request id", id);
  return refusal;
}

}  // namespace portalkey
