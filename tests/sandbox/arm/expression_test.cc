#include "sandbox/arm/expression.h"

#include <gtest/gtest.h>

namespace portalkey::sandbox {
namespace {

class Expressions : public testing::Test {
 protected:
  Expressions() {
    scope.subscription = {{"subscriptionId", "00000000-0000-4000-8000-000000000001"}, {"id", "/subscriptions/s"}};
    scope.resource_group = {{"name", "rg"}, {"location", "westeurope"}};
    scope.parameters = {{"name", "Kv"}, {"list", json::array{"a", "b"}}, {"on", true}};
    scope.variables = {{"full", "[concat(parameters('name'), '-x')]"},
                       {"deep", {{"a", json::array{1, "[variables('full')]"}}}},
                       {"loop", "[variables('loop')]"}};
    scope.now = "2026-01-02T03:04:05Z";
  }
  /// The value as JSON text; an error's message behind `!`.
  std::string eval(std::string_view text) {
    const auto value = evaluate_text(scope, text);
    return value ? json::serialize(*value) : "!" + value.error();
  }
  TemplateScope scope;
};

TEST_F(Expressions, GiveWhatResourceManagerGives) {
  struct Row {
    std::string_view text, value;
  };
  static constexpr Row kRows[] = {
      {"plain", R"("plain")"},
      {"[[not one]", R"("[not one]")"},
      {"[parameters('NAME')]", R"("Kv")"},
      {"[variables('full')]", R"("Kv-x")"},
      {"[variables('deep').a[1]]", R"("Kv-x")"},
      {"[concat('a', 'b', 1)]", R"("ab1")"},
      {"[concat(createArray(1), createArray(2))]", "[1,2]"},
      {"['it''s']", R"("it's")"},
      {"[format('{0}/{1} {{x}}', 'a', true())]", R"("a/True {x}")"},
      {"[toLower(parameters('name'))]", R"("kv")"},
      {"[if(parameters('on'), 'yes', parameters('absent'))]", R"("yes")"},
      {"[if(not(parameters('on')), parameters('absent'), 'no')]", R"("no")"},
      {"[and(true(), equals(1, 1), not(false()))]", "true"},
      {"[or(true(), parameters('absent'))]", "true"},
      {"[and(false(), parameters('absent'))]", "false"},
      {"[equals('a', 'A')]", "false"},
      {"[empty('')]", "true"},
      {"[empty(createArray(1))]", "false"},
      {"[union(createObject('a', 1), createObject('b', 2))]", R"({"a":1,"b":2})"},
      {"[union(createArray(1, 2), createArray(2, 3))]", "[1,2,3]"},
      {"[string(createObject('a', 1))]", R"("{\"a\":1}")"},
      {"[int('42')]", "42"},
      {"[bool('True')]", "true"},
      {"[length(parameters('list'))]", "2"},
      {"[contains(parameters('list'), 'b')]", "true"},
      {"[contains('abc', 'bc')]", "true"},
      {"[contains(createObject('a', 1), 'a')]", "true"},
      {"[split('a/b/c', '/')]", R"(["a","b","c"])"},
      {"[join(parameters('list'), ', ')]", R"("a, b")"},
      {"[substring('abcdef', 1, 3)]", R"("bcd")"},
      {"[replace('a-b-c', '-', '')]", R"("abc")"},
      {"[take('abcdef', 2)]", R"("ab")"},
      {"[first(parameters('list'))]", R"("a")"},
      {"[coalesce(null(), 'x')]", R"("x")"},
      {"[tryGet(createObject('a', 1), 'b')]", "null"},
      {"[utcNow('yyyy-MM-dd')]", R"("2026-01-02")"},
      {"[subscription().subscriptionId]", R"("00000000-0000-4000-8000-000000000001")"},
      {"[resourceGroup().location]", R"("westeurope")"},
      {"[resourceId('Microsoft.KeyVault/vaults', 'kv')]",
       R"("/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv")"},
      {"[resourceId('other', 'Microsoft.KeyVault/vaults/secrets', 'kv', 's')]",
       R"("/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/other/providers/Microsoft.KeyVault/vaults/kv/secrets/s")"},
      {"[resourceId('sub', 'other', 'Microsoft.KeyVault/vaults', 'kv')]",
       R"("/subscriptions/sub/resourceGroups/other/providers/Microsoft.KeyVault/vaults/kv")"},
      {"[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'r')]",
       R"("/subscriptions/00000000-0000-4000-8000-000000000001/providers/Microsoft.Authorization/roleDefinitions/r")"},
      {"[extensionResourceId('/subscriptions/s', 'Microsoft.Authorization/roleAssignments', 'n')]",
       R"("/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/n")"},
  };
  for (const auto& row : kRows) EXPECT_EQ(eval(row.text), row.value) << row.text;
}

TEST_F(Expressions, GuidsAndUniqueStringsFollowFromTheirArguments) {
  const auto guid = eval("[guid('a', 'b')]");
  EXPECT_EQ(guid, eval("[guid('a', 'b')]"));
  EXPECT_NE(guid, eval("[guid('a', 'c')]"));
  EXPECT_EQ(guid.size(), 38u);
  EXPECT_EQ(guid[15], '5') << "UUID version 5";
  EXPECT_EQ(eval("[uniqueString('a')]").size(), 15u);
  EXPECT_NE(eval("[uniqueString('a')]"), eval("[uniqueString('b')]"));
}

TEST_F(Expressions, SayWhatIsWrong) {
  struct Row {
    std::string_view text, says;
  };
  static constexpr Row kRows[] = {
      {"[pickZones('a')]", "The template function 'pickZones' is not valid"},
      {"[parameters('absent')]", "The template parameter 'absent' is not found"},
      {"[variables('loop')]", "refers to itself"},
      {"[concat('a', 'b']", "',' or ')' is missing"},
      {"[concat('a')", "a"},  // no expression: a text
      {"['open]", "closing quote"},
      {"[parameters('list')[5]]", "out of bounds"},
      {"[resourceGroup().nothing]", "'nothing' doesn't exist"},
      {"[resourceId('vaults', 'x')]", "fully qualified resource type"},
      {"[resourceId('Microsoft.KeyVault/vaults', 'x', 'y')]", "expects 1 names"},
      {"[substring('ab', 1, 5)]", "outside of the string"},
      {"[reference('x')]", "not expected at this location"},
      {"[bare]", "neither a function call"},
      {"[if('yes', 1, 2)]", "boolean"},
  };
  for (const auto& row : kRows)
    EXPECT_NE(eval(row.text).find(row.says), std::string::npos) << row.text << " -> " << eval(row.text);
  EXPECT_EQ(eval("[" + std::string(200, '(') + "]")[0], '!');
  std::string deep = "1";
  for (int i = 0; i < 200; ++i) deep = "string(" + deep + ")";
  EXPECT_NE(eval('[' + deep + ']').find("nested too deeply"), std::string::npos);
}

}  // namespace
}  // namespace portalkey::sandbox
