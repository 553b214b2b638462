#include "directory/graph/graph_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "azure/directory_users.h"
#include "base/ascii.h"
#include "base/foreign_text.h"
#include "base/remedy.h"
#include "base/secret_json.h"
#include "base/time_text.h"
#include "base/visible_text.h"
#include "directory/graph/graph_batch.h"
#include "entra/credentials/authorized.h"
#include "http/another_answer.h"
#include "http/pages.h"

namespace portalkey {
namespace {

namespace json = boost::json;

/// Codes of a 403 that say a permission or role is missing, in lower case. Others have causes of their own: licences, policies.
constexpr std::string_view kNoPermission[] = {"accessdenied", "authorization_requestdenied", "forbidden",
                                              "insufficientprivileges", "unauthorizedaccess"};

json::value parsed(const Response& response) {
  boost::system::error_code problem;
  json::value out;
  response.body.reveal([&](std::string_view body) { out = parse_secret_json(body, problem); });
  return problem ? json::value() : out;
}

const json::value* member(const json::value& object, std::string_view name) {
  return object.is_object() ? object.get_object().if_contains(name) : nullptr;
}

std::string text(const json::value& object, std::string_view name) {
  const auto* value = member(object, name);
  return value != nullptr && value->is_string() ? visible_text(value->get_string()) : std::string();
}

/// As it came: an id or an address is judged by every byte of it, and not shown.
std::string raw_text(const json::value& object, std::string_view name) {
  const auto* value = member(object, name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// A page's example wraps devices as methods; clients in the field read flat ones.
const json::value& device_in(const json::value& item) {
  const auto* device = member(item, "device");
  return device != nullptr && device->is_object() ? *device : item;
}

TenantToken token_of(const json::value& item) {
  const json::value& device = device_in(item);
  TenantToken token;
  token.oath_id = raw_text(device, "id");
  token.serial = text(device, "serialNumber");
  token.display_name = text(device, "displayName");
  token.manufacturer = text(device, "manufacturer");
  token.model = text(device, "model");
  if (const auto* step = member(device, "timeIntervalInSeconds"); step != nullptr && step->is_int64())
    token.step = static_cast<int>(step->get_int64());
  if (const auto* user = member(device, "assignedTo"); user != nullptr && user->is_object())
    token.user_id = raw_text(*user, "id");
  token.active = same_ignoring_case(text(device, "status"), "activated");
  token.last_used = parse_iso_time(text(device, "lastUsedDateTime"));
  return token;
}

/// The token's ids lead to it in later requests.
Result<void> check_ids(const TenantToken& token) {
  if (auto fine = check_plain_id(token.oath_id, "Microsoft Graph's id of a token"); !fine) return fine;
  return token.user_id.empty() ? Result<void>() : check_plain_id(token.user_id, "Microsoft Graph's id of a token's user");
}

/// Callers read invalid_input and not_found as Graph's judgement of the request; a sign-in that fails is another matter.
Error of_the_sign_in(Error error) {
  if (error.code == Errc::invalid_input || error.code == Errc::not_found) error.code = Errc::unauthenticated;
  return error;
}

json::object device_body(const TokenSeed& seed, std::string_view user_id) {
  json::object body{{"serialNumber", seed.serial},
                    {"manufacturer", seed.manufacturer.empty() ? "unknown" : seed.manufacturer},
                    {"model", seed.model.empty() ? "unknown" : seed.model},
                    {"timeIntervalInSeconds", seed.step.value_or(30)},
                    {"hashFunction", seed.hash == Hash::sha256 ? "hmacsha256" : "hmacsha1"}};
  seed.base32.reveal([&](std::string_view key) { body["secretKey"] = key; });
  if (!user_id.empty()) body["assignTo"] = json::object{{"id", user_id}};
  return body;
}

}  // namespace

Error graph_refusal(const Response& response) {
  const json::value body = parsed(response);
  const auto* error_member = member(body, "error");
  const json::value none;
  const json::value& details = error_member == nullptr ? none : *error_member;
  const std::string message = foreign_text(text(details, "message"));
  const std::string said = message.empty() ? "" : ": " + message;
  const std::string code = foreign_code(text(details, "code"));
  if (!details.is_object() || text(details, "code").empty()) {
    auto another = another_answer("Microsoft Graph", response);
    if (const auto id = foreign_id(response.header("request-id")); !id.empty()) another.context.emplace_back("request-id", id);
    return another;
  }
  Error error;
  if (response.status == 401) {
    error = {Errc::unauthenticated,
             "Microsoft Graph does not accept the access token" + said,
             "Check the profile's tenant, cloud and credential.",
             {}};
  } else if (response.status == 403 && std::ranges::find(kNoPermission, lower(code)) == std::end(kNoPermission)) {
    error = {Errc::forbidden,
             fmt::format("Microsoft Graph refused{}", message.empty() ? "" : ", and says" + said),
             "portalkey knows no more of this code; which permissions the app has, [[examine]] shows.",
             {}};
  } else if (response.status == 403) {
    error = {Errc::forbidden,
             "the app may not do this in Microsoft Graph" + said,
             fmt::format("Give the profile's app registration the application permissions {}, with admin consent; a user's "
                         "token of Azure CLI cannot have them.",
                         kGraphTokenPermissions),
             {}};
  } else if (response.status == 404) {
    error = {Errc::not_found, "Microsoft Graph does not have it" + said, "", {}};
  } else if (response.status == 409) {
    error = {Errc::conflict, "Microsoft Graph has such a token already" + said, "", {}};
  } else if (response.status == 429) {
    error = {Errc::throttled, "Microsoft Graph asks to slow down" + said, "Wait some minutes and run the command again.", {}};
  } else if (response.status >= 500 || response.status < 400) {
    error = {Errc::unavailable, "Microsoft Graph did not answer properly" + said, "Try again in a few minutes.", {}};
  } else {
    error = {Errc::invalid_input, "Microsoft Graph refused the request" + said, "", {}};
  }
  error.context.emplace_back("status", std::to_string(response.status));
  if (!code.empty()) error.context.emplace_back("code", code);
  if (auto id = foreign_id(response.header("request-id")); !id.empty()) error.context.emplace_back("request-id", std::move(id));
  return error;
}

GraphTokens::GraphTokens(Http& http, Credential& credential, std::string host, Clock& clock, Uploaded uploaded)
    : http_(http), credential_(credential), host_(std::move(host)), uploaded_(uploaded), clock_(clock), server_clock_(clock) {}

Url GraphTokens::devices() const {
  return Url(fmt::format("https://{}/beta/directory/authenticationMethodDevices/hardwareOathDevices", host_));
}

Url GraphTokens::methods(std::string_view user_id) const {
  return Url(fmt::format("https://{}/beta", host_)).below({"users", user_id, "authentication", "hardwareOathMethods"});
}

Result<Response> GraphTokens::send(Request request, const Deadline& deadline) {
  if (!request.url.valid()) {  // not invalid_input: it is no judgement of Graph's
    Error error = request.url.refusal();
    error.code = Errc::unavailable;
    return std::unexpected(std::move(error));
  }
  if (!request.body.empty() || request.late_body) request.headers.emplace_back("Content-Type", "application/json");
  auto answer = send_authorized(http_, credential_, "https://" + host_, std::move(request), deadline);
  if (!answer) return std::unexpected(of_the_sign_in(std::move(answer).error()));
  server_clock_.observe(*answer);
  if (answer->status >= 300) return std::unexpected(graph_refusal(*answer));
  if (is_markup(*answer)) return std::unexpected(another_answer("Microsoft Graph", *answer));  // it has done nothing
  return answer;
}

Result<void> GraphTokens::probe(const Deadline& deadline) {
  Request request;
  request.url = devices().with_query("$top=1");
  auto answer = send(std::move(request), deadline);
  return answer ? Result<void>() : pass(answer);
}

const GraphTokens::User* GraphTokens::user_of(std::string_view upn) const {
  const auto id = id_by_upn_.find(account_of(upn));
  return id == id_by_upn_.end() ? nullptr : &users_.at(id->second);
}

Result<void> GraphTokens::ask_users(std::string_view property, const std::vector<std::string>& values,
                                    const Deadline& deadline) {
  const auto list = [&](const std::string& path) -> Result<json::array> {
    Request request;
    request.url = Url(fmt::format("https://{}/beta{}", host_, path));
    auto answer = send(std::move(request), deadline);
    if (!answer) return pass(answer);
    const json::value body = parsed(*answer);
    const auto* items = member(body, "value");
    if (items == nullptr || !items->is_array())
      return fail(Errc::unavailable, "Microsoft Graph's list of users has another shape than documented", "Try again.");
    return items->get_array();
  };
  return each_user(property, values, list, [&](DirectoryUser found) -> Result<void> {
    if (auto fine = check_plain_id(found.id, "Microsoft Graph's id of a user"); !fine) return fine;
    User user{found.id, held_upn(std::move(found.upn)), std::move(found.display_name), found.guest.value_or(false)};
    id_by_upn_[account_of(user.upn)] = user.id;
    users_.insert_or_assign(std::move(found.id), std::move(user));
    return {};
  });
}

Result<void> GraphTokens::learn_users(const std::vector<std::string>& upns, const Deadline& deadline) {
  std::vector<std::string> unknown;
  for (const auto& upn : upns) {
    auto name = account_of(upn);
    if (!name.empty() && !id_by_upn_.contains(name)) unknown.push_back(std::move(name));
  }
  std::ranges::sort(unknown);
  const auto [first, last] = std::ranges::unique(unknown);
  unknown.erase(first, last);
  return ask_users("userPrincipalName", unknown, deadline);
}

Result<void> GraphTokens::learn_ids(const std::vector<std::string>& ids, const Deadline& deadline) {
  std::vector<std::string> unknown;
  for (const auto& id : ids) {
    if (!id.empty() && !users_.contains(id)) unknown.push_back(id);
  }
  std::ranges::sort(unknown);
  const auto [first, last] = std::ranges::unique(unknown);
  unknown.erase(first, last);
  return ask_users("id", unknown, deadline);
}

Result<void> GraphTokens::each(const TokenFilter& filter, const Deadline& deadline,
                               const std::function<void(TenantToken)>& take) {
  Pages pages(devices(), "Microsoft Graph", kTokenPages);
  while (pages.more()) {
    Request request;
    request.url = pages.url();
    auto answer = send(std::move(request), deadline);
    if (!answer) return pass(answer);
    const json::value page = parsed(*answer);
    const auto* items = member(page, "value");
    if (items == nullptr || !items->is_array())
      return fail(Errc::unavailable, "Microsoft Graph's list of devices has another shape than documented", "Try again.");
    std::vector<TenantToken> tokens;
    std::vector<std::string> ids;
    for (const auto& item : items->get_array()) {
      ids.push_back(tokens.emplace_back(token_of(item)).user_id);
      if (auto fine = check_ids(tokens.back()); !fine) return fine;
    }
    if (auto known = learn_ids(ids, deadline); !known) return known;
    for (auto& token : tokens) {
      if (const auto user = users_.find(token.user_id); user != users_.end()) token.upn = user->second.upn;
      const bool wanted = (filter.upn.empty() || account_of(token.upn) == account_of(filter.upn)) &&
                          (!filter.active || token.active == *filter.active);
      if (wanted) take(std::move(token));
    }
    const auto next = raw_text(page, "@odata.nextLink");
    if (auto on = pages.take(items->get_array().size(), answer->body.size(), next); !on) return on;
  }
  return {};
}

Result<std::optional<TenantToken>> GraphTokens::again(const TenantToken& token, const Deadline& deadline) {
  Request request;
  request.url = devices().below({token.oath_id});
  auto answer = send(std::move(request), deadline);
  if (!answer && answer.error().code == Errc::not_found) return std::nullopt;
  if (!answer) return pass(answer);
  auto now = token_of(parsed(*answer));
  if (auto fine = check_ids(now); !fine) return pass(fine);
  if (auto known = learn_ids({now.user_id}, deadline); !known) return pass(known);
  if (const auto user = users_.find(now.user_id); user != users_.end()) now.upn = user->second.upn;
  return now;
}

Result<void> GraphTokens::activate(const TenantToken& token, const std::function<std::string()>& code,
                                   const Deadline& deadline) {
  asks_for_a_change();
  Request request;
  request.method = "POST";
  request.url = methods(token.user_id).below({token.oath_id, "activate"});
  request.idempotency = Idempotency::no;
  request.late_body = [&code]() -> Body {
    const Secret shown(code());
    json::object body;
    shown.reveal([&](std::string_view digits) { body["verificationCode"] = digits; });
    return {serialize_secret_json(std::move(body)), secret_list(shown)};
  };
  auto answer = send(std::move(request), deadline);
  if (!answer) return pass(answer);
  return {};
}

Result<void> GraphTokens::unassign(const TenantToken& token, const Deadline& deadline) {
  asks_for_a_change();
  Request request;
  request.method = "DELETE";
  request.url = methods(token.user_id).below({token.oath_id});
  auto answer = send(std::move(request), deadline);
  if (!answer) return pass(answer);
  return {};
}

Result<void> GraphTokens::remove(const TenantToken& token, const Deadline& deadline) {
  asks_for_a_change();
  if (!token.user_id.empty()) {
    auto free = unassign(token, deadline);
    if (!free && free.error().code != Errc::not_found) return free;
  }
  Request request;
  request.method = "DELETE";
  request.url = devices().below({token.oath_id});
  auto answer = send(std::move(request), deadline);
  if (!answer) return pass(answer);
  return {};
}

Result<TenantToken> GraphTokens::assign(const TenantToken& token, const std::string& upn, const Deadline& deadline) {
  if (auto known = learn_users({upn}, deadline); !known) return pass(known);
  const User* user = user_of(upn);
  if (user == nullptr) return fail(Errc::not_found, fmt::format("the tenant has no user {}", upn), "Correct the UPN.");
  Request request;
  request.method = "POST";
  request.url = methods(user->id);
  request.idempotency = Idempotency::no;
  request.body = {serialize_secret_json(json::object{{"device", json::object{{"id", token.oath_id}}}}), {}};
  asks_for_a_change();
  auto answer = send(std::move(request), deadline);
  if (!answer && answer.error().code == Errc::unavailable) {  // it may have been done
    auto now = again(token, deadline);
    if (now && *now && (*now)->user_id == user->id) return std::move(**now);
  }
  if (!answer) return pass(answer);
  TenantToken assigned = token;
  assigned.user_id = user->id;
  assigned.upn = user->upn;
  assigned.active = false;
  return assigned;
}

std::vector<Result<TenantToken>> GraphTokens::create(std::span<const TokenSeed* const> tokens, const Deadline& deadline) {
  const Error undone{Errc::internal, "the token was not come to", "", {}};
  std::vector<Result<TenantToken>> out(tokens.size(), std::unexpected(undone));
  std::vector<std::string> upns;
  for (const auto* token : tokens) upns.push_back(token->upn);
  if (auto known = learn_users(upns, deadline); !known) {
    std::ranges::fill(out, Result<TenantToken>(std::unexpected(known.error())));
    return out;
  }
  const auto post = [&](Body body, Idempotency idempotency) {
    Request request;
    request.method = "POST";
    request.url = Url(fmt::format("https://{}/beta/$batch", host_));
    request.idempotency = idempotency;
    request.body = std::move(body);
    return send(std::move(request), deadline);
  };

  // What the users have already, CSV uploads included.
  std::vector<std::string> users;
  for (const auto* token : tokens) {
    const User* user = user_of(token->upn);
    if (user != nullptr && std::ranges::find(users, user->id) == users.end()) users.push_back(user->id);
  }
  std::vector<BatchItem> looks;
  for (const auto& id : users) looks.push_back({"GET", methods(id), nullptr, {}});
  const auto looked = send_batch(looks, [&](Body body) { return post(std::move(body), Idempotency::yes); }, clock_, deadline);
  std::map<std::string, Result<std::vector<TenantToken>>> held;
  for (std::size_t i = 0; i < users.size(); ++i) {
    Result<std::vector<TenantToken>> of_user;
    if (!looked[i]) {
      of_user = std::unexpected(looked[i].error());
    } else if (looked[i]->status >= 300) {
      of_user = std::unexpected(graph_refusal(*looked[i]));
    } else {
      const json::value body = parsed(*looked[i]);
      if (const auto* items = member(body, "value"); items != nullptr && items->is_array()) {
        for (const auto& item : items->get_array()) of_user->push_back(token_of(item));
      }
    }
    held.emplace(users[i], std::move(of_user));
  }

  std::vector<BatchItem> orders;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const TokenSeed& seed = *tokens[i];
    const User* user = user_of(seed.upn);
    if (user == nullptr && !seed.upn.empty()) {
      out[i] = fail(Errc::not_found, fmt::format("the tenant has no user {}", seed.upn), "Correct the UPN in the file.");
      continue;
    }
    if (user != nullptr) {
      auto& has = held.at(user->id);
      if (user->guest) {
        out[i] = fail(Errc::invalid_input, "the user is a guest, and guests cannot have hardware OATH tokens",
                      "Give the token to an account of this tenant.");
        continue;
      }
      if (!has) {
        out[i] = std::unexpected(has.error());
        continue;
      }
      const bool uploaded = uploaded_ == Uploaded::refused &&
                            std::ranges::any_of(*has, [&](const auto& t) { return same_ignoring_case(t.serial, seed.serial); });
      if (uploaded) {
        out[i] = fail(
            Errc::conflict,
            "the user has a token with this serial number from a CSV upload, which Microsoft Graph does not manage",
            fmt::format(
                "Keep it there ([[setting|backend|portal]]), or remove it and run the same command with [[setting|again]]: "
                "[[remove-through|{}|portal]]",
                as_parameter(seed.serial)));
        continue;
      }
      if (has->size() >= kTokensPerUser) {
        out[i] = fail(Errc::conflict, fmt::format("{} has {} hardware tokens, the most Entra allows", seed.upn, has->size()),
                      "Remove a token the user no longer has, then run the same command again.");
        continue;
      }
      has->emplace_back();
      has->back().serial = seed.serial;
    }
    orders.push_back({"POST", devices(), device_body(seed, user == nullptr ? "" : user->id), secret_list(seed.base32)});
    places.push_back(i);
  }
  if (!orders.empty()) asks_for_a_change();
  const auto created = send_batch(orders, [&](Body body) { return post(std::move(body), Idempotency::no); }, clock_, deadline);
  for (std::size_t k = 0; k < places.size(); ++k) {
    auto& place = out[places[k]];
    if (!created[k]) {
      place = std::unexpected(created[k].error());
    } else if (created[k]->status >= 300) {
      place = std::unexpected(graph_refusal(*created[k]));
    } else {
      auto token = token_of(parsed(*created[k]));
      if (auto fine = check_ids(token); !fine) {
        place = std::unexpected(std::move(fine).error());
        continue;
      }
      // Documentation's answers differ in what they say of the user; what was asked for is known.
      if (const User* user = user_of(tokens[places[k]]->upn)) {
        token.user_id = user->id;
        token.upn = user->upn;
      }
      place = std::move(token);
    }
  }
  return out;
}

}  // namespace portalkey
