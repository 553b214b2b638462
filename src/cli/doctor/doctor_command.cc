#include <fmt/format.h>

#include <algorithm>

#include "app/json/findings_json.h"
#include "app/operations/examine.h"
#include "app/process_environment.h"
#include "base/counted.h"
#include "cli/profiles/all_profiles.h"
#include "cli/terminal/command.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/pasteable.h"

namespace portalkey {
namespace {

struct Options {
  OutputFormat format = OutputFormat::table;
  ExamineOptions examine;
  bool all_profiles = false;
};

std::string counts_of(const Findings& findings) {
  std::size_t counts[4] = {};
  for (const auto& finding : findings) ++counts[static_cast<std::size_t>(finding.outcome)];
  return fmt::format("{} ok, {}, {}, {} not checked", counts[0], counted(counts[1], "warning"), counted(counts[2], "failure"),
                     counts[3]);
}

void print_table(const Findings& findings) {
  static constexpr std::pair<const char*, const char*> kMarks[] = {
      {"ok      ", "32"}, {"warning ", "33"}, {"FAILURE ", "31"}, {"-       ", "2"}};
  for (const auto& finding : findings) {
    const auto& [mark, colour] = kMarks[static_cast<std::size_t>(finding.outcome)];
    print(fmt::format("{}  {}: {}\n", colour_on_stdout() ? fmt::format("\x1b[{}m{}\x1b[0m", colour, mark) : mark,
                      harmless(finding.check), harmless(pasteable(finding.what))));
    for (const auto& [key, value] : finding.context) print(fmt::format("            {}: {}\n", key, harmless(value)));
    if (!finding.remedy.empty()) print(fmt::format("            what to do: {}\n", harmless(pasteable(finding.remedy))));
  }
  print(counts_of(findings) + "\n");
}

ExitCode report(const Findings& findings, const std::string& profile, OutputFormat format) {
  if (format == OutputFormat::json) {
    print_json(json_of(findings, profile, pasteable));
  } else {
    print_table(findings);
  }
  return worst(findings) == Outcome::failure ? ExitCode::failed : ExitCode::done;
}

/// With what failed first.
Result<OfOneProfile> examine_one(Tenant& tenant, const ExamineOptions& options) {
  const auto findings = examine(tenant, options);
  if (tenant.stop().stop_requested()) return fail(Errc::cancelled, "interrupted");
  std::string line = counts_of(findings);
  const auto first = std::ranges::find(findings, Outcome::failure, &Finding::outcome);
  if (first != findings.end()) line += fmt::format("; {}: {}", first->check, pasteable(first->what));
  return OfOneProfile{first == findings.end() ? ExitCode::done : ExitCode::failed, line,
                      json_of(findings, tenant.profile().name, pasteable)};
}

ExitCode run_doctor(const Globals& globals, const Options& options) {
  auto profile = load_profile(globals.profile, process_environment());
  if (!profile) {
    report(no_profile_to_examine(profile.error()), globals.profile.name, options.format);
    return profile.error().code == Errc::invalid_input ? ExitCode::usage : ExitCode::failed;
  }
  const std::string name = profile->name;
  TerminalInteraction terminal;
  Tenant tenant(std::move(*profile), {terminal, process_environment(), stop_on_interrupt()});
  const auto findings = examine(tenant, options.examine);
  if (tenant.stop().stop_requested()) return ExitCode::interrupted;
  return report(findings, name, options.format);
}

}  // namespace

void add_doctor_command(Command app, const Globals& globals, Run& run) {
  auto format = std::make_shared<OutputFormat>();
  auto options = std::make_shared<Options>();
  const auto command =
      app.subcommand("doctor", "Check the profile from end to end: files, network, credential, vault, session");
  add_output_option(command, format, false);
  add_all_profiles_option(command, options->all_profiles);
  command.flag("--redeem", options->examine.redeem, "Renew the session for real, and call the portal API");
  command.flag("--all-hosts", options->examine.all_hosts, "Check also the hosts that only portalkey setup uses");
  command.callback([&run, &globals, format, options] {
    run = [&globals, format, options] {
      options->format = *format;
      if (options->all_profiles)
        return with_all_profiles(globals, *format, [&](Tenant& one) { return examine_one(one, options->examine); });
      return static_cast<int>(run_doctor(globals, *options));
    };
  });
}

}  // namespace portalkey
