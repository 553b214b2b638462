#include "app/json/validation_json.h"

#include "tests/app/jobs_world.h"

namespace portalkey::validation_json_test {
namespace {

namespace json = boost::json;

std::string plain(std::string_view text) { return std::string(text); }

struct ValidationJsonTest : testing::Test, JobsWorld {
  json::object document(std::initializer_list<std::string> rows, ValidationJson shown = {}, Tenant* asked = nullptr) {
    SeedValidation wanted;
    wanted.backend = Backend::portal;
    wanted.seeds.file = seeds(rows);
    std::string text;
    const auto found = validate_as_json(wanted, shown, asked, plain, [&](std::string_view piece) { text += piece; });
    EXPECT_TRUE(found) << found.error().what;
    return json::parse(text).as_object();
  }
};

TEST_F(ValidationJsonTest, HasTheseMembers) {
  const auto all = document({row(1), "bad@contoso.com,T0004,not base32!,30,SHA1",
                             "gast_fabrikam.com#EXT#@contoso.com,T0009,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQABQ,30,SHA1"});
  std::vector<std::string> members;
  for (const auto& [name, value] : all) members.emplace_back(name);
  EXPECT_EQ(members, (std::vector<std::string>{"format", "tokens", "errors", "warnings", "notes"}));
  EXPECT_EQ(all.at("tokens").as_array().size(), 2u);
  EXPECT_EQ(all.at("errors").as_array().size(), 1u);
  EXPECT_EQ(all.at("errors").as_array()[0].at("line"), 3);
  ASSERT_EQ(all.at("warnings").as_array().size(), 1u);
  EXPECT_TRUE(all.at("warnings").as_array()[0].at("what").as_string().starts_with("left out: "));
}

TEST_F(ValidationJsonTest, ShowsSecretKeysOnlyWhenAskedTo) {
  const auto first = [](const json::object& all) { return all.at("tokens").as_array()[0].as_object(); };
  EXPECT_FALSE(first(document({row(1)})).contains("secretBase32"));
  EXPECT_TRUE(first(document({row(1)}, {.reveal_secrets = true})).contains("secretBase32"));
}

TEST_F(ValidationJsonTest, OfATenantThatWasAskedWhatItHolds) {
  portal.tokens.push_back({"T0001", "user1@contoso.com", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQABQ", "oath-1", 30, true});
  const auto all = document({row(1), row(2)}, {}, &tenant);
  EXPECT_EQ(all.at("tenant").at("tokens"), 1);
  EXPECT_EQ(all.at("tokens").as_array()[0].at("inTenant").at("active"), true);
  EXPECT_TRUE(all.at("tokens").as_array()[1].at("inTenant").is_null());
}

TEST_F(ValidationJsonTest, AnEmptyFileIsAWholeDocument) { EXPECT_TRUE(document({}).at("tokens").as_array().empty()); }

}  // namespace
}  // namespace portalkey::validation_json_test
