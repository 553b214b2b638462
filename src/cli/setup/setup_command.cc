#include "cli/setup/setup_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/crash_point.h"
#include "base/files.h"
#include "base/json_text.h"
#include "cli/setup/setup_context.h"
#include "cli/setup/setup_output.h"
#include "cli/setup/setup_record.h"
#include "cli/terminal/confirm.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/references.h"
#include "provision/access.h"
#include "provision/destroy.h"
#include "provision/export.h"

namespace portalkey {
namespace {

int with_setup(const SetupOptions& options, const Globals& globals, OutputFormat format,
               const std::function<Result<ExitCode>(Setup&)>& work) {
  auto setup = Setup::open(options, globals);
  if (!setup) {
    const ExitCode code = report_error(setup.error(), format);
    return static_cast<int>(setup.error().code == Errc::invalid_input ? ExitCode::usage : code);
  }
  auto done = work(**setup);
  return static_cast<int>(done ? *done : report_error(done.error(), format));
}

/// How the config file would change, and its texts.
struct ConfigChange {
  std::string before, after;
  std::string_view state() const { return before == after ? "exists" : before.empty() ? "create" : "change"; }
};

Result<ConfigChange> config_change(const Setup& setup, const std::string& client_id, const std::string& vault_url) {
  ConfigChange change;
  auto before = read_config(setup.config());
  if (!before) return pass(before);
  change.before = std::move(*before);
  auto after = with_profile(change.before, setup.profile_text(client_id, vault_url));
  if (!after) return std::unexpected(std::move(after).error().with("file", setup.config().string()));
  change.after = std::move(*after);
  return change;
}

Result<ExitCode> plan(Setup& setup, OutputFormat format) {
  if (auto connected = setup.connect(); !connected) return pass(connected);
  auto actual = survey(setup.azure(), setup.desired());
  if (!actual) return pass(actual);
  const Plan plan = make_plan(setup.desired(), *actual, setup.azure().clock.now());
  auto config = config_change(setup, actual->app ? actual->app->app_id : "?", actual->vault ? actual->vault->url : "?");
  if (!config) return pass(config);
  const std::string text = plan_text(plan, setup.config().string(), config->state(), format);
  format == OutputFormat::json ? print_json(text) : print(text);
  if (format != OutputFormat::json) {
    for (const auto& warning : plan.warnings) warn(warning);
  }
  return ExitCode::done;
}

Result<void> prove_access(Setup& setup, const std::string& client_id, const std::string& vault_url) {
  if (setup.desired().network == Network::closed) {
    warn("whether the vault lets the app in was not tried: it is closed to this machine unless there is a private endpoint");
    return {};
  }
  const auto app = setup.as_app(client_id);
  if (!app) {
    warn("whether the vault lets the app in was not tried: this machine has no token of its identity provider (--token-file)");
    return {};
  }
  return wait_for_access(setup.azure(), app->azure(), vault_url, setup.desired().secret_name,
                         [](std::string_view text) { say(fmt::format("{}\n", harmless(in_commands(text)))); });
}

Result<ExitCode> apply(Setup& setup, OutputFormat format) {
  if (auto connected = setup.connect(); !connected) return pass(connected);
  auto lock = setup.lock();
  if (!lock) return pass(lock);
  if (auto made = make_private_folder(setup.config().parent_path()); !made) return pass(made);
  const ApplyHooks hooks{[&](const Record& record) { return write_setup_record(setup.record_file(), record); },
                         [](std::string_view text) { say(fmt::format("{}\n", harmless(in_commands(text)))); }};
  auto applied = portalkey::apply(setup.azure(), setup.desired(), record_of(setup.desired(), setup.record()), hooks);
  if (!applied) return pass(applied);
  const auto& client_id = applied->actual.app->app_id;
  const auto& vault_url = applied->actual.vault->url;

  // The profile comes before the wait: what follows can be repeated with it.
  auto config = config_change(setup, client_id, vault_url);
  if (!config) return pass(config);
  if (config->before != config->after) {
    if (auto written = write_config(setup.config(), config->before, config->after); !written) return pass(written);
    crash_point();
  }
  if (auto open = prove_access(setup, client_id, vault_url); !open) return pass(open);

  SetupResult result;
  result.steps = applied->steps;
  result.tenant = setup.desired().tenant;
  result.subscription = setup.desired().subscription;
  result.vault_url = vault_url;
  result.client_id = client_id;
  result.config = setup.config().string();
  result.credential_file = setup.desired().credential_file.string();
  result.profile = setup.profile().name;
  result.profile_state = config->state();
  result.next = setup.next_command();
  result.consent = applied->consent;
  const std::string text = result_text(result, format);
  format == OutputFormat::json ? print_json(text) : print(text);
  if (format != OutputFormat::json) {
    Plan as_it_is = make_plan(setup.desired(), applied->actual, setup.azure().clock.now());
    for (const auto& warning : as_it_is.warnings) warn(warning);
    if (!applied->consent.empty()) warn(applied->consent);
  }
  return applied->consent.empty() ? ExitCode::done : ExitCode::partly_done;
}

struct ExportOptions {
  std::filesystem::path bicep, arm;
};

Result<ExitCode> export_templates(Setup& setup, const ExportOptions& options, OutputFormat format) {
  boost::json::array written;
  const auto write = [&](const std::filesystem::path& folder, const std::map<std::string, std::string>& files) -> Result<void> {
    if (folder.empty()) return {};
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    for (const auto& [name, text] : files) {
      const auto file = folder / name;
      if (auto done = write_file_atomically(file, text); !done) return done;
      // Nothing of it is secret: others may read it, and the script runs.
      std::filesystem::permissions(file, std::filesystem::perms(name.ends_with(".sh") ? 0755 : 0644), problem);
      if (format != OutputFormat::json) print(file.string() + "\n");
      written.emplace_back(file.string());
    }
    return {};
  };
  if (auto done = write(options.bicep, export_bicep(setup.desired())); !done) return pass(done);
  if (auto done = write(options.arm, export_arm(setup.desired())); !done) return pass(done);
  if (format == OutputFormat::json) print_json(json_text(boost::json::object{{"files", std::move(written)}}));
  return ExitCode::done;
}

struct DestroyOptions {
  bool yes = false, purge = false;
};

Result<bool> person_agrees(const DestroyPlan& plan) {
  for (const auto& one : plan.removals) say(fmt::format("  delete: {}\n", harmless(one.what)));
  for (const auto& one : plan.kept) say(fmt::format("  keep:   {}\n", harmless(in_commands(one))));
  return says_yes("Delete these? The refresh token in the vault goes with it. [y/N] ");
}

Result<ExitCode> destroy(Setup& setup, const DestroyOptions& options, OutputFormat format) {
  if (auto connected = setup.connect(); !connected) return pass(connected);
  setup.desired().grant_me = true;  // so that the survey reads what an earlier --grant-me made, or --backend graph
  setup.desired().graph = setup.desired().graph || !setup.desired().graph_grants.empty();
  auto lock = setup.lock();
  if (!lock) return pass(lock);
  auto actual = survey(setup.azure(), setup.desired());
  if (!actual) return pass(actual);
  auto plan = plan_destroy(setup.azure(), setup.desired(), *actual, options.purge);
  if (!plan) return pass(plan);
  if (!options.yes && !plan->removals.empty()) {
    auto agreed = person_agrees(*plan);
    if (!agreed) return pass(agreed);
    if (!*agreed) return fail(Errc::cancelled, "nothing was deleted");
  }

  boost::json::array removed, kept;
  for (const auto& one : plan->removals) {
    if (format != OutputFormat::json) say(fmt::format("deleting {}\n", harmless(one.what)));
    crash_point();
    if (auto gone = carry_out(setup.azure(), setup.desired(), *actual, one); !gone) return pass(gone);
    removed.emplace_back(one.what);
  }
  crash_point();
  // What proves who the app is, is worth nothing now. The profile stays: it holds a person's own settings too.
  const bool app_deleted = std::ranges::find(plan->removals, Removal::Kind::app, &Removal::kind) != plan->removals.end();
  const bool no_app = !actual->app && !actual->app_missing && actual->unmarked_apps.empty() && actual->rival_apps.empty();
  if (setup.desired().credential != AppCredential::federated && (app_deleted || no_app)) {
    if (auto gone = remove_file_durably(setup.desired().credential_file); !gone) return pass(gone);
  }
  crash_point();
  if (auto gone = remove_file_durably(setup.record_file()); !gone) return pass(gone);
  for (const auto& one : plan->kept) kept.emplace_back(in_commands(one));
  if (format == OutputFormat::json) {
    print_json(json_text(boost::json::object{{"removed", std::move(removed)}, {"kept", std::move(kept)}}));
    return ExitCode::done;
  }
  for (const auto& one : plan->removals) print(fmt::format("deleted  {}\n", harmless(one.what)));
  for (const auto& one : plan->kept) print(fmt::format("kept     {}\n", harmless(in_commands(one))));
  if (plan->removals.empty()) print("There is nothing of portalkey's to delete.\n");
  print(fmt::format("kept     profile {} in {}\n", setup.profile().name, setup.config().string()));
  return ExitCode::done;
}

}  // namespace

void add_setup_command(Command app, const Globals& globals, Run& run) {
  const auto setup =
      app.subcommand("setup", "Make (or take away) the key vault, app registration and role in Azure that a profile needs");
  setup.require_subcommand();
  const auto verb = [&](const char* name, const char* about) {
    auto options = std::make_shared<SetupOptions>();
    auto format = std::make_shared<OutputFormat>();
    const auto command = setup.subcommand(name, about);
    add_setup_options(command, options);
    add_output_option(command, format, false);
    return std::tuple{command, options, format};
  };
  {
    auto [command, options, format] = verb("plan", "Show what exists, what would change and why; changes nothing");
    command.callback([options, format, &globals, &run] {
      run = [options, format, &globals] {
        return with_setup(*options, globals, *format, [&](Setup& s) { return plan(s, *format); });
      };
    });
  }
  {
    auto [command, options, format] =
        verb("apply", "Do what plan shows, and write the profile; may be interrupted and repeated");
    command.callback([options, format, &globals, &run] {
      run = [options, format, &globals] {
        return with_setup(*options, globals, *format, [&](Setup& s) { return apply(s, *format); });
      };
    });
  }
  {
    auto [command, options, format] = verb("export", "Write the same as templates for your own deployment; asks Azure nothing");
    auto more = std::make_shared<ExportOptions>();
    command.option("--bicep", more->bicep, "Write main.bicep, vault.bicep, main.bicepparam and create-app.sh to DIR")
        .type_name("DIR");
    command.option("--arm", more->arm, "Write main.json, main.parameters.json and create-app.sh to DIR").type_name("DIR");
    command.callback([options, format, more, &globals, &run] {
      if (more->bicep.empty() && more->arm.empty()) throw WrongUsage("setup export", "say where to: --bicep DIR or --arm DIR");
      run = [options, format, more, &globals] {
        return with_setup(*options, globals, *format, [&](Setup& s) { return export_templates(s, *more, *format); });
      };
    });
  }
  {
    auto [command, options, format] = verb("destroy", "Delete what apply made; asks first");
    auto more = std::make_shared<DestroyOptions>();
    command.flag("-y,--yes", more->yes, "Do not ask (needed where there is no terminal)");
    command.flag("--purge", more->purge,
                 "Also purge the vault, so that nothing can recover it; refused under purge protection");
    command.callback([options, format, more, &globals, &run] {
      if (!more->yes && !can_ask()) throw WrongUsage("setup destroy", "there is no terminal to ask on: add --yes");
      run = [options, format, more, &globals] {
        return with_setup(*options, globals, *format, [&](Setup& s) { return destroy(s, *more, *format); });
      };
    });
  }
}

}  // namespace portalkey
