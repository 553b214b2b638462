#include "seeds/formats/csv/csv_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace portalkey {
namespace {

using testing::ElementsAre;

struct Row {
  std::int64_t line;
  std::vector<std::string> fields;
  bool broken = false;
  bool operator==(const Row&) const = default;
};

std::vector<Row> rows_of(std::string_view text, char separator = ',', std::size_t buffer = 4096,
                         std::size_t at_once = std::string_view::npos) {
  MemorySource source(text, at_once);
  CsvRows rows(source, buffer);
  rows.separate_by(separator);
  std::vector<Row> out;
  for (;;) {
    const auto there = rows.next();
    if (!there) {
      out.push_back({-1, {there.error().what}});
      return out;
    }
    if (!*there) return out;
    out.push_back({rows.line(), {rows.fields().begin(), rows.fields().end()}, rows.broken() != CsvRows::Broken::no});
  }
}

TEST(CsvRows, AllLineEnds) {
  EXPECT_THAT(rows_of("a,b\nc,d\r\ne,f\rg,h"),
              ElementsAre(Row{1, {"a", "b"}}, Row{2, {"c", "d"}}, Row{3, {"e", "f"}}, Row{4, {"g", "h"}}));
}

TEST(CsvRows, BlankLinesAndCommentsCountAsLines) {
  EXPECT_THAT(rows_of("\n\r\n# x, \"y\na\n\n#\nb\n"), ElementsAre(Row{4, {"a"}}, Row{7, {"b"}}));
}

TEST(CsvRows, QuotesSeparatorsAndLineBreaksInside) {
  EXPECT_THAT(rows_of("\"a,\"\"b\"\"\",\"1\r\n2\n3\"\nc, \"d\" ,\"\"\n"),
              ElementsAre(Row{1, {"a,\"b\"", "1\r\n2\n3"}}, Row{4, {"c", "d", ""}}));
}

TEST(CsvRows, AQuoteInsideAnUnquotedFieldIsACharacter) {
  EXPECT_THAT(rows_of("=\"0012\",5\" key\n"), ElementsAre(Row{1, {"=\"0012\"", "5\" key"}}));
}

TEST(CsvRows, AnUnclosedQuoteCostsOneLineOnly) {
  EXPECT_THAT(rows_of("a,\"b\nc,d\ne,f\n"), ElementsAre(Row{1, {}, true}, Row{2, {"c", "d"}}, Row{3, {"e", "f"}}));
  EXPECT_THAT(rows_of("a,\"b\nc,\"d\"\n"), ElementsAre(Row{1, {}, true}, Row{2, {"c", "d"}}));
}

TEST(CsvRows, OtherSeparators) {
  EXPECT_THAT(rows_of("a;b,c;\"d;e\"\n", ';'), ElementsAre(Row{1, {"a", "b,c", "d;e"}}));
  EXPECT_THAT(rows_of("a\t\"b\"\t\tc\n", '\t'), ElementsAre(Row{1, {"a", "b", "", "c"}}));
}

TEST(CsvRows, TooManyFieldsBecomeOne) {
  const auto plain = rows_of(std::string(200, ',') + "\n");
  ASSERT_EQ(plain.size(), 1U);
  EXPECT_EQ(plain[0].fields.size(), CsvRows::kMaxFields);
  EXPECT_EQ(plain[0].fields.back().size(), 200 - CsvRows::kMaxFields + 1);
  EXPECT_EQ(rows_of("\"\"" + std::string(200, ',') + "\n")[0].fields, plain[0].fields);
}

TEST(CsvRows, ARowLongerThanTheBufferIsAnError) {
  const auto rows = rows_of("a\n" + std::string(100, 'x') + "\nb\n", ',', 64);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].line, -1);
  EXPECT_NE(rows[1].fields[0].find("line 2 "), std::string::npos);
}

// Whatever the buffer's size and however the bytes arrive, the rows are the same.
TEST(CsvRows, BufferBordersDoNotShow) {
  constexpr std::string_view kPieces[] = {"a",  "bc", ",",    ",",          "\n", "\r\n",   "\r",
                                          "\"", "\"", "\"\"", "\"x\r\ny\"", "#",  " \"q\"", ","};
  std::mt19937 random(20260101);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t i = 0, n = random() % 24; i < n; ++i) text += kPieces[random() % std::size(kPieces)];
    const auto expected = rows_of(text);
    for (const std::size_t at_once : {1U, 2U, 3U, 7U}) {
      ASSERT_EQ(rows_of(text, ',', 128, at_once), expected)
          << testing::PrintToString(text) << ", " << at_once << " bytes at once";
    }
  }
}

}  // namespace
}  // namespace portalkey
