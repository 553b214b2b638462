#include "cli/setup/setup_command.h"

#include <fmt/format.h>

#include "app/json/setup_json.h"
#include "app/process_environment.h"
#include "cli/setup/setup_options.h"
#include "cli/setup/setup_output.h"
#include "cli/terminal/confirm.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/references.h"
#include "cli/terminal/shell_word.h"

namespace portalkey {
namespace {

int with_setup(const SetupWishes& wishes, const Globals& globals, OutputFormat format,
               const std::function<Result<ExitCode>(Setup&)>& work) {
  TerminalInteraction terminal;
  auto setup = Setup::open(wishes, globals.profile, {terminal, process_environment(), stop_on_interrupt()});
  if (!setup) {
    const ExitCode code = report_error(setup.error(), format);
    return static_cast<int>(setup.error().code == Errc::invalid_input ? ExitCode::usage : code);
  }
  auto done = work(**setup);
  return static_cast<int>(done ? *done : report_error(done.error(), format));
}

/// What comes next with this profile: `portalkey … login`, or with the Graph backend `portalkey … doctor`.
std::string next_command(const Setup& setup, const Globals& globals) {
  std::string out = "portalkey";
  const auto& profile = setup.profile();
  const bool own_config =
      !globals.profile.config.empty() || profile.sandbox || !process_environment().variable("PORTALKEY_CONFIG").empty();
  if (own_config) out += " --config " + shell_word(setup.config().string());
  if (profile.name != "default") out += " --profile " + shell_word(profile.name);
  return out + (setup.desired().graph ? " doctor" : " login");  // an app with its own permissions needs nobody to sign in
}

void say_line(std::string_view text) { say(fmt::format("{}\n", harmless(in_commands(text)))); }

Result<ExitCode> plan(Setup& setup, OutputFormat format) {
  const auto planned = plan_setup(setup);
  if (!planned) return std::unexpected(planned.error());
  if (format == OutputFormat::json) {
    print_json(json_of(*planned, in_commands));
    return ExitCode::done;
  }
  print(text_of(*planned));
  for (const auto& warning : planned->plan.warnings) warn(warning);
  return ExitCode::done;
}

Result<ExitCode> apply(Setup& setup, const Globals& globals, OutputFormat format) {
  const auto applied = apply_setup(setup, say_line);
  if (!applied) return std::unexpected(applied.error());
  const std::string next = next_command(setup, globals);
  if (format == OutputFormat::json) {
    print_json(json_of(*applied, next, in_commands));
  } else {
    print(text_of(*applied, next));
    for (const auto& warning : applied->warnings) warn(warning);
    if (!applied->consent.empty()) warn(applied->consent);
  }
  return applied->consent.empty() ? ExitCode::done : ExitCode::partly_done;
}

Result<ExitCode> export_templates(const Setup& setup, const SetupTemplates& wanted, OutputFormat format) {
  const auto exported = export_setup(setup, wanted);
  if (!exported) return std::unexpected(exported.error());
  if (format == OutputFormat::json) {
    print_json(json_of(*exported));
    return ExitCode::done;
  }
  for (const auto& file : exported->files) print(file.string() + "\n");
  return ExitCode::done;
}

struct DestroyOptions {
  bool yes = false, purge = false;
};

Result<void> ask(const DestroyPlan& plan) {
  for (const auto& one : plan.removals) say(fmt::format("  delete: {}\n", harmless(one.what)));
  for (const auto& one : plan.kept) say(fmt::format("  keep:   {}\n", harmless(in_commands(one))));
  const auto agreed = says_yes("Delete these? The refresh token in the vault goes with it. [y/N] ");
  if (!agreed) return std::unexpected(agreed.error());
  if (!*agreed) return fail(Errc::cancelled, "nothing was deleted");
  return {};
}

Result<ExitCode> destroy(Setup& setup, const DestroyOptions& options, OutputFormat format) {
  SetupRemoval wanted;
  wanted.purge = options.purge;
  if (!options.yes) wanted.agree = ask;
  if (format != OutputFormat::json)
    wanted.removing = [](const Removal& one) { say(fmt::format("deleting {}\n", harmless(one.what))); };
  const auto destroyed = destroy_setup(setup, wanted);
  if (!destroyed) return std::unexpected(destroyed.error());
  if (format == OutputFormat::json) {
    print_json(json_of(*destroyed, in_commands));
    return ExitCode::done;
  }
  const auto& [removals, kept] = destroyed->plan;
  for (const auto& one : removals) print(fmt::format("deleted  {}\n", harmless(one.what)));
  for (const auto& one : kept) print(fmt::format("kept     {}\n", harmless(in_commands(one))));
  if (removals.empty()) print("There is nothing of portalkey's to delete.\n");
  print(fmt::format("kept     profile {} in {}\n", setup.profile().name, setup.config().string()));
  return ExitCode::done;
}

}  // namespace

void add_setup_command(Command app, const Globals& globals, Run& run) {
  const auto setup =
      app.subcommand("setup", "Make (or take away) the key vault, app registration and role in Azure that a profile needs");
  setup.require_subcommand();
  const auto verb = [&](const char* name, const char* about) {
    auto options = std::make_shared<SetupWishes>();
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
        return with_setup(*options, globals, *format, [&](Setup& s) { return apply(s, globals, *format); });
      };
    });
  }
  {
    auto [command, options, format] = verb("export", "Write the same as templates for your own deployment; asks Azure nothing");
    auto more = std::make_shared<SetupTemplates>();
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
