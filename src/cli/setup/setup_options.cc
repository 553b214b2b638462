#include "cli/setup/setup_options.h"

namespace portalkey {

void add_setup_options(Command command, const std::shared_ptr<SetupWishes>& wishes) {
  auto& o = *wishes;
  command.option("--tenant", o.tenant, "The tenant, if neither profile nor environment names it (default: the subscription's)");
  command.option("--cloud", o.cloud, "global, usgov, usgov-dod or china (default: the profile's)");
  command.option("--subscription", o.subscription, "Id or name (default: AZURE_SUBSCRIPTION_ID, or the only one there is)");
  command.option("--resource-group", o.resource_group, "Default: portalkey").type_name("NAME");
  command.option("--location", o.location, "Where group and vault are made, e.g. westeurope").type_name("NAME");
  command.option("--vault", o.vault, "The key vault's name (default: a free one is derived)").type_name("NAME");
  command.flag("--recover", o.recover, "Recover a deleted vault that holds the name, with its secrets");
  command.option("--secret-name", o.secret_name, "The secret that keeps the refresh token (default: RefreshToken)")
      .type_name("NAME");
  command.option("--retention-days", o.retention_days, "How long a deleted vault can be recovered: 7 to 90 (default: 90)")
      .within(7, 90);
  command.flag(
      "--purge-protection", [wishes] { wishes->purge_protection = true; },
      "Nobody can destroy the vault before its retention is over (default when it is made; can never be undone)");
  command.flag("--no-purge-protection", [wishes] { wishes->purge_protection = false; }, "Make the vault without it");
  command
      .option("--allow-ip", o.allow_ip,
              "Only this IPv4 address or range may reach the vault; repeat for more; include this machine's")
      .type_name("CIDR");
  command.option("--network", o.network, "open: from everywhere; closed: private endpoints only").one_of({"open", "closed"});
  command.option("--tags", o.tags, "NAME=VALUE on group and vault; repeat for more").type_name("NAME=VALUE");
  command.option("--app-name", o.app_name, "Name of the app registration (default: portalkey-PROFILE)").type_name("NAME");
  command.option("--app-id", o.app_id, "Use the app registration with this client id").type_name("GUID");
  command.option("--app-credential", o.app_credential, "secret (default), certificate or federated")
      .one_of({"secret", "certificate", "federated"});
  command.option("--issuer", o.issuer, "Federated: who issues the outside tokens").type_name("URL");
  command.option("--subject", o.subject, "Federated: whom they are issued to").type_name("TEXT");
  command.option("--token-file", o.token_file, "Federated: where the outside token lies on this machine").type_name("FILE");
  command.option("--connector-redirect-uri", o.redirect_uris, "Redirect URI of a Power Automate connector; repeat for more")
      .type_name("URI");
  command.flag("--app-roles", o.app_roles, "Define the app roles of portalkey's HTTP service");
  command.option("--role-scope", o.role_scope, "Key Vault Secrets Officer on the vault (default) or on the one secret")
      .one_of({"vault", "secret"});
  command.flag("--grant-me", o.grant_me, "Also give whoever runs this the role Key Vault Secrets Officer on the vault");
}

}  // namespace portalkey
