#include "provision/apply.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crash_point.h"
#include "base/time_text.h"
#include "provision/apply_app.h"
#include "provision/apply_arm.h"
#include "provision/patience.h"
#include "provision/permissions.h"

namespace portalkey {
namespace {

Error blocked(const Plan& plan) {
  std::string what;
  std::size_t count = 0;
  for (const auto& step : plan.steps) {
    if (step.state != Step::State::cannot) continue;
    what += fmt::format("{}{}: {}", count++ == 0 ? "" : "; ", step.what, step.why);
  }
  return {Errc::conflict,
          fmt::format("nothing was changed, because this cannot be done: {}", what),
          "Change what is asked for as said, and look at [[plan-set-up]].",
          {}};
}

Result<void> carry_out(Part part, const Azure& azure, const Desired& desired, const Actual& actual) {
  switch (part) {
    case Part::providers: return register_providers(azure, desired, actual);
    case Part::group: return apply_group(azure, desired, actual);
    case Part::vault: return apply_vault(azure, desired, actual);
    case Part::app: return apply_app(azure, desired, actual);
    case Part::principal: return apply_principal(azure, actual);
    case Part::credential: return apply_credential(azure, desired, actual);
    case Part::role: return assign_role(azure, desired, role_scope_path(desired, actual), actual.principal, "ServicePrincipal");
    case Part::permissions: return apply_permissions(azure, actual);
    case Part::my_role:
      return assign_role(azure, desired, vault_path_of(desired, actual), actual.me,
                         actual.me_is_person ? "User" : "ServicePrincipal");
  }
  return {};
}

class Run {
 public:
  Run(const Azure& azure, Desired& desired, Record& record, const ApplyHooks& hooks, Actual& actual)
      : azure_(azure), desired_(desired), record_(record), hooks_(hooks), actual_(actual) {}

  /// Returns the step as it was before.
  Result<Step> settle(Part part) {
    if (auto read = read_part(part, azure_, desired_, actual_); !read) return pass(read);
    if (part == Part::app) {
      if (auto looked = look_for_app_of_killed_run(); !looked) return pass(looked);
    }
    Step step = plan_step(part, desired_, actual_, azure_.clock.now());
    if (step.state == Step::State::cannot)
      return fail(Errc::conflict, fmt::format("{}: {}", step.what, step.why), "Look at [[plan-set-up]].");
    if (step.state == Step::State::exists) return step;
    hooks_.say(fmt::format("{}: {}{}", step.what, step.state == Step::State::create ? "creating" : "changing",
                           step.why.empty() ? "" : " (" + step.why + ")"));
    if (part == Part::app && step.state == Step::State::create) {
      desired_.making_app_since = record_.making_app_since = iso_time(azure_.clock.now());
      if (auto kept = hooks_.keep(record_); !kept) return pass(kept);
    }
    crash_point();
    auto done = carry_out(part, azure_, desired_, actual_);
    crash_point();
    if (!done && part == Part::permissions && done.error().code == Errc::forbidden) {  // everything else can be used
      consent_ = fmt::format("{}. {}", done.error().what, consent_remedy(azure_, desired_, actual_));
      step.state = Step::State::cannot;
      step.why = done.error().what;
      return step;
    }
    // A lost answer is no answer: what is there decides.
    if (!done && done.error().code != Errc::unavailable) return pass(done);
    auto seen = wait_until(azure_, done ? kReplication : std::chrono::seconds(5), [&]() -> Result<bool> {
      if (auto read = read_part(part, azure_, desired_, actual_); !read) return pass(read);
      return plan_step(part, desired_, actual_, azure_.clock.now()).state == Step::State::exists;
    });
    if (!seen) return pass(seen);
    if (!*seen && !done) return pass(done);
    if (!*seen) {
      return fail(Errc::unavailable,
                  fmt::format("{}: Azure accepted it and does not show it after {}", step.what, about(kReplication)),
                  "Run the command again; it goes on where it stopped.");
    }
    return step;
  }

  const std::string& consent() const { return consent_; }

 private:
  Result<void> look_for_app_of_killed_run() {
    if (actual_.app || record_.making_app_since.empty()) return {};
    const auto since = parse_iso_time(record_.making_app_since);
    if (!since || azure_.clock.now() - *since > kMaybeMade) return {};
    hooks_.say("looking for the app registration that an interrupted run may have made");
    auto seen = wait_until(azure_, std::chrono::ceil<std::chrono::seconds>(*since + kMaybeMade - azure_.clock.now()),
                           [&]() -> Result<bool> {
                             if (auto read = read_part(Part::app, azure_, desired_, actual_); !read) return pass(read);
                             return actual_.app.has_value();
                           });
    if (!seen) return pass(seen);
    return {};
  }

  const Azure& azure_;
  Desired& desired_;
  Record& record_;
  const ApplyHooks& hooks_;
  Actual& actual_;
  std::string consent_;
};

}  // namespace

Result<Applied> apply(const Azure& azure, Desired desired, Record record, const ApplyHooks& hooks) {
  auto actual = survey(azure, desired);
  if (!actual) return pass(actual);
  if (const Plan plan = make_plan(desired, *actual, azure.clock.now()); plan.blocked() > 0)
    return std::unexpected(blocked(plan));
  if (auto kept = hooks.keep(record); !kept) return pass(kept);
  crash_point();

  Applied applied;
  Run run(azure, desired, record, hooks, *actual);
  std::vector<Part> parts = {Part::providers, Part::group,      Part::vault, Part::app,
                             Part::principal, Part::credential, Part::role};
  if (desired.grant_me) parts.push_back(Part::my_role);
  if (desired.graph) parts.push_back(Part::permissions);
  const auto granted_before = permission_assignments(*actual);
  for (const Part part : parts) {
    auto step = run.settle(part);
    if (!step) return pass(step);
    applied.steps.push_back(std::move(*step));
    const Record before = record;
    if (part == Part::vault) desired.vault = record.vault = actual->vault->name;
    if (part == Part::app) {
      desired.app_id = record.app_id = actual->app->app_id;
      desired.making_app_since.clear();
      record.making_app_since.clear();
    }
    if (part == Part::permissions) {
      // Those that were there are somebody else's to take away.
      for (const auto& id : permission_assignments(*actual)) {
        if (std::ranges::find(granted_before, id) != granted_before.end()) continue;
        record.graph_grants += (record.graph_grants.empty() ? "" : " ") + id;
      }
    }
    if (record.graph_grants != before.graph_grants || record.vault != before.vault || record.app_id != before.app_id ||
        record.making_app_since != before.making_app_since) {
      if (auto kept = hooks.keep(record); !kept) return pass(kept);
      crash_point();
    }
  }
  applied.consent = run.consent();
  applied.actual = std::move(*actual);
  return applied;
}

}  // namespace portalkey
