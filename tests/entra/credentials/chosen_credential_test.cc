#include "entra/credentials/chosen_credential.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/scripted_http.h"
#include "tests/temporary_folder.h"

namespace portalkey::chosen_credential_test {
namespace {

using namespace std::chrono_literals;

const std::string kToken = R"({"access_token":"AT","expires_in":3599})";
const std::string kImdsToken = R"({"access_token":"AT","expires_in":"3599","expires_on":"1767229199"})";

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  Random random{1};
  ScriptedHttp http, local;
  TemporaryFolder folder;
  std::map<std::string, std::string> variables;
  CredentialSettings settings;
  Result<ProgramRun> az = fail(Errc::not_found, "no such program");
  int az_runs = 0, taken = 0;
  bool person = false, sandbox = false;
  std::unique_ptr<ChosenCredential> made;

  ChosenCredential& credential() {
    if (!made) {
      made = choose_credential(settings,
                               CredentialTools{.http = http,
                                               .local_http = local,
                                               .cloud = *find_cloud("global"),
                                               .tenant = "contoso.com",
                                               .clock = clock,
                                               .random = random,
                                               .environment = {[this](const char* name) { return variables[name]; },
                                                               [this](const char* name) {
                                                                 ++taken;
                                                                 return Secret(std::exchange(variables[name], ""));
                                                               }},
                                               .run_program = [this](const auto&, const auto&, auto) -> Result<ProgramRun> {
                                                 ++az_runs;
                                                 if (!az) return std::unexpected(az.error());
                                                 return ProgramRun{az->exit_code, az->output.clone(), az->complaints};
                                               },
                                               .announce = [](const DeviceCode&) { return Result<void>(); },
                                               .open_browser = [](const SignInPage&) -> Result<ShownSignIn> {
                                                 return fail(Errc::needs_person, "a browser was opened");
                                               },
                                               .person_present = [this] { return person; },
                                               .sandbox = sandbox});
    }
    return *made;
  }
  Deadline deadline() const { return Deadline::in(20min, clock); }
  Result<Secret> ask(const std::string& resource = "r") { return credential().access_token(resource, deadline()); }
  std::string chosen() { return credential().choice_so_far().chosen; }
  std::string passed_over() {
    std::string out;
    for (const auto& [type, why] : credential().choice_so_far().passed_over) out += (out.empty() ? "" : " ") + type;
    return out;
  }
  std::string why(const std::string& wanted) {
    for (const auto& [type, why] : credential().choice_so_far().passed_over) {
      if (type == wanted) return why;
    }
    return {};
  }
  void no_imds() { local.lose_answer(); }
};

TEST(ChosenCredential, ASecretInTheEnvironmentIsFirst) {
  World world;
  world.variables = {{"AZURE_CLIENT_ID", "id"},
                     {"AZURE_TENANT_ID", "t"},
                     {"AZURE_CLIENT_SECRET", "s"},
                     {"AZURE_CLIENT_CERTIFICATE_PATH", "/c"},
                     {"AZURE_FEDERATED_TOKEN_FILE", "/f"}};
  world.http.answer(200, kToken).answer(200, kToken);
  ASSERT_TRUE(world.ask());
  ASSERT_TRUE(world.ask("another")) << "the secret was taken out of the environment and kept";
  EXPECT_EQ(world.taken, 1);
  EXPECT_EQ(world.chosen(), "client_secret");
  EXPECT_EQ(world.passed_over(), "");
  EXPECT_TRUE(world.http.sent[0].url.starts_with("https://login.microsoftonline.com/t/")) << "the environment's own tenant";
  EXPECT_NE(world.http.sent[1].body.find("client_secret=s&"), std::string::npos);
}

TEST(ChosenCredential, TheProfilesSettingsComeBeforeTheEnvironments) {
  World world;
  world.variables = {{"AZURE_CLIENT_ID", "id"}, {"AZURE_TENANT_ID", "t"}, {"AZURE_CLIENT_SECRET", "s"}};
  std::ofstream(world.folder / "secret") << "from file\n";
  world.settings.client_id = "own";
  world.settings.client_secret_file = world.folder / "secret";
  world.http.answer(200, kToken);
  ASSERT_TRUE(world.ask());
  EXPECT_NE(world.http.sent[0].body.find("client_id=own&client_secret=from%20file&"), std::string::npos);
  EXPECT_TRUE(world.http.sent[0].url.starts_with("https://login.microsoftonline.com/contoso.com/"));
}

TEST(ChosenCredential, ThenWorkloadIdentity) {
  World world;
  std::ofstream(world.folder / "token") << "outside";
  world.variables = {{"AZURE_CLIENT_ID", "id"}, {"AZURE_FEDERATED_TOKEN_FILE", (world.folder / "token").string()}};
  world.http.answer(200, kToken);
  ASSERT_TRUE(world.ask());
  EXPECT_EQ(world.chosen(), "workload_identity");
  EXPECT_EQ(world.passed_over(), "client_secret client_certificate");
  EXPECT_NE(world.why("client_secret").find("AZURE_CLIENT_SECRET"), std::string::npos);
}

TEST(ChosenCredential, ThenManagedIdentityIfAMetadataServiceAnswers) {
  World world;
  world.variables = {{"AZURE_CLIENT_ID", "user assigned"}};
  world.local.answer(400, "{}").answer(200, kImdsToken);
  ASSERT_TRUE(world.ask());
  ASSERT_TRUE(world.ask());
  EXPECT_EQ(world.chosen(), "managed_identity");
  EXPECT_NE(world.local.sent[1].url.find("client_id=user%20assigned"), std::string::npos);
  EXPECT_EQ(world.az_runs, 0);
}

TEST(ChosenCredential, AMachineWithoutIdentityAndAMachineThatIsNoneArePassedOver) {
  World world;
  world.local.answer(400, "{}").answer(400, R"({"error":"invalid_request","error_description":"Identity not found"})");
  world.az = ProgramRun{0, Secret(R"({"accessToken":"AT","expires_on":1767229200})"), ""};
  ASSERT_TRUE(world.ask());
  EXPECT_EQ(world.chosen(), "azure_cli");
  EXPECT_NE(world.why("managed_identity").find("has no managed identity"), std::string::npos);
  World other;
  other.no_imds();
  other.az = ProgramRun{0, Secret(R"({"accessToken":"AT","expires_on":1767229200})"), ""};
  ASSERT_TRUE(other.ask());
  EXPECT_NE(other.why("managed_identity").find("no machine of Azure's"), std::string::npos);
}

TEST(ChosenCredential, AnIdentityThatIsThereButFailsEndsTheSearch) {
  World world;
  world.person = true;
  world.local.answer(400, "{}").answer(403, "");
  auto token = world.ask();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Errc::forbidden);
  EXPECT_EQ(world.az_runs, 0);
  EXPECT_EQ(world.chosen(), "");
}

TEST(ChosenCredential, APersonIsLastAndOnlyIfThere) {
  World world;
  world.no_imds();
  world.person = true;
  world.az = ProgramRun{1, Secret(), "ERROR: Please run 'az login' to setup account."};
  const auto token = world.ask();
  ASSERT_FALSE(token);
  EXPECT_TRUE(token.error().what.contains("a browser was opened")) << token.error().what;
  EXPECT_EQ(world.chosen(), "browser");
  EXPECT_NE(world.why("device_code").find("only when asked for"), std::string::npos) << "many tenants block it";
  EXPECT_NE(world.why("azure_cli").find("nobody is signed in"), std::string::npos);
}

TEST(ChosenCredential, NothingFitsSaysWhatWasTriedAndMayFitLater) {
  World world;
  world.no_imds();
  auto token = world.ask();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Errc::unauthenticated);
  ASSERT_EQ(token.error().context.size(), 1u);
  for (const char* type :
       {"client_secret", "client_certificate", "workload_identity", "managed_identity", "azure_cli", "device_code"}) {
    EXPECT_NE(token.error().context[0].second.find(type), std::string::npos) << type;
  }
  world.variables = {{"AZURE_CLIENT_ID", "id"}, {"AZURE_CLIENT_SECRET", "s"}};
  world.http.answer(200, kToken);
  EXPECT_TRUE(world.ask());
  EXPECT_EQ(world.passed_over(), "");
}

TEST(ChosenCredential, ASandboxLooksForNothingOfTheRealAzure) {
  World world;
  world.sandbox = true;
  world.az = ProgramRun{0, Secret(R"({"accessToken":"REAL","expires_on":1767229200})"), ""};
  EXPECT_FALSE(world.ask());
  EXPECT_EQ(world.az_runs, 0);
  EXPECT_NE(world.why("azure_cli").find("real Azure"), std::string::npos);
  World asked;
  asked.sandbox = true;
  asked.settings.type = CredentialType::managed_identity;
  asked.local.answer(200, kImdsToken);
  EXPECT_TRUE(asked.ask());
}

TEST(ChosenCredential, AnIncompleteOneByNameSaysWhatIsMissing) {
  const struct {
    CredentialType type;
    const char* words;
  } rows[] = {{CredentialType::client_secret, "AZURE_CLIENT_SECRET"},
              {CredentialType::client_certificate, "AZURE_CLIENT_CERTIFICATE_PATH"},
              {CredentialType::workload_identity, "AZURE_FEDERATED_TOKEN_FILE"}};
  for (const auto& row : rows) {
    World world;
    world.settings.type = row.type;
    world.settings.client_id = "id";
    auto token = world.ask();
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, Errc::invalid_input);
    EXPECT_NE(token.error().what.find(row.words), std::string::npos) << token.error().what;
  }
  World world;
  world.settings.type = CredentialType::client_secret;
  world.variables = {{"AZURE_CLIENT_SECRET", "s"}};
  EXPECT_NE(world.ask().error().what.find("AZURE_CLIENT_ID"), std::string::npos);
  EXPECT_EQ(world.chosen(), "client_secret") << "known without asking anybody";
}

}  // namespace
}  // namespace portalkey::chosen_credential_test
