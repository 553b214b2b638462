#include "provision/export_app.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace portalkey {
namespace {

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

boost::json::array roles() {
  boost::json::array out;
  for (const auto& role : app_roles()) {
    out.push_back(boost::json::object{{"id", app_role_id(role.value)},
                                      {"value", role.value},
                                      {"displayName", role.name},
                                      {"description", role.description},
                                      {"allowedMemberTypes", boost::json::array{"User", "Application"}},
                                      {"isEnabled", true}});
  }
  return out;
}

}  // namespace

std::string app_script(const Desired& desired) {
  std::string out = fmt::format(
      "#!/bin/sh\n"
      "# Makes the app registration that portalkey signs in with. Azure Resource Manager has no app registrations, so this "
      "stands\n"
      "# beside the template. Needs az, signed in as an Application Administrator. Prints what the template's principalId "
      "takes.\n"
      "set -eu\n"
      "name={}\n"
      "app=${{1:-}}  # the client id of an app that is yours already; without one, one is made\n"
      "if [ -z \"$app\" ]; then\n"
      "  other=$(az ad app list --filter \"displayName eq '$name'\" --query '[0].appId' --output tsv)\n"
      "  [ -z \"$other\" ] || {{ echo \"there is an app $name already: if its owners are yours, run $0 $other\" >&2; exit 1; "
      "}}\n"
      "  app=$(az ad app create --display-name \"$name\" --sign-in-audience AzureADMyOrg --query appId --output tsv)\n"
      "fi\n",
      shell_quoted(desired.app_name));
  if (!desired.redirect_uris.empty()) {
    out += "az ad app update --id \"$app\" --web-redirect-uris";
    for (const auto& uri : desired.redirect_uris) out += " " + shell_quoted(uri);
    out += "\n";
  }
  if (desired.app_roles) {
    out += "az ad app update --id \"$app\" --identifier-uris \"api://$app\" --app-roles " +
           shell_quoted(boost::json::serialize(roles())) + "\n";
  }
  out +=
      "principal=$(az ad sp list --filter \"appId eq '$app'\" --query '[0].id' --output tsv)\n"
      "[ -n \"$principal\" ] || principal=$(az ad sp create --id \"$app\" --query id --output tsv)\n";
  switch (desired.credential) {
    case AppCredential::secret:
      out +=
          "# The secret, into a file that only you can read:\n"
          "(umask 077 && az ad app credential reset --id \"$app\" --append --years 1 --query password --output tsv > "
          "client-secret)\n";
      break;
    case AppCredential::certificate:
      out +=
          "# A key that stays on this machine, and its certificate:\n"
          "(umask 077 && openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=portalkey -keyout client.key -out "
          "client.crt 2>&1 &&\n"
          "  cat client.key client.crt > client-certificate.pem && rm client.key) >&2\n"
          "az ad app credential reset --id \"$app\" --append --cert @client.crt --output none\n";
      break;
    case AppCredential::federated:
      out += "az ad app federated-credential create --id \"$app\" --parameters " +
             shell_quoted(
                 boost::json::serialize(boost::json::object{{"name", federated_name(desired)},
                                                            {"issuer", desired.federated_issuer},
                                                            {"subject", desired.federated_subject},
                                                            {"audiences", boost::json::array{desired.federated_audience}}})) +
             " --output none\n";
      break;
  }
  out += "echo \"client id:    $app\" >&2\necho \"principal id: $principal\" >&2\necho \"$principal\"\n";
  return out;
}

}  // namespace portalkey
