#include "seeds/formats/pskc/pskc_values.h"

#include <gtest/gtest.h>

namespace portalkey {
namespace {

TEST(PskcDate, TakesTheDayOfATimestamp) {
  EXPECT_EQ(pskc_date("2037-12-31T00:00:00Z"), "2037-12-31");
  EXPECT_EQ(pskc_date(" 2037-12-31\n"), "2037-12-31");
}

TEST(PskcDate, DraftsHadSlashesAndTheMonthFirstUnlessItCannotBe) {
  EXPECT_EQ(pskc_date("01/02/2008"), "2008-01-02");
  EXPECT_EQ(pskc_date("31/12/2008"), "2008-12-31");
  EXPECT_EQ(pskc_date("12/31/2008"), "2008-12-31");
}

TEST(PskcDate, NothingElse) {
  for (const auto* text : {"", "2037", "2037-13-01", "2037-00-01", "2037-01-32", "2037-1-011", "20 7-01-01", "32/01/2008",
                           "13/13/2008", "01/02/20O8", "01/02/2008T00", "-037-01-01", "+037-01-01", "2037/01/01"}) {
    EXPECT_EQ(pskc_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace portalkey
