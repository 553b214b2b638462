#include <fmt/format.h>

#include <algorithm>

#include "app/json/token_json.h"
#include "app/operations/list_tokens.h"
#include "base/counted.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/rows.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

Result<ExitCode> list(Tenant& tenant, const TokenQuery& query, OutputFormat format) {
  const auto listed = list_tokens(tenant, query);
  if (!listed) return std::unexpected(listed.error());
  if (format == OutputFormat::json) {
    print_json(json_of(*listed));
    return ExitCode::done;
  }
  Rows rows({"serial number", "upn", "state", "interval", "manufacturer", "model"});
  for (const auto& token : *listed) {
    rows.add({token.serial, token.upn, state_of(token),
              token.step ? Cell::number(*token.step, fmt::format("{} s", *token.step)) : Cell::nothing(), token.manufacturer,
              token.model});
  }
  print(rows.text(format));
  if (format == OutputFormat::table) print(counted(listed->size(), "token") + "\n");
  return ExitCode::done;
}

std::vector<std::string> strings(std::span<const std::string_view> names) { return {names.begin(), names.end()}; }

/// Columns, separated by commas or in options of their own.
void take_order(const std::vector<std::string>& given, std::vector<TokenOrder>& order) {
  for (const auto& text : given) {
    std::string_view rest = text;
    for (;;) {
      const auto comma = std::min(rest.find(','), rest.size());
      const auto one = token_order_of(rest.substr(0, comma));
      if (!one) {
        std::string names;
        for (const auto name : token_column_names()) names += (names.empty() ? "" : ", ") + std::string(name);
        throw WrongUsage("--sort", fmt::format("\"{}\" is no column: there are {}; with :desc behind it downwards",
                                               rest.substr(0, comma), names));
      }
      order.push_back(*one);
      if (comma == rest.size()) break;
      rest.remove_prefix(comma + 1);
    }
  }
}

}  // namespace

void add_tokens_list(Command tokens, const Globals& globals, Run& run) {
  auto query = std::make_shared<TokenQuery>();
  auto format = std::make_shared<OutputFormat>();
  const auto command = tokens.subcommand("list", "The tenant's hardware OATH tokens");
  command.option("--user", query->upn, "Only this user's").type_name("UPN");
  command
      .option(
          "--state", [query](const std::string& state) { query->state = token_state_of(state); },
          "Only those that are active, not-activated (somebody has them) or unassigned")
      .one_of(strings(token_state_names()))
      .type_name("STATE");
  command.option("--serial", query->serial, "Only serial numbers like PATTERN: * ? [...], letter case does not count")
      .type_name("PATTERN");
  command.option("--manufacturer", query->manufacturer, "Likewise").type_name("PATTERN");
  command.option("--model", query->model, "Likewise").type_name("PATTERN");
  command
      .option(
          "--sort", [query](const std::vector<std::string>& given) { take_order(given, query->order); },
          "By serial, upn, state, interval, manufacturer or model; upn,serial:desc is by user, then serial numbers downwards")
      .repeatable()
      .type_name("COLUMN");
  add_rows_output_option(command, format);
  command.footer("Example: portalkey tokens list --serial '70*' --state active --sort upn -o csv");
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_tenant(globals, *format, [&](Tenant& tenant) { return list(tenant, *query, *format); });
    };
  });
}

}  // namespace portalkey
