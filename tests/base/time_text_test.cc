#include "base/time_text.h"

#include <gtest/gtest.h>

namespace portalkey::time_text_test {
namespace {

TEST(TimeText, HttpDatesRoundTrip) {
  EXPECT_EQ(http_date(from_unix_seconds(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110 §5.6.7
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), from_unix_seconds(784111777));
  EXPECT_FALSE(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"));
  EXPECT_FALSE(parse_http_date("6 Nov 1994"));
  EXPECT_FALSE(parse_http_date(""));
}

TEST(TimeText, IsoTimesTakeDecimals) {
  EXPECT_EQ(iso_time(from_unix_seconds(1767225600)), "2026-01-01T00:00:00Z");
  EXPECT_EQ(parse_iso_time("2026-01-01T00:00:00.0000000Z"), from_unix_seconds(1767225600));
  EXPECT_FALSE(parse_iso_time("2026-01-01 00:00:00Z"));
  EXPECT_FALSE(parse_iso_time("2026-01-01T00:00:00+01:00"));
}

TEST(TimeText, RoughDurations) {
  using namespace std::chrono_literals;
  EXPECT_EQ(about(45s), "45 s");
  EXPECT_EQ(about(180s), "3 min");
  EXPECT_EQ(about(4h + 10min), "4 h 10 min");
  EXPECT_EQ(about(24h * 12), "12 days");
}

}  // namespace
}  // namespace portalkey::time_text_test
