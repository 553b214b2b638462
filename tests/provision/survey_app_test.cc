#include "provision/survey_app.h"

#include <boost/json.hpp>

#include "tests/hostile_urls.h"
#include "tests/provision/provision_world.h"

namespace portalkey::survey_app_test {
namespace {

constexpr const char* kNone = R"({"value":[]})";
constexpr const char* kOne =
    R"({"value":[{"id":"o","appId":"a","displayName":"portalkey-default","tags":["portalkey"],"createdDateTime":"2026-01-01T00:00:00Z"}]})";

Desired wanted(std::string making_since) {
  Desired desired;
  desired.app_name = "portalkey-default";
  desired.making_app_since = std::move(making_since);
  return desired;
}

TEST(ReadApp, NameAndMarkAloneMakeNoAppOurs) {
  for (const char* since : {"", "2026-01-01T00:05:01Z"}) {  // no intent, or one that is younger than the app
    ProvisionWorld world;
    world.http.answer(200, kOne);
    Actual actual;
    ASSERT_TRUE(read_app(world.azure, wanted(since), actual));
    EXPECT_FALSE(actual.app) << since;
    EXPECT_EQ(actual.unmarked_apps, std::vector<std::string>{"a"}) << since;
  }
}

TEST(ReadApp, TheOneThatWasBeingMadeIsOurs) {
  ProvisionWorld world;
  world.http.answer(200, kOne);
  Actual actual;
  ASSERT_TRUE(read_app(world.azure, wanted("2026-01-01T00:04:59Z"), actual));
  ASSERT_TRUE(actual.app);
  EXPECT_EQ(actual.app->app_id, "a");
}

TEST(ReadApp, AGivenIdThatIsNotThereIsNotLookedForByName) {
  ProvisionWorld world;
  world.http.answer(200, kNone);
  auto desired = wanted("");
  desired.app_id = "b";
  desired.app_id_given = true;
  Actual actual;
  ASSERT_TRUE(read_app(world.azure, desired, actual));
  EXPECT_TRUE(actual.app_missing);
}

TEST(ReadApp, ARecordedIdThatIsNotThereLeavesAppsOfThatNameAlone) {
  ProvisionWorld world;
  world.http.answer(200, kNone).answer(200, kOne);
  auto desired = wanted("");
  desired.app_id = "b";
  Actual actual;
  ASSERT_TRUE(read_app(world.azure, desired, actual));
  EXPECT_FALSE(actual.app);
  EXPECT_EQ(actual.unmarked_apps, std::vector<std::string>{"a"});
}

TEST(ReadApp, AnIdThatIsNoneIsRefused) {
  for (const auto& id : hostile_ids()) {
    for (const char* member : {"id", "appId"}) {
      boost::json::object app{{"id", "o"}, {"appId", "a"}, {"displayName", "portalkey-default"}};
      app[member] = id;
      ProvisionWorld world;
      world.http.answer(200, boost::json::serialize(boost::json::object{{"value", boost::json::array{app}}}));
      Actual actual;
      EXPECT_FALSE(read_app(world.azure, wanted(""), actual)) << member << " " << id;
    }
    ProvisionWorld world;
    world.http.answer(
        200, boost::json::serialize(boost::json::object{{"value", boost::json::array{boost::json::object{{"id", id}}}}}));
    Actual actual;
    actual.app = ActualApp{};
    actual.app->app_id = "a";
    EXPECT_FALSE(read_principal(world.azure, actual)) << id;
  }
}

}  // namespace
}  // namespace portalkey::survey_app_test
