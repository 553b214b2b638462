#include "base/counted.h"

#include <gtest/gtest.h>

namespace portalkey::counted_test {
namespace {

TEST(Counted, OneIsOne) {
  EXPECT_EQ(counted(0u, "token"), "0 tokens");
  EXPECT_EQ(counted(1, "serial number"), "1 serial number");
  EXPECT_EQ(counted(std::size_t{2}, "token"), "2 tokens");
}

}  // namespace
}  // namespace portalkey::counted_test
