#include <fmt/format.h>

#include "app/json/token_json.h"
#include "app/operations/list_tokens.h"
#include "cli/terminal/json_output.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

Result<ExitCode> list(Tenant& tenant, const TokenFilter& filter, OutputFormat format) {
  const auto listed = list_tokens(tenant, filter);
  if (!listed) return std::unexpected(listed.error());
  if (format == OutputFormat::json) {
    print_json(json_of(*listed));
    return ExitCode::done;
  }
  Table table({"SERIAL NUMBER", "UPN", "STATE", "INTERVAL", "MANUFACTURER", "MODEL"});
  for (const auto& token : *listed) {
    table.add({token.serial, token.upn, std::string(state_of(token)), token.step ? fmt::format("{} s", *token.step) : "-",
               token.manufacturer, token.model});
  }
  print(table.text() + fmt::format("{} tokens\n", listed->size()));
  return ExitCode::done;
}

}  // namespace

void add_tokens_list(Command tokens, const Globals& globals, Run& run) {
  auto filter = std::make_shared<TokenFilter>();
  auto format = std::make_shared<OutputFormat>();
  const auto command = tokens.subcommand("list", "The tenant's hardware OATH tokens");
  command.option("--user", filter->upn, "Only this user's").type_name("UPN");
  command
      .option(
          "--state", [filter](const std::string& state) { filter->active = state == "active"; },
          "Only those that are active, or not-activated")
      .one_of({"active", "not-activated"})
      .type_name("STATE");
  add_output_option(command, format, false);
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_tenant(globals, *format, [&](Tenant& services) { return list(services, *filter, *format); });
    };
  });
}

}  // namespace portalkey
