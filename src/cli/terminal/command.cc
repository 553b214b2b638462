#include "cli/terminal/command.h"

#include <algorithm>
#include <cstdlib>

#include "app/process_environment.h"
#include "app/tenant/tenant.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/json_output.h"

namespace portalkey {

namespace {

/// Without HOME the state is kept in a folder that only root may make.
void note_home(Error& error) {
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home != '\0') return;
  const bool about_state =
      std::ranges::any_of(error.context, [](const auto& entry) { return entry.second.starts_with("/var/lib/portalkey"); });
  if (about_state)
    error.context.emplace_back("HOME", "is not set, so the state is kept below /var/lib/portalkey: set HOME, or state_dir");
}

}  // namespace

int with_tenant(const Globals& globals, OutputFormat format, const std::function<Result<ExitCode>(Tenant&)>& work,
                TerminalInteraction::Person person) {
  auto profile = load_profile(globals.profile, process_environment());
  if (!profile) {
    const ExitCode code = report_error(profile.error(), format);
    return static_cast<int>(profile.error().code == Errc::invalid_input ? ExitCode::usage : code);
  }
  TerminalInteraction terminal(person);
  Tenant tenant(std::move(*profile), {terminal, process_environment(), stop_on_interrupt()});
  const auto trusted = tenant.check_files();
  auto done = trusted ? work(tenant) : std::unexpected(trusted.error());
  if (!done) note_home(done.error());
  return static_cast<int>(done ? *done : report_error(done.error(), format));
}

void add_output_option(Command command, const std::shared_ptr<OutputFormat>& format, bool raw) {
  std::map<std::string, OutputFormat> names{{"json", OutputFormat::json}};
  names.emplace(raw ? "raw" : "table", raw ? OutputFormat::raw : OutputFormat::table);
  *format = raw ? OutputFormat::json : OutputFormat::table;
  command
      .option(
          "-o,--output",
          [format, names](const std::string& name) {
            if (jq_wanted() && name != "json") throw WrongUsage("--output", "--jq works on JSON: leave out -o " + name);
            *format = names.at(name);
          },
          raw ? "json (indented, the default) or raw (the service's bytes; on a terminal without what it would obey)"
              : "table (the default) or json")
      .one_of({"json", raw ? "raw" : "table"})
      .type_name("FORMAT");
  gives_json(format);
}

void add_rows_output_option(Command command, const std::shared_ptr<OutputFormat>& format) {
  static const std::map<std::string, OutputFormat> kNames{
      {"table", OutputFormat::table}, {"json", OutputFormat::json}, {"csv", OutputFormat::csv}, {"tsv", OutputFormat::tsv}};
  *format = OutputFormat::table;
  command
      .option(
          "-o,--output",
          [format](const std::string& name) {
            if (jq_wanted() && name != "json") throw WrongUsage("--output", "--jq works on JSON: leave out -o " + name);
            *format = kNames.at(name);
          },
          "table (the default), json, csv or tsv")
      .one_of({"table", "json", "csv", "tsv"})
      .type_name("FORMAT");
  gives_json(format);
  // Options are filled in the order they are declared in, wherever they stand on the command line.
  command.flag(
      "--bom",
      [format] {
        if (*format != OutputFormat::csv && *format != OutputFormat::tsv)
          throw WrongUsage("--bom", "goes with -o csv or -o tsv");
        *format = *format == OutputFormat::csv ? OutputFormat::csv_with_mark : OutputFormat::tsv_with_mark;
      },
      "With csv or tsv: begin with a byte order mark, which some spreadsheets need to read UTF-8");
}

}  // namespace portalkey
