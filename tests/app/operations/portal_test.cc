#include "app/operations/call_portal.h"
#include "app/operations/licences.h"
#include "tests/app/tenant_world.h"

namespace portalkey::portal_test {
namespace {

std::string text(const Secret& secret) {
  return secret.reveal([](std::string_view bare) { return std::string(bare); });
}

struct World : TenantWorld {
  Tenant tenant{profile(), surroundings()};
  World() {
    sign_in(tenant);
    grant();
  }
};

TEST(CallPortal, SendsTheBodyAndBringsTheAnswerWhole) {
  World world;
  world.http.answer(200, "not JSON");
  auto call = portal_call_of({"POST", "/api/x", Secret(R"({"a":1})")});
  ASSERT_TRUE(call);
  EXPECT_EQ(call->idempotency, Idempotency::no);
  EXPECT_EQ(text(*call_portal(world.tenant, std::move(*call))), "not JSON");
  EXPECT_EQ(world.http.sent.back().method, "POST");
  EXPECT_EQ(world.http.sent.back().body, R"({"a":1})");
}

TEST(CallPortal, ABodyThatIsNoJsonIsNoCall) {
  EXPECT_EQ(portal_call_of({"POST", "/api/x", Secret("{")}).error().code, Errc::invalid_input);
}

TEST(CallPortal, TheBodysSecretsAreKnown) {
  const auto call = portal_call_of({"PUT", "/api/x", Secret(R"({"password":"hunter2","list":[{"note":"fine"}]})")});
  ASSERT_TRUE(call);
  ASSERT_EQ(call->body.secrets().size(), 1u);
  EXPECT_EQ(text(call->body.secrets()[0]), "hunter2");
}

TEST(Licences, AreCountedAndTheirTextsMadeFitToBeShown) {
  World world;
  world.http.answer(200, R"([{"name":"Entra ID P1","accountSkuId":"contoso:AAD_PREMIUM","totalUnits":25,"consumedUnits":20,)"
                         R"("availableUnits":5},7])");
  const auto found = read_licences(world.tenant);
  ASSERT_TRUE(found) << found.error().what;
  ASSERT_EQ(found->licences.size(), 1u);
  EXPECT_EQ(found->licences[0].name, "Entra ID P1");
  EXPECT_EQ(found->licences[0].total, 25);
  EXPECT_EQ(found->licences[0].free, 5);
  EXPECT_TRUE(found->as_listed.contains("\n    \"consumedUnits\": 20,\n")) << found->as_listed;
}

TEST(Licences, AnotherShapeIsToldAsThat) {
  World world;
  world.http.answer(200, R"({"value":[]})");
  const auto found = read_licences(world.tenant);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().remedy, "See it with [[licences]]");
}

}  // namespace
}  // namespace portalkey::portal_test
