#include <fmt/format.h>

#include <boost/json.hpp>

#include "app/tenant/services.h"
#include "base/json_text.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

Result<ExitCode> list(Services& services, const TokenFilter& filter, OutputFormat format) {
  TokenDirectory& tokens = services.tokens();
  auto listed = tokens.list(filter, services.deadline());
  if (!listed) return pass(listed);
  for (auto& token : *listed) token = shown(token);
  const auto state = [](const TenantToken& token) {
    return token.active ? "active" : token.nobodys() ? "unassigned" : "not activated";
  };
  if (format == OutputFormat::json) {
    boost::json::array out;
    for (const auto& token : *listed) {
      out.push_back({{"serial", token.serial},
                     {"upn", token.upn},
                     {"state", state(token)},
                     {"step", token.step ? boost::json::value(*token.step) : boost::json::value(nullptr)},
                     {"manufacturer", token.manufacturer},
                     {"model", token.model},
                     {"oathId", token.oath_id},
                     {"userId", token.user_id}});
    }
    print(json_text(out) + "\n");
  } else {
    Table table({"SERIAL NUMBER", "UPN", "STATE", "INTERVAL", "MANUFACTURER", "MODEL"});
    for (const auto& token : *listed) {
      table.add({token.serial, token.upn, state(token), token.step ? fmt::format("{} s", *token.step) : "-", token.manufacturer,
                 token.model});
    }
    print(table.text() + fmt::format("{} tokens\n", listed->size()));
  }
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
      return with_services(globals, *format, [&](Services& services) { return list(services, *filter, *format); });
    };
  });
}

}  // namespace portalkey
