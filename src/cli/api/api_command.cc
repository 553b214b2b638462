#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "app/tenant/services.h"
#include "base/ascii.h"
#include "base/files.h"
#include "base/foreign_text.h"
#include "base/json_text.h"
#include "base/key_like.h"
#include "base/secret_json.h"
#include "base/visible_text.h"
#include "cli/terminal/command.h"
#include "cli/terminal/confirm.h"

namespace portalkey {
namespace {

namespace json = boost::json;

struct ApiOptions {
  std::string method;
  std::string path;
  std::string body_file;
  bool yes = false;
};

constexpr std::size_t kBodyLimit = 16 << 20;

void append_indented(std::string& out, const json::value& value, std::size_t depth) {
  const auto line = [&](std::size_t levels) { out += "\n" + std::string(2 * levels, ' '); };
  const auto list = [&](char open, char close, const auto& items, const auto& write) {
    out += open;
    bool first = true;
    for (const auto& item : items) {
      if (!first) out += ',';
      first = false;
      line(depth + 1);
      write(item);
    }
    if (!first) line(depth);
    out += close;
  };
  if (value.is_object()) {
    list('{', '}', value.get_object(), [&](const json::key_value_pair& member) {
      out += json_text(json::string(member.key())) + ": ";
      append_indented(out, member.value(), depth + 1);
    });
  } else if (value.is_array()) {
    list('[', ']', value.get_array(), [&](const json::value& item) { append_indented(out, item, depth + 1); });
  } else {
    out += json_text(value);
  }
}

/// What of a body somebody wrote must not be seen if the API quotes it: values under a name that says so, and what looks like a
/// key, such as those of a CSV file in a string.
void collect_secrets(const json::value& value, std::string_view name, std::vector<Secret>& secrets) {
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) collect_secrets(member.value(), member.key(), secrets);
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) collect_secrets(item, name, secrets);
  } else if (const auto* text = value.if_string()) {
    constexpr std::string_view kSecretNames[] = {"secret", "password", "passphrase", "token",
                                                 "code",   "key",      "pin",        "assertion"};
    const std::string small = lower(name);
    if (std::ranges::any_of(kSecretNames, [&](std::string_view one) { return small.contains(one); }))
      secrets.emplace_back(*text);
    std::string_view rest = *text;
    while (!rest.empty()) {
      const auto end = std::min(rest.find_first_of(" \t\r\n,;\"'"), rest.size());
      if (looks_like_key(rest.substr(0, end))) secrets.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

Result<bool> person_agrees(const ApiOptions& options) {
  if (options.yes || options.method == "GET" || !can_ask()) return true;
  return says_yes(harmless(fmt::format("{} {} may change the tenant through an API its owner does not support. Go on? [y/N] ",
                                       options.method, options.path)));
}

Result<ExitCode> call(Services& services, const ApiOptions& options, OutputFormat format) {
  PortalCall call;
  call.method = options.method;
  call.path = options.path;
  call.idempotency = options.method == "GET" ? Idempotency::yes : Idempotency::no;
  if (!options.body_file.empty()) {
    auto body = options.body_file == "-" ? read_stdin(kBodyLimit) : read_file(options.body_file, kBodyLimit, FileUse::input);
    if (!body) return pass(body);
    boost::system::error_code problem;
    json::value parsed;
    body->reveal([&](std::string_view text) { parsed = parse_secret_json(text, problem); });
    if (problem) {
      return std::unexpected(Error{Errc::invalid_input,
                                   "the body is not JSON: " + problem.message(),
                                   "Correct it; nothing was sent.",
                                   {{"file", options.body_file}}});
    }
    std::vector<Secret> secrets;
    collect_secrets(parsed, {}, secrets);
    call.body = {std::move(*body), std::move(secrets)};
  }
  auto agreed = person_agrees(options);
  if (!agreed) return pass(agreed);
  if (!*agreed) return fail(Errc::cancelled, "not sent");
  auto response = services.portal().call(std::move(call), services.deadline());
  if (!response) return pass(response);
  std::string out;
  response->body.reveal([&](std::string_view body) {
    boost::system::error_code problem;
    const auto parsed = format == OutputFormat::json ? parse_secret_json(body, problem) : json::value();
    if (format == OutputFormat::raw || problem) {
      // A program gets the bytes; a terminal nothing that it would obey.
      out = stdout_is_terminal() ? visible_text(body, ' ', LineEnds::kept) : std::string(body);
    } else {
      append_indented(out, parsed, 0);
      out += "\n";
    }
  });
  print(out);
  return ExitCode::done;
}

std::int64_t number(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::string text(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

constexpr std::size_t kLongestName = 200;

// A list of licences holds names, counts and dates. A long word without a blank is none of these and may be a secret in some
// spelling; a short one is kept, though it looks like a secret key: SHAREPOINTENTERPRISE is a service.
std::string licence_text(std::string_view said) {
  constexpr std::size_t kLongestWord = 100, kLongestServiceName = 40;
  const bool name =
      std::ranges::all_of(said, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
  if (name && said.size() <= kLongestServiceName) return std::string(said);
  auto kept = foreign_text(said, kLongestName);
  const bool one_word = !kept.contains(' ');
  return one_word && kept.size() > kLongestWord ? "***" : kept;
}

void keep_names(json::value& value) {
  if (value.is_object()) {
    json::object kept(value.storage());
    for (auto& member : value.get_object()) {
      json::value key(member.key(), value.storage());
      keep_names(key);
      keep_names(member.value());
      kept.insert_or_assign(key.get_string(), std::move(member.value()));
    }
    value = std::move(kept);
  } else if (value.is_array()) {
    for (auto& item : value.get_array()) keep_names(item);
  } else if (value.is_string()) {
    value = licence_text(value.get_string());
  }
}

Result<ExitCode> skus(Services& services, OutputFormat format) {
  PortalCall call;
  call.path = "/api/AccountSkus?backfillTenants=true";
  auto response = services.portal().call(std::move(call), services.deadline());
  if (!response) return pass(response);
  boost::system::error_code problem;
  json::value parsed;
  response->body.reveal([&](std::string_view body) { parsed = parse_secret_json(body, problem); });
  if (problem || !parsed.is_array()) {
    return fail(Errc::unavailable, "the portal API's list of licences has another shape than recorded",
                "See it with portalkey api GET /api/AccountSkus -o raw");
  }
  if (format == OutputFormat::json) {
    keep_names(parsed);
    std::string out;
    append_indented(out, parsed, 0);
    print(out + "\n");
    return ExitCode::done;
  }
  Table table({"LICENCE", "SKU", "TOTAL", "USED", "FREE"});
  for (const auto& item : parsed.get_array()) {
    if (!item.is_object()) continue;
    const auto& sku = item.get_object();
    table.add({foreign_text(text(sku, "name"), kLongestName), foreign_id(text(sku, "accountSkuId")),
               std::to_string(number(sku, "totalUnits")), std::to_string(number(sku, "consumedUnits")),
               std::to_string(number(sku, "availableUnits"))});
  }
  print(table.text());
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
      return with_services(globals, errors, [&](Services& services) { return call(services, *options, *format); });
    };
  });
}

void add_skus_command(Command app, const Globals& globals, Run& run) {
  auto format = std::make_shared<OutputFormat>();
  const auto command = app.subcommand("skus", "List the tenant's licences (AccountSkus)");
  add_output_option(command, format, false);
  command.callback([format, &globals, &run] {
    run = [format, &globals] {
      return with_services(globals, *format, [&](Services& services) { return skus(services, *format); });
    };
  });
}

}  // namespace portalkey
