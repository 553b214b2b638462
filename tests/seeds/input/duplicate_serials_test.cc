#include "seeds/input/duplicate_serials.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

using Verdict = DuplicateSerials::Verdict;

TEST(DuplicateSerials, RepeatAndContradiction) {
  DuplicateSerials seen;
  const DuplicateSerials::Contents contents{7, "K", "30", "m", "n"};
  EXPECT_EQ(seen.add("1", contents, 2).verdict, Verdict::first);
  const auto repeat = seen.add("1", contents, 3);
  EXPECT_EQ(repeat.verdict, Verdict::repeat);
  EXPECT_EQ(repeat.line, 2);
  auto other = contents;
  other.parameters = "60";
  EXPECT_EQ(seen.add("1", other, 4).verdict, Verdict::contradiction);
  EXPECT_EQ(seen.add("2", contents, 4).verdict, Verdict::first);
  other = contents;
  other.user = 8;
  EXPECT_EQ(seen.add("2", other, 4).verdict, Verdict::contradiction);
  EXPECT_EQ(seen.add("1", contents, 5).verdict, Verdict::contradicted);
}

TEST(DuplicateSerials, FieldsDoNotRunIntoEachOther) {
  DuplicateSerials seen;
  EXPECT_EQ(seen.add("1", {7, "ab", "c", "30", ""}, 2).verdict, Verdict::first);
  EXPECT_EQ(seen.add("1", {7, "a", "bc", "30", ""}, 3).verdict, Verdict::contradiction);
  const std::string longer(100'000, 'x');
  EXPECT_EQ(seen.add("2", {7, longer, "30", longer, longer}, 4).verdict, Verdict::first);
  EXPECT_EQ(seen.add("2", {7, longer, "30", longer, longer}, 5).verdict, Verdict::repeat);
  EXPECT_EQ(seen.add("2", {7, longer, "30", longer, longer + "y"}, 6).verdict, Verdict::contradiction);
}

TEST(DuplicateSerials, EveryLengthAndEveryCharacterCounts) {
  DuplicateSerials seen;
  std::int64_t line = 1;
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string serial(size, '0');
      serial[at] = '1';
      EXPECT_EQ(seen.add(serial, {}, ++line).verdict, Verdict::first) << serial;
    }
    EXPECT_EQ(seen.add(std::string(size, '0'), {}, ++line).verdict, Verdict::first) << size;
  }
}

TEST(DuplicateSerials, InAnyOrder) {
  for (const bool backwards : {false, true}) {
    DuplicateSerials seen;
    for (int i = 0; i < 1000; ++i) {
      const int n = (backwards ? 999 - i : i) / 2;
      const auto answer = seen.add(std::to_string(n), {}, i + 2);
      EXPECT_EQ(answer.verdict, i % 2 == 0 ? Verdict::first : Verdict::repeat) << i;
      EXPECT_EQ(answer.line, i / 2 * 2 + 2);
    }
    EXPECT_EQ(seen.add("0", {}, 5000).verdict, Verdict::repeat);
  }
}

TEST(DuplicateSerials, SpellingsOfOneNumberWithTwoKeys) {
  const DuplicateSerials::Contents one{7, "K", "30", "m", "n"}, other{7, "L", "30", "m", "n"};
  DuplicateSerials seen;
  EXPECT_EQ(seen.add("A12", one, 2).alike, 0);
  EXPECT_EQ(seen.add("a12", one, 3).alike, 0);     // the same key
  EXPECT_EQ(seen.add("0A12", other, 4).alike, 2);  // another one
  EXPECT_EQ(seen.add("00A12", one, 5).alike, 2);   // there has been another one
  EXPECT_EQ(seen.add("A 12", other, 6).alike, 2);
  EXPECT_EQ(seen.add("A13", other, 7).alike, 0);
  EXPECT_EQ(seen.add("a12", one, 8).verdict, Verdict::repeat);
  // The plain spelling comes last.
  EXPECT_EQ(seen.add("0077", one, 9).alike, 0);
  EXPECT_EQ(seen.add("77", other, 10).alike, 9);
  EXPECT_EQ(seen.add("077", one, 11).alike, 9);
  EXPECT_EQ(seen.add("000", one, 12).alike, 0);
  EXPECT_EQ(seen.add("0", other, 13).alike, 12);
}

TEST(DuplicateSerials, LetterCaseOfAUserIsNoContradiction) {
  const auto row = [](std::string_view upn) {
    return std::string(upn) + ",1000001," + std::string(kKey) + ",30,Contoso,C200\n";
  };
  const auto reading = read_text(std::string(kHeader) + row("Kim@contoso.com") + row("kim@Contoso.com"));
  ASSERT_TRUE(reading.summary);
  EXPECT_EQ(reading.summary->tokens, 1);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].what, "it repeats line 2 and is ignored");
}

TEST(DuplicateSerials, AHundredThousandRowsTwice) {
  std::string text(kHeader);
  const auto row = [](int i) {
    return "u" + std::to_string(i) + "@contoso.com," + std::to_string(1'000'000 + i) + "," + std::string(kKey) +
           ",30,Contoso,C200\n";
  };
  constexpr int kRows = 100'000;
  for (int i = 0; i < kRows; ++i) text += row(i);
  for (int i = 0; i < kRows; ++i) text += row(i);
  const auto reading = read_text(text);
  ASSERT_TRUE(reading.summary);
  EXPECT_EQ(reading.summary->rows, 2 * kRows);
  EXPECT_EQ(reading.summary->tokens, kRows);
  EXPECT_EQ(reading.tokens.size(), static_cast<std::size_t>(kRows));
  ASSERT_EQ(reading.problems.size(), static_cast<std::size_t>(kRows));
  EXPECT_EQ(reading.problems.back().line, 2 * kRows + 1);
  EXPECT_TRUE(reading.summary->withdrawn.empty());
}

}  // namespace
}  // namespace portalkey
