#include "vault/key_vault_refusal.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace portalkey::key_vault_refusal_test {
namespace {

const VaultPlace kPlace{Url("https://contoso-kv.vault.azure.net"), "RefreshToken"};

Error refused(int status, std::string_view code, std::string_view inner, std::string_view message) {
  Response response;
  response.status = status;
  boost::json::object error{{"code", code}, {"message", message}};
  if (!inner.empty()) error["innererror"] = {{"code", inner}};
  response.body = Secret(boost::json::serialize(boost::json::object{{"error", std::move(error)}}));
  return read_refusal(response, kPlace).error;
}

constexpr const char* kRbac =
    "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were "
    "changed "
    "recently, please observe propagation time.\r\nCaller: "
    "appid=11111111-aaaa-4bbb-8ccc-222222222222;oid=33333333-aaaa-4bbb-8ccc-444444444444;iss=https://sts.windows.net/x/"
    "\r\nAction: "
    "'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\nResource: "
    "'/subscriptions/s/resourcegroups/rg "
    "(1)/providers/microsoft.keyvault/vaults/contoso-kv/secrets/refreshtoken'\r\nAssignment: (not found)\r\n";

TEST(KeyVaultRefusal, TheRemedyIsACommandMadeOfTheMessage) {
  const struct {
    Error error;
    const char* what;
    const char* remedy;
  } rows[] = {
      {refused(403, "Forbidden", "ForbiddenByRbac", kRbac),
       "(app 11111111-aaaa-4bbb-8ccc-222222222222) may not read the secret",
       "az role assignment create --role \"Key Vault Secrets Officer\" --assignee 33333333-aaaa-4bbb-8ccc-444444444444 --scope "
       "\"/subscriptions/s/resourcegroups/rg (1)/providers/microsoft.keyvault/vaults/contoso-kv/secrets/refreshtoken\""},
      {refused(403, "Forbidden", "ForbiddenByFirewall",
               "Client address is not authorized and caller is not a trusted service.\r\nClient address: "
               "203.0.113.5\r\nCaller: x\r\n"),
       "sees as 203.0.113.5", "az keyvault network-rule add --name contoso-kv --ip-address 203.0.113.5"},
      {refused(403, "Forbidden", "ForbiddenByConnection", "Public network access is disabled"), "public networks",
       "az keyvault update --name contoso-kv --public-network-access Enabled"},
      {refused(403, "Forbidden", "AccessDenied",
               "The user, group or application 'appid=a;oid=33333333-aaaa-4bbb-8ccc-444444444444;iss=x' does not have secrets "
               "get permission"),
       "access policies",
       "az keyvault set-policy --name contoso-kv --object-id 33333333-aaaa-4bbb-8ccc-444444444444 --secret-permissions"},
      {refused(403, "Forbidden", "SecretDisabled", "x"), "is disabled",
       "az keyvault secret set-attributes --enabled true --vault-name contoso-kv --name RefreshToken"},
      {refused(401, "Unauthorized", "",
               "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/T1/, https://sts.windows.net/T2/, found "
               "https://sts.windows.net/T3/."),
       "another tenant (T1) than the sign-in (T3)", "tenant"},
      {refused(401, "Unauthorized", "",
               "AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://management.azure.com/."),
       "something else than this vault: https://management.azure.com/", "cloud"},
      {refused(409, "Conflict", "ObjectIsDeletedButRecoverable", "x"), "can be recovered",
       "az keyvault secret recover --vault-name contoso-kv --name RefreshToken"},
      {refused(409, "Conflict", "ObjectIsBeingDeleted", "x"), "just being deleted", "again"},
      {refused(403, "Forbidden", "ForbiddenByRbac", "nothing of use"), "the identity that opens the vault may not do this",
       "Key Vault Secrets Officer"},
  };
  for (const auto& row : rows) {
    EXPECT_NE(row.error.what.find(row.what), std::string::npos) << row.error.what;
    EXPECT_NE(row.error.remedy.find(row.remedy), std::string::npos) << row.error.remedy;
  }
}

TEST(KeyVaultRefusal, OfACodeThatIsNotKnownTheVaultsOwnSentenceIsTold) {
  const struct {
    int status;
    const char *code, *inner;
    Errc errc;
  } rows[] = {{403, "Forbidden", "ForbiddenByPolicy", Errc::forbidden},
              {403, "Forbidden", "AccessDenied", Errc::forbidden},
              {403, "Forbidden", "RequestDisallowedByPolicy", Errc::forbidden},
              {403, "Forbidden", "SecretNotYetValid", Errc::forbidden},
              {403, "Forbidden", "SomethingNew", Errc::forbidden},
              {403, "Forbidden", "", Errc::forbidden},
              {404, "ResourceNotFound", "", Errc::invalid_input},
              {409, "Conflict", "SomethingNew", Errc::conflict},
              {409, "Conflict", "", Errc::conflict},
              {400, "BadParameter", "", Errc::invalid_input},
              {422, "SomethingNew", "", Errc::invalid_input}};
  for (const auto& row : rows) {
    const auto error =
        refused(row.status, row.code, row.inner, "Policy 'contoso-deny-7' forbids it. Correlation: 1\r\nVault: x");
    const std::string named = *row.inner != '\0' ? row.inner : row.code;
    EXPECT_EQ(error.code, row.errc) << named;
    EXPECT_EQ(error.what, "Key Vault refused, and says: Policy 'contoso-deny-7' forbids it (status " +
                              std::to_string(row.status) + ", " + named + ")");
    for (const char* cure : {"az ", "role", "access polic", "firewall", "[[sign-in", "recover"})
      EXPECT_EQ(error.remedy.find(cure), std::string::npos) << error.remedy;
  }
  const auto expired = refused(403, "Forbidden", "SecretExpired", "x");
  EXPECT_NE(expired.what.find("past its expiry time"), std::string::npos) << expired.what;
  EXPECT_NE(expired.remedy.find("[[sign-in"), std::string::npos) << expired.remedy;
}

TEST(KeyVaultRefusal, APageIsNobodysRefusal) {
  for (const int status : {400, 401, 403, 404, 407, 409, 500, 503}) {
    for (const char* body :
         {"<html><title>Access denied</title>", "", "Forbidden", "[]", R"({"error":"Forbidden"})", R"({"error":{}})"}) {
      Response response;
      response.status = status;
      response.body = Secret(std::string_view(body));
      const auto error = read_refusal(response, kPlace).error;
      EXPECT_EQ(error.code, Errc::unavailable) << status << body;
      EXPECT_NE(error.what.find("not with an answer of Key Vault's"), std::string::npos) << error.what;
      EXPECT_EQ(error.remedy.find("az "), std::string::npos) << error.remedy;
    }
  }
}

TEST(KeyVaultRefusal, NothingThatASeverWroteGetsIntoACommandUnlessItIsHarmless) {
  const std::vector<std::string> unfit{"$(reboot)", "x\"; reboot; \"",    "`reboot`", "x' reboot '",
                                       "a\\b",      std::string(600, 'a')};
  for (const std::string& evil : unfit) {
    const auto error =
        refused(403, "Forbidden", "ForbiddenByRbac", "Caller: appid=a;oid=o;iss=i\r\nResource: '" + evil + "'\r\n");
    EXPECT_EQ(error.remedy.find("reboot"), std::string::npos) << error.remedy;
    EXPECT_EQ(error.remedy.find("aaaa"), std::string::npos) << error.remedy;
    const auto firewall = refused(403, "Forbidden", "ForbiddenByFirewall", "Client address: " + evil + "\r\n");
    EXPECT_EQ(firewall.remedy.find("reboot"), std::string::npos) << firewall.remedy;
  }
}

}  // namespace
}  // namespace portalkey::key_vault_refusal_test
