#include "sandbox/wire/relaxed_json.h"

#include <gtest/gtest.h>

namespace portalkey::sandbox {
namespace {

std::string read(std::string_view text) {
  const auto value = parse_relaxed_json(text);
  return value ? boost::json::serialize(*value) : "refused";
}

TEST(RelaxedJson, StrictJsonIsWhatItIs) {
  for (const auto* text :
       {R"({"a":1,"b":[true,false,null],"c":{"d":"x // no comment","e":"it's","f":"a\"b\\"}})", "[]", "\"\"", "1.5"}) {
    EXPECT_EQ(read(text), boost::json::serialize(boost::json::parse(text)));
  }
}

TEST(RelaxedJson, WhatClientsSendBesides) {
  EXPECT_EQ(read("{template:{\n \"a\": [] // comment\n}}"), R"({"template":{"a":[]}})");
  EXPECT_EQ(read("/* head */{'a' /*x*/ : 'it\\'s \"so\"', $b_1 : 2,}"), R"({"a":"it's \"so\"","$b_1":2})");
  EXPECT_EQ(read("{\"a\":\"http://x\" /* // */ ,\"b\":true// end"
                 "\n}"),
            R"({"a":"http://x","b":true})");
  EXPECT_EQ(read("{true:1}"), R"({"true":1})") << "before a colon it is a name";
}

TEST(RelaxedJson, WhatIsNoJsonIsRefused) {
  for (const auto* text :
       {"", "{", "{a}", "{a:b}", "{\"a\":\"x}", "{'a':'x}", "{} {}", "/* {} ", "{a:1 b:2}", "{1a:2}", "undefined"}) {
    EXPECT_EQ(read(text), "refused") << text;
  }
  EXPECT_EQ(read(std::string(100'000, '[')), "refused");
}

}  // namespace
}  // namespace portalkey::sandbox
