#include <gtest/gtest.h>

#include "sandbox/graph/odata.h"

namespace portalkey::sandbox {
namespace {

const json::object kItem = *parse_json_object(R"({"displayName":"It's Portalkey","appId":"a-1","accountEnabled":true,
  "createdDateTime":"2026-01-02T00:00:00Z","description":null,"identifierUris":["api://a","api://B"],
  "roles":[{"value":"Read"},{"value":"Write"}],"web":{"homePageUrl":"https://x"},"size":5})");

TEST(ODataFilter, Matches) {
  struct Row {
    std::string_view filter;
    bool expected;
  };
  const Row rows[] = {
      {"displayName eq 'It''s Portalkey'", true},
      {"displayName eq 'it''s PORTALKEY'", true},
      {"displayName eq 'x'", false},
      {"startswith(displayName,'it''s')", true},
      {"startswith( displayName , 'x' )", false},
      {"startswith(displayName,'It') and accountEnabled eq true", true},
      {"appId eq 'x' or appId eq 'a-1'", true},
      {"appId eq 'a-1' and appId eq 'x' or accountEnabled eq true", true},
      {"appId eq 'a-1' and (appId eq 'x' or accountEnabled eq false)", false},
      {"identifierUris/any(s:s eq 'api://b')", true},
      {"identifierUris/any(s:s eq 'api://c')", false},
      {"roles/any(r:r/value eq 'write')", true},
      {"roles/any(r:startswith(r/value,'X'))", false},
      {"web/homePageUrl eq 'https://x'", true},
      {"description eq null", true},
      {"appId in ('x', 'a-1')", true},
      {"appId in ('x')", false},
      {"createdDateTime ge 2026-01-01T00:00:00Z", true},
      {"createdDateTime lt 2026-01-01T00:00:00Z", false},
      {"size gt 4", true},
      {"not (appId eq 'x')", true},
      {"appId ne 'x'", true},
      {"endswith(displayName,'key')", true},
  };
  for (const auto& row : rows) {
    const auto filter = ODataFilter::parse(row.filter);
    ASSERT_TRUE(filter) << row.filter;
    EXPECT_EQ(filter->matches(kItem), row.expected) << row.filter;
  }
}

TEST(ODataFilter, RefusesWhatIsNoFilter) {
  for (const std::string text :
       {"", "displayName", "displayName eq", "displayName is 'x'", "displayName eq 'x", "(appId eq 'x'", "startswith(appId)",
        "startswith(appId,5)", "appId eq 'x' and", "appId eq 'x')", "a/any(s s eq 'x')", "appId in ()"}) {
    EXPECT_FALSE(ODataFilter::parse(text)) << text;
  }
  EXPECT_FALSE(ODataFilter::parse(std::string(1000, '('))) << "too deep";
}

TEST(ODataFilter, TellsWhatItAsksFor) {
  const auto filter = ODataFilter::parse("identifierUris/any(s:s eq 'x') and web/homePageUrl ne 'y'");
  ASSERT_TRUE(filter);
  EXPECT_EQ(filter->properties(), (std::vector<std::string>{"identifierUris", "web"}));
  EXPECT_EQ(filter->advanced(), "ne");
  EXPECT_EQ(ODataFilter::parse("appId eq 'x'")->advanced(), "");
}

TEST(ODataNames, AreTrimmed) { EXPECT_EQ(split_names(" id, appId ,,x"), (std::vector<std::string>{"id", "appId", "x"})); }

}  // namespace
}  // namespace portalkey::sandbox
