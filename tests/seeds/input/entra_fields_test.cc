#include "seeds/input/entra_fields.h"

#include <gtest/gtest.h>

#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

std::string says(const std::optional<FieldProblem>& problem) { return problem ? problem->what : "fine"; }

TEST(Upn, Allowed) {
  for (const char* upn : {"Helga@contoso.com", "o'brien@contoso.com", "a.b-c_d!e#f^g~h@sub.contoso.co.uk",
                          "anna_fabrikam.com#EXT#@contoso.onmicrosoft.com"}) {
    EXPECT_EQ(says(problem_of_upn(upn)), "fine") << upn;
  }
}

TEST(Upn, RefusedWithTheCharacterNamed) {
  const struct {
    std::string_view upn, says;
  } cases[] = {
      {"alex", "no @"},
      {"a@b@c.com", "2 @"},
      {"@contoso.com", "before the @"},
      {"a@contoso", "no domain"},
      {"a@.com", "no domain"},
      {"a@contoso.", "no domain"},
      {"a b@contoso.com", "a blank at position 2"},
      {"a+b@contoso.com", "`+` at position 2"},
      {"j\xC3\xB6rg@contoso.com", "`\xC3\xB6` (U+00F6) at position 2"},
      {"j\xF6rg@contoso.com", "byte 0xF6 at position 2 is not UTF-8"},
      {"a\tb@contoso.com", "a tab at position 2"},
      {"//alex@contoso.com", "`/` at position 1"},
      {"alex.@contoso.com", "a dot stands before the @"},
      {"alex@con_toso.com", "no name of a domain"},
      {"alex@con'toso.com", "no name of a domain"},
      {"alex@-contoso.com", "no name of a domain"},
      {"alex@contoso-.com", "no name of a domain"},
      {"alex@contoso..com", "no name of a domain"},
      {"alex@contoso.com-", "no name of a domain"},
      {"first.name.and.many.more.of.them.0123456789.0123456789.0123456789@first.of.the.domains.second.third.fourth.fifth."
       "contoso.com",
       "characters are too many"},
  };
  for (const auto& c : cases) {
    EXPECT_NE(says(problem_of_upn(c.upn)).find(c.says), std::string::npos) << c.upn << ": " << says(problem_of_upn(c.upn));
  }
}

TEST(Serial, SpreadsheetDamageIsRefused) {
  for (const char* serial : {"1.23457E+11", "2,60022E+12", "1E+12", "2.60022e+12", "123E+10", "1E-05"}) {
    EXPECT_NE(says(problem_of_serial(serial)).find("rounded"), std::string::npos) << serial;
  }
  EXPECT_NE(says(problem_of_serial("########")).find("too narrow"), std::string::npos);
  EXPECT_NE(says(problem_of_serial("anna@contoso.com")).find("user principal name"), std::string::npos);
  EXPECT_EQ(says(problem_of_serial("A@1")), "fine");
  EXPECT_NE(says(problem_of_serial("12\uFF13")).find("full-width"), std::string::npos);
}

TEST(Serial, DamageIsExplained) {
  const struct {
    std::string_view serial, cause;
  } cases[] = {{"1.23457E+11", "spreadsheet"},
               {"123456.0", "numbers"},
               {"123456,00", "numbers"},
               {"01.02.2026", "date"},
               {"2026-02-01", "date"},
               {"Jan-26", "date"},
               {"1-Feb", "date"},
               {"01-Feb-2026", "date"},
               {"\u201C0001\u201D", "word processor"}};
  for (const auto& c : cases) {
    const auto problem = problem_of_serial(c.serial);
    ASSERT_TRUE(problem) << c.serial;
    EXPECT_NE(problem->cause.find(c.cause), std::string::npos) << c.serial << ": " << problem->cause;
    EXPECT_FALSE(problem->expected.empty() || problem->remedy.empty()) << c.serial;
  }
}

TEST(Serial, LooksStrangeButIsFine) {
  for (const char* serial : {"0000001", "00", "GALT11420104", "1E10", "12E45", "A-1.5", "\xC3\xA9", "E+1", "#1", "12-34-5678",
                             "99.1", "C-200", "40-50-60"}) {
    EXPECT_EQ(says(problem_of_serial(serial)), "fine") << serial;
  }
}

TEST(Serial, Unwrapped) {
  EXPECT_EQ(unwrapped_serial("=\"0012345\""), "0012345");
  EXPECT_EQ(unwrapped_serial("'0012345"), "0012345");
  EXPECT_EQ(unwrapped_serial("0012345"), "0012345");
  EXPECT_EQ(unwrapped_serial("=\""), "=\"");
}

TEST(Interval, ThirtyOrSixtyAndNothingElse) {
  EXPECT_EQ(says(problem_of_interval("30")), "fine");
  EXPECT_EQ(says(problem_of_interval("60")), "fine");
  EXPECT_NE(says(problem_of_interval("45")).find("45 seconds"), std::string::npos);
  EXPECT_NE(says(problem_of_interval("30s")).find("`30s` is not a whole number"), std::string::npos);
  EXPECT_NE(says(problem_of_interval("60.0")).find("not a whole number"), std::string::npos);
  EXPECT_NE(says(problem_of_interval("")).find("not assumed"), std::string::npos);
  EXPECT_NE(says(problem_of_interval("\xFF")).find("not a whole number"), std::string::npos);
}

TEST(Utf8, WellFormed) {
  EXPECT_EQ(first_invalid_utf8("a\xC3\xB6\xE5\xB1\xB1\xF0\x9F\x94\x91"), std::string_view::npos);
  const struct {
    std::string_view text;
    std::size_t at;
  } cases[] = {{"ab\xFF", 2},        {"\xC0\xAF", 0},         {"\xE0\x80\xAF", 0},
               {"x\xED\xA0\x80", 1}, {"\xF4\x90\x80\x80", 0}, {"\xE5\xB1", 0}};
  for (const auto& c : cases) EXPECT_EQ(first_invalid_utf8(c.text), c.at);
}

TEST(Utf8, TrimsWhatCannotBeSeen) {
  EXPECT_EQ(trimmed_unicode(" \xC2\xA0 a b\xE2\x80\x8B\t"), "a b");
  EXPECT_EQ(trimmed_unicode("\xC2\xA0"), "");
  EXPECT_EQ(trimmed_unicode(""), "");
}

}  // namespace
}  // namespace portalkey
