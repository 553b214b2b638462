#include "directory/portal/portal_licences.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/scripted_http.h"

namespace portalkey::portal_licences_test {
namespace {

Result<bool> premium(int status, std::string body) {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  Random random{1};
  ScriptedHttp http;
  http.answer(status, std::move(body));
  PortalApi api{http, "main.iam.ad.ext.azure.com", [](const Secret*, const Deadline&) { return Result<Secret>(Secret("AT")); },
                clock, random};
  return has_entra_premium(api, Deadline::in(std::chrono::minutes(1), clock));
}

std::string sku(std::string_view units, std::string_view status, std::string_view name, std::string_view id) {
  return std::string(R"([{"name":"A licence","totalUnits":)")
             .append(units)
             .append(R"(,"serviceStatuses":[{"provisioningStatus":")") +
         std::string(status)
             .append(R"(","servicePlan":{"serviceName":")")
             .append(name)
             .append(R"(","servicePlanId":")")
             .append(id) +
         R"("}}]}])";
}

TEST(EntraPremium, IsAServicePlanOfALicenceInForce) {
  EXPECT_EQ(premium(200, sku("25", "Success", "AAD_PREMIUM", "")), true);
  EXPECT_EQ(premium(200, sku("25", "PendingInput", "renamed", "EEC0EB4F-6444-4F95-ABA0-50C24D67F998")), true);
  EXPECT_EQ(premium(200, sku("0", "Success", "AAD_PREMIUM_P2", "")), false) << "none bought";
  EXPECT_EQ(premium(200, sku("25", "Disabled", "AAD_PREMIUM", "")), false);
  EXPECT_EQ(premium(200, sku("25", "Success", "EXCHANGE_S_ENTERPRISE", "efb87545-963c-4e0d-99df-69c6916d9eb0")), false);
  EXPECT_EQ(premium(200, R"([7,{"serviceStatuses":5},{"serviceStatuses":[{"servicePlan":null}]}])"), false);
}

TEST(EntraPremium, AnAnswerThatIsNoListTellsNothing) {
  EXPECT_FALSE(premium(200, R"({"items":[]})"));
  EXPECT_FALSE(premium(200, "<html>"));
  EXPECT_FALSE(premium(403, "{}"));
}

}  // namespace
}  // namespace portalkey::portal_licences_test
