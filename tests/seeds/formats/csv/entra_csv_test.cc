#include "seeds/formats/csv/entra_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "seeds/model/entra_takes.h"
#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string row(std::string_view serial, std::string_view key = kKey, std::string_view upn = "adele@contoso.com") {
  return std::string(upn) + "," + std::string(serial) + "," + std::string(key) + ",30,Contoso,C200\n";
}

TEST(EntraCsv, ColumnsByNameInAnyOrder) {
  const auto reading = read_text(
      "MODEL;Time_Interval;box;Secret Key ;\"Serial Number\";User Principal Name;manufacturer;Enabled\n"
      "C200;60;7;" +
      std::string(kKey) + ";0012345;a@contoso.com;Contoso;whatever\n");
  ASSERT_TRUE(reading.summary) << reading.said();
  ASSERT_EQ(reading.tokens.size(), 1U);
  EXPECT_EQ(reading.tokens[0].serial, "0012345");
  EXPECT_EQ(reading.tokens[0].upn, "a@contoso.com");
  EXPECT_EQ(reading.tokens[0].step, 60);
  EXPECT_EQ(reading.tokens[0].line, 2);
  EXPECT_THAT(reading.said(), HasSubstr("`box`"));
  EXPECT_THAT(reading.said(), HasSubstr("semicolon"));
}

TEST(EntraCsv, HeadersAsOfficeProgramsWriteThem) {
  const auto token = ";\n0012;" + std::string(kKey) + ";30;\n";
  const auto western = read_text("Num\xE9ro de s\xE9rie;Cl\xE9 secr\xE8te;Intervalle" + token);
  ASSERT_TRUE(western.summary) << western.said();
  EXPECT_EQ(western.tokens.at(0).serial, "0012");
  EXPECT_THAT(western.said(), HasSubstr("the header is not UTF-8"));
  Reading named;
  const std::string text = "Ger\xE4t;Cl\xE9 secr\xE8te;Intervalle" + token;
  MemorySource source(text);
  named.summary = read_seeds(source, {.columns = {{Column::serial, "Ger\u00E4t"}}}, named);
  EXPECT_EQ(named.tokens.size(), 1U) << named.said();
  const auto quoted = read_text("\u201CSerial number\u201D;\u2018secret key\u2019;time interval" + token);
  EXPECT_EQ(quoted.tokens.size(), 1U) << quoted.said();
  const auto unknown = read_text("Device no,Blob,Tick\n1,2,3\n");
  ASSERT_FALSE(unknown.summary);
  EXPECT_THAT(unknown.said(), HasSubstr("[[setting|map|serial=COLUMN]]"));
}

TEST(EntraCsv, HeadersThatCannotBeUsed) {
  const auto says = [](std::string_view header, std::string_view what) {
    const auto reading = read_text(std::string(header) + "\nx\n");
    ASSERT_FALSE(reading.summary) << header;
    EXPECT_THAT(reading.summary.error().what, HasSubstr(what));
  };
  says("upn,serial number,time interval,manufacturer,model", "no \"secret key\" column");
  says("upn,secret key,time interval,manufacturer,model", "no \"serial number\" column");
  says("upn,serial number,secret key,manufacturer,model", "no \"time interval\" column");
  says("upn,serial number,secret key,Serial_Number,time interval,model", "two \"serial number\" columns");
  says("name,street,town", "names no columns");
  says(",,,\n# nothing\n", "names no columns");
}

TEST(EntraCsv, ExcelsSeparatorLine) {
  const auto reading = read_text("sep=;\r\nupn;serial number;secret key;time interval;manufacturer;model\r\na@b.cd;1;" +
                                 std::string(kKey) + ";30;Co.,Ltd;x\r\n");
  ASSERT_TRUE(reading.summary);
  ASSERT_EQ(reading.tokens.size(), 1U);
  EXPECT_EQ(reading.tokens[0].manufacturer, "Co.,Ltd");
  EXPECT_EQ(reading.tokens[0].line, 3);
}

TEST(EntraCsv, AnUnquotedCommaIsRefusedAndDoesNotShift) {
  const auto reading = read_rows("a@contoso.com,1," + std::string(kKey) + ",60,Feitian Technology Co.,Ltd,c200\n" + row("2"));
  ASSERT_EQ(reading.tokens.size(), 1U);
  EXPECT_EQ(reading.tokens[0].serial, "2");
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].field, "row");
  EXPECT_EQ(reading.problems[0].line, 2);
  EXPECT_THAT(reading.problems[0].what, HasSubstr("7 values, and the header has 6"));
}

TEST(EntraCsv, AnUnquotedCommaBeforeTheEnabledColumnIsSeen) {
  const auto reading = read_text("upn,serial number,secret key,time interval,manufacturer,model,enabled\na@contoso.com,1," +
                                 std::string(kKey) + ",60,Feitian Co.,Ltd,c200\n");
  ASSERT_EQ(reading.warnings.size(), 1U);
  EXPECT_THAT(reading.warnings[0].what, HasSubstr("enabled"));
}

TEST(EntraCsv, AnUnclosedQuoteIsReportedWhereItOpens) {
  const auto reading = read_rows(row("1") + "a@contoso.com,2," + std::string(kKey) + ",30,\"Contoso,C200\n" + row("3"));
  ASSERT_EQ(reading.tokens.size(), 2U);
  EXPECT_EQ(reading.tokens[1].serial, "3");
  EXPECT_EQ(reading.tokens[1].line, 4);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].line, 3);
  EXPECT_THAT(reading.problems[0].what, HasSubstr("never closed"));
}

TEST(EntraCsv, EveryFieldOfARowIsReported) {
  const auto reading = read_rows("alex,,,,Contoso,C200\n");
  EXPECT_EQ(reading.problems.size(), 4U);
  EXPECT_EQ(reading.summary->rows, 1);
}

TEST(EntraCsv, AControlCharacterInAnyFieldIsRefused) {
  for (const std::string_view row : {"a.user.name@contoso.com,1,2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN,30,Fei\x1b[31mtian,C200\n",
                                     "a.user.name@contoso.com,1,2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN,30,Feitian,C\x07\n"}) {
    const auto reading = read_rows(row);
    EXPECT_TRUE(reading.tokens.empty()) << row;
    ASSERT_EQ(reading.problems.size(), 1U) << row;
    EXPECT_NE(reading.problems[0].what.find("control character"), std::string::npos) << reading.problems[0].what;
  }
}

TEST(EntraCsv, ColumnsByTheNamesThatOthersUse) {
  for (const std::string_view header : {"Email,S/N,Seed (base32),Time-Step (s),Vendor,Product",
                                        "Benutzername,Seriennummer,Schl\u00FCssel,"
                                        "Zeitintervall,Hersteller,Modell",
                                        "login,Token Serial,KEY,period,make,device model",
                                        "login,Token Serial,Cl\u00E9 secr\u00E8te,period,make,device model"}) {
    const auto reading = read_text(std::string(header) + "\na@contoso.com,0001," + std::string(kKey) + ",60,Contoso,C200\n");
    ASSERT_EQ(reading.tokens.size(), 1U) << reading.said();
    EXPECT_EQ(reading.tokens[0].upn, "a@contoso.com");
    EXPECT_EQ(reading.tokens[0].serial, "0001");
    EXPECT_EQ(reading.tokens[0].step, 60);
    EXPECT_EQ(reading.tokens[0].manufacturer, "Contoso");
    EXPECT_EQ(reading.tokens[0].model, "C200");
    EXPECT_THAT(reading.said(), HasSubstr("columns read: "));
  }
}

TEST(EntraCsv, EntrasOwnNameGoesBeforeAnotherOne) {
  const auto reading =
      read_text("email,upn,serial number,secret key,time interval\nx,a@contoso.com,1," + std::string(kKey) + ",30\n");
  ASSERT_EQ(reading.tokens.size(), 1U) << reading.said();
  EXPECT_EQ(reading.tokens[0].upn, "a@contoso.com");
  EXPECT_THAT(reading.said(), HasSubstr("unknown column ignored: `email`"));
}

TEST(EntraCsv, TwoColumnsForOneMeaningAreNamed) {
  const auto reading = read_text("email,login,serial,seed,step\n");
  ASSERT_FALSE(reading.summary);
  EXPECT_THAT(reading.summary.error().what, HasSubstr("`email` and `login`"));
  EXPECT_THAT(reading.summary.error().remedy, HasSubstr("[[setting|map|upn=COLUMN]]"));
}

TEST(EntraCsv, TheCallersNamesGoFirst) {
  const std::string text = "email,login,No.,seed,step\nx@contoso.com,a@contoso.com,1," + std::string(kKey) + ",30\n";
  const auto read_with = [&](std::vector<ColumnName> columns) {
    Reading reading;
    MemorySource source(text);
    reading.summary = read_seeds(source, {.columns = std::move(columns)}, reading);
    return reading;
  };
  const auto reading = read_with({{Column::upn, "Login"}, {Column::serial, "No."}});
  ASSERT_EQ(reading.tokens.size(), 1U) << reading.said();
  EXPECT_EQ(reading.tokens[0].upn, "a@contoso.com");
  EXPECT_EQ(reading.tokens[0].serial, "1");
  const auto missing = read_with({{Column::serial, "Number"}});
  ASSERT_FALSE(missing.summary);
  EXPECT_THAT(missing.summary.error().remedy, HasSubstr("`email`, `login`, `No.`, `seed`, `step`"));
  EXPECT_FALSE(read_with({{Column::serial, "No."}, {Column::upn, "No."}}).summary);
}

TEST(EntraCsv, VendorsOrdersWithoutAHeader) {
  for (const std::string_view before : {"", "Contoso IT,"}) {
    const auto reading = read_text(std::string(before) + "0001," + std::string(kKey) + ",30,YubiKey,YK5NFC\n");
    ASSERT_EQ(reading.tokens.size(), 1U) << reading.said();
    EXPECT_EQ(reading.tokens[0].serial, "0001");
    EXPECT_EQ(reading.tokens[0].model, "YK5NFC");
    EXPECT_TRUE(reading.tokens[0].upn.empty());
    EXPECT_THAT(reading.said(), HasSubstr("there is no header"));
  }
  EXPECT_FALSE(read_text("0001," + std::string(kKey) + ",C200,Contoso,30\n").summary);
}

TEST(EntraCsv, Base64WhenSaid) {
  const auto check = [](const Reading& reading) {
    ASSERT_EQ(reading.tokens.size(), 2U) << reading.said();
    for (const auto& token : reading.tokens) EXPECT_EQ(text_of(token.key()), "12345678901234567890");
    EXPECT_THAT(reading.said(), HasSubstr("base64"));
  };
  const std::string rows =
      "a@contoso.com,1,MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=,30,,\nb@contoso.com,2,MTIzNDU2Nzg5MDEyMzQ1Njc4OTA,30,,\n";
  check(read_rows(rows, SecretEncoding::base64));
  check(read_text("upn,serial number,seed (Base64),time interval,manufacturer,model\n" + rows));
  for (const char* key : {"MTIz*DU2", "MTIzN", "====", "MTI=NDU2"}) {
    EXPECT_EQ(read_rows("a@contoso.com,1," + std::string(key) + ",30,,\n", SecretEncoding::base64).problems.size(), 1U) << key;
  }
}

Reading read_mapped(std::string_view text, std::vector<ColumnName> columns) {
  Reading reading;
  MemorySource source(text);
  reading.summary = read_seeds(source, {.columns = std::move(columns)}, reading);
  return reading;
}

constexpr std::string_view kOtherKey = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

TEST(EntraCsv, HashAndDigitsDecideWhoTakesIt) {
  const std::string key(kKey);
  const auto reading = read_text("serial number,secret key,time interval,algorithm,digits\n1," + key + ",30,SHA-256,6\n2," +
                                 key + ",30,,\n3," + key + ",30,HmacSHA1,8\n4," + key + ",30,TOTP,6\n5," + key +
                                 ",30,HOTP,6\n6," + key + ",30,md5,6\n7," + key + ",30,sha1,many\n");
  ASSERT_TRUE(reading.summary) << reading.said();
  ASSERT_EQ(reading.tokens.size(), 5U) << reading.said();
  EXPECT_EQ(reading.tokens[0].hash, Hash::sha256);
  EXPECT_TRUE(why_not(reading.tokens[0], Backend::portal));
  EXPECT_FALSE(why_not(reading.tokens[0], Backend::graph));
  EXPECT_EQ(reading.tokens[1].hash, Hash::sha1);
  EXPECT_EQ(reading.tokens[1].digits, 6);
  EXPECT_FALSE(why_not(reading.tokens[1], Backend::portal));
  EXPECT_EQ(reading.tokens[2].digits, 8);
  EXPECT_TRUE(why_not(reading.tokens[2], Backend::graph));
  EXPECT_EQ(reading.tokens[3].hash, Hash::sha1);
  EXPECT_EQ(reading.tokens[4].type, OtpType::hotp);
  ASSERT_EQ(reading.problems.size(), 2U) << reading.said();
  EXPECT_EQ(reading.problems[0].field, "hash");
  EXPECT_EQ(reading.problems[0].line, 7);
  EXPECT_EQ(reading.problems[1].field, "digits");
}

TEST(EntraCsv, RowsThatDifferInDigitsContradictEachOther) {
  const std::string key(kKey);
  const auto reading = read_text("serial number,secret key,time interval,digits\n1," + key + ",30,6\n1," + key + ",30,8\n2," +
                                 key + ",30,6\n2," + key + ",30,6\n");
  ASSERT_TRUE(reading.summary);
  EXPECT_THAT(reading.summary->withdrawn, ElementsAre(2));
  EXPECT_THAT(reading.said(), HasSubstr("other contents"));
  EXPECT_THAT(reading.said(), HasSubstr("it repeats line 4"));
}

TEST(EntraCsv, ColumnsByNumber) {
  const std::string rows = "x;" + std::string(kKey) + ";60;y;0012\nx;" + std::string(kOtherKey) + ";30;y;0013\n";
  const auto reading = read_mapped(rows, {{Column::serial, "5"}, {Column::secret, "2"}, {Column::interval, "3"}});
  ASSERT_TRUE(reading.summary) << reading.said();
  ASSERT_EQ(reading.tokens.size(), 2U) << reading.said();
  EXPECT_EQ(reading.tokens[0].serial, "0012");
  EXPECT_EQ(reading.tokens[0].step, 60);
  EXPECT_EQ(reading.tokens[0].manufacturer, "");
  EXPECT_EQ(reading.tokens[0].line, 1);
  const auto headed =
      read_mapped("a;b;c;d;e\n" + rows, {{Column::serial, "5"}, {Column::secret, "2"}, {Column::interval, "3"}});
  ASSERT_EQ(headed.tokens.size(), 2U) << headed.said();
  EXPECT_TRUE(headed.problems.empty());
  EXPECT_THAT(headed.said(), HasSubstr("taken for a header"));
  const auto known = read_mapped("serial,seed,step,who,nothing\n7," + std::string(kKey) + ",30,8,9\n", {{Column::serial, "5"}});
  ASSERT_EQ(known.tokens.size(), 1U) << known.said();
  EXPECT_EQ(known.tokens[0].serial, "9");
}

TEST(EntraCsv, ColumnNumbersThatCannotBe) {
  const std::string rows = "1;" + std::string(kKey) + ";60\n";
  const auto says = [&](std::vector<ColumnName> columns, std::string_view what) {
    const auto reading = read_mapped(rows, std::move(columns));
    ASSERT_FALSE(reading.summary);
    EXPECT_THAT(reading.summary.error().what + reading.summary.error().remedy, HasSubstr(what));
    EXPECT_THAT(reading.said(), testing::Not(HasSubstr(std::string(kKey.substr(0, 8)))));
  };
  says({{Column::serial, "4"}, {Column::secret, "2"}, {Column::interval, "3"}},
       "[[setting|map|serial=4]]: there are 3 columns");
  says({{Column::serial, "0"}, {Column::secret, "2"}, {Column::interval, "3"}}, "from 1");
  says({{Column::serial, "1"}, {Column::secret, "2"}}, "[[setting|map|interval=NUMBER]]");
  says({{Column::serial, "2"}, {Column::secret, "2"}, {Column::interval, "3"}}, "contradicts");
}

TEST(EntraCsv, WithoutAHeaderSeveralRowsDecide) {
  const std::string key(kKey), other(kOtherKey);
  const auto first_is_bad = read_text("ann@contoso.com,1,NOKEY1,45,Contoso,C200\nbob@contoso.com,2," + key +
                                      ",30,Contoso,C200\ncid@contoso.com,3," + other + ",60,Contoso,C200\n");
  ASSERT_TRUE(first_is_bad.summary) << first_is_bad.said();
  EXPECT_EQ(first_is_bad.tokens.size(), 2U);
  EXPECT_FALSE(first_is_bad.problems.empty());
  EXPECT_EQ(first_is_bad.problems[0].line, 1);

  const auto own_order = read_text("30;" + key + ";T-001;6;sha1;Contoso;C200\n30;" + other + ";T-002;8;sha256;Contoso;C200\n");
  ASSERT_TRUE(own_order.summary) << own_order.said();
  ASSERT_EQ(own_order.tokens.size(), 2U) << own_order.said();
  EXPECT_EQ(own_order.tokens[1].serial, "T-002");
  EXPECT_EQ(own_order.tokens[1].digits, 8);
  EXPECT_EQ(own_order.tokens[1].hash, Hash::sha256);
  EXPECT_EQ(own_order.tokens[1].manufacturer, "Contoso");
  EXPECT_EQ(own_order.tokens[1].model, "C200");
  EXPECT_THAT(own_order.said(), HasSubstr("column 1 is time interval, 2 is secret key, 3 is serial number"));
}

TEST(EntraCsv, WithoutAHeaderAmbiguousColumnsAskForNumbers) {
  const std::string key(kKey), other(kOtherKey);
  const auto two_serials = read_text("101,201," + key + ",30\n102,202," + other + ",30\n");
  ASSERT_FALSE(two_serials.summary);
  EXPECT_THAT(two_serials.summary.error().what, HasSubstr("serial number"));
  EXPECT_THAT(two_serials.summary.error().remedy, HasSubstr("[[setting|map|serial=NUMBER]]"));
  const auto no_interval = read_text("101," + key + "\n102," + other + "\n");
  ASSERT_FALSE(no_interval.summary);
  EXPECT_THAT(no_interval.summary.error().what, HasSubstr("time interval"));
  EXPECT_EQ(two_serials.said().find(key.substr(0, 8)), std::string::npos);
}

TEST(EntraCsv, WhatShowsHowTheKeysAreWritten) {
  EXPECT_THAT(read_rows(row("1")).said(), HasSubstr("the secret keys are base32 (line 2 has a P at position 2)"));
  EXPECT_THAT(
      read_rows(row("1", "aabbccddeeffaabbccddeeff2222333344445555") + row("2", "ab0bccddeeffaabbccddeeff2222333344445555"))
          .said(),
      HasSubstr("the secret keys are hex (line 3 has a 0 at position 3) and were converted"));
  EXPECT_THAT(read_rows(row("1", kKey)).said(), HasSubstr("position 2"));
  EXPECT_THAT(read_rows(row("1"), SecretEncoding::base32).said(), HasSubstr("the secret keys are base32"));
}

TEST(EntraCsv, Base64IsFoundWhereNothingElseFits) {
  // 16, 20 and 20 bytes; the first could not be told from nonsense on its own.
  const auto reading = read_rows(row("1", "AQIDBAUGBwgJCgsMDQ4PEA==") + row("2", "//79/Pv6+fj39vX08/Lx8O/u7ew=") +
                                 row("3", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA"));
  ASSERT_TRUE(reading.summary) << reading.said();
  ASSERT_EQ(reading.tokens.size(), 3U) << reading.said();
  EXPECT_EQ(text_of(reading.tokens[2].key()), "12345678901234567890");
  EXPECT_THAT(reading.said(), HasSubstr("the secret keys are base64 (line 3 has a / at position 1)"));
  // One row that does not fit, and it is not base64.
  const auto mixed = read_rows(row("1", "//79/Pv6+fj39vX08/Lx8O/u7ew=") + row("2"));
  ASSERT_TRUE(mixed.summary);
  EXPECT_EQ(mixed.tokens.size(), 1U);
  EXPECT_EQ(mixed.tokens[0].serial, "2");
  // A mistyped base32 key stays one.
  const auto mistyped = read_rows(row("1", "GEZDGNBVGY3TQ0JQGEZDGNBVGY3TQOJQ"));
  ASSERT_EQ(mistyped.problems.size(), 1U);
  EXPECT_THAT(mistyped.problems[0].what, HasSubstr("not base32"));
}

TEST(EntraCsv, ABarIsNamed) {
  const auto reading = read_text("upn|serial number|secret key\n");
  ASSERT_FALSE(reading.summary);
  EXPECT_THAT(reading.summary.error().what, HasSubstr("separated by |"));
}

TEST(EntraCsv, WhatIsNotUtf8IsWindows1252) {
  const auto reading = read_rows("a@contoso.com,1," + std::string(kKey) + ",30,M\xFCller \x80,C200\n");
  ASSERT_EQ(reading.tokens.size(), 1U);
  EXPECT_EQ(reading.tokens[0].manufacturer, "M\u00FCller \u20AC");
  EXPECT_THAT(reading.said(), HasSubstr("1 values are not UTF-8 and were read as Windows-1252"));
}

TEST(EntraCsv, WhatIsNothingInWindows1252EitherNamesTheByte) {
  const auto reading = read_rows("a@contoso.com,1," + std::string(kKey) + ",30,M\x81ller,C200\n");
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].field, "manufacturer");
  EXPECT_THAT(reading.problems[0].what, HasSubstr("byte 0x81 at position 2"));
}

TEST(EntraCsv, AUserWhomEntraCannotHaveIsAWarning) {
  const auto reading = read_rows("j\u00F6rg@contoso.com,1," + std::string(kKey) + ",30,Contoso,C200\n");
  ASSERT_EQ(reading.tokens.size(), 1U);
  EXPECT_EQ(reading.summary->problems, 0);
  ASSERT_EQ(reading.warnings.size(), 1U);
  EXPECT_EQ(reading.warnings[0].field, "upn");
  EXPECT_THAT(reading.warnings[0].what, HasSubstr("U+00F6"));
  EXPECT_EQ(reading.warnings[0].value, "j\u00F6rg@contoso.com");
}

TEST(EntraCsv, AProblemSaysWhereItIs) {
  const auto reading =
      read_rows(row("1") + "\n" + "\"a@contoso.com\",\u00E9\u00E92," + std::string(kKey) + ",45,Contoso,C200\n");
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].line, 4);
  EXPECT_EQ(reading.problems[0].row, 2);
  EXPECT_EQ(reading.problems[0].column, 54);
  EXPECT_EQ(reading.problems[0].value, "45");
  EXPECT_EQ(reading.problems[0].expected, "30 or 60");
}

TEST(EntraCsv, ContradictionsWithdrawTheEarlierRow) {
  const auto reading = read_rows(row("1") + row("2") + row("1", kKey, "alex@contoso.com") + row("1") + row("3"));
  ASSERT_TRUE(reading.summary);
  EXPECT_THAT(reading.summary->withdrawn, ElementsAre(2));
  EXPECT_EQ(reading.summary->tokens, 2);
  std::vector<std::int64_t> lines;
  for (const auto& problem : reading.problems) lines.push_back(problem.line);
  EXPECT_THAT(lines, ElementsAre(2, 4, 5));
}

constexpr std::string_view kEither = "ABCDEF234567ABCDEF234567ABCDEF23";
constexpr std::string_view kHex = "5D324F667CF8344971D22F3ADD45091A";

TEST(EntraCsv, TheOtherRowsDecideWhatAnAmbiguousKeyIs) {
  const auto hex = read_rows(row("1", kEither) + row("2", kHex));
  ASSERT_EQ(hex.tokens.size(), 2U);
  EXPECT_EQ(hex.tokens[0].serial, "2");  // the first had to wait
  EXPECT_EQ(text_of(hex.tokens[1].base32), "VPG66I2FM6V433ZDIVT2XTPPEM");
  const auto base32 = read_rows(row("1", kEither) + row("2"));
  ASSERT_EQ(base32.tokens.size(), 2U);
  EXPECT_EQ(text_of(base32.tokens[1].base32), kEither);
}

TEST(EntraCsv, AnAmbiguousKeyAloneAsksForTheOption) {
  const auto reading = read_rows(row("1", kEither));
  ASSERT_FALSE(reading.summary);
  EXPECT_THAT(reading.summary.error().remedy, HasSubstr("[[setting|secret-encoding"));
  EXPECT_TRUE(reading.tokens.empty());
  EXPECT_EQ(text_of(read_rows(row("1", kEither), SecretEncoding::base32).tokens.at(0).base32), kEither);
  EXPECT_EQ(text_of(read_rows(row("1", kEither), SecretEncoding::hex).tokens.at(0).base32), "VPG66I2FM6V433ZDIVT2XTPPEM");
}

TEST(EntraCsv, AnAmbiguousKeyInAMixedFileIsRefused) {
  const auto reading = read_rows(row("1", kEither) + row("2", kHex) + row("3"));
  EXPECT_EQ(reading.tokens.size(), 2U);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].line, 2);
  EXPECT_THAT(reading.problems[0].remedy, HasSubstr("[[setting|secret-encoding"));
}

TEST(EntraCsv, AContradictedAmbiguousRowIsNeverHandedOut) {
  const auto reading = read_rows(row("1", kEither) + row("1", kHex) + row("2", kHex));
  ASSERT_TRUE(reading.summary);
  ASSERT_EQ(reading.tokens.size(), 1U);
  EXPECT_EQ(reading.tokens[0].serial, "2");
  EXPECT_EQ(reading.summary->tokens, 1);
  EXPECT_EQ(reading.problems.size(), 2U);
}

TEST(EntraCsv, HoldsBackABoundedNumberOfAmbiguousRows) {
  std::string text(kHeader);
  for (int i = 0; i < 30'000; ++i) text += row(std::to_string(i), kEither, "");
  EXPECT_FALSE(read_text(text).summary);
  EXPECT_TRUE(read_text(text, SecretEncoding::hex).summary);
}

TEST(EntraCsv, WarnsOfTheTokensOfAUserFromTheSixthOn) {
  std::string rows;
  for (int i = 0; i < 9; ++i) rows += row(std::to_string(i));
  const auto reading = read_rows(rows);
  ASSERT_EQ(reading.warnings.size(), 4U);
  EXPECT_EQ(reading.warnings[0].line, 7);
  EXPECT_EQ(reading.warnings[3].line, 10);
  for (const auto& warning : reading.warnings) {
    EXPECT_EQ(warning.field, "upn");
    EXPECT_EQ(warning.kind, RowProblem::Kind::too_many);
  }
  EXPECT_EQ(reading.summary->problems, 0);
}

TEST(EntraCsv, WarnsOfShortKeysAndOfKeysThePortalDoesNotTake) {
  const auto reading = read_rows(row("1", "JBSWY3DPEHPK3PXP") + row("2", std::string(135, 'Z') + "A"));
  EXPECT_EQ(reading.tokens.size(), 2U);
  ASSERT_EQ(reading.warnings.size(), 2U);
  EXPECT_THAT(reading.warnings[0].what, HasSubstr("80 bits"));
  EXPECT_THAT(reading.warnings[1].what, HasSubstr("136 base32 characters"));
}

TEST(EntraCsv, WholeRowsInOneCell) {
  for (const std::string_view tail : {",,,,,", "", ";;;;;"}) {
    std::string text;
    for (const auto& line : {std::string(kHeader.substr(0, kHeader.size() - 1)), row("1")}) {
      text += "\"" + line.substr(0, line.find('\n')) + "\"" + std::string(tail) + "\n";
    }
    const auto reading = read_text(text);
    ASSERT_FALSE(reading.summary) << tail;
    EXPECT_THAT(reading.summary.error().what, HasSubstr("one cell"));
  }
}

TEST(EntraCsv, AFileLargerThanTheBuffer) {
  std::string text(kHeader);
  constexpr int kRows = 30'000;
  for (int i = 0; i < kRows; ++i) {
    const auto serial = std::to_string(1'000'000 + i);
    text += i % 3 == 0 ? row("\"" + serial + "\"", kKey, "") : row(serial, kKey, "");
  }
  ASSERT_GT(text.size(), kMostRowBytes);
  for (const std::size_t buffer : {std::size_t{200}, std::size_t{4099}, kMostRowBytes}) {
    const auto reading = read_text(text, SecretEncoding::detect, buffer);
    ASSERT_TRUE(reading.summary) << buffer;
    ASSERT_EQ(reading.tokens.size(), static_cast<std::size_t>(kRows)) << buffer;
    EXPECT_EQ(reading.tokens.back().line, kRows + 1);
    EXPECT_EQ(reading.tokens.back().serial, std::to_string(1'000'000 + kRows - 1));
  }
}

// Rows broken in every way that comes to mind, with keys that are easy to find again.
TEST(EntraCsv, NoPartOfAKeyInAnyMessage) {
  constexpr std::string_view kKeys[] = {"CANARYCANARYCANARYCANARYCANARYCA",
                                        "CANARYCANARYCANARYCANARYCANARYC",
                                        "CANARYCANARY0ANARYCANARYCANARYCA",
                                        "canarycanary1anarycanarycanaryca",
                                        "CANARYCANARY*CANARYCANARYCANARYC",
                                        "CANARYCANARY\xFF"
                                        "CANARYCANARYCANAR",
                                        "CANARYCANARY=CANARYCANARYCANARYC",
                                        "CANARYCA",
                                        "\"CANARYCANARYCANARYCANARYCANARYCA",
                                        "\"CANARY\nCANARY\"CANARYCANARYCA",
                                        "CANARYCANARY,CANARYCANARYCANARYCA"};
  constexpr std::string_view kUpns[] = {"adele@contoso.com", "adele",          "", "a b@contoso.com",
                                        "\xFF@contoso.com",  "\"x@contoso.com"};
  constexpr std::string_view kSerials[] = {"1", "2", "", "2.60022E+12", "=\"0012\"", "'7", "\x01", "\xFF"};
  constexpr std::string_view kIntervals[] = {"30", "60", "", "45", "30s", "thirty seconds", "\""};
  constexpr std::string_view kEnds[] = {",Contoso,C200\n", ",Co.,Ltd,C200\n", "\n",
                                        ",\"a\"b,C200\n",  ",\xFC,C200\r",    ",,,,,\n"};
  std::mt19937 random(1);
  const auto pick = [&](const auto& list) { return std::string(list[random() % std::size(list)]); };
  for (int round = 0; round < 2000; ++round) {
    std::string text(round % 4 == 0 ? std::string_view() : kHeader);
    for (int i = 0; i < 4; ++i) {
      text += pick(kUpns) + "," + pick(kSerials) + "," + pick(kKeys) + "," + pick(kIntervals) + pick(kEnds);
    }
    for (const auto encoding : {SecretEncoding::detect, SecretEncoding::base32, SecretEncoding::hex}) {
      auto said = read_text(text, encoding).said();
      std::ranges::transform(said, said.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      ASSERT_EQ(said.find("CANARY"), std::string::npos) << said << "\nfrom\n" << text;
      ASSERT_EQ(said.find("\xEF\xBF\xBD"), std::string::npos);
    }
  }
}

TEST(EntraCsv, ASpreadsheetDropsLeadingZeros) {
  const auto rows = [](std::initializer_list<std::string_view> serials) {
    std::string text;
    for (const auto serial : serials) text += row(serial);
    return text;
  };
  const auto damaged = read_rows(rows({"7700101", "12345", "7700103", "7700102", "7700104"}));
  ASSERT_EQ(damaged.tokens.size(), 5U) << damaged.said();
  ASSERT_EQ(damaged.warnings.size(), 1U);
  const auto& warning = damaged.warnings[0];
  EXPECT_EQ(warning.line, 3);
  EXPECT_EQ(warning.value, "12345");
  EXPECT_EQ(warning.field, "serial number");
  EXPECT_THAT(warning.what, HasSubstr("1 of 5"));
  EXPECT_THAT(warning.what, HasSubstr("this one has 5, most have 7"));
  EXPECT_THAT(warning.cause, HasSubstr("leading zeros"));

  for (const auto& sound : {rows({"7700101", "7700102"}),                                      // all alike
                            rows({"7700101", "0012345", "12345", "7700103"}),                  // zeros are there
                            rows({"7700101", "A2345", "7700103"}),                             // no number
                            rows({"770", "7700101", "7700102", "7700103"}), std::string()}) {  // not few
    EXPECT_TRUE(read_rows(sound).warnings.empty()) << read_rows(sound).said();
  }
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += row(std::to_string(i == 15'000 ? 99'999 : 100'000 + i));
  const auto reading = read_rows(many);
  ASSERT_FALSE(reading.warnings.empty());
  EXPECT_EQ(reading.warnings.back().line, 15'002);
}

}  // namespace
}  // namespace portalkey
