#include "app/profile/toml_nesting.h"

#include <gtest/gtest.h>

#include <string>

namespace portalkey::toml_nesting_test {
namespace {

std::string times(int count, const std::string& text) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(TomlNesting, EveryWayToNestIsBounded) {
  for (const int levels : {101, 100'000}) {
    for (const std::string& bad : {
             "x = " + times(levels, "["),
             "x = " + times(levels, "[") + times(levels, "]"),
             "x = " + times(levels, "{a = ") + "1",
             "x = " + times(levels, "[\n"),
             "x = " + times(levels, "{a.b.c = [\n"),
             "a" + times(levels, ".a") + " = 1",
             "a" + times(levels, " . a") + " = 1",
             "a" + times(levels, R"(."a")") + " = 1",
             "[a" + times(levels, ".a") + "]",
             "[[a" + times(levels, ".a") + "]]",
         }) {
      EXPECT_EQ(nests_too_deeply_at("# first line\n" + bad).value_or(0) >= 2, true) << bad.substr(0, 40);
    }
  }
}

TEST(TomlNesting, StringsAndCommentsNestNothing) {
  const std::string dots = times(1000, "."), brackets = times(1000, "[");
  for (const std::string& fine : {
           "# " + dots + brackets,
           "x = \"" + dots + R"(\")" + brackets + "\"",
           "x = '" + dots + brackets + "'",
           "x = \"\"\"\n" + dots + "\n" + brackets + "\"\"\"",
           "x = '''\n" + dots + "''" + brackets + "'''",
           times(1000, "[profile.one]\nx = 1.5 # \"\n"),
           times(1000, "a.b.c = [1, 2, {d.e = \"\"}]\n"),
           std::string(),
           "x = \"" + dots,
       }) {
    EXPECT_FALSE(nests_too_deeply_at(fine)) << fine.substr(0, 40);
  }
  EXPECT_TRUE(nests_too_deeply_at("x = \"\"\"a\"\"\"\ny" + dots)) << "what comes behind a string counts";
  EXPECT_EQ(nests_too_deeply_at("x = \"\n[a" + times(200, ".b") + "]"), 2) << "a string without an end ends with its line";
}

}  // namespace
}  // namespace portalkey::toml_nesting_test
