#include <fmt/format.h>

#include <algorithm>

#include "app/operations/call_portal.h"
#include "app/operations/licences.h"
#include "base/ascii.h"
#include "base/files.h"
#include "base/indented_json.h"
#include "base/visible_text.h"
#include "cli/terminal/command.h"
#include "cli/terminal/confirm.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/rows.h"

namespace portalkey {
namespace {

struct ApiOptions {
  std::string method;
  std::string path;
  std::string body_file;
  bool yes = false;
};

constexpr std::size_t kBodyLimit = 16 << 20;

Result<bool> person_agrees(const ApiOptions& options) {
  if (options.yes || options.method == "GET" || !can_ask()) return true;
  return says_yes(harmless(fmt::format("{} {} may change the tenant through an API its owner does not support. Go on? [y/N] ",
                                       options.method, options.path)));
}

/// A program gets the bytes; a terminal nothing that it would obey.
std::string as_it_is(std::string_view body) {
  return stdout_is_terminal() ? visible_text(body, ' ', LineEnds::kept) : std::string(body);
}

Result<ExitCode> call(Tenant& tenant, const ApiOptions& options, OutputFormat format) {
  PortalRequest request{options.method, options.path, {}};
  if (!options.body_file.empty()) {
    auto body = options.body_file == "-" ? read_stdin(kBodyLimit) : read_file(options.body_file, kBodyLimit, FileUse::input);
    if (!body) return pass(body);
    request.body = std::move(*body);
  }
  auto call = portal_call_of(std::move(request));
  if (!call) return std::unexpected(std::move(call).error().with("file", options.body_file));
  auto agreed = person_agrees(options);
  if (!agreed) return pass(agreed);
  if (!*agreed) return fail(Errc::cancelled, "not sent");
  const auto answer = call_portal(tenant, std::move(*call));
  if (!answer) return std::unexpected(answer.error());
  answer->reveal([&](std::string_view body) {
    const auto indented = format == OutputFormat::json ? indented_json(body) : std::nullopt;
    if (indented && jq_wanted()) return print_json(body);
    print(indented ? *indented + "\n" : as_it_is(body));
  });
  return ExitCode::done;
}

Result<ExitCode> skus(Tenant& tenant, OutputFormat format) {
  const auto found = read_licences(tenant);
  if (!found) return std::unexpected(found.error());
  if (format == OutputFormat::json) {
    print_json(found->as_listed);
    return ExitCode::done;
  }
  Rows rows({"licence", "sku", "total", "used", "free"});
  for (const auto& one : found->licences)
    rows.add({one.name, one.sku, Cell::number(one.total), Cell::number(one.used), Cell::number(one.free)});
  print(rows.text(format));
  return ExitCode::done;
}

}  // namespace

void add_api_command(Command app, const Globals& globals, Run& run) {
  auto options = std::make_shared<ApiOptions>();
  auto format = std::make_shared<OutputFormat>();
  const auto command = app.subcommand("api", "Call any path of the portal's backend API");
  command.footer("Example: portalkey api GET '/api/AccountSkus?backfillTenants=true'");
  command.option("METHOD", options->method, "GET, POST, PUT, PATCH or DELETE")
      .required()
      .transform([](std::string method) {
        std::ranges::transform(method, method.begin(), to_upper);
        return method;
      })
      .one_of({"GET", "POST", "PUT", "PATCH", "DELETE"});
  command.option("PATH", options->path, "Path and query, from the host's root: /api/...").required();
  command.option("--body", options->body_file, "JSON body from FILE; - is standard input").type_name("FILE");
  command.flag("-y,--yes", options->yes, "Do not ask before a call that may change something (asked on a terminal only)");
  add_output_option(command, format, true);
  command.callback([options, format, command, &globals, &run] {
    // JSON is what most answers are; an error is JSON only for those who asked for it.
    const auto errors = command.given("--output") ? *format : OutputFormat::table;
    if (options->body_file == "-" && options->method != "GET" && !options->yes && stderr_is_terminal()) {
      throw WrongUsage("--body -", "takes standard input, so the question cannot be answered there: add --yes");
    }
    if (options->method == "GET" && !options->body_file.empty()) throw WrongUsage("--body", "does not go with GET");
    run = [options, format, errors, &globals] {
      return with_tenant(globals, errors, [&](Tenant& tenant) { return call(tenant, *options, *format); });
    };
  });
}

void add_skus_command(Command app, const Globals& globals, Run& run) {
  auto format = std::make_shared<OutputFormat>();
  const auto command = app.subcommand("skus", "List the tenant's licences (AccountSkus)");
  add_rows_output_option(command, format);
  command.callback([format, &globals, &run] {
    run = [format, &globals] { return with_tenant(globals, *format, [&](Tenant& tenant) { return skus(tenant, *format); }); };
  });
}

}  // namespace portalkey
