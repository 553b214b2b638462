// The Key Vault client on the emulated vault: the contract of every store, deleted secrets, paging, and refusals whose messages
// are the vault's own.

#include "tests/sandbox/sandbox_fixture.h"
#include "tests/vault/secret_store_contract.h"
#include "vault/key_vault.h"

namespace portalkey::key_vault_on_sandbox_test {
namespace {

class SandboxBehind final : public sandbox::SandboxTest, public Http {
 public:
  SandboxBehind() { SetUp(); }
  void TestBody() override {}

  Result<Response> send(const Request& request, const Deadline&) override {
    const auto text = [](const Secret& secret) { return shown(secret); };
    asked.push_back(request.method + " " + std::string(request.url.target()));
    TextPairs headers{{"authorization", "Bearer " + text(request.bearer)}, {"content-type", "application/json"}};
    const auto answer = SandboxTest::send(request.method, request.url.text(), std::move(headers), text(request.body.text()));
    Response response;
    response.status = answer.status;
    response.body = Secret(answer.body);
    return response;
  }

  using SandboxTest::client_id;

  void role(const char* name) {
    const auto answer = admin("POST", "/vault-roles", R"({"principal":")" + client_id() + R"(","role":")" + name + R"("})");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  void delete_secret() {
    const auto url = std::string(sandbox::kVault) + "/secrets/RefreshToken?api-version=7.5";
    ASSERT_EQ(SandboxTest::send("DELETE", url, bearer(app_token("https://vault.azure.net"))).status, 200);
  }

  SecretStore& store() { return *vault; }
  Deadline deadline() { return Deadline::in(std::chrono::minutes(10), clock); }
  void pass_a_second() { clock.advance(std::chrono::seconds(1)); }

  std::string resource = "https://vault.azure.net";
  std::vector<std::string> asked;
  std::unique_ptr<SecretStore> vault = make_key_vault(
      {Url(sandbox::kVault)}, *this, [this](const Deadline&) { return Result<Secret>(Secret(app_token(resource))); }, clock);
};

struct FreshKeyVault {
  SandboxBehind behind;
  SecretStore& store() { return behind.store(); }
  Deadline deadline() { return behind.deadline(); }
  void pass_a_second() { behind.pass_a_second(); }
};
INSTANTIATE_TYPED_TEST_SUITE_P(KeyVault, SecretStoreContract, FreshKeyVault);

TEST(KeyVaultOnSandbox, AllPagesOfVersionsAreRead) {
  SandboxBehind vault;
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(vault.store().put("RefreshToken", Secret(std::to_string(i)), {}, vault.deadline()));
    vault.pass_a_second();
  }
  auto all = vault.store().versions("RefreshToken", vault.deadline());
  ASSERT_TRUE(all) << all.error().what;
  EXPECT_EQ(all->size(), 60u);
  EXPECT_TRUE(std::ranges::is_sorted(*all, std::greater<>(), &SecretVersion::created));
  EXPECT_EQ((*all)[0].content_type, "text/plain");
}

TEST(KeyVaultOnSandbox, ADeletedSecretIsRecoveredAndNeverPurged) {
  for (const bool writing : {false, true}) {
    SandboxBehind vault;
    ASSERT_TRUE(vault.store().put("RefreshToken", Secret("one"), {}, vault.deadline()));
    vault.delete_secret();
    vault.asked.clear();
    if (writing) {
      vault.pass_a_second();
      auto put = vault.store().put("RefreshToken", Secret("two"), {}, vault.deadline());
      ASSERT_TRUE(put) << put.error().what;
      EXPECT_EQ(vault.store().versions("RefreshToken", vault.deadline())->size(), 2u) << "the older version came back too";
    }
    auto got = vault.store().get("RefreshToken", vault.deadline());
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(shown(got->value), writing ? "two" : "one");
    for (const auto& request : vault.asked) EXPECT_FALSE(request.starts_with("DELETE")) << request;
  }
}

TEST(KeyVaultOnSandbox, AMissingRoleNamesTheCommandThatGivesIt) {
  SandboxBehind vault;
  vault.role("none");
  auto got = vault.store().get("RefreshToken", vault.deadline());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::forbidden);
  EXPECT_NE(got.error().what.find("app " + vault.client_id() + ") may not read the secret"), std::string::npos)
      << got.error().what;
  EXPECT_TRUE(got.error().remedy.starts_with("az role assignment create --role \"Key Vault Secrets Officer\" --assignee "))
      << got.error().remedy;
  EXPECT_NE(got.error().remedy.find("/providers/microsoft.keyvault/vaults/contoso-kv/secrets/refreshtoken\""),
            std::string::npos)
      << got.error().remedy;

  vault.role("Key Vault Secrets User");
  auto put = vault.store().put("RefreshToken", Secret("x"), {}, vault.deadline());
  ASSERT_FALSE(put);
  EXPECT_NE(put.error().what.find("may not write the secret"), std::string::npos) << put.error().what;
}

TEST(KeyVaultOnSandbox, ATokenForSomethingElseIsSaidToBeOne) {
  SandboxBehind vault;
  vault.resource = "https://management.azure.com";
  auto got = vault.store().get("RefreshToken", vault.deadline());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::unauthenticated);
  EXPECT_NE(got.error().what.find("something else than this vault: https://management.azure.com"), std::string::npos)
      << got.error().what;
}

}  // namespace
}  // namespace portalkey::key_vault_on_sandbox_test
