#include "app/operations/show_token.h"

#include <fmt/format.h>

#include "app/operations/start_job.h"

namespace portalkey {

Result<KnownToken> show_token(Tenant& tenant, const std::string& serial) {
  const auto directory = tenant.open_tokens();
  const auto held = read_tenant(tenant, *directory);
  if (!held) return std::unexpected(held.error());
  KnownToken details;
  const auto match = held->match(serial);
  details.serial = match.serial.empty() ? serial : match.serial;
  details.tenant = tenant.profile().tenant;
  details.backend = tenant.profile().backend == Backend::graph ? "graph" : "portal";
  if (!match.serial.empty() && match.serial != serial)
    details.notes.push_back(fmt::format("{} is taken for {}, as the tenant writes it", serial, match.serial));

  auto store = tenant.jobs_if_any();
  if (!store) return pass(store);
  if (*store != nullptr) {
    auto events = (*store)->token_events(tenant.profile().tenant, details.serial);
    if (!events) return pass(events);
    details.events = std::move(*events);
  }
  if (!details.events.empty()) details.known_since = details.events.front().begun;
  for (const auto& event : details.events) {
    if (event.outcome.clock) details.clock = event.outcome.clock;
  }

  if (match.serial.empty()) {
    if (details.events.empty()) {
      return fail(Errc::not_found,
                  fmt::format("{} has no token with the serial number {}, and no job of this profile knows it{}",
                              directory->name(), serial, nearly_text(match)),
                  "See [[list-tokens]].");
    }
    details.serial = details.events.back().outcome.serial;
    return details;
  }
  // What a list of many leaves out, such as the last use.
  auto now = directory->again(*held->find(match.serial), tenant.deadline());
  if (!now) return pass(now);
  details.held = shown(*now ? **now : *held->find(match.serial));
  return details;
}

}  // namespace portalkey
