#include "seeds/readings/device_readings.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/time_text.h"

namespace portalkey {
namespace {

const WallTime kNow = *parse_iso_time("2026-11-30T12:00:00Z");

Result<DeviceReadings> read(std::string_view text) {
  MemorySource source(text);
  return read_device_readings(source, "clocks.csv", kNow);
}

TEST(DeviceReadings, AreReadWithAnyColumnsBesideThem) {
  for (const auto* text :
       {"serial number,code,next code,read at\n0700,012345,678901,2026-11-30T09:05:00Z\n",
        "\xEF\xBB\xBFRead at;who;Serial No.;Code;Next code\r\n2026-11-30 10:05+01:00;me;\"0700\";012 345;=\"678901\"\r\n",
        "sep=;\nread at;serial;code;code 2\n2026-11-30T09:05:00.7Z;0700;'012345;678901\n"}) {
    const auto list = read(text);
    ASSERT_TRUE(list) << list.error().what;
    EXPECT_TRUE(list->problems.empty());
    ASSERT_EQ(list->rows.size(), 1u) << text;
    const auto& row = list->rows[0];
    EXPECT_EQ(row.serial, "0700");
    EXPECT_EQ(row.code, "012345");
    EXPECT_EQ(row.next, "678901");
    EXPECT_EQ(iso_time(row.read_at), "2026-11-30T09:05:00Z");
  }
}

TEST(DeviceReadings, ASecondCodeMayBeLeftOut) {
  for (const auto* text : {"serial number,code,read at\n0700,012345,2026-11-30T09:05:00Z\n",
                           "serial number,code,next code,read at\n0700,012345,,2026-11-30T09:05:00Z\n"}) {
    const auto list = read(text);
    ASSERT_TRUE(list);
    EXPECT_EQ(list->rows.at(0).next, "");
  }
}

TEST(DeviceReadings, ABadRowIsNamedAndTheOthersAreRead) {
  const std::string good = "0799,012345,,2026-11-30T09:05:00Z\n";
  const struct {
    const char *row, *field, *what;
  } rows[] = {
      {"0700,12345,,2026-11-30T09:05:00Z", "code", "dropped zeros"},
      {"0700,,,2026-11-30T09:05:00Z", "code", "there is none"},
      {"0700,01234x,,2026-11-30T09:05:00Z", "code", "not what a device shows"},
      {"0700,012345,6789,2026-11-30T09:05:00Z", "next code", "dropped zeros"},
      {"0700,012345,,", "read at", "does not say when"},
      {"0700,012345,,2026-11-30T09:05:00", "read at", "time zone"},
      {"0700,012345,,30.11.2026 09:05", "read at", "time zone"},
      {"0700,012345,,2026-02-31T09:05:00Z", "read at", "time zone"},
      {"0700,012345,,2026-11-30T12:06:00Z", "read at", "future"},
      {",012345,,2026-11-30T09:05:00Z", "serial number", "there is no serial number"},
      {"\"0700,012345,,2026-11-30T09:05:00Z", "serial number", "quote"},
  };
  for (const auto& [row, field, what] : rows) {
    const auto list = read("serial number,code,next code,read at\n" + std::string(row) + "\n" + good);
    ASSERT_TRUE(list) << row;
    EXPECT_EQ(list->rows.size(), 1u) << row;
    ASSERT_EQ(list->problems.size(), 1u) << row;
    const auto& problem = list->problems[0];
    EXPECT_EQ(problem.line, 2) << row;
    EXPECT_EQ(problem.file, "clocks.csv");
    EXPECT_EQ(problem.field, field) << row;
    EXPECT_TRUE(problem.what.contains(what)) << row << ": " << problem.what;
    EXPECT_FALSE(problem.remedy.empty());
    EXPECT_FALSE(problem.what.contains("12345"));
  }
}

TEST(DeviceReadings, OfADeviceThatIsThereTwiceNeitherIsUsed) {
  const auto list = read(
      "serial number,code,read "
      "at\n1,012345,2026-11-30T09:05:00Z\n2,012345,2026-11-30T09:05:00Z\n1,543210,2026-11-30T10:05:00Z\n"
      "1,111111,2026-11-30T10:05:00Z\n");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->rows.size(), 1u);
  EXPECT_EQ(list->rows[0].serial, "2");
  ASSERT_EQ(list->problems.size(), 2u);
  for (const auto& problem : list->problems) {
    EXPECT_EQ(problem.serial, "1");
    EXPECT_TRUE(problem.what.contains("line 2"));
  }
}

TEST(DeviceReadings, WhatIsNoSuchListIsRefused) {
  for (const auto* text : {"", "\n\n", "serial number,code,next code,read at\n", "1,012345,678901,2026-11-30T09:05:00Z\n",
                           "serial number,code\n1,012345\n", "code,read at,code\n", "PK\x03\x04rest"}) {
    const auto list = read(text);
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, Errc::invalid_input);
    EXPECT_FALSE(list.error().remedy.empty());
  }
}

TEST(TimeOfReading, NeedsItsTimeZone) {
  for (const auto* text : {"2026-11-30T09:05:00Z", "2026-11-30 09:05Z", "2026-11-30 10:05+01:00", "2026-11-30T05:35:00-0330",
                           "2026-11-30T10:05:00.123 +01", "2026-11-30 09:05 UTC"}) {
    const auto time = time_of_reading(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(iso_time(*time), "2026-11-30T09:05:00Z") << text;
  }
  for (const auto* text : {"", "2026-11-30", "2026-11-30T09:05", "2026-11-30T09:05:00+25:00", "2026-11-30T09:05:00 CET",
                           "2026-11-30T24:05:00Z", "2026-11-30T09:65:00Z", "1732950000", "2026-11-30T09:05:00Zx"})
    EXPECT_FALSE(time_of_reading(text)) << text;
}

}  // namespace
}  // namespace portalkey
