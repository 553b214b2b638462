// People and their tokens: users show, users list.

#include <fmt/format.h>

#include "app/json/user_json.h"
#include "app/operations/list_tokens.h"
#include "base/counted.h"
#include "cli/terminal/command.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/pasteable.h"
#include "cli/terminal/rows.h"
#include "jobs/verdict/tenant_check.h"

namespace portalkey {
namespace {

std::string account_text(const Account& account) {
  if (!account.exists) return "";
  if (!*account.exists) return "not in the tenant";
  if (account.guest == true) return "guest";
  if (account.enabled == false) return "disabled";
  return account.enabled ? "enabled" : "";
}

std::string free_text(const UserDetails& user) {
  return fmt::format("{}{} of {}", user.methods ? "" : "at most ", user.free, kTokensPerUser);
}

void tell_not_checked(const std::vector<NotChecked>& list) {
  for (const auto& one : list) warn(fmt::format("not checked: {}: {}. {}", one.what, one.why, one.remedy));
}

Rows rows_of(const UserDetails& user) {
  Rows rows({"field", "value"});
  rows.add({"user", user.account.upn});
  const std::string account = account_text(user.account);
  rows.add({"account", account.empty() ? Cell::nothing() : Cell(account)});
  for (const auto& token : user.tokens) {
    const std::string made = token.manufacturer + (token.model.empty() ? "" : " " + token.model);
    rows.add({"token", fmt::format("{}, {}{}", token.serial, state_of(token), made.empty() ? "" : ", " + made)});
  }
  if (user.methods) {
    for (const auto& method : *user.methods) {
      if (method.kind != "hardwareOath")  // they are above; those of the other world are counted below
        rows.add({"method", method.kind + (method.name.empty() ? "" : ", " + method.name)});
    }
  }
  rows.add({"free places", free_text(user)});
  return rows;
}

Result<ExitCode> show_one(Tenant& tenant, const std::string& upn, OutputFormat format) {
  const auto user = show_user(tenant, upn);
  if (!user) return std::unexpected(user.error());
  if (format == OutputFormat::json) {
    print_json(json_of(*user, pasteable));
    return ExitCode::done;
  }
  print(rows_of(*user).text(format));
  tell_not_checked(user->not_checked);
  if (user->methods) {
    std::size_t all = 0;
    for (const auto& method : *user->methods) all += method.kind == "hardwareOath" ? 1 : 0;
    if (all > user->tokens.size())
      say(fmt::format("{} hardware tokens of this user are not managed through this backend.\n", all - user->tokens.size()));
  }
  return ExitCode::done;
}

Result<ExitCode> list_people(Tenant& tenant, const UsersQuery& query, OutputFormat format) {
  const auto listed = list_users(tenant, query);
  if (!listed) return std::unexpected(listed.error());
  for (const auto& warning : listed->warnings) warn(warning);
  if (format == OutputFormat::json) {
    print_json(json_of(*listed));
  } else {
    Rows rows({"upn", "account", "tokens", "active"});
    for (const auto& user : listed->users) {
      const std::string account = account_text(user.account);
      rows.add({user.account.upn, account.empty() ? Cell::nothing() : Cell(account),
                Cell::number(static_cast<std::int64_t>(user.tokens)), Cell::number(static_cast<std::int64_t>(user.active))});
    }
    print(rows.text(format));
    if (format == OutputFormat::table) print(fmt::format("{} of {}\n", listed->users.size(), counted(listed->asked, "user")));
  }
  tell_not_checked(listed->not_checked);
  if (listed->graphs_only)
    say(pasteable("Tokens that came by CSV are not counted: portalkey users list --backend portal counts both.\n"));
  return listed->warnings.empty() ? ExitCode::done : ExitCode::partly_done;
}

void add_users_show(Command users, const Globals& globals, Run& run) {
  auto upn = std::make_shared<std::string>();
  auto format = std::make_shared<OutputFormat>();
  const auto command = users.subcommand("show", "A user's tokens, other methods, and how many of the five places are free");
  command.option("UPN", *upn, "Whose; of somebody who no longer exists the object id").required();
  add_rows_output_option(command, format);
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_tenant(globals, *format, [&](Tenant& tenant) { return show_one(tenant, *upn, *format); });
    };
  });
}

void add_users_list(Command users, const Globals& globals, Run& run) {
  auto query = std::make_shared<UsersQuery>();
  auto format = std::make_shared<OutputFormat>();
  const auto command = users.subcommand("list", "How many tokens the people of a group or a file have");
  const auto group =
      command.option("--group", query->group, "Who is in this group, or in groups within it: display name or object id")
          .type_name("NAME");
  command.option("--file", query->file, "Who is in this list: delimited text with a column upn, or UPNs only")
      .type_name("FILE")
      .excludes(group);
  command.flag("--without-token", query->without_token, "Only who has none");
  add_rows_output_option(command, format);
  command.callback([=, &globals, &run] {
    if (query->group.empty() && query->file.empty()) throw WrongUsage("users list", "give a --group, or a --file of UPNs");
    run = [=, &globals] {
      return with_tenant(globals, *format, [&](Tenant& tenant) { return list_people(tenant, *query, *format); });
    };
  });
}

}  // namespace

void add_users_command(Command app, const Globals& globals, Run& run) {
  const auto users = app.subcommand("users", "People and their hardware tokens: show, list");
  users.require_subcommand();
  add_users_show(users, globals, run);
  add_users_list(users, globals, run);
}

}  // namespace portalkey
