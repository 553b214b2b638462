#include <fmt/format.h>

#include <algorithm>

#include "app/json/token_json.h"
#include "app/operations/list_tokens.h"
#include "base/counted.h"
#include "base/time_text.h"
#include "cli/terminal/age.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/rows.h"
#include "cli/tokens/tokens_command.h"
#include "service/mirror/sqlite_mirror.h"
#include "service/run/served_profiles.h"

namespace portalkey {
namespace {

/// What the service's copy has, if that is young enough; nullopt: it is not, or there is none.
std::optional<std::vector<TenantToken>> from_the_copy(Tenant& tenant, const TokenQuery& query, std::chrono::seconds max_age,
                                                      const ProfileChoice& choice) {
  ServeWishes wishes;
  wishes.profile = choice;
  const auto folder = service_folder(wishes, tenant.environment());
  std::error_code ignored;
  if (!folder || !std::filesystem::exists(*folder / "mirror.db", ignored)) return std::nullopt;
  auto mirror = open_mirror(*folder, tenant.clock());
  if (!mirror) return std::nullopt;
  const std::string& name = tenant.profile().name;
  const auto as_of = (*mirror)->as_of(name);
  if (!as_of || !*as_of || tenant.clock().now() - **as_of > max_age) return std::nullopt;
  MirrorQuery page_of;
  page_of.upn = query.upn;
  page_of.state = query.state;
  page_of.most = 1000;
  std::vector<TenantToken> tokens;
  do {
    auto page = (*mirror)->page(name, page_of);
    if (!page) return std::nullopt;
    for (const auto& token : page->tokens) tokens.push_back(shown(token));
    page_of.after = std::move(page->next);
  } while (!page_of.after.empty());
  say(fmt::format("as of {}, from the service's copy\n", iso_time(**as_of)));
  return chosen_tokens(std::move(tokens), query);
}

Result<std::vector<TenantToken>> read_tokens(Tenant& tenant, const TokenQuery& query,
                                             const std::optional<std::chrono::seconds>& max_age, const ProfileChoice& choice) {
  if (max_age) {
    if (auto copy = from_the_copy(tenant, query, *max_age, choice)) return std::move(*copy);
  }
  return list_tokens(tenant, query);
}

Result<ExitCode> list(const Result<std::vector<TenantToken>>& listed, OutputFormat format) {
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
  auto max_age = std::make_shared<std::optional<std::chrono::seconds>>();
  command
      .option(
          "--max-age", [max_age](const std::string& age) { *max_age = read_age(age); },
          "From the copy that the service keeps, if it is at most so old; otherwise, as without this, from the tenant: 15m, 2h")
      .check([](const std::string& age) { return read_age(age) ? "" : "is a number with d, h, m or s behind it: 15m"; }, "AGE");
  add_rows_output_option(command, format);
  command.footer("Example: portalkey tokens list --serial '70*' --state active --sort upn -o csv");
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_tenant(globals, *format,
                         [&](Tenant& tenant) { return list(read_tokens(tenant, *query, *max_age, globals.profile), *format); });
    };
  });
}

}  // namespace portalkey
