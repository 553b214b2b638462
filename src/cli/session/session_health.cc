#include "cli/session/session_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "app/json/session_json.h"
#include "app/operations/session.h"
#include "cli/profiles/all_profiles.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/references.h"

namespace portalkey {
namespace {

/// `8d`, `36h`, `90m`, `30s`.
std::optional<std::chrono::seconds> read_age(const std::string& text) {
  constexpr std::int64_t kMostDays = 10'000, kMost = kMostDays * 86'400;
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, count);
  if (problem != std::errc() || count < 1 || count > kMost || rest + 1 != end) return std::nullopt;
  const std::int64_t unit = *rest == 'd' ? 86'400 : *rest == 'h' ? 3'600 : *rest == 'm' ? 60 : *rest == 's' ? 1 : 0;
  if (unit == 0 || count > kMost / unit) return std::nullopt;
  return std::chrono::seconds(count * unit);
}

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
