#include "base/random.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace portalkey::random_test {
namespace {

TEST(Random, GuidsAreVersion4AndDiffer) {
  Random random(7);
  std::set<std::string> seen;
  const std::regex shape("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  for (int i = 0; i < 1000; ++i) {
    const auto guid = random.guid();
    EXPECT_TRUE(std::regex_match(guid, shape)) << guid;
    seen.insert(guid);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Random, ASeedRepeats) {
  Random a(42), b(42);
  EXPECT_EQ(a.guid(), b.guid());
}

}  // namespace
}  // namespace portalkey::random_test
