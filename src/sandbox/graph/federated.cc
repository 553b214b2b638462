// Federated identity credentials: outside tokens that stand for an app.
// Source: learn.microsoft.com/graph/api/resources/federatedidentitycredential.

#include <algorithm>
#include <utility>

#include "sandbox/graph/call.h"

namespace portalkey::sandbox {
namespace {

constexpr std::size_t kMost = 20;
constexpr std::size_t kLongest = 600;

json::object object_of(const FederatedCredential& one) {
  return {{"id", one.id},
          {"name", one.name},
          {"issuer", one.issuer},
          {"subject", one.subject},
          {"description", one.description.empty() ? json::value(nullptr) : json::value(one.description)},
          {"audiences", json::value_from(one.audiences)}};
}

GraphShape shape_of(const std::string& context) { return {context, "federatedIdentityCredential"}; }

bool is_name(std::string_view text) {
  if (text.size() < 3 || text.size() > 120 || text.front() == '-' || text.front() == '_') return false;
  return std::ranges::all_of(text, [](char c) {
    const char l = to_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

/// Takes a body over. The message of a 400 if it is no good.
std::string take(const json::object& body, FederatedCredential& out) {
  for (const auto& item : body) {
    const std::string_view key(item.key().data(), item.key().size());
    const bool text = item.value().is_string();
    if (key == "issuer" && text) {
      out.issuer = view(item.value().get_string());
    } else if (key == "subject" && text) {
      out.subject = view(item.value().get_string());
    } else if (key == "description" && (text || item.value().is_null())) {
      out.description = text ? std::string(view(item.value().get_string())) : std::string();
    } else if (key == "audiences" && item.value().is_array()) {
      out.audiences.clear();
      for (const auto& one : item.value().get_array()) {
        if (!one.is_string())
          return "Invalid value specified for property 'audiences' of resource 'FederatedIdentityCredential'.";
        out.audiences.emplace_back(view(one.get_string()));
      }
    } else if (key == "name" && text) {
      if (!out.name.empty() && out.name != view(item.value().get_string())) {
        return "Property 'name' is read-only and cannot be changed.";
      }
      out.name = view(item.value().get_string());
    } else if (!key.starts_with("@odata.") && key != "id") {
      return "Invalid value specified for property '" + std::string(key) + "' of resource 'FederatedIdentityCredential'.";
    }
  }
  const auto fits = [](const std::string& value) { return !value.empty() && value.size() <= kLongest; };
  if (!is_name(out.name)) return "The name of a federated identity credential has 3 to 120 letters, digits, '-' and '_'.";
  if (!fits(out.issuer) || !out.issuer.starts_with("https://")) {
    return "Invalid value specified for property 'issuer' of resource 'FederatedIdentityCredential'.";
  }
  if (!fits(out.subject)) return "Invalid value specified for property 'subject' of resource 'FederatedIdentityCredential'.";
  if (out.audiences.size() != 1 || !fits(out.audiences.front())) {
    return "Invalid value specified for property 'audiences' of resource 'FederatedIdentityCredential': exactly one is needed.";
  }
  if (out.description.size() > kLongest) {
    return "Invalid value specified for property 'description' of resource 'FederatedIdentityCredential'.";
  }
  return {};
}

/// nullopt if no other credential of the app has its name, or its issuer and subject.
std::optional<HttpResponse> duplicate(const GraphCall& call, const SandboxApp& app, const FederatedCredential& made) {
  for (const auto& one : app.federated) {
    if (one.id == made.id) continue;
    if (same_ignoring_case(one.name, made.name)) {
      return graph_conflict(call, "FederatedIdentityCredential with name " + made.name + " already exists.");
    }
    if (one.issuer == made.issuer && one.subject == made.subject) {
      return graph_conflict(call, "FederatedIdentityCredential with issuer and subject already exists on the application.");
    }
  }
  return std::nullopt;
}

}  // namespace

HttpResponse graph_federated(GraphCall& call, SandboxApp& app) {
  World& world = call.world;
  const std::string context = "applications('" + app.object_id + "')/federatedIdentityCredentials";
  const bool read = call.is("GET");
  if (auto refused = graph_refuses(call, read ? GraphRight::read_apps : GraphRight::write_app, app.owners)) return *refused;
  if (call.path.size() == 3) {
    if (read) {
      std::vector<json::object> items;
      for (const auto& one : app.federated) items.push_back(object_of(one));
      return graph_list(call, shape_of(context), std::move(items));
    }
    if (!call.is("POST")) return graph_not_allowed(call);
    const auto body = graph_body(call);
    if (!body) return body.error();
    FederatedCredential made;
    made.id = world.random.guid();
    if (const auto message = take(*body, made); !message.empty()) return graph_bad_request(call, message);
    if (auto refused = duplicate(call, app, made)) return *refused;
    if (app.federated.size() >= kMost) {
      return graph_error(call, 403, "Directory_QuotaExceeded",
                         "The application already has the maximum of 20 federated identity credentials.");
    }
    app.federated.push_back(made);
    world.touch();
    return graph_entity(call, shape_of(context), object_of(made), 201);
  }
  auto key = call.path[3];
  if (lower(key).starts_with("name=")) key.erase(0, 5);
  const auto found =
      std::ranges::find_if(app.federated, [&](const auto& one) { return one.id == lower(key) || one.name == key; });
  if (found == app.federated.end()) return graph_not_found(call, key);
  if (read) return graph_entity(call, shape_of(context), object_of(*found));
  if (call.is("PATCH")) {
    const auto body = graph_body(call);
    if (!body) return body.error();
    FederatedCredential changed = *found;
    if (const auto message = take(*body, changed); !message.empty()) return graph_bad_request(call, message);
    if (auto refused = duplicate(call, app, changed)) return *refused;
    *found = std::move(changed);
  } else if (call.is("DELETE")) {
    app.federated.erase(found);
  } else {
    return graph_not_allowed(call);
  }
  world.touch();
  return graph_no_content();
}

}  // namespace portalkey::sandbox
