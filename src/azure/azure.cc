#include "azure/azure.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/ascii.h"
#include "base/foreign_text.h"
#include "base/key_like.h"
#include "base/secret_json.h"
#include "base/visible_text.h"
#include "entra/credentials/authorized.h"
#include "http/another_answer.h"
#include "http/pages.h"

namespace portalkey {
namespace {

struct Meaning {
  std::string_view code;
  Errc errc;
  std::string_view what;  ///< empty: the service's own words
  std::string_view remedy;
};

// Source: learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors,
// /azure/role-based-access-control/troubleshooting, /graph/errors.
constexpr Meaning kMeanings[] = {
    {"AuthorizationFailed", Errc::forbidden, "",
     "Sign in as somebody with Owner on the subscription or resource group, or with Contributor and Role Based Access Control "
     "Administrator. A role granted a moment ago needs a new sign-in."},
    {"LinkedAuthorizationFailed", Errc::forbidden, "", "The account also needs rights on the resource named in the message."},
    {"Authorization_RequestDenied", Errc::forbidden, "the account may not do this in the directory",
     "Sign in as an Application Administrator or Cloud Application Administrator, or let users register applications."},
    {"InvalidAuthenticationToken", Errc::unauthenticated, "", "Sign in again, and check that cloud and tenant are right."},
    {"ExpiredAuthenticationToken", Errc::unauthenticated, "", "Sign in again."},
    {"InvalidAuthenticationTokenTenant", Errc::unauthenticated, "the subscription belongs to another tenant",
     "Set [[setting|tenant]] to the subscription's tenant."},
    {"SubscriptionNotFound", Errc::not_found, "", "Check [[setting|subscription]], and that the account has a role in it."},
    {"MissingSubscriptionRegistration", Errc::conflict, "", "Run [[apply-set-up]] again; it registers the provider."},
    {"RequestDisallowedByPolicy", Errc::forbidden, "",
     "A policy of the organisation refuses it: choose what it allows (often location or tags), or ask for an exemption."},
    {"LocationNotAvailableForResourceType", Errc::invalid_input, "", "Choose another [[setting|location]]."},
    {"InvalidResourceGroupLocation", Errc::conflict, "the resource group exists in another location",
     "Leave [[setting|location]] out, or choose another [[setting|resource-group]]."},
    {"ResourceGroupBeingDeleted", Errc::conflict, "the resource group is being deleted",
     "Wait until it is gone and run the command again."},
    {"VaultAlreadyExists", Errc::conflict, "the vault's name is in use, somewhere in the world",
     "Choose another name with [[setting|vault]], or leave it out."},
    {"ScopeLocked", Errc::conflict, "", "A lock forbids it: remove the lock, or leave this resource."},
    {"TooManyRequests", Errc::throttled, "", "Run the command again later."},
};

std::string service_of(std::string_view host) {
  if (host.find("graph") != std::string_view::npos) return "Microsoft Graph";
  return "Azure Resource Manager";
}

}  // namespace

const boost::json::value* find_at(const boost::json::value& json, std::initializer_list<std::string_view> path) {
  const auto* at = &json;
  for (const auto name : path) {
    const auto* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains(name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string text_at(const boost::json::value& json, std::initializer_list<std::string_view> path) {
  const auto* found = find_at(json, path);
  return found != nullptr && found->is_string() ? visible_text(found->get_string()) : std::string();
}

std::string raw_text_at(const boost::json::value& json, std::initializer_list<std::string_view> path) {
  const auto* found = find_at(json, path);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::string Reply::header(std::string_view name) const {
  const auto found = headers.find(std::string(name));
  return found == headers.end() ? std::string() : found->second;
}

std::string Reply::error_code() const { return foreign_code(text_at(json, {"error", "code"})); }
std::string Reply::error_message() const { return foreign_text(text_at(json, {"error", "message"})); }

Result<Reply> call(const Azure& azure, const std::string& resource, std::string_view method, const Url& url,
                   const std::optional<boost::json::value>& body) {
  Request request;
  request.method = method;
  request.url = url;
  request.idempotency = method == "POST" ? Idempotency::no : Idempotency::yes;
  request.headers.emplace_back("accept", "application/json");
  if (body) {
    request.headers.emplace_back("content-type", "application/json");
    request.body = {serialize_secret_json(*body), {}};  // names and public keys; what is secret comes back, and is not sent
  }
  auto response = send_authorized(azure.http, azure.admin, resource, std::move(request), azure.deadline);
  const std::string host(url.host());
  if (!response) return std::unexpected(std::move(response).error().with("host", host));
  Reply reply;
  reply.status = response->status;
  boost::system::error_code problem;
  response->body.reveal([&](std::string_view text) {
    if (!text.empty()) reply.json = parse_secret_json(text, problem);
  });
  reply.service = service_of(host);
  if (problem && reply.ok()) return std::unexpected(another_answer(reply.service, *response).with("host", host));
  if (!reply.ok() && reply.error_code().empty() && reply.error_message().empty()) reply.came = what_came(*response);
  reply.headers = std::move(response->headers);
  reply.bytes = response->body.size();
  return reply;
}

Result<boost::json::array> list_all(const Azure& azure, const std::string& resource, const Url& first,
                                    std::string_view next_link, std::string_view doing) {
  boost::json::array items;
  Pages pages(first, service_of(first.host()), kSetupPages);
  while (pages.more()) {
    auto reply = call(azure, resource, "GET", pages.url());
    if (!reply) return pass(reply);
    if (!reply->ok()) return std::unexpected(explain(*reply, doing));
    const auto* values = find_at(reply->json, {"value"});
    if (values == nullptr || !values->is_array()) {
      return fail(Errc::unavailable, fmt::format("cannot {}: the answer holds no list", doing), "Run the command again.");
    }
    for (const auto& value : values->get_array()) items.push_back(value);
    if (auto on = pages.take(values->get_array().size(), reply->bytes, raw_text_at(reply->json, {next_link})); !on)
      return pass(on);
  }
  return items;
}

Error explain(const Reply& reply, std::string_view doing) {
  const std::string code = reply.error_code();
  const std::string message = reply.error_message();
  if (!reply.came.empty()) {
    Error error = another_answer(reply.service, reply.status, reply.came);
    error.what = fmt::format("cannot {}: {}", doing, error.what);
    return error;
  }
  Error error;
  const auto known = std::ranges::find(kMeanings, std::string_view(code), &Meaning::code);
  if (known != std::end(kMeanings)) {
    error.code = known->errc;
    error.what = fmt::format("cannot {}: {}", doing, known->what.empty() ? std::string_view(message) : known->what);
    error.remedy = known->remedy;
  } else {
    error.code = reply.status == 401   ? Errc::unauthenticated
                 : reply.status == 403 ? Errc::forbidden
                 : reply.status == 404 ? Errc::not_found
                 : reply.status == 409 ? Errc::conflict
                 : reply.status == 429 ? Errc::throttled
                 : reply.status >= 500 ? Errc::unavailable
                                       : Errc::invalid_input;
    error.what =
        fmt::format("cannot {}: {}", doing, message.empty() ? fmt::format("the service answered {}", reply.status) : message);
    error.remedy = reply.status >= 500 || reply.status == 429 ? "Run the command again; it goes on where it stopped."
                                                              : "portalkey knows no more of this code. Once what the message "
                                                                "says is mended, run the same command again; it goes on "
                                                                "where it stopped.";
  }
  error.context.emplace_back("status", std::to_string(reply.status));
  if (!code.empty()) error.context.emplace_back("code", code);
  for (const char* name : {"x-ms-correlation-request-id", "request-id"}) {
    if (const auto id = foreign_id(reply.header(name)); !id.empty()) {
      error.context.emplace_back("request id", id);
      break;
    }
  }
  return error;
}

std::string grant_command(std::string_view principal, std::string_view role, std::string_view scope) {
  // Ids and names came back from services, and somebody will paste this.
  const auto argument = [](std::string_view text, std::string_view otherwise) {
    const bool harmless =
        !text.empty() && text.size() <= kForeignText && !looks_like_key(text) && std::ranges::all_of(text, [](char c) {
          return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || std::string_view("-_./:@").contains(c);
        });
    return harmless ? text : otherwise;
  };
  return fmt::format("az role assignment create --assignee {} --role \"{}\" --scope {}", argument(principal, "PRINCIPAL"), role,
                     argument(scope, "SCOPE"));
}

}  // namespace portalkey
