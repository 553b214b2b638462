#include "cli/profiles/all_profiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/operations/profiles.h"
#include "app/process_environment.h"
#include "app/tenant/tenant.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/pasteable.h"

namespace portalkey {
namespace {

constexpr std::array kFromWorst{ExitCode::interrupted, ExitCode::needs_person, ExitCode::usage,
                                ExitCode::failed,      ExitCode::partly_done,  ExitCode::done};

ExitCode worse(ExitCode a, ExitCode b) { return std::ranges::find(kFromWorst, a) < std::ranges::find(kFromWorst, b) ? a : b; }

Result<OfOneProfile> work_on(const ProfileChoice& choice, const std::function<Result<OfOneProfile>(Tenant&)>& work,
                             bool& wrong_profile) {
  auto profile = load_profile(choice, process_environment());
  wrong_profile = !profile;
  if (!profile) return pass(profile);
  TerminalInteraction terminal;
  Tenant tenant(std::move(*profile), {terminal, process_environment(), stop_on_interrupt()});
  if (auto fine = tenant.check_files(); !fine) return pass(fine);
  return work(tenant);
}

std::string line_of(const std::string& name, const Result<OfOneProfile>& done) {
  if (done) return fmt::format("{}: {}\n", name, done->line);
  std::string line = fmt::format("{}: error: {}", name, pasteable(done.error().what));
  if (!done.error().remedy.empty()) line += fmt::format(" (what to do: {})", pasteable(done.error().remedy));
  return line + "\n";
}

}  // namespace

void add_all_profiles_option(Command command, bool& wanted) {
  command.flag("--all-profiles", wanted,
               "For every profile of the config files: a line or object each, and the worst exit code");
}

int with_all_profiles(const Globals& globals, OutputFormat format, const std::function<Result<OfOneProfile>(Tenant&)>& work) {
  if (!globals.profile.name.empty()) {
    say("error: --all-profiles and --profile exclude each other\n  what to do: leave out one of them\n");
    return static_cast<int>(ExitCode::usage);
  }
  auto places = list_profiles(globals.profile, process_environment());
  if (places && places->empty()) places = fail(Errc::invalid_input, "there are no profiles", "Write one: docs/profiles.md.");
  if (!places) {
    report_error(places.error(), format);
    return static_cast<int>(ExitCode::usage);
  }
  ExitCode worst = ExitCode::done;
  JsonOutput out;
  const char* between = "[";
  for (const auto& place : *places) {
    bool wrong_profile = false;
    const auto done = work_on(choice_of(globals.profile, place), work, wrong_profile);
    const ExitCode code = done ? done->code : wrong_profile ? ExitCode::usage : exit_code_of(done.error().code);
    worst = worse(worst, code);
    if (format == OutputFormat::json) {
      out.add(fmt::format("{}{{\"profile\":{},\"exitCode\":{},\"result\":{},\"error\":{}}}", std::exchange(between, ",\n"),
                          json_string(place.name), static_cast<int>(code), done ? done->result : "null",
                          done ? "null" : json_of_error(done.error())));
    } else {
      print(harmless(line_of(place.name, done)));
    }
    if (code == ExitCode::interrupted) break;
  }
  if (format == OutputFormat::json) {
    out.add("]");
    out.end();
  }
  return static_cast<int>(worst);
}

}  // namespace portalkey
