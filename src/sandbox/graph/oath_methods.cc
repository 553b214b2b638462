// /users/{id}/authentication/hardwareOathMethods: the tokens a user has, whichever way they came. A method has the id of its
// device.

#include <algorithm>
#include <utility>

#include "sandbox/graph/oath.h"
#include "sandbox/world/oath_codes.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kNamespace = "microsoft.graph.";

struct MethodCall {
  GraphCall& call;
  SandboxUser& user;
};

/// The code in the body, or the answer that refuses it. A code is never repeated in an answer.
std::expected<std::string, HttpResponse> code_in(const GraphCall& call, const json::object& body) {
  auto code = string_member(body, "verificationCode");
  if (!code || code->size() != 6 || code->find_first_not_of("0123456789") != std::string::npos) {
    return std::unexpected(oath_bad_request(call, "'verificationCode' must be a text of six digits."));
  }
  return std::move(*code);
}

/// Judges the code, and the tenant's limit of activations, which is the portal's too. Successes count.
std::optional<HttpResponse> refuses_code(GraphCall& call, OathToken& token, std::string_view code) {
  World& world = call.world;
  const std::int64_t now = world.clock.milliseconds();
  if (const std::int64_t wait = world.activations.wait(now); wait > 0) {
    auto answer = graph_error(call, 429, "TooManyRequests", "Too many activations.");
    answer.headers.emplace_back("Retry-After", std::to_string((wait + 999) / 1000));
    return answer;
  }
  world.touch();
  if (!take_activation_code(world, token, code, ActivationWindow::wide)) {
    token.failed_activation = !token.user.empty();
    return oath_bad_request(call, "The verification code is not valid.");
  }
  world.activations.count(now);
  return std::nullopt;
}

HttpResponse activated(OathToken& token, const json::object& body) {
  token.enabled = token.activated = true;
  token.failed_activation = false;
  if (auto name = string_member(body, "displayName")) token.display_name = std::move(*name);
  return graph_no_content();
}

HttpResponse activate(MethodCall& in, OathToken& token) {
  auto body = graph_body(in.call);
  if (!body) return body.error();
  const auto code = code_in(in.call, *body);
  if (!code) return code.error();
  if (token.enabled) return graph_no_content();
  if (auto refused = refuses_code(in.call, token, *code)) return *refused;
  return activated(token, *body);
}

HttpResponse assign_and_activate(MethodCall& in, OathToken& token, const json::object& body) {
  GraphCall& call = in.call;
  const auto code = code_in(call, body);
  if (!code) return code.error();
  const bool has_it = token.user == lower(in.user.upn);
  if (has_it && token.enabled) return graph_no_content();
  if (!has_it) {
    if (!token.user.empty()) return oath_bad_request(call, "The hardware OATH device is already assigned to a user.");
    if (const auto objection = oath_objection(call, in.user); !objection.empty()) return oath_bad_request(call, objection);
  }
  if (auto refused = refuses_code(call, token, *code)) return *refused;
  if (!has_it) call.world.state.tokens.assign(token.id, lower(in.user.upn), call.world.clock.seconds());
  return activated(token, body);
}

/// The device of a body's `device.id`, or the answer that refuses it.
std::expected<OathToken*, HttpResponse> device_in(GraphCall& call, const json::object& body) {
  const auto* device = member(body, "device");
  const auto id = device != nullptr && device->is_object() ? string_member(device->get_object(), "id") : std::nullopt;
  if (!id) return std::unexpected(oath_bad_request(call, "'device' with the 'id' of a hardware OATH device is required."));
  OathToken* token = call.world.state.tokens.find(*id);
  if (token == nullptr) return std::unexpected(graph_not_found(call, *id));
  return token;
}

HttpResponse created(MethodCall& in, const GraphShape& shape, const OathToken& token) {
  auto answer = graph_entity(in.call, shape, oath_method(in.call, token));
  if (answer.status != 200) return answer;
  answer.status = 201;
  answer.headers.emplace_back("Location",
                              in.call.base() + "/users/" + in.user.oid + "/authentication/hardwareOathMethods/" + token.id);
  return answer;
}

HttpResponse on_collection(MethodCall& in, const GraphShape& shape, std::string_view action) {
  GraphCall& call = in.call;
  if (action.empty() && call.is("GET")) {
    std::vector<json::object> items;
    for (const auto sequence : call.world.state.tokens.of_user(lower(in.user.upn))) {
      items.push_back(oath_method(call, call.world.state.tokens.all().at(sequence)));
    }
    return graph_list(call, shape, std::move(items));
  }
  if (!call.is("POST")) return graph_not_allowed(call);
  auto body = graph_body(call);
  if (!body) return body.error();
  if (same_ignoring_case(action, "assignAndActivateBySerialNumber")) {
    const auto serial = string_member(*body, "serialNumber");
    if (!serial || serial->empty()) return oath_bad_request(call, "'serialNumber' is required.");
    const auto* found = call.world.state.tokens.find_serial(*serial, OathOrigin::graph);
    if (found == nullptr) return graph_not_found(call, *serial);
    return assign_and_activate(in, *call.world.state.tokens.find(found->id), *body);
  }
  auto token = device_in(call, *body);
  if (!token) return token.error();
  if (same_ignoring_case(action, "assignAndActivate")) return assign_and_activate(in, **token, *body);
  if (auto refused = oath_assign(call, **token, in.user)) return *refused;
  return created(in, shape, **token);
}

HttpResponse on_method(MethodCall& in, const GraphShape& shape, OathToken& token, std::string_view action) {
  GraphCall& call = in.call;
  if (action.empty()) {
    if (call.is("GET")) return graph_entity(call, shape, oath_method(call, token));
    if (!call.is("DELETE")) return graph_not_allowed(call);
    call.world.state.tokens.assign(token.id, {}, 0);
    call.world.touch();
    return graph_no_content();
  }
  if (same_ignoring_case(action, "device")) {
    return call.is("GET") ? graph_entity(call, kOathDeviceShape, oath_device(call, token)) : graph_not_allowed(call);
  }
  const bool off = same_ignoring_case(action, "deactivate");
  if (!off && !same_ignoring_case(action, "activate")) return graph_no_segment(call, action);
  if (!call.is("POST")) return graph_not_allowed(call);
  if (!off) return activate(in, token);
  token.enabled = token.activated = false;
  call.world.touch();
  return graph_no_content();
}

/// `microsoft.graph.activate` is `activate`.
std::string unqualified(const std::string& segment) {
  const bool qualified = lower(segment).starts_with(kNamespace);
  return qualified ? segment.substr(kNamespace.size()) : segment;
}

}  // namespace

HttpResponse graph_authentication(GraphCall& call, SandboxUser* user, std::size_t first) {
  if (call.at(first + 1, "methods")) return graph_user_methods(call, user, first);
  if (!call.at(first + 1, "hardwareOathMethods")) {
    return graph_no_segment(call, call.path.size() > first + 1 ? call.path[first + 1] : call.path[first]);
  }
  if (auto absent = oath_absent(call, "hardwareOathMethods")) return *absent;
  if (auto refused = oath_refuses(call, call.is("GET") ? OathRight::read_methods : OathRight::write_methods, user))
    return *refused;
  if (user == nullptr) return graph_not_found(call, call.path[1]);
  MethodCall in{call, *user};
  const std::string context = "users('" + user->oid + "')/authentication/hardwareOathMethods";
  const GraphShape shape{context, "hardwareOathAuthenticationMethod"};
  const std::size_t rest = call.path.size() - (first + 2);
  if (rest == 0) return on_collection(in, shape, {});
  const std::string next = unqualified(call.path[first + 2]);
  if (rest == 1 &&
      (same_ignoring_case(next, "assignAndActivate") || same_ignoring_case(next, "assignAndActivateBySerialNumber"))) {
    return on_collection(in, shape, next);
  }
  OathToken* token = call.world.state.tokens.find(next);
  if (token == nullptr || token->user != lower(user->upn)) return graph_not_found(call, next);
  if (rest > 2) return graph_no_segment(call, call.path[first + 4]);
  return on_method(in, shape, *token, rest == 2 ? unqualified(call.path[first + 3]) : std::string());
}

}  // namespace portalkey::sandbox
