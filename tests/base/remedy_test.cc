#include "base/remedy.h"

#include <gtest/gtest.h>

namespace portalkey::remedy_test {
namespace {

std::string shown(std::string_view text) {
  return with_words(text, [](const Reference& reference) -> std::optional<std::string> {
    if (reference.code == "final") return std::nullopt;
    std::string out = "<" + reference.code;
    for (const auto& parameter : reference.parameters) out += "," + parameter;
    return out + ">";
  });
}

TEST(Remedy, ReferencesAreReplacedAndTheRestStays) {
  EXPECT_EQ(shown("Start over: [[sign-in]]"), "Start over: <sign-in>");
  EXPECT_EQ(shown("[[map|upn|COLUMN]] or [[map|serial|2]]."), "<map,upn,COLUMN> or <map,serial,2>.");
  EXPECT_EQ(shown("nothing to say"), "nothing to say");
  EXPECT_EQ(shown(""), "");
}

TEST(Remedy, AnyTextCanBeAParameter) {
  for (const char* text : {"/srv/a [1]", "]]", "[[sign-in]]", "a|b", "100 %", "%7C", ""}) {
    EXPECT_EQ(shown("see [[reset-session|" + as_parameter(text) + "|x]]!"), std::string("see <reset-session,") + text + ",x>!");
  }
}

TEST(Remedy, WhatIsNoReferenceStays) {
  for (const char* text :
       {"[[profile.NAME]]", "[[", "a]]", "[[]]", "[[Sign in]]", "[cloud.x]", "[[sign-in", "seeds [[final]].csv"}) {
    EXPECT_EQ(shown(text), text);
  }
  EXPECT_EQ(shown("[[ [[sign-in]]"), "[[ <sign-in>");
}

}  // namespace
}  // namespace portalkey::remedy_test
