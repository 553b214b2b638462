#include "entra/credentials/credential_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "entra/oauth/aadsts.h"

namespace portalkey {
namespace {

using enum CredentialType;

constexpr std::int64_t kAnyOther = -1;  // any other refusal of Entra's that says "a person must sign in"

struct Row {
  std::int64_t code;
  std::initializer_list<CredentialType> types;
  Errc errc;
  std::string_view remedy;  // {0}: the client id, {1}: the detail
};

// The first row that fits is taken.
const auto& rows() {
  constexpr std::string_view kWorkloadPolicy =
      "A Conditional Access policy for workload identities applies: find the sign-in in the Entra sign-in log under \"Service "
      "principal sign-ins\", and exclude {0} from the policy named there or run from an address it allows.";
  constexpr std::string_view kTrust =
      "Compare issuer, subject and audience (letter case counts) of the token in {1} with the app registration: az ad app "
      "federated-credential list --id {0}";
  constexpr std::string_view kPersonAgain =
      "Run the command again and sign in; with multi-factor authentication if a policy demands it.";
  constexpr std::string_view kPersonPolicy =
      "Find the sign-in in the Entra sign-in log; a policy that blocks the device code flow is satisfied by "
      "[[setting|credential|browser]], "
      "one about devices by neither: use a service principal then.";
  static const std::initializer_list<Row> all{
      {7000215,
       {client_secret},
       Errc::unauthenticated,
       "Check that the secret's value is stored, not its id, and that it belongs to {0}; or make another: az ad app credential "
       "reset --id {0} --append"},
      {7000222,
       {client_secret},
       Errc::unauthenticated,
       "Make another secret (az ad app credential reset --id {0} --append) and put it where the profile or AZURE_CLIENT_SECRET "
       "has the old one."},
      {7000222,
       {client_certificate},
       Errc::unauthenticated,
       "The certificate {1} has expired at Entra: make a new one and upload it: az ad app credential reset --id {0} --cert "
       "@CERTIFICATE.pem --append"},
      {700027,
       {client_certificate},
       Errc::unauthenticated,
       "Upload the certificate with the thumbprint {1} to the app registration, or give its successor's file: az ad app "
       "credential "
       "reset --id {0} --cert @CERTIFICATE.pem --append"},
      {700027,
       {workload_identity},
       Errc::unauthenticated,
       "The signature of the token in {1} is not its issuer's: check that the federated credential names the issuer that wrote "
       "it."},
      {700024,
       {client_certificate},
       Errc::unauthenticated,
       "Set this machine's clock right (the assertion is valid for ten minutes)."},
      {700024,
       {workload_identity},
       Errc::unauthenticated,
       "The token in {1} has expired: whatever writes that file must renew it; and check this machine's clock."},
      {70021, {workload_identity}, Errc::unauthenticated, kTrust},
      {700211, {workload_identity}, Errc::unauthenticated, kTrust},
      {700212, {workload_identity}, Errc::unauthenticated, kTrust},
      {700213, {workload_identity}, Errc::unauthenticated, kTrust},
      {700016,
       {client_secret, client_certificate, workload_identity},
       Errc::unauthenticated,
       "Check the client id {0}, the tenant and the cloud; the app registration must be in that tenant: az ad app show --id "
       "{0}"},
      {7000229,
       {client_secret, client_certificate, workload_identity},
       Errc::unauthenticated,
       "Make the service principal: az ad sp create --id {0}"},
      {7000112,
       {client_secret, client_certificate, workload_identity},
       Errc::unauthenticated,
       "Enable {0} under Enterprise applications (\"Enabled for users to sign in\")."},
      {50057, {device_code, browser, azure_cli}, Errc::forbidden, "Enable the account, or sign in with another."},
      {50131, {client_secret, client_certificate, workload_identity}, Errc::forbidden, kWorkloadPolicy},
      {53003, {client_secret, client_certificate, workload_identity}, Errc::forbidden, kWorkloadPolicy},
      {53003, {device_code, browser}, Errc::needs_person, kPersonPolicy},
      {7000218,
       {device_code, browser},
       Errc::unauthenticated,
       "Allow public client flows on the app registration {0} (Authentication), or leave client_id out."},
      {kAnyOther,
       {client_secret, client_certificate, workload_identity},
       Errc::forbidden,
       "Look at the Entra sign-in log under \"Service principal sign-ins\" for {0}."},
      {kAnyOther, {device_code, browser}, Errc::needs_person, kPersonAgain},
  };
  return all;
}

}  // namespace

Error explain_for(CredentialType type, std::string_view client_id, std::string_view detail, Error error) {
  const std::int64_t code = find_aadsts(error.what);
  for (const Row& row : rows()) {
    const bool fits = row.code == code || (row.code == kAnyOther && error.code == Errc::needs_person);
    if (!fits || std::ranges::find(row.types, type) == row.types.end()) continue;
    error.code = row.errc;
    error.remedy = fmt::format(fmt::runtime(row.remedy), client_id, detail);
    break;
  }
  error.context.emplace_back("credential", name_of(type));
  if (!client_id.empty()) error.context.emplace_back("client id", client_id);
  return error;
}

}  // namespace portalkey
