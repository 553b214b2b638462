#include "seeds/input/date_text.h"

#include <gtest/gtest.h>

namespace portalkey {
namespace {

TEST(DateText, DaysInWhichNothingCanBeMistaken) {
  for (const auto* text : {"2024-03-31", "2024/03/31", " 31.03.2024 ", "2024-03-31T12:00:00Z", "31.03.2024 12:00"})
    EXPECT_EQ(date_of_text(text), "2024-03-31") << text;
  EXPECT_EQ(date_of_text("2024-03"), "2024-03-01");
}

TEST(DateText, WhatMayBeAnotherDayIsNone) {
  for (const auto* text : {"", "03/04/2024", "31/03/2024", "2024-02-30", "2024-13-01", "0000-00-00", "45382", "2024-03-31x",
                           "March 2024", "2024", "1970-01-01"})
    EXPECT_EQ(date_of_text(text), "") << text;
}

}  // namespace
}  // namespace portalkey
