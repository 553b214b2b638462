#include <gtest/gtest.h>

TEST(Placeholder, isReplaced) {}
