#include "app/operations/alert.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "base/files.h"
#include "base/log.h"
#include "base/run_program.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kPatience{30};

/// Which case of a cause was told, by cause.
using Told = std::map<std::string, std::string>;

std::filesystem::path record_of(const Tenant& tenant) { return tenant.profile().state_folder / "alerts.json"; }

Told read_record(const Tenant& tenant) {
  Told told;
  const auto text = read_file(record_of(tenant), 64 << 10, FileUse::trusted);
  if (!text) return told;
  boost::system::error_code problem;
  const auto parsed = text->reveal([&](std::string_view bytes) { return json::parse(bytes, problem); });
  if (problem || !parsed.is_object()) return told;
  for (const auto& [cause, about] : parsed.get_object()) {
    if (about.is_string()) told.emplace(cause, about.get_string());
  }
  return told;
}

Result<void> write_record(const Tenant& tenant, const Told& told) {
  if (told.empty()) {
    std::error_code ignored;
    std::filesystem::remove(record_of(tenant), ignored);
    return {};
  }
  json::object object;
  for (const auto& [cause, about] : told) object[cause] = about;
  return write_file_atomically(record_of(tenant), json::serialize(object) + "\n");
}

std::string sentence(const Tenant& tenant, const std::string& account, const Alert& alert, const Words& words) {
  return fmt::format("portalkey, profile {}{}: {}{}", tenant.profile().name, account.empty() ? "" : " (" + account + ")",
                     alert.what, alert.remedy.empty() ? "" : ". What to do: " + words(alert.remedy));
}

Result<void> run_command(Tenant& tenant, const std::string& account, const Alert& alert, const Words& words) {
  auto command = tenant.profile().alert.command;
  if (command.empty()) return {};
  command.push_back(alert.cause);
  command.push_back(sentence(tenant, account, alert, words));
  auto run = run_program(command, {.time = kPatience, .output_bytes = 1 << 20}, tenant.stop());
  if (!run) return pass(run);
  if (run->exit_code == 0) return {};
  return fail(Errc::unavailable, fmt::format("the alert command {} ended with exit code {}", command.front(), run->exit_code),
              "Run it by hand to see why.");
}

Result<void> tell_webhook(Tenant& tenant, const std::string& account, const Alert& alert, const Words& words) {
  const auto& profile = tenant.profile();
  if (!profile.alert.webhook) return {};
  if (profile.sandbox) {  // an island
    log(LogLevel::info, "the alert webhook is not told: the profile works on a sandbox");
    return {};
  }
  json::object body{{"text", sentence(tenant, account, alert, words)},
                    {"cause", alert.cause},
                    {"profile", profile.name},
                    {"tenant", profile.tenant},
                    {"account", account},
                    {"what", alert.what},
                    {"remedy", words(alert.remedy)},
                    {"daysLeft", nullptr}};
  if (alert.days_left) body["daysLeft"] = alert.days_left->count();
  Request request;
  request.method = "POST";
  request.url = *profile.alert.webhook;
  request.idempotency = Idempotency::yes;  // told twice is better than not at all
  request.headers = {{"Content-Type", "application/json"}};
  request.body = Body(Secret(json::serialize(body)), {});
  const std::string host(profile.alert.webhook->host());
  const auto http = tenant.wire_to(host);
  auto answer = http->send(request, tenant.deadline(kPatience));
  if (!answer)
    return std::unexpected(Error{answer.error().code,
                                 fmt::format("the alert webhook was not reached ({})", answer.error().what),
                                 answer.error().remedy,
                                 {{"host", host}}});
  if (answer->status >= 200 && answer->status < 300) return {};
  return std::unexpected(Error{Errc::unavailable,
                               fmt::format("the alert webhook answered {}", answer->status),
                               "Check alert_webhook in the profile.",
                               {{"host", host}}});
}

}  // namespace

void alert(Tenant& tenant, const std::string& account, const std::vector<Alert>& alerts, const Words& words) {
  const Told before = read_record(tenant);
  Told now;
  for (const auto& one : alerts) {
    const auto known = before.find(one.cause);
    if (known != before.end() && known->second == one.about) {
      now.insert(*known);
      continue;
    }
    bool told = true;
    for (const auto& outcome : {run_command(tenant, account, one, words), tell_webhook(tenant, account, one, words)}) {
      if (outcome) continue;
      told = false;
      tenant.interaction().warn(fmt::format("{}; it is tried again by the next run", outcome.error().what));
    }
    if (told) now.emplace(one.cause, one.about);
  }
  if (now == before) return;
  if (auto written = write_record(tenant, now); !written)
    tenant.interaction().warn(fmt::format("what was told of cannot be recorded ({}), and is told again", written.error().what));
}

}  // namespace portalkey
