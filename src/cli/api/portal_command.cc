#include <fmt/format.h>

#include "app/json/portal_json.h"
#include "app/operations/read_portal.h"
#include "base/indented_json.h"
#include "base/visible_text.h"
#include "cli/terminal/command.h"
#include "cli/terminal/json_output.h"

namespace portalkey {
namespace {

/// As they are given to `portal get`: those that it can do without in brackets.
std::string usage_of(const ReadOperation& operation) {
  std::string out;
  for (const auto& one : parameters_of(operation)) {
    if (one.paging) continue;
    const bool optional = !one.required || one.name == "top";
    out += fmt::format("{}{}{}={}", out.empty() ? "" : " ", optional ? "[" : "", one.name, optional ? "]" : "");
  }
  return out.empty() ? "-" : out;
}

ExitCode list(const std::string& word, OutputFormat format) {
  const auto found = find_read_operations(word);
  if (format == OutputFormat::json) {
    print_json(json_of(found));
    return ExitCode::done;
  }
  Table table({"NAME", "PARAMETERS", "ANSWER", "DESCRIPTION"});
  for (const auto* one : found)
    table.add({std::string(one->name), usage_of(*one), std::string(one->answer), std::string(one->what)});
  if (!found.empty()) print(table.text());
  print(fmt::format("{} operation{}{}\n", found.size(), found.size() == 1 ? "" : "s",
                    word.empty() ? "" : fmt::format(" with \"{}\"", harmless(word))));
  return ExitCode::done;
}

struct GetOptions {
  std::string name;
  std::vector<std::string> parameters;
  bool first_page = false;
};

Result<PortalRead> read_of(const GetOptions& options) {
  const auto operation = read_operation_named(options.name);
  if (!operation) return std::unexpected(operation.error());
  PortalRead read{*operation, {}, options.first_page};
  for (const auto& one : options.parameters) {
    const auto at = one.find('=');
    read.parameters.emplace_back(one.substr(0, at), one.substr(at + 1));
  }
  if (auto path = path_of(read); !path) return pass(path);
  return read;
}

Result<ExitCode> get(Tenant& tenant, const PortalRead& read, OutputFormat format) {
  const auto answer = read_portal(tenant, read);
  if (!answer) return std::unexpected(answer.error());
  answer->reveal([&](std::string_view body) {
    const bool is_json = format == OutputFormat::json && indented_json(body).has_value();
    if (is_json) return print_json(body);
    print(stdout_is_terminal() ? visible_text(body, ' ', LineEnds::kept) : std::string(body));
  });
  return ExitCode::done;
}

void add_operations(Command portal, Run& run) {
  auto word = std::make_shared<std::string>();
  auto format = std::make_shared<OutputFormat>();
  const auto command =
      portal.subcommand("operations", "List the reads of the portal's API that are known, with what they answer");
  command.footer("Example: portalkey portal operations policy");
  command.option("WORD", *word, "Only those with WORD in their name, path or description");
  add_output_option(command, format, false);
  command.callback([=, &run] { run = [=] { return static_cast<int>(list(*word, *format)); }; });
}

void add_get(Command portal, const Globals& globals, Run& run) {
  auto options = std::make_shared<GetOptions>();
  auto format = std::make_shared<OutputFormat>();
  const auto command = portal.subcommand("get", "Read from the portal's API by an operation's name, all pages of a list");
  command.footer(
      "Examples: portalkey portal get AccountSkus.List\n"
      "          portalkey portal get MultiFactorAuthentication.HardwareToken.Users.List upn=ann@contoso.com");
  command.option("NAME", options->name, "The operation, as portal operations lists it").required();
  command.option("PARAMETER", options->parameters, "Its parameters, as NAME=VALUE")
      .check(
          [](const std::string& text) { return text.find('=') > 0 && text.contains('=') ? "" : text + " is not NAME=VALUE"; },
          "NAME=VALUE");
  command.flag("--first-page", options->first_page, "Of a list in pages only the first, as the service gives it");
  add_output_option(command, format, true);
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      const auto errors = command.given("--output") || jq_wanted() ? *format : OutputFormat::table;
      const auto read = read_of(*options);
      if (!read) {
        report_error(read.error(), errors);
        return static_cast<int>(ExitCode::usage);
      }
      return with_tenant(globals, errors, [&](Tenant& tenant) { return get(tenant, *read, *format); });
    };
  });
}

}  // namespace

void add_portal_command(Command app, const Globals& globals, Run& run) {
  const auto portal = app.subcommand("portal", "Read from the portal's backend API by name");
  portal.require_subcommand();
  add_operations(portal, run);
  add_get(portal, globals, run);
}

}  // namespace portalkey
