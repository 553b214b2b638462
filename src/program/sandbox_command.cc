#include "program/sandbox_command.h"

#include <cstdio>
#include <memory>
#include <string>

#include "cli/terminal/output.h"
#include "program/sandbox_visitor.h"
#include "sandbox/sandbox.h"

namespace portalkey {
namespace {

struct SandboxFlags {
  sandbox::SandboxOptions options;
  std::string folder = "portalkey-sandbox";
  std::string users_file;
  std::string record_file;
  std::int64_t token_lifetime = 0;
  std::int64_t upload_delay_ms = 1000;
  std::int64_t latency_ms = 0;
  std::string activation_limit = "200/300";
  std::string activation_window = "narrow";
  bool no_premium = false;
  std::string imds;
  std::string arc_folder;
  std::int64_t replication_delay = -1;
};

std::string check_limit(const std::string& text) {
  if (text == "0") return {};
  int count = 0, seconds = 0, end = 0;
  const bool fine = std::sscanf(text.c_str(), "%d/%d%n", &count, &seconds, &end) == 2 && end == static_cast<int>(text.size()) &&
                    count > 0 && seconds > 0;
  return fine ? std::string() : "must be N/SECONDS, for example 200/300, or 0";
}

std::string check_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  int port = 0, end = 0;
  const bool fine = colon != std::string::npos && colon > 0 && std::sscanf(text.c_str() + colon, ":%5d%n", &port, &end) == 1 &&
                    colon + static_cast<std::size_t>(end) == text.size() && port >= 0 && port <= 65535;
  return fine ? std::string() : "must be ADDRESS:PORT, for example 169.254.169.254:80";
}

sandbox::SandboxOptions options_of(const SandboxFlags& flags) {
  sandbox::SandboxOptions options = flags.options;
  options.folder = flags.folder;
  options.users_file = flags.users_file;
  options.record_file = flags.record_file;
  options.premium_licence = !flags.no_premium;
  options.upload_delay = std::chrono::milliseconds(flags.upload_delay_ms);
  options.portal_activation_wide = flags.activation_window == "wide";
  options.latency = std::chrono::milliseconds(flags.latency_ms);
  options.arc_folder = flags.arc_folder;
  if (flags.replication_delay >= 0) options.replication_delay = std::chrono::seconds(flags.replication_delay);
  if (const auto colon = flags.imds.rfind(':'); colon != std::string::npos) {
    options.imds_address = flags.imds.substr(0, colon);
    options.imds_port = static_cast<std::uint16_t>(std::stoi(flags.imds.substr(colon + 1)));
  }
  if (flags.token_lifetime > 0) options.access_token_lifetime = std::chrono::seconds(flags.token_lifetime);
  int count = 0, seconds = 300;
  if (std::sscanf(flags.activation_limit.c_str(), "%d/%d", &count, &seconds) < 1) count = 0;
  options.activation_limit = count;
  options.activation_window = std::chrono::seconds(seconds);
  return options;
}

int run_and_report(const sandbox::SandboxOptions& options) {
  const auto done = sandbox::run_sandbox(options, [](const sandbox::SandboxReady& ready) {
    if (auto written = write_visitor_files(ready); !written)
      warn("no files to begin with were written: " + written.error().what);
    print(stdout_is_terminal() ? harmless(what_to_type(ready)) : ready.line);
  });
  if (done) return 0;
  return static_cast<int>(report_error(done.error(), OutputFormat::table));
}

}  // namespace

void add_sandbox_run(Command program, std::function<int()>& run) {
  const auto command =
      program.subcommand("run", "Serve Entra ID, Key Vault and the portal's backend on 127.0.0.1 until Ctrl+C");
  const auto flags = std::make_shared<SandboxFlags>();
  sandbox::SandboxOptions& options = flags->options;

  const char* where = "Where";
  command.option("--dir", flags->folder, "Folder for state, certificates and secrets; the state survives a restart")
      .group(where)
      .shows_default();
  command.option("--port", options.port, "HTTPS port [the earlier one if it is free, else any]").group(where);
  command.option("--admin-port", options.admin_port, "Port of the admin API and the device page, plain HTTP").group(where);
  command.option("--seed", options.seed, "Seed of ids, token lifetimes and faults: a run can be repeated")
      .group(where)
      .shows_default();
  command
      .option("--record", flags->record_file,
              "Write exchanges with Key Vault, Resource Manager and Graph to this new file, as JSON lines")
      .group(where);

  const char* who = "Who and what is there";
  command.option("--users", flags->users_file, "More accounts: one UPN a line, or a CSV with a column upn")
      .group(who)
      .existing_file();
  command
      .option("--generate-users", options.generated_users,
              "A large tenant: so many accounts employee.000001@contoso.com ..., every fiftieth disabled")
      .group(who)
      .within(0, 999'999);
  command.flag("--strict-users", options.strict_users, "Only known accounts exist [any UPN @contoso.com does]").group(who);
  command.option("--vault", options.vault_name, "Name of the key vault").group(who).shows_default();
  command
      .flag("--empty-subscription", options.empty_subscription,
            "Nothing is in the subscription yet: no vault, no group, no registered provider")
      .group(who);
  command.option("--arm-polls", options.arm_polls, "How often an operation of Resource Manager says that it is still running")
      .group(who)
      .within(0, 1000)
      .shows_default();
  command.flag("--no-premium", flags->no_premium, "The tenant has no Entra ID P1: uploads are refused").group(who);
  command
      .option("--china-portal-app-id", options.china_portal_app_id,
              "App id of the portal's backend in China, which is not published")
      .group(who);

  const char* sign_in = "Sign-in";
  command
      .flag("--auto-approve", options.auto_approve,
            "Device codes are approved at once: by the service account for the portal, else by the admin")
      .group(sign_in);
  command.flag("--single-use-refresh", options.single_use_refresh, "A refresh token works once").group(sign_in);
  command.option("--access-token-lifetime", flags->token_lifetime, "Seconds [60 to 90 minutes]").group(sign_in).positive();
  command.flag("--foci", options.foci, "Answers to first-party clients carry \"foci\"").group(sign_in);

  const char* directory = "Directory and managed identity";
  command
      .option("--replication-delay", flags->replication_delay,
              "Seconds until new apps, secrets and role assignments are known everywhere [0]")
      .group(directory)
      .not_negative();
  command.option("--imds", flags->imds, "Serve the metadata service at ADDRESS:PORT too")
      .group(directory)
      .check(check_endpoint, "ADDRESS:PORT");
  command.option("--arc-tokens", flags->arc_folder, "Folder for the keys of Azure Arc's challenges [arc-tokens in --dir]")
      .group(directory);

  command
      .flag("--grant-graph", options.grant_graph,
            "The app registration has Microsoft Graph's permissions for hardware OATH tokens, with consent")
      .group(directory);

  const char* portal = "Portal";
  command.option("--upload-delay", flags->upload_delay_ms, "Milliseconds until an upload is processed")
      .group(portal)
      .not_negative()
      .shows_default();
  command.option("--upload-outcome", options.upload_outcome, "How uploads end: ok, errors or never [ok]")
      .group(portal)
      .one_of({"ok", "errors", "never"});
  command.flag("--upload-all-or-nothing", options.upload_all_or_nothing, "One bad row spoils its whole upload").group(portal);
  command.flag("--list-uploads-items", options.list_uploads_items, "listUploads answers {\"items\":[...]}").group(portal);
  command.option("--activation-limit", flags->activation_limit, "Activations per tenant, N/SECONDS; 0 = no limit")
      .group(portal)
      .check(check_limit, "N/SECONDS")
      .shows_default();
  command
      .option("--portal-activation-window", flags->activation_window,
              "Codes the portal takes at activation: narrow, a step either way, or wide, a day or two, as "
              "Microsoft documents for OATH tokens and as Graph does")
      .group(portal)
      .one_of({"narrow", "wide"})
      .shows_default();
  command
      .flag("--exact-upload-header", options.exact_upload_header,
            "Refuse uploads whose header line is not, letter by letter, the documented one")
      .group(portal);
  command
      .flag("--refuse-leading-zero-codes", options.refuse_leading_zero_codes,
            "Refuse codes that begin with 0, as an issue of 2019 reports")
      .group(portal);

  const char* faults = "Faults";
  command.option("--latency", flags->latency_ms, "Milliseconds before every answer").group(faults).not_negative();
  command.option("--fault", options.faults, "A fault rule as JSON; may be repeated. See docs/sandbox.md")
      .group(faults)
      .repeatable();
  command.flag("--vault-down", options.vault_down, "Key Vault answers 503").group(faults);

  command.callback([flags, &run] { run = [flags] { return run_and_report(options_of(*flags)); }; });
}

}  // namespace portalkey
