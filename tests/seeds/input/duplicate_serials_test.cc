#include "seeds/input/duplicate_serials.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

using Verdict = DuplicateSerials::Verdict;

DuplicateSerials::Answer add(DuplicateSerials& seen, std::string_view serial, const DuplicateSerials::Contents& contents,
                             std::int64_t line) {
  return seen.add(seen.hashes(serial, contents), line);
}

TEST(DuplicateSerials, RepeatAndContradiction) {
  DuplicateSerials seen;
  const DuplicateSerials::Contents contents{7, "K", "30", "m", "n"};
  EXPECT_EQ(add(seen, "1", contents, 2).verdict, Verdict::first);
  const auto repeat = add(seen, "1", contents, 3);
  EXPECT_EQ(repeat.verdict, Verdict::repeat);
  EXPECT_EQ(repeat.line, 2);
  auto other = contents;
  other.interval = "60";
  EXPECT_EQ(add(seen, "1", other, 4).verdict, Verdict::contradiction);
  EXPECT_EQ(add(seen, "2", contents, 4).verdict, Verdict::first);
  other = contents;
  other.user = 8;
  EXPECT_EQ(add(seen, "2", other, 4).verdict, Verdict::contradiction);
  EXPECT_EQ(add(seen, "1", contents, 5).verdict, Verdict::contradicted);
}

TEST(DuplicateSerials, FieldsDoNotRunIntoEachOther) {
  DuplicateSerials seen;
  EXPECT_EQ(add(seen, "1", {7, "ab", "c", "30", ""}, 2).verdict, Verdict::first);
  EXPECT_EQ(add(seen, "1", {7, "a", "bc", "30", ""}, 3).verdict, Verdict::contradiction);
  const std::string longer(100'000, 'x');
  EXPECT_EQ(add(seen, "2", {7, longer, "30", longer, longer}, 4).verdict, Verdict::first);
  EXPECT_EQ(add(seen, "2", {7, longer, "30", longer, longer}, 5).verdict, Verdict::repeat);
  EXPECT_EQ(add(seen, "2", {7, longer, "30", longer, longer + "y"}, 6).verdict, Verdict::contradiction);
}

TEST(DuplicateSerials, EveryLengthAndEveryCharacterCounts) {
  DuplicateSerials seen;
  std::int64_t line = 1;
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string serial(size, '0');
      serial[at] = '1';
      EXPECT_EQ(add(seen, serial, {}, ++line).verdict, Verdict::first) << serial;
    }
    EXPECT_EQ(add(seen, std::string(size, '0'), {}, ++line).verdict, Verdict::first) << size;
  }
}

TEST(DuplicateSerials, InAnyOrder) {
  for (const bool backwards : {false, true}) {
    DuplicateSerials seen;
    for (int i = 0; i < 1000; ++i) {
      const int n = (backwards ? 999 - i : i) / 2;
      const auto answer = add(seen, std::to_string(n), {}, i + 2);
      EXPECT_EQ(answer.verdict, i % 2 == 0 ? Verdict::first : Verdict::repeat) << i;
      EXPECT_EQ(answer.line, i / 2 * 2 + 2);
    }
    EXPECT_EQ(add(seen, "0", {}, 5000).verdict, Verdict::repeat);
  }
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
