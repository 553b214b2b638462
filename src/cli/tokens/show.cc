#include <fmt/format.h>

#include "app/json/token_json.h"
#include "app/operations/list_tokens.h"
#include "app/operations/show_token.h"
#include "base/time_text.h"
#include "base/visible_text.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/pasteable.h"
#include "cli/terminal/rows.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

std::string in_words(const TokenEvent& event) {
  const auto& outcome = event.outcome;
  std::string text = fmt::format("{} {} ({}): {}", iso_time(event.begun), event.kind, event.job, name_of(outcome.state));
  if (!event.from.empty() && event.from != outcome.upn) text += fmt::format(", from {}", event.from);
  if (!outcome.upn.empty()) text += fmt::format(", {}", outcome.upn);
  if (!event.replaced_by.empty()) text += fmt::format(", replaced by {}", event.replaced_by);
  if (!outcome.reason.empty()) text += fmt::format("; {}", pasteable(outcome.reason));
  return text;
}

std::string user_of(const TenantToken& token) {
  if (token.nobodys()) return "nobody";
  if (token.upn.empty()) return fmt::format("{} (no longer in the tenant)", token.user_id);
  return token.upn;
}

/// What it is, and a row for each job that knew it.
Rows rows_of(const KnownToken& details) {
  Rows rows({"field", "value"});
  rows.add({"serial number", details.serial});
  rows.add({"tenant", details.tenant});
  rows.add({"backend", details.backend});
  if (details.held) {
    const auto& token = *details.held;
    rows.add({"state", state_of(token)});
    rows.add({"user", user_of(token)});
    if (!token.display_name.empty()) rows.add({"name", token.display_name});
    rows.add({"interval", token.step ? Cell::number(*token.step, fmt::format("{} s", *token.step)) : Cell::nothing()});
    rows.add({"manufacturer", token.manufacturer});
    rows.add({"model", token.model});
    rows.add({"id", token.oath_id});
    if (token.last_used) rows.add({"last used", iso_time(*token.last_used)});
  } else {
    rows.add({"state", "not in the tenant"});
  }
  rows.add(
      {"known since", details.known_since ? Cell(iso_time(*details.known_since)) : Cell("no job of this profile knows it")});
  if (const auto& clock = details.clock) {
    const std::string seen = clock->seen == WallTime{} ? "" : fmt::format(" (seen {})", iso_time(clock->seen));
    rows.add({"device's clock", text_of_ahead(clock->ahead) + seen});
  }
  for (const auto& event : details.events) rows.add({"job", in_words(event)});
  return rows;
}

Result<ExitCode> show(Tenant& tenant, const std::string& serial, OutputFormat format) {
  const auto details = show_token(tenant, serial);
  if (!details) return std::unexpected(details.error());
  for (const auto& note : details->notes) warn(note);
  if (format == OutputFormat::json) {
    print_json(json_of(*details, pasteable));
  } else {
    print(rows_of(*details).text(format));
  }
  return ExitCode::done;
}

}  // namespace

void add_tokens_show(Command tokens, const Globals& globals, Run& run) {
  auto serial = std::make_shared<std::string>();
  auto format = std::make_shared<OutputFormat>();
  const auto command = tokens.subcommand("show", "All that is known of a token: its user, its state, and what jobs did to it");
  command.option("SERIAL", *serial, "Its serial number").required();
  add_rows_output_option(command, format);
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_tenant(globals, *format, [&](Tenant& tenant) { return show(tenant, *serial, *format); });
    };
  });
}

}  // namespace portalkey
