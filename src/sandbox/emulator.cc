#include "sandbox/emulator.h"

#include <arpa/inet.h>

#include <utility>

#include "base/time_text.h"
#include "sandbox/admin/admin_api.h"
#include "sandbox/arm/arm.h"
#include "sandbox/entra/entra.h"
#include "sandbox/entra/managed_identity.h"
#include "sandbox/entra/sign_in_page.h"
#include "sandbox/graph/consent.h"
#include "sandbox/graph/graph.h"
#include "sandbox/key_vault/key_vault.h"
#include "sandbox/portal/portal.h"
#include "sandbox/wire/json.h"
#include "sandbox/world/state_json.h"

namespace portalkey::sandbox {
namespace {

bool is_address_or_localhost(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  return host == "localhost" || ::inet_pton(AF_INET, host.c_str(), &four) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &six) == 1;
}

HttpResponse serve(World& world, const HttpRequest& request, const Route& route) {
  switch (route.service) {
    case Service::login: return entra(world, request, *route.cloud);
    case Service::vault: return key_vault(world, request, *route.cloud, route.vault);
    case Service::portal: return portal(world, request, *route.cloud);
    case Service::graph: return graph(world, request, *route.cloud);
    case Service::imds: return managed_identity(world, request);
    case Service::device_page:
      if (lower(request.path).starts_with("/devicelogin")) return sign_in_page(world, request);
      return text_answer(404, "text/html; charset=utf-8", "<html><body>404 - not found</body></html>");
    case Service::arm: return arm(world, request, *route.cloud);
    case Service::unknown: break;
  }
  return json_answer(404, {{"error", "the sandbox does not emulate the host '" + request.host + "'"}});
}

}  // namespace

Result<Emulator> Emulator::make(SandboxOptions options, const Clock& clock, std::string_view saved_state) {
  State state;
  if (saved_state.empty()) {
    state = fresh_state(options);
  } else {
    auto loaded = state_from_json(saved_state);
    if (!loaded) return pass(loaded);
    state = std::move(*loaded);
  }
  if (auto added = add_listed_users(state, options); !added) return pass(added);
  if (!options.upload_outcome.empty()) state.policy.upload_outcome = options.upload_outcome;
  if (options.replication_delay) state.policy.replication_delay = options.replication_delay->count();
  ++state.runs;
  if (state.admin_token.empty()) {
    Random from_the_kernel;
    state.admin_token = opaque(from_the_kernel, 43);
  }
  auto signing = state.signing_key_pem.empty() ? SigningKey::generate()
                                               : SigningKey::load(state.signing_key_pem, state.signing_certificate_pem);
  if (!signing) return pass(signing);
  state.signing_key_pem = signing->key_pem();
  state.signing_certificate_pem = signing->certificate_pem();

  std::vector<FaultRule> rules;
  if (options.vault_down) options.faults.emplace_back(R"({"host":"vault","kind":"503"})");
  if (options.latency.count() > 0) {
    options.faults.emplace_back(R"({"kind":"latency","milliseconds":)" + std::to_string(options.latency.count()) + '}');
  }
  for (const auto& text : options.faults) {
    auto rule = parse_fault(text);
    if (!rule) return std::unexpected(std::move(rule).error().with("fault", text));
    rules.push_back(std::move(*rule));
  }
  auto world = std::make_unique<World>(std::move(options), clock, std::move(state), std::move(*signing));
  for (auto& rule : rules) world->faults.add(std::move(rule));
  if (world->options.grant_graph) grant_oath_permissions(*world);
  world->touch();
  return Emulator(std::move(world));
}

FaultyResponse Emulator::handle(const HttpRequest& request) { return answer(request, route_of(request.host)); }

FaultyResponse Emulator::metadata(const HttpRequest& request) {
  // A page whose host's name resolves to this address could send the header that a request needs; its address is that name.
  if (from_a_foreign_page(request) || !is_address_or_localhost(request.host))
    return json_answer(403, {{"error", "this address does not answer pages of other origins"}});
  return answer(request, {Service::imds, nullptr, {}});
}

FaultyResponse Emulator::answer(const HttpRequest& request, const Route& route) {
  World& world = *world_;
  settle_uploads(world);
  const FaultPlan plan = world.faults.plan(route.service, request);
  FaultyResponse answer;
  if (plan.rule && !has_effect(plan.rule->kind)) {
    answer = fault_answer(*plan.rule, route.service, request);
  } else {
    answer = serve(world, request, route);
  }
  if (plan.rule && has_effect(plan.rule->kind)) apply_after(*plan.rule, answer);
  if (plan.delay.count() > 0) {
    if (!answer.mishap) answer.mishap.emplace();
    answer.mishap->delay += plan.delay;
  }
  const bool other_date = plan.rule && plan.rule->kind == FaultKind::date;
  answer.headers.emplace_back("Date", !other_date ? http_date(world.clock.now())
                                      : plan.rule->date.empty()
                                          ? http_date(from_unix_seconds(world.clock.seconds() + plan.rule->offset_seconds))
                                          : plan.rule->date);
  const bool silent = answer.mishap && (answer.mishap->hang || answer.mishap->reset_before_answer);
  world.journal.add({world.clock.now(), request.method, request.host, std::string(name_of(route.service)), request.path,
                     silent ? 0 : answer.status, request.has_header("authorization"), plan.rule ? plan.rule->kind_name : ""});
  return answer;
}

FaultyResponse Emulator::admin(const HttpRequest& request) {
  // Its requests need headers that a page of another origin cannot send.
  if (is_metadata_path(request.path)) return metadata(request);
  HttpResponse answer = admin_api(*world_, request);
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

std::string Emulator::saved() const { return state_to_json(world_->state); }

bool Emulator::take_changed() { return std::exchange(world_->dirty, false); }

}  // namespace portalkey::sandbox
