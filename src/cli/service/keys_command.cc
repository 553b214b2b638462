#include "cli/service/keys_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "app/process_environment.h"
#include "base/ascii.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/output.h"
#include "service/callers/api_keys.h"
#include "service/run/served_profiles.h"

namespace portalkey {
namespace {

namespace json = boost::json;

struct KeyOptions {
  std::filesystem::path state;
  OutputFormat format = OutputFormat::table;
};

struct KeyWishes {
  std::string name, expires = "365d";
  std::vector<std::string> rights, tenants, domains, groups;
  std::optional<std::uint64_t> tokens_a_day;
  bool no_export = false;
};

/// `90d`.
std::optional<std::chrono::days> days_of(std::string_view text) {
  int days = 0;
  const auto [rest, wrong] = std::from_chars(text.data(), text.data() + text.size(), days);
  if (wrong != std::errc() || days < 1 || rest + 1 != text.data() + text.size() || *rest != 'd') return std::nullopt;
  return std::chrono::days(days);
}

std::string rights_text(const std::set<Right>& rights) {
  std::string out;
  for (const auto right : rights) out += (out.empty() ? "" : " ") + std::string(name_of(right));
  return out;
}

json::object key_json(const ApiKey& key, WallTime now) {
  json::array rights;
  for (const auto right : key.rights) rights.emplace_back(name_of(right));
  json::object limits{{"tenants", json::value_from(key.limits.tenants)},
                      {"domains", json::value_from(key.limits.domains)},
                      {"groups", json::value_from(key.limits.groups)},
                      {"tokensADay", nullptr},
                      {"mayExport", key.limits.may_export}};
  if (key.limits.tokens_a_day) limits["tokensADay"] = *key.limits.tokens_a_day;
  return {{"id", key.id},
          {"name", key.name},
          {"state", name_of(key.state(now))},
          {"rights", std::move(rights)},
          {"limits", std::move(limits)},
          {"created", iso_time(key.created)},
          {"expires", iso_time(key.expires)},
          {"lastUsed", key.last_used ? json::value(iso_time(*key.last_used)) : json::value(nullptr)}};
}

/// Opens the store in the service's folder, calls `work`, reports what it returns.
int with_keys(const Globals& globals, const KeyOptions& options, const std::function<Result<void>(ApiKeys&, Clock&)>& work) {
  const auto done = [&]() -> Result<void> {
    ServeWishes wishes;
    wishes.profile = globals.profile;
    wishes.state = options.state;
    auto folder = service_folder(wishes, process_environment());
    if (!folder) return pass(folder);
    SystemClock clock;
    auto keys = open_api_keys(*folder, clock);
    if (!keys) return pass(keys);
    return work(**keys, clock);
  }();
  return static_cast<int>(done ? ExitCode::done : report_error(done.error(), options.format));
}

Result<NewApiKey> new_key(const KeyWishes& wishes, WallTime now) {
  NewApiKey key;
  key.name = wishes.name;
  for (const auto& right : wishes.rights) key.rights.insert(*right_of(right));
  key.limits.tenants = {wishes.tenants.begin(), wishes.tenants.end()};
  for (const auto& domain : wishes.domains) key.limits.domains.insert(lower(domain));
  for (const auto& group : wishes.groups) key.limits.groups.insert(lower(group));
  if (wishes.tokens_a_day) key.limits.tokens_a_day = *wishes.tokens_a_day;
  key.limits.may_export = !wishes.no_export;
  key.expires = now + *days_of(wishes.expires);
  return key;
}

void add_create(Command keys, const std::shared_ptr<KeyOptions>& options, const Globals& globals, Run& run) {
  auto wishes = std::make_shared<KeyWishes>();
  auto format = std::make_shared<OutputFormat>();
  const auto command = keys.subcommand("create", "Make an API key and print it, this once");
  command.option("NAME", wishes->name, "By which people know it: help-desk").required();
  std::vector<std::string> names;
  for (const auto right : kEveryRight) names.emplace_back(name_of(right));
  command.option("--right", wishes->rights, "What its caller may do (repeat)").one_of(names).required().repeatable();
  command.option("--tenant", wishes->tenants, "Only in this profile's tenant (repeat)").repeatable().type_name("PROFILE");
  command.option("--domain", wishes->domains, "Only for users of this domain (repeat)").repeatable().type_name("DOMAIN");
  command.option("--group", wishes->groups, "Only for members of this group, by object id (repeat)")
      .repeatable()
      .type_name("ID");
  command.option("--tokens-a-day", wishes->tokens_a_day, "At most so many tokens in 24 hours").type_name("N");
  command.flag("--no-export", wishes->no_export, "It may look, but not take whole lists");
  command.option("--expires", wishes->expires, "When it ends (default 365d, at most 730d)").type_name("DAYS");
  add_output_option(command, format, false);
  command.footer("Example: portalkey serve keys create help-desk --right Tokens.Read --right Tokens.Write");
  command.callback([&run, &globals, options, wishes, format] {
    if (!days_of(wishes->expires)) throw WrongUsage("--expires", "is a number of days: 90d");
    run = [&globals, options, wishes, format] {
      options->format = *format;
      return with_keys(globals, *options, [&](ApiKeys& keys, Clock& clock) -> Result<void> {
        auto wish = new_key(*wishes, clock.now());
        if (!wish) return pass(wish);
        auto made = keys.create(*wish);
        if (!made) return pass(made);
        made->text.reveal([&](std::string_view text) {
          if (*format == OutputFormat::json) {
            auto shown = key_json(made->key, clock.now());
            shown["key"] = text;
            print_json(json_text(shown));
          } else {
            print(std::string(text) + "\n");
          }
        });
        if (*format != OutputFormat::json)
          say(fmt::format("It is shown this once. Id: {}; it may {}, until {}\n", made->key.id, rights_text(made->key.rights),
                          iso_time(made->key.expires)));
        return {};
      });
    };
  });
}

void add_list(Command keys, const std::shared_ptr<KeyOptions>& options, const Globals& globals, Run& run) {
  auto format = std::make_shared<OutputFormat>();
  const auto command = keys.subcommand("list", "List API keys, those that ended too");
  add_output_option(command, format, false);
  command.callback([&run, &globals, options, format] {
    run = [&globals, options, format] {
      options->format = *format;
      return with_keys(globals, *options, [&](ApiKeys& keys, Clock& clock) -> Result<void> {
        auto all = keys.list();
        if (!all) return pass(all);
        json::array out;
        Table table({"ID", "NAME", "STATE", "RIGHTS", "EXPIRES", "LAST USED"});
        for (const auto& key : *all) {
          out.push_back(key_json(key, clock.now()));
          table.add({key.id, key.name, std::string(name_of(key.state(clock.now()))), rights_text(key.rights),
                     iso_time(key.expires), key.last_used ? iso_time(*key.last_used) : "-"});
        }
        *format == OutputFormat::json ? print_json(json_text(out)) : print(table.text());
        return {};
      });
    };
  });
}

void add_revoke(Command keys, const std::shared_ptr<KeyOptions>& options, const Globals& globals, Run& run) {
  auto name = std::make_shared<std::string>();
  const auto command = keys.subcommand("revoke", "End an API key; it works at once, also where the service runs");
  command.option("KEY", *name, "Its id, or its name where only one has it").required();
  command.callback([&run, &globals, options, name] {
    run = [&globals, options, name] {
      return with_keys(globals, *options, [&](ApiKeys& keys, Clock&) -> Result<void> {
        auto revoked = keys.revoke(*name);
        if (!revoked) return pass(revoked);
        say(fmt::format("{} ({}) is revoked.\n", revoked->name, revoked->id));
        return {};
      });
    };
  });
}

}  // namespace

void add_keys_commands(Command serve, const Globals& globals, Run& run) {
  auto options = std::make_shared<KeyOptions>();
  const auto keys = serve.subcommand("keys", "API keys of callers that have no access token of Entra");
  keys.require_subcommand();
  keys.option("--state", options->state, "Where the service keeps its own files").type_name("DIR");
  add_create(keys, options, globals, run);
  add_list(keys, options, globals, run);
  add_revoke(keys, options, globals, run);
}

}  // namespace portalkey
