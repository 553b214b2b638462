#pragma once
// Carries a plan out. Each step reads what is there, does what is missing, and reads again until Azure shows it, so that a run
// that was killed anywhere and is repeated ends like one that was not.
//
// What a repeated run cannot see it must have noted before: an app registration that was just made may be missing from lists
// for a while, so the intent is recorded first (Record), and a run that finds one waits before it makes another. A client
// secret is told once: it is on disk before anything else happens, and secrets that nobody holds are removed from the app.

#include <functional>
#include <string>

#include "azure/azure.h"
#include "provision/plan.h"

namespace portalkey {

/// What must outlive the process. Nothing of it is secret.
struct Record {
  std::string subscription, resource_group, vault, secret_name, app_name, app_id, role_scope, credential;
  std::string federated_issuer, federated_subject;
  std::string installation;
  std::string making_app_since;  ///< ISO time; an app registration may have been made from then on
  std::string graph_grants;      ///< ids of the permissions that were granted, separated by blanks
};

struct ApplyHooks {
  std::function<Result<void>(const Record&)> keep;  ///< durable on return
  std::function<void(std::string_view)> say;        ///< progress, for a person
};

struct Applied {
  Actual actual;
  std::vector<Step> steps;  ///< as they were before they were done
  std::string consent;      ///< what a person must consent to, as whom and how; empty: nothing
};

/// Does nothing if any step cannot be done. `record` is what an earlier run kept.
Result<Applied> apply(const Azure& azure, Desired desired, Record record, const ApplyHooks& hooks);

/// How long something that was just made may stay invisible.
inline constexpr std::chrono::seconds kReplication{120};
/// How long an app registration that may have been made by a killed run is looked for before another is made.
inline constexpr std::chrono::seconds kMaybeMade{30};

}  // namespace portalkey
