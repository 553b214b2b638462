#include <fmt/format.h>

#include <algorithm>

#include "app/json/profile_json.h"
#include "app/operations/profiles.h"
#include "app/process_environment.h"
#include "cli/terminal/command.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/pasteable.h"

namespace portalkey {
namespace {

using Profiles = std::vector<KnownProfile>;

std::string vault_of(const Profile& profile) {
  return profile.vault.type == VaultProfile::Type::key_vault ? profile.vault.url.text() : profile.vault.path.string();
}

std::string backend_of(const Profile& profile) { return profile.backend == Backend::graph ? "graph" : "portal"; }

int list(const Profiles& profiles) {
  Table table({"PROFILE", "TENANT", "CLOUD", "BACKEND", "VAULT", "FILE"});
  for (const auto& [place, profile, problem] : profiles) {
    if (profile) {
      table.add(
          {place.name, profile->tenant, profile->cloud.name, backend_of(*profile), vault_of(*profile), place.file.string()});
    } else {
      table.add({place.name, "invalid", "-", "-", "-", place.file.string()});
    }
  }
  if (!profiles.empty()) print(table.text());
  print(fmt::format("{} profile{}\n", profiles.size(), profiles.size() == 1 ? "" : "s"));
  const auto invalid = std::ranges::count_if(profiles, [](const auto& one) { return !one.profile; });
  if (invalid > 0) warn("what is invalid is told by portalkey profiles check");
  return static_cast<int>(ExitCode::done);
}

int check(const Profiles& profiles) {
  std::size_t wrong = 0;
  for (const auto& [place, profile, problem] : profiles) {
    if (!problem) {
      print(fmt::format("{}: fine\n", harmless(place.name)));
      continue;
    }
    ++wrong;
    std::string text = fmt::format("{}: {}\n", place.name, pasteable(problem->what));
    for (const auto& [key, value] : problem->context) text += fmt::format("  {}: {}\n", key, value);
    if (!problem->remedy.empty()) text += fmt::format("  what to do: {}\n", pasteable(problem->remedy));
    print(harmless(text));
  }
  return static_cast<int>(wrong == 0 ? ExitCode::done : ExitCode::usage);
}

std::string text_of(const Profile& profile) {
  Table table({"profile", profile.name});
  const auto row = [&](const char* name, const std::string& value) {
    if (!value.empty()) table.add({name, value});
  };
  row("file", profile.file.string());
  row("tenant", profile.tenant);
  row("cloud", profile.cloud.name);
  row("backend", backend_of(profile));
  row("service account", profile.service_account.empty() ? "any" : profile.service_account);
  row("client id", profile.client_id);
  row("credential", std::string(name_of(profile.credential.type)));
  row("vault", vault_of(profile));
  row("secret", fmt::format("{}, {} versions kept", profile.vault.secret_name, profile.vault.keep_versions));
  row("state folder", profile.state_folder.string());
  row("activations", profile.activations == 0
                         ? std::string("as many as the service takes")
                         : fmt::format("{} in {} s", profile.activations, profile.activation_window.count()));
  row("proxy", profile.proxy.contains('@') ? "(with a password)" : profile.proxy);
  for (const auto& file : profile.extra_ca_files) row("CA file", file.string());
  if (profile.sandbox) row("sandbox", profile.sandbox->folder.string());
  return table.text();
}

int show(const Globals& globals, const std::string& name, OutputFormat format) {
  ProfileChoice choice = globals.profile;
  if (!name.empty()) choice.name = name;
  const auto profile = load_profile(choice, process_environment());
  if (!profile) {
    report_error(profile.error(), format);
    return static_cast<int>(ExitCode::usage);
  }
  format == OutputFormat::json ? print_json(json_of(*profile)) : print(text_of(*profile));
  return static_cast<int>(ExitCode::done);
}

void add_of_all(Command profiles, const char* name, const char* what, bool check_files, int (*tell)(const Profiles&),
                const Globals& globals, Run& run) {
  auto format = std::make_shared<OutputFormat>();
  const auto command = profiles.subcommand(name, what);
  add_output_option(command, format, false);
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      const auto found = look_at_profiles(globals.profile, process_environment(), check_files);
      if (!found) {
        report_error(found.error(), *format);
        return static_cast<int>(ExitCode::usage);
      }
      if (*format != OutputFormat::json) return tell(*found);
      print_json(json_of(*found, pasteable));
      const bool wrong = std::ranges::any_of(*found, [](const auto& one) { return one.problem.has_value(); });
      return static_cast<int>(check_files && wrong ? ExitCode::usage : ExitCode::done);
    };
  });
}

}  // namespace

void add_profiles_command(Command app, const Globals& globals, Run& run) {
  const auto profiles = app.subcommand("profiles", "The profiles of the config files: list, show, check");
  profiles.require_subcommand();
  add_of_all(profiles, "list", "Every profile, and where it is written", false, list, globals, run);
  auto name = std::make_shared<std::string>();
  auto format = std::make_shared<OutputFormat>();
  const auto command = profiles.subcommand("show", "What a profile is set to, with what it leaves open filled in");
  command.option("PROFILE", *name, "Which; without it the one a command would use");
  add_output_option(command, format, false);
  command.callback([=, &globals, &run] { run = [=, &globals] { return show(globals, *name, *format); }; });
  add_of_all(profiles, "check", "Whether each could be worked with, as far as this machine can tell; doctor asks the services",
             true, check, globals, run);
}

}  // namespace portalkey
