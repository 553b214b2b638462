#include "seeds/assignment/assigned_tokens.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/seeds/reading.h"
#include "tests/temporary_folder.h"

namespace portalkey {
namespace {

Result<AssignmentList> list_of(std::string_view text, std::size_t at_once = std::string_view::npos) {
  MemorySource source(text, at_once);
  return AssignmentList::read(source, "people.csv");
}

struct Device {
  std::string serial, upn;
  std::int64_t line = 0;
};

/// The devices joined with the list; what is said is in `problems` and `warnings`.
Reading joined(std::string_view list_text, const std::vector<Device>& devices) {
  Reading reading;
  auto list = list_of(list_text);
  if (!list) {
    reading.summary = std::unexpected(list.error());
    return reading;
  }
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < devices.size(); ++i)
    places.push_back(devices[i].line != 0 ? devices[i].line : static_cast<std::int64_t>(i) + 2);
  AssignedTokens assigned(*list, places, reading);
  for (std::size_t i = 0; i < devices.size(); ++i) {
    TokenSeed token;
    token.line = places[i];
    token.serial = devices[i].serial;
    token.upn = devices[i].upn;
    assigned.on_token(std::move(token));
  }
  SeedFileSummary summary;
  summary.tokens = static_cast<std::int64_t>(devices.size());
  assigned.finish(summary);
  reading.summary = std::move(summary);
  return reading;
}

/// `serial=upn` of every token that came through.
std::string given(const Reading& reading) {
  std::string out;
  for (const auto& token : reading.tokens) out += (out.empty() ? "" : " ") + token.serial + "=" + token.upn;
  return out;
}

TEST(AssignedTokens, BySerialNumberWhateverTheColumnsAreCalledAndTheirOrder) {
  for (const std::string_view list :
       {"serial number,upn\n0010,a@b.com\n0011,c@b.com\n", "User;Name;Token Serial\nc@b.com;C;0011\na@b.com;A;0010\n",
        "0010\ta@b.com\n0011\tc@b.com\n",
        "\xEF\xBB\xBF\"Email\",\"S/N\"\r\n\"a@b.com\",\"0010\"\r\n\"c@b.com\",\"0011\"\r\n"}) {
    const auto reading = joined(list, {{"0010", ""}, {"0011", ""}});
    EXPECT_EQ(given(reading), "0010=a@b.com 0011=c@b.com") << list;
    EXPECT_TRUE(reading.problems.empty() && reading.warnings.empty()) << reading.said();
  }
}

TEST(AssignedTokens, OnlyAlikeIsNeverTaken) {
  struct Case {
    std::string listed, device;
  };
  for (const auto& [listed, device] : {Case{"10", "0010"}, Case{"0010", "10"}, Case{"ab12", "AB12"}, Case{"AB12", "ab12"}}) {
    const auto reading = joined("serial,upn\n" + listed + ",a@b.com\n", {{device, ""}});
    EXPECT_EQ(given(reading), "") << listed;
    ASSERT_EQ(reading.problems.size(), 1U) << reading.said();
    const auto& problem = reading.problems[0];
    EXPECT_EQ(problem.serial, device);
    EXPECT_NE(problem.what.find(listed + " on line 2"), std::string::npos) << problem.what;
    EXPECT_FALSE(problem.remedy.empty());
    EXPECT_EQ(reading.summary->tokens, 0);
    EXPECT_EQ(reading.summary->problems, 1);
  }
}

TEST(AssignedTokens, ExactlyTheSameGoesBeforeAlike) {
  const auto reading = joined("serial,upn\n10,a@b.com\n0010,c@b.com\n", {{"0010", ""}, {"10", ""}});
  EXPECT_EQ(given(reading), "0010=c@b.com 10=a@b.com");
  EXPECT_TRUE(reading.problems.empty()) << reading.said();
}

TEST(AssignedTokens, OneSerialNumberForTwoUsersGoesToNeither) {
  const auto reading = joined("serial,upn\n1,a@b.com\n1,c@b.com\n2,d@b.com\n2,D@B.com\n", {{"1", ""}, {"2", ""}});
  EXPECT_EQ(given(reading), "2=d@b.com");  // the same user twice is no contradiction
  ASSERT_EQ(reading.problems.size(), 2U) << reading.said();
  EXPECT_NE(reading.problems[0].what.find("lines 2 and 3"), std::string::npos) << reading.said();
  EXPECT_EQ(reading.problems[1].file, "people.csv");
  EXPECT_EQ(reading.problems[1].line, 3);
}

TEST(AssignedTokens, TheFilesOwnUserMustAgree) {
  const auto reading = joined("serial,upn\n1,a@b.com\n2,c@b.com\n3,d@b.com\n", {{"1", "A@b.com"}, {"2", "x@b.com"}, {"3", ""}});
  EXPECT_EQ(given(reading), "1=A@b.com 3=d@b.com");
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].upn, "x@b.com");
  EXPECT_NE(reading.problems[0].what.find("line 3 of the list gives this token to c@b.com"), std::string::npos)
      << reading.said();
}

TEST(AssignedTokens, WhatIsLeftOverOnEitherSideIsReported) {
  const auto reading = joined("serial,upn\n1,a@b.com\n9,z@b.com\n", {{"1", ""}, {"2", ""}, {"3", "own@b.com"}});
  EXPECT_EQ(given(reading), "1=a@b.com 2= 3=own@b.com");
  EXPECT_TRUE(reading.problems.empty());
  ASSERT_EQ(reading.warnings.size(), 3U) << reading.said();
  EXPECT_EQ(reading.warnings[0].serial, "2");
  EXPECT_NE(reading.warnings[1].remedy.find("user is kept"), std::string::npos);
  EXPECT_EQ(reading.warnings[2].serial, "9");
  EXPECT_EQ(reading.warnings[2].upn, "z@b.com");
}

TEST(AssignedTokens, InOrderNobodyMovesUpIntoAGap) {
  const auto reading = joined("upn\na@b.com\nnot a user\nc@b.com\n", {{"1", "", 2}, {"2", "", 5}, {"3", "", 6}, {"4", "", 9}});
  EXPECT_EQ(given(reading), "1=a@b.com 2= 3=c@b.com 4=");
  ASSERT_EQ(reading.problems.size(), 1U) << reading.said();
  EXPECT_EQ(reading.problems[0].line, 3);
  const auto blank = joined("a@b.com\n\n\nc@b.com\n", {{"1", ""}, {"2", ""}});  // blank lines are no rows
  EXPECT_EQ(given(blank), "1=a@b.com 2=c@b.com");
  const auto more = joined("a@b.com\nc@b.com\n", {{"1", ""}});
  EXPECT_EQ(given(more), "1=a@b.com");
  ASSERT_EQ(more.warnings.size(), 1U);
  EXPECT_EQ(more.warnings[0].upn, "c@b.com");
}

TEST(AssignmentList, IsToldFromASeedFile) {
  const auto is_list = [](std::string_view text, std::vector<ColumnName> columns = {}) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file.csv";
    std::ofstream(path) << text;
    return AssignmentList::is_one(path, columns);
  };
  const std::string key = "2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN";
  for (const std::string_view text :
       {"serial number,upn\n1,a@b.com\n", "Seriennummer;Mitarbeiter\n1;a@b.com\n", "1,a@b.com\n", "a@b.com\n", "upn\na@b.com\n",
        "sep=;\nSeriennummer;Mitarbeiter\n", "# list\n\n#;Serial;User\n1;2;a@b.com\n",
        "Serial,Object id,UPN\n1,01234567-89ab-cdef-0123-456789abcdef,a@b.com\n"})
    EXPECT_TRUE(is_list(text)) << text;
  for (const std::string& text :
       {std::string("upn,serial number,secret key,time interval,manufacturer,model\na@b.com,1,,30,F,C\n"),
        std::string("a@b.com,1,,30,F,C\n"), "serial,user,value\n1,a@b.com," + key + "\n", "1,a@b.com," + key + "\n",
        std::string("serial,user,uri\n1,a@b.com,otpauth://totp/x?secret=") + key + "\n",
        std::string("otpauth://totp/a@b.com?secret=") + key, std::string("[]"), std::string("<Tokens/>"), std::string(),
        std::string("\n"), std::string("hello\nworld\n"), "serial,seed\n1," + key})
    EXPECT_FALSE(is_list(text)) << text;
  EXPECT_FALSE(is_list("Wer;Welches\nx;1\n"));
  EXPECT_TRUE(is_list("Wer;Welches\nx;1\n", {{Column::serial, "welches"}}));
  EXPECT_FALSE(is_list("serial;upn;Wert\n1;a@b.com;x\n", {{Column::secret, "Wert"}}));
  EXPECT_FALSE(AssignmentList::is_one("/no/such/file"));
}

TEST(AssignmentList, UsersAreWhereUserPrincipalNamesAre) {
  for (const std::string_view text :
       {"User;E-Mail;Serial\nAnna Meier;a@b.com;0010\n", "E-Mail;User;Serial\na@b.com;Anna;0010\n",
        "Serial;Wer\n0010;a@b.com\n", "Personalnr.;Serial;Konto\n77;0010;a@b.com\n",
        "Serial;Owner;Wer\n0010;a@b.com;c@b.com\n"}) {
    const auto reading = joined(text, {{"0010", ""}});
    EXPECT_EQ(given(reading), "0010=a@b.com") << text << reading.said();
  }
  for (const std::string_view text :
       {"User;E-Mail;Serial\na@b.com;c@b.com;0010\n", "Serial;Wer;Chef\n0010;a@b.com;c@b.com\n"}) {
    const auto reading = joined(text, {{"0010", ""}});
    ASSERT_FALSE(reading.summary) << text;
    EXPECT_NE(reading.said().find("two columns"), std::string::npos) << reading.said();
  }
  EXPECT_FALSE(joined("Serial;Wer\n0010;Anna\n", {{"0010", ""}}).summary);
}

TEST(AssignmentList, WhatIsNoDelimitedTextIsNamed) {
  for (const std::string_view text : {R"([{"serial":"1","upn":"a@b.com"}])", R"({"serial":"1"})"})
    EXPECT_NE(joined(text, {{"1", ""}}).said().find("JSON"), std::string::npos) << text;
  EXPECT_NE(joined("<list/>", {{"1", ""}}).said().find("XML"), std::string::npos);
}

TEST(AssignmentList, AsSpreadsheetsWriteThem) {
  for (const std::string_view text : {"sep=;\nSerial;User\n0010;a@b.com\n", "# comment, and more\nSerial;User\n0010;a@b.com\n",
                                      "#;Serial;User\n1;0010;a@b.com\n", "\n\nSerial;User\n# nobody else\n0010;a@b.com\n"}) {
    const auto reading = joined(text, {{"0010", ""}});
    EXPECT_EQ(given(reading), "0010=a@b.com") << text << reading.said();
    EXPECT_TRUE(reading.problems.empty()) << text;
  }
  const auto token_or_comment = joined("Serial;User\n#0010;a@b.com\n0011;c@b.com\n", {{"0010", ""}, {"0011", ""}});
  EXPECT_EQ(given(token_or_comment), "0010= 0011=c@b.com");
  ASSERT_EQ(token_or_comment.problems.size(), 1U);
  EXPECT_NE(token_or_comment.problems[0].what.find("a token, or a comment?"), std::string::npos);
}

TEST(AssignmentList, Utf16InBothOrders) {
  const std::u16string_view text = u"\uFEFFuser;name;serial\r\na@b.com;B\u00E4r;0010\r\n";
  for (const bool little : {true, false}) {
    std::string bytes;
    for (const char16_t unit : text) {
      const char low = static_cast<char>(unit & 0xFF), high = static_cast<char>(unit >> 8);
      bytes += little ? low : high;
      bytes += little ? high : low;
    }
    for (const std::size_t pieces : {std::size_t{3}, std::string_view::npos}) {
      auto list = list_of(bytes, pieces);
      ASSERT_TRUE(list) << list.error().what;
      ASSERT_TRUE(list->find("0010"));
      EXPECT_EQ((*list)[*list->find("0010")].upn, "a@b.com");
      EXPECT_NE(list->notes()[0].find(little ? "UTF-16 (little-endian)" : "UTF-16 (big-endian)"), std::string::npos);
    }
  }
}

TEST(AssignmentList, Windows1252) {
  auto list = list_of(
      "upn;Vorname;Stra\xDF"
      "e;serial\nx@b.com;B\xE4r;\x80;1\xFC\ny@b.com;Z;a;2\n");
  ASSERT_TRUE(list) << list.error().what;
  ASSERT_TRUE(list->find("2"));
  EXPECT_EQ((*list)[*list->find("2")].upn, "y@b.com");
  EXPECT_NE(list->notes().back().find("4 values are not UTF-8 and were read as Windows-1252"), std::string::npos)
      << list->notes().back();
  auto unclear = list_of("upn,Ger\xE4t\na@b.com,5\n");
  ASSERT_FALSE(unclear);
  EXPECT_NE(unclear.error().what.find("\"Gerät\""), std::string::npos) << unclear.error().what;
}

TEST(AssignmentList, RefusesWhatIsUnclear) {
  for (const std::string_view text :
       {"", "name,serial\nA,1\n", "serial,serial no,upn\n1,2,a@b.com\n", "a@b.com,c@b.com\n", "a@b.com,12,13\n", "hello\n"}) {
    const auto list = list_of(text);
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, Errc::invalid_input);
    EXPECT_FALSE(list.error().remedy.empty());
  }
}

AssignmentList read_list(std::string_view text) {
  MemorySource source(text);
  auto list = AssignmentList::read(source, "list.csv", AssignmentList::Users::optional);
  EXPECT_TRUE(list) << list.error().what;
  return std::move(*list);
}

TEST(AssignmentListWithoutUsers, SerialNumbersAlone) {
  for (const auto text : {"Serial No.\n001\n002\n", "001\n002\n", "serial number;department\n001;IT\n002;\n"}) {
    auto list = read_list(text);
    ASSERT_EQ(list.entries().size(), 2u) << text;
    EXPECT_EQ(list.entries()[0].serial, "001");
    EXPECT_EQ(list.entries()[0].upn, "");
    EXPECT_TRUE(list.problems().empty()) << text;
  }
}

TEST(AssignmentListWithoutUsers, ARowWithABrokenQuoteIsNamed) {
  auto list = read_list("serial number,upn\n\"1,anna@contoso.com\n2,\n");
  EXPECT_EQ(list.entries().size(), 1u);
  ASSERT_EQ(list.problems().size(), 1u);
  EXPECT_EQ(list.problems()[0].line, 2);
}

TEST(AssignmentListWithoutUsers, SomeUsersMayBeMissingButNotWrong) {
  auto list = read_list("serial number,upn\n1,anna@contoso.com\n2,\n3,no-upn\n");
  ASSERT_EQ(list.entries().size(), 2u);
  EXPECT_EQ(list.entries()[1].upn, "");
  ASSERT_EQ(list.problems().size(), 1u);
  EXPECT_EQ(list.problems()[0].line, 4);
}

TEST(AssignmentListWithoutUsers, WhatIsReplaced) {
  auto list = read_list("upn,serial number,old token\nanna@contoso.com,9,=\"001\"\nbob@contoso.com,8,\n");
  ASSERT_EQ(list.entries().size(), 2u);
  EXPECT_EQ(list.entries()[0].replaces, "001");
  EXPECT_EQ(list.entries()[1].replaces, "");
}

TEST(AssignmentList, FindsEachOfManyAndKeepsTheirTexts) {
  std::string text = "serial number,upn,replaces\n";
  constexpr int kMany = 20'000;
  for (int i = 0; i < kMany; ++i) text += fmt::format("00A{:05d},user.{}@contoso.com,B{}\n", i, i, i);
  text += "00A00007,somebody.else@contoso.com,\n00A00008,USER.8@contoso.com,\n";
  const auto list = list_of(text);
  ASSERT_TRUE(list) << list.error().what;
  ASSERT_EQ(list->size(), static_cast<std::size_t>(kMany));
  for (int i = 0; i < kMany; ++i) {
    const auto serial = fmt::format("00A{:05d}", i);
    const auto place = list->find(serial);
    ASSERT_TRUE(place) << serial;
    const auto entry = (*list)[*place];
    EXPECT_EQ(entry.line, i + 2);
    EXPECT_EQ(entry.serial, serial);
    EXPECT_EQ(entry.upn, fmt::format("user.{}@contoso.com", i));
    EXPECT_EQ(entry.replaces, fmt::format("B{}", i));
    EXPECT_EQ(entry.other_line, i == 7 ? kMany + 2 : 0);
    EXPECT_EQ(list->find_alike(fmt::format("a {:05d}", i)), place);
  }
  EXPECT_FALSE(list->find("A00001"));
  EXPECT_FALSE(list->find_alike("A20000"));
  EXPECT_EQ(list->problems().size(), 1u);
}

TEST(AssignmentList, RefusesWhatIsNoListAtAllBeforeItFillsTheMemory) {
  std::string text = "serial number,upn\n";
  for (std::size_t i = 0; i < AssignmentList::kMostProblems; ++i) text += "1,nobody\n";
  const auto just = list_of(text);
  ASSERT_TRUE(just) << just.error().what;
  EXPECT_EQ(just->problems().size(), AssignmentList::kMostProblems);
  const auto beyond = list_of(text + "2,a@b.com\n");
  ASSERT_FALSE(beyond);
  EXPECT_TRUE(beyond.error().what.starts_with("more than 100000 rows of the list cannot be used; the first is line 2: upn: "))
      << beyond.error().what;
}

}  // namespace
}  // namespace portalkey
