// /directory/authenticationMethodDevices/hardwareOathDevices: the tenant's inventory. Tokens that came by CSV are not in it,
// but can be deleted here by their id.

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/base64.h"
#include "otp/base32.h"
#include "sandbox/graph/oath.h"
#include "sandbox/graph/odata.h"

namespace portalkey::sandbox {
namespace {

constexpr std::size_t kPage = 100;
constexpr std::string_view kFilterable[] = {"assignedTo",   "hashFunction", "manufacturer",         "model",
                                            "serialNumber", "status",       "timeIntervalInSeconds"};

std::string invalid(std::string_view name, std::string_view what) {
  return "Invalid value for property '" + std::string(name) + "': " + std::string(what);
}

/// Sets one property as a body gives it. The message of a 400, or empty; it never holds the value.
std::string take_property(OathToken& token, std::string_view name, const json::value& value) {
  const auto is = [&](std::string_view wanted) { return same_ignoring_case(name, wanted); };
  const auto text = value.is_string() ? view(value.get_string()) : std::string_view();
  if (is("displayName")) {
    if (!value.is_string() && !value.is_null()) return invalid(name, "a text is expected.");
    token.display_name = text;
    return {};
  }
  if (is("serialNumber") || is("manufacturer") || is("model")) {
    if (trimmed(text).empty()) return invalid(name, "a text that is not empty is expected.");
    (is("serialNumber") ? token.serial : is("model") ? token.model : token.manufacturer) = text;
    return {};
  }
  if (is("secretKey")) {
    const auto key = decode_base32(text);
    if (!key || key->size() == 0) return invalid(name, "base32 is expected.");
    token.base32 = text;
    return {};
  }
  if (is("timeIntervalInSeconds")) {
    if (value == 30 || text == "30") {
      token.interval = 30;
    } else if (value == 60 || text == "60") {
      token.interval = 60;
    } else {
      return invalid(name, "30 or 60 is expected.");
    }
    return {};
  }
  if (is("hashFunction")) {
    if (!value.is_null() && text != "hmacsha1" && text != "hmacsha256") {
      return invalid(name, "hmacsha1 or hmacsha256 is expected.");
    }
    token.sha256 = text == "hmacsha256";
    return {};
  }
  if (is("id") || is("status") || is("assignedTo") || is("lastUsedDateTime")) {
    return "Property '" + std::string(name) + "' is read-only and cannot be set.";
  }
  return "Invalid property '" + std::string(name) + "'.";
}

HttpResponse same_serial(const GraphCall& call) {
  constexpr std::string_view kWhat = "A hardware OATH device with the same serial number already exists.";
  return call.world.state.policy.graph_duplicate_serial == 409 ? graph_conflict(call, kWhat) : oath_bad_request(call, kWhat);
}

/// The user that `assignTo` names, or the answer that refuses the request.
std::expected<SandboxUser*, HttpResponse> user_to_assign(GraphCall& call, const json::value& named) {
  const auto id = named.is_object() ? string_member(named.get_object(), "id") : std::nullopt;
  if (!id) return std::unexpected(oath_bad_request(call, invalid("assignTo", "an object with the user's id is expected.")));
  SandboxUser* user = is_guid(*id) ? graph_user(call, *id) : nullptr;
  if (auto refused = oath_refuses(call, OathRight::write_methods, user)) return std::unexpected(std::move(*refused));
  if (user == nullptr) return std::unexpected(graph_not_found(call, *id));
  return user;
}

/// The id of the new device.
std::expected<std::string, HttpResponse> create(GraphCall& call, const json::object& body) {
  OathToken token;
  token.origin = OathOrigin::graph;
  SandboxUser* user = nullptr;
  for (const auto& item : body) {
    const std::string_view name(item.key().data(), item.key().size());
    if (name.starts_with('@')) continue;
    if (same_ignoring_case(name, "assignTo")) {
      if (item.value().is_null()) continue;
      auto found = user_to_assign(call, item.value());
      if (!found) return std::unexpected(std::move(found.error()));
      user = *found;
    } else if (auto problem = take_property(token, name, item.value()); !problem.empty()) {
      return std::unexpected(oath_bad_request(call, problem));
    }
  }
  for (const std::string_view name : {"serialNumber", "manufacturer", "model", "secretKey", "timeIntervalInSeconds"}) {
    if (member(body, name) == nullptr) {
      return std::unexpected(oath_bad_request(call, "Property '" + std::string(name) + "' is required."));
    }
  }
  World& world = call.world;
  if (world.state.tokens.find_serial(token.serial, OathOrigin::graph) != nullptr) return std::unexpected(same_serial(call));
  if (user != nullptr) {
    if (const auto objection = oath_objection(call, *user); !objection.empty()) {
      return std::unexpected(oath_bad_request(call, objection));
    }
    token.user = lower(user->upn);
    token.assigned = world.clock.seconds();
  }
  token.id = world.random.guid();
  std::string id = token.id;
  world.state.tokens.add(std::move(token));
  world.touch();
  return id;
}

json::object wrapped(json::object device) {
  return {{"@odata.type", "#microsoft.graph.hardwareOathAuthenticationMethod"},
          {"id", device["id"]},
          {"device", std::move(device)}};
}

/// A delta of new devices. Each is created or not by itself; 207 if one was not.
HttpResponse create_many(GraphCall& call, const json::object& body) {
  const auto* list = member(body, "value");
  const auto context = string_member(body, "@context");
  if ((context != "#$delta" && string_member(body, "@odata.context") != "#$delta") || list == nullptr || !list->is_array() ||
      list->get_array().empty()) {
    return oath_bad_request(call, "A delta is expected: '@context' is '#$delta', and 'value' an array of devices.");
  }
  json::array out;
  bool failed = false;
  for (const auto& item : list->get_array()) {
    const json::object one = item.is_object() ? item.get_object() : json::object();
    const auto id = create(call, one);
    json::object result;
    if (id) {
      result = oath_device(call, *call.world.state.tokens.find(*id));
      if (call.world.state.policy.graph_wrapped_devices) result = wrapped(std::move(result));
    } else {
      failed = true;
      const auto refusal = parse_json_object(id.error().body).value_or(json::object());
      const auto* error = member(refusal, "error");
      result["@Core.DataModificationException"] = {{"failedOperation", "insert"},
                                                   {"responseCode", id.error().status},
                                                   {"info", error == nullptr ? json::value(nullptr) : *error}};
      if (const auto serial = string_member(one, "serialNumber")) result["serialNumber"] = *serial;
    }
    if (const auto content = string_member(one, "@contentId")) result["@contentId"] = *content;
    out.push_back(std::move(result));
  }
  return json_answer(failed ? 207 : 201,
                     {{"@odata.context", call.base() + "/$metadata#" + std::string(kOathDeviceShape.context) + "/$delta"},
                      {"value", std::move(out)}});
}

/// The serial number, if the whole filter is `serialNumber eq '…'`.
std::optional<std::string> serial_wanted(std::string_view filter) {
  constexpr std::string_view kBegin = "serialNumber eq '";
  if (filter.size() <= kBegin.size() || !same_ignoring_case(filter.substr(0, kBegin.size()), kBegin) ||
      !filter.ends_with('\'')) {
    return std::nullopt;
  }
  filter = filter.substr(kBegin.size(), filter.size() - kBegin.size() - 1);
  std::string out;
  for (std::size_t i = 0; i < filter.size(); ++i) {
    if (filter[i] == '\'' && (++i == filter.size() || filter[i] != '\'')) return std::nullopt;
    out += filter[i];
  }
  return out;
}

/// The devices that the page is chosen from: all, unless it is plain that few suffice, for an inventory may be large.
std::vector<json::object> candidates(const GraphCall& call) {
  const auto parameter = [&](std::string_view name) { return call.request.parameter(name).value_or(""); };
  const auto& tokens = call.world.state.tokens;
  std::vector<json::object> out;
  if (const auto serial = serial_wanted(parameter("$filter"))) {
    if (const auto* token = tokens.find_serial(*serial, OathOrigin::graph)) out.push_back(oath_device(call, *token));
    return out;
  }
  auto next = tokens.by_id().begin();
  std::size_t most = tokens.by_id().size();
  if (parameter("$filter").empty() && parameter("$search").empty() && parameter("$count").empty()) {
    std::size_t size = kPage;
    const auto top = parameter("$top");
    std::from_chars(top.data(), top.data() + top.size(), size);
    most = std::min<std::size_t>(size, most) + 1;  // one more shows that there is a next page
    if (const auto last = decode_base64url(parameter("$skiptoken"))) next = tokens.by_id().upper_bound(*last);
  }
  for (; next != tokens.by_id().end() && out.size() < most; ++next) {
    const auto& token = tokens.all().at(next->second);
    if (token.origin == OathOrigin::graph) out.push_back(oath_device(call, token));
  }
  return out;
}

HttpResponse list(const GraphCall& call) {
  if (const auto text = call.request.parameter("$filter"); text && !text->empty()) {
    const auto filter = ODataFilter::parse(*text);
    for (const auto& name : filter ? filter->properties() : std::vector<std::string>()) {
      if (std::ranges::none_of(kFilterable, [&](auto known) { return same_ignoring_case(known, name); })) {
        return oath_bad_request(call, "Invalid filter clause: the property '" + name + "' cannot be filtered by.");
      }
    }
  }
  auto answer = graph_list(call, kOathDeviceShape, candidates(call));
  if (answer.status != 200 || !call.world.state.policy.graph_wrapped_devices) return answer;
  auto body = *parse_json_object(answer.body);
  for (auto& device : body["value"].as_array()) device = wrapped(std::move(device.as_object()));
  return json_answer(200, body);
}

HttpResponse update(GraphCall& call, OathToken& token) {
  auto body = graph_body(call);
  if (!body) return body.error();
  if (!token.user.empty()) return oath_bad_request(call, "A device that is assigned to a user cannot be changed.");
  OathToken changed = token;
  for (const auto& item : *body) {
    const std::string_view name(item.key().data(), item.key().size());
    if (name.starts_with('@')) continue;
    if (same_ignoring_case(name, "serialNumber") || same_ignoring_case(name, "secretKey")) {
      return oath_bad_request(call, "Property '" + std::string(name) + "' cannot be changed.");
    }
    if (auto problem = take_property(changed, name, item.value()); !problem.empty()) return oath_bad_request(call, problem);
  }
  // Steps of another length are numbered otherwise: what was used of the old ones says nothing about the new.
  if (changed.interval != token.interval || changed.sha256 != token.sha256) changed.last_step = changed.drift_steps = 0;
  token = std::move(changed);
  call.world.touch();
  return graph_entity(call, kOathDeviceShape, oath_device(call, token));
}

HttpResponse remove(GraphCall& call, const OathToken& token) {
  if (!token.user.empty())
    return oath_bad_request(call, "A device that is assigned to a user cannot be deleted. Unassign it first.");
  call.world.state.tokens.remove(std::string(token.id));
  call.world.touch();
  return graph_no_content();
}

/// `PUT …/{id}/assignTo/$ref`
HttpResponse link(GraphCall& call, const OathToken& token) {
  auto body = graph_body(call);
  if (!body) return body.error();
  std::string to = string_member(*body, "@odata.id").value_or("");
  while (to.ends_with('/')) to.pop_back();
  const auto slash = to.rfind("/users/");
  SandboxUser* user = slash == std::string::npos ? nullptr : graph_user(call, to.substr(slash + 7));
  if (auto refused = oath_refuses(call, OathRight::write_methods, user)) return *refused;
  if (slash == std::string::npos) return oath_bad_request(call, "'@odata.id' must be the address of a user.");
  if (user == nullptr) return graph_not_found(call, to.substr(slash + 7));
  if (auto refused = oath_assign(call, token, *user)) return *refused;
  return graph_no_content();
}

HttpResponse collection(GraphCall& call) {
  if (call.is("GET")) {
    if (auto refused = oath_refuses(call, OathRight::read_devices)) return *refused;
    return list(call);
  }
  if (!call.is("POST") && !call.is("PATCH")) return graph_not_allowed(call);
  if (auto refused = oath_refuses(call, OathRight::write_devices)) return *refused;
  auto body = graph_body(call);
  if (!body) return body.error();
  // Microsoft's page says PATCH and shows POST: both do.
  if (call.is("PATCH") || member(*body, "value") != nullptr) return create_many(call, *body);
  const auto id = create(call, *body);
  if (!id) return id.error();
  return graph_entity(call, kOathDeviceShape, oath_device(call, *call.world.state.tokens.find(*id)), 201);
}

}  // namespace

HttpResponse graph_directory(GraphCall& call) {
  if (!call.at(1, "authenticationMethodDevices"))
    return graph_no_segment(call, call.path.size() > 1 ? call.path[1] : "directory");
  if (auto absent = oath_absent(call, "authenticationMethodDevices")) return *absent;
  if (!call.at(2, "hardwareOathDevices")) return graph_no_segment(call, call.path.size() > 2 ? call.path[2] : call.path[1]);
  if (call.path.size() == 3) return collection(call);
  if (auto refused = oath_refuses(call, call.is("GET") ? OathRight::read_devices : OathRight::write_devices)) return *refused;
  OathToken* token = call.world.state.tokens.find(call.path[3]);
  const bool legacy = token != nullptr && token->origin == OathOrigin::portal;
  if (token == nullptr || (legacy && !call.is("DELETE"))) return graph_not_found(call, call.path[3]);
  if (call.path.size() == 6 && call.at(4, "assignTo") && call.at(5, "$ref")) {
    return call.is("PUT") ? link(call, *token) : graph_not_allowed(call);
  }
  if (call.path.size() > 4) return graph_no_segment(call, call.path[4]);
  if (call.is("GET")) return graph_entity(call, kOathDeviceShape, oath_device(call, *token));
  if (call.is("PATCH")) return update(call, *token);
  if (call.is("DELETE")) return remove(call, *token);
  return graph_not_allowed(call);
}

}  // namespace portalkey::sandbox
