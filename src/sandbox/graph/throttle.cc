#include "sandbox/graph/throttle.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

namespace portalkey::sandbox {
namespace {

constexpr std::size_t kAppWrites = 3000;      // in 150 s
constexpr std::size_t kTenantWrites = 18000;  // in 300 s
constexpr double kWarn = 0.8;

/// Resource units of an app in ten seconds, by the size of the tenant.
std::size_t unit_limit(const World& world) {
  const auto users = world.state.users.size() + world.generated.count();
  return users < 50 ? 3500 : users <= 500 ? 5000 : 8000;
}

struct Limit {
  SlidingWindow* window;
  std::string_view scope;
};

std::vector<Limit> limits_of(const GraphCall& call) {
  World& world = call.world;
  const auto window = [&](const std::string& name, std::size_t limit, std::int64_t seconds) {
    return &world.graph_windows.try_emplace(name, limit, seconds).first->second;
  };
  const auto units = unit_limit(world);
  std::vector<Limit> out{
      {window("units " + std::to_string(units) + ' ' + call.caller.app_id, units, 10), "Tenant_Application"}};
  if (!call.is("GET")) {
    out.push_back({window("writes " + call.caller.app_id, kAppWrites, 150), "Tenant_Application"});
    out.push_back({window("writes", kTenantWrites, 300), "Tenant"});
  }
  return out;
}

}  // namespace

std::optional<HttpResponse> graph_throttles(GraphCall& call) {
  if (!call.world.state.policy.graph_throttling) return std::nullopt;
  const std::int64_t now = call.world.clock.milliseconds();
  const auto limits = limits_of(call);
  for (const auto& limit : limits) {
    const std::int64_t wait = limit.window->wait(now);
    if (wait == 0) continue;
    auto answer = graph_error(call, 429, "TooManyRequests", "Too many requests.");
    answer.headers.emplace_back("Retry-After", std::to_string((wait + 999) / 1000));
    answer.headers.emplace_back("x-ms-throttle-scope", std::string(limit.scope) + '/' +
                                                           (call.is("GET") ? "Read" : "ReadWrite") + '/' + call.caller.app_id +
                                                           '/' + call.world.state.tenant_id);
    answer.headers.emplace_back("x-ms-throttle-information",
                                call.is("GET") ? "ResourceUnitLimitExceeded" : "WriteLimitExceeded");
    return answer;
  }
  for (const auto& limit : limits) limit.window->count(now);
  return std::nullopt;
}

void add_throttle_headers(const GraphCall& call, HttpResponse& answer) {
  if (!call.world.state.policy.graph_throttling || call.caller.tid.empty()) return;
  answer.headers.emplace_back("x-ms-resource-unit", "1");
  double used = 0;
  for (const auto& limit : limits_of(call)) used = std::max(used, limit.window->used());
  if (used < kWarn) return;
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", used);
  answer.headers.emplace_back("x-ms-throttle-limit-percentage", text);
}

}  // namespace portalkey::sandbox
