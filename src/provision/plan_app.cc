#include "provision/plan_app.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/time_text.h"

namespace portalkey {
namespace {

constexpr std::string_view kNever = "no end";

std::string end_text(WallTime ends) { return ends == WallTime{} ? std::string(kNever) : iso_time(ends); }
bool ends_soon(WallTime ends, WallTime now) { return ends != WallTime{} && ends < now + kRenewBefore; }

bool is_local_certificate(const ActualKey& key, const LocalCredential& local) {
  if (local.certificate.empty()) return false;
  return key.certificate == local.certificate ||
         (key.certificate.empty() && !key.thumbprint.empty() && key.thumbprint == local.thumbprint);
}

Step plan_secret(const Desired& desired, const Actual& actual, WallTime now, Step step) {
  const auto* held = held_password(desired, actual);
  const auto strays = stray_passwords(desired, actual);
  if (held == nullptr) {
    step.state = Step::State::create;
    step.why = !actual.local.problem.empty() ? fmt::format("{}: {}", desired.credential_file.string(), actual.local.problem)
               : actual.local.there ? fmt::format("the app no longer has the secret in {}", desired.credential_file.string())
                                    : fmt::format("{} does not exist", desired.credential_file.string());
  } else if (ends_soon(held->ends, now)) {
    step.state = Step::State::change;
    step.why = fmt::format("it ends at {}", end_text(held->ends));
    step.changes.push_back({"secret", "ends " + end_text(held->ends), "a new one"});
  } else if (strays.empty()) {
    step.why = "ends " + end_text(held->ends);
  } else {
    step.state = Step::State::change;
    step.why = "left over from a run that was cut short; nobody holds their text";
  }
  for (const auto* stray : strays) step.changes.push_back({"secret", stray->key_id, "removed"});
  return step;
}

Step plan_certificate(const Desired& desired, const Actual& actual, WallTime now, Step step) {
  if (!actual.local.problem.empty()) {
    step.state = Step::State::cannot;
    step.why = fmt::format("{}: {}; move the file away", desired.credential_file.string(), actual.local.problem);
    return step;
  }
  if (!actual.local.there) {
    step.state = Step::State::create;
    step.why = fmt::format("{} does not exist", desired.credential_file.string());
    return step;
  }
  if (ends_soon(actual.local.ends, now)) {
    step.state = Step::State::change;
    step.why = fmt::format("it ends at {}", end_text(actual.local.ends));
    step.changes.push_back({"certificate", "ends " + end_text(actual.local.ends), "a new one"});
    return step;
  }
  const bool registered = actual.app && std::ranges::any_of(actual.app->keys, [&](const ActualKey& key) {
                            return is_local_certificate(key, actual.local);
                          });
  if (registered) {
    step.why = "ends " + end_text(actual.local.ends);
    return step;
  }
  step.state = Step::State::change;
  step.why = "the certificate on this machine is not registered at the app";
  step.changes.push_back({"certificate", "", "registered"});
  return step;
}

Step plan_federated(const Desired& desired, const Actual& actual, Step step) {
  const auto* found = actual.app ? matching_federated(desired, *actual.app) : nullptr;
  if (found == nullptr) {
    step.state = Step::State::create;
    step.why = fmt::format("no federated credential has the issuer {} and the subject {}", desired.federated_issuer,
                           desired.federated_subject);
    return step;
  }
  if (std::ranges::find(found->audiences, desired.federated_audience) == found->audiences.end()) {
    // Graph takes one audience each, and one credential for each issuer and subject.
    step.state = Step::State::cannot;
    step.why = fmt::format(
        "{} of the app takes tokens of that issuer and subject for another audience: use another app "
        "([[setting|app-name]]), or change it yourself",
        found->name);
    step.changes.push_back({"audience", fmt::format("{}", fmt::join(found->audiences, ", ")), desired.federated_audience});
    return step;
  }
  step.why = fmt::format("{}, {}", found->issuer, found->subject);
  return step;
}

}  // namespace

const ActualPassword* held_password(const Desired& desired, const Actual& actual) {
  if (!actual.app || !actual.local.there || !actual.local.problem.empty()) return nullptr;
  const ActualPassword* best = nullptr;
  for (const auto& password : actual.app->passwords) {
    const bool fits = password.hint.empty() ? password.name == credential_name(desired) : password.hint == actual.local.hint;
    if (fits && (best == nullptr || password.ends > best->ends)) best = &password;
  }
  return best;
}

std::vector<const ActualPassword*> stray_passwords(const Desired& desired, const Actual& actual) {
  std::vector<const ActualPassword*> out;
  if (!actual.app) return out;
  const auto* held = held_password(desired, actual);
  for (const auto& password : actual.app->passwords) {
    if (&password != held && password.name == credential_name(desired)) out.push_back(&password);
  }
  return out;
}

std::vector<std::string> foreign_credentials(const Desired& desired, const Actual& actual) {
  std::vector<std::string> out;
  if (!actual.app) return out;
  const auto* held = desired.credential == AppCredential::secret ? held_password(desired, actual) : nullptr;
  for (const auto& one : actual.app->passwords) {
    if (&one != held && one.name != credential_name(desired))
      out.push_back(fmt::format("secret {} ({})", one.key_id, one.name));
  }
  for (const auto& one : actual.app->keys) {
    const bool local = is_local_certificate(one, actual.local);
    if (!local && one.name != "CN=" + credential_name(desired))
      out.push_back(fmt::format("certificate {} ({})", one.key_id, one.name));
  }
  const auto* mine = matching_federated(desired, *actual.app);
  for (const auto& one : actual.app->federated) {
    if (&one != mine) out.push_back(fmt::format("federated credential {} ({})", one.name, one.subject));
  }
  return out;
}

const ActualFederated* matching_federated(const Desired& desired, const ActualApp& app) {
  const auto found = std::ranges::find_if(app.federated, [&](const ActualFederated& one) {
    return one.issuer == desired.federated_issuer && one.subject == desired.federated_subject;
  });
  return found == app.federated.end() ? nullptr : &*found;
}

Step plan_app(const Desired& desired, const Actual& actual) {
  Step step{Part::app, "app registration " + desired.app_name, Step::State::exists, {}, ""};
  if (!actual.rival_apps.empty()) {
    step.state = Step::State::cannot;
    step.why = fmt::format("several may be the one an interrupted run made: choose one with [[setting|app-id]] ({})",
                           fmt::join(actual.rival_apps, ", "));
    return step;
  }
  if (actual.app_missing) {
    step.state = Step::State::cannot;
    step.why = fmt::format("there is none with the client id {}: correct [[setting|app-id]], or leave it out", desired.app_id);
    return step;
  }
  if (!actual.app) {
    if (!actual.unmarked_apps.empty()) {
      step.state = Step::State::cannot;
      step.why = fmt::format(
          "one of that name exists that this installation did not record ({}): use it with [[setting|app-id]] after checking "
          "its owners, "
          "or choose another [[setting|app-name]]",
          fmt::join(actual.unmarked_apps, ", "));
      return step;
    }
    step.state = Step::State::create;
    step.why = "it does not exist";
    if (desired.app_roles) step.changes.push_back({"app roles", "", std::to_string(app_roles().size())});
    for (const auto& uri : desired.redirect_uris) step.changes.push_back({"redirect URI", "", uri});
    return step;
  }
  const ActualApp& app = *actual.app;
  step.what = "app registration " + app.name;
  step.why = "client id " + app.app_id;
  for (const auto& uri : desired.redirect_uris) {
    if (std::ranges::find(app.redirect_uris, uri) == app.redirect_uris.end()) step.changes.push_back({"redirect URI", "", uri});
  }
  if (desired.app_roles) {
    for (const auto& role : app_roles()) {
      if (std::ranges::find(app.roles, role.value, &ActualAppRole::value) == app.roles.end()) {
        step.changes.push_back({"app role", "", std::string(role.value)});
      }
    }
    const std::string uri = "api://" + app.app_id;
    if (std::ranges::find(app.identifier_uris, uri) == app.identifier_uris.end())
      step.changes.push_back({"identifier URI", "", uri});
  }
  if (!step.changes.empty()) {
    step.state = Step::State::change;
    step.why = "asked for";
  }
  return step;
}

Step plan_principal(const Actual& actual) {
  Step step{Part::principal, "service principal", Step::State::exists, {}, ""};
  if (actual.principal.empty()) {
    step.state = Step::State::create;
    step.why = "the app cannot sign in or hold roles without one";
  } else {
    step.why = "object id " + actual.principal;
  }
  return step;
}

Step plan_credential(const Desired& desired, const Actual& actual, WallTime now) {
  Step step{Part::credential, "", Step::State::exists, {}, ""};
  switch (desired.credential) {
    case AppCredential::secret: step.what = "client secret"; return plan_secret(desired, actual, now, std::move(step));
    case AppCredential::certificate:
      step.what = "client certificate";
      return plan_certificate(desired, actual, now, std::move(step));
    case AppCredential::federated: step.what = "federated credential"; return plan_federated(desired, actual, std::move(step));
  }
  return step;
}

}  // namespace portalkey
