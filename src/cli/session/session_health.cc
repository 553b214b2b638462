#include "cli/session/session_health.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/json/session_json.h"
#include "app/operations/session.h"
#include "cli/profiles/all_profiles.h"
#include "cli/terminal/age.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/references.h"

namespace portalkey {
namespace {

std::string line_of(const SessionHealth& found) {
  const char* const word = found.health == Health::good ? "ok" : found.health == Health::unknown ? "unknown" : "not healthy";
  std::string line = in_commands(fmt::format("{}: {}{}", word, found.account.empty() ? "" : found.account + ", ", found.what));
  std::ranges::replace(line, '\n', ' ');
  return line;
}

ExitCode code_of(Health health) {
  if (health == Health::good) return ExitCode::done;
  return health == Health::needs_person ? ExitCode::needs_person : ExitCode::failed;
}

}  // namespace

void add_session_health(Command group, const Globals& globals, Run& run) {
  auto format = std::make_shared<OutputFormat>();
  auto max_age = std::make_shared<std::string>("8d");
  auto all = std::make_shared<bool>(false);
  const auto command = group.subcommand(
      "health", "For monitoring: one line, and exit code 0 if the session was renewed lately; redeems nothing");
  add_output_option(command, format, false);
  add_all_profiles_option(command, *all);
  command.option("--max-age", *max_age, "How long ago the last renewal may be: 8d, 36h, 90m (default 8d)").type_name("AGE");
  command.callback([&run, &globals, format, max_age, all] {
    const auto age = read_age(*max_age);
    if (!age) throw WrongUsage("session health", "--max-age is a number with d, h, m or s behind it: 8d");
    run = [&globals, format, all, age = *age] {
      if (*all) {
        return with_all_profiles(globals, *format, [&](Tenant& tenant) -> Result<OfOneProfile> {
          const auto found = session_health(tenant, age);
          return OfOneProfile{code_of(found.health), line_of(found), json_of(found)};
        });
      }
      return with_tenant(globals, *format, [&](Tenant& tenant) -> Result<ExitCode> {
        const auto found = session_health(tenant, age);
        *format == OutputFormat::json ? print_json(json_of(found)) : print(harmless(line_of(found)) + "\n");
        return code_of(found.health);
      });
    };
  });
}

}  // namespace portalkey
