#pragma once
// What separates the desired from the actual, step by step, and why. Computes only.

#include <string>
#include <vector>

#include "provision/actual.h"
#include "provision/desired.h"
#include "provision/survey.h"

namespace portalkey {

struct Change {
  std::string property, from, to;
};

struct Step {
  enum class State {
    exists,  ///< nothing to do
    create,
    change,
    cannot,  ///< differs in what can never be changed, or must not be touched
  };
  Part part = Part::group;
  std::string what;  ///< `key vault portalkey-0123456789ab`
  State state = State::exists;
  std::vector<Change> changes;
  std::string why;
};

struct Plan {
  std::vector<Step> steps;
  std::vector<std::string> warnings;

  std::size_t changes() const;  ///< steps that would create or change something
  std::size_t blocked() const;  ///< steps that cannot be done
};

/// `create`, `exists` …, as tables and JSON show it.
std::string_view name_of(Step::State state);
/// `group`, `vault` …
std::string_view name_of(Part part);

Plan make_plan(const Desired& desired, const Actual& actual, WallTime now);
Step plan_step(Part part, const Desired& desired, const Actual& actual, WallTime now);

/// Where the app's role is assigned: the vault, or the one secret in it.
std::string role_scope_path(const Desired& desired, const Actual& actual);

/// What the steps that carry a plan out must agree on with it.
std::map<std::string, std::string> desired_tags(const Desired& desired);
/// Whether a resource with these tags was made for this profile.
bool is_marked(const std::map<std::string, std::string>& tags, const Desired& desired);
/// A client secret or certificate is renewed this long before it ends.
inline constexpr std::chrono::days kRenewBefore{30};
/// The app's password that the local file holds; nullptr: none.
const ActualPassword* held_password(const Desired& desired, const Actual& actual);
/// Passwords made for this machine and profile whose text nobody holds any more.
std::vector<const ActualPassword*> stray_passwords(const Desired& desired, const Actual& actual);
/// The app's credentials that are not this installation's, each with its kind and name.
std::vector<std::string> foreign_credentials(const Desired& desired, const Actual& actual);
const ActualFederated* matching_federated(const Desired& desired, const ActualApp& app);

}  // namespace portalkey
