#include "seeds/formats/csv/bitwarden_csv.h"

#include <gtest/gtest.h>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

constexpr std::string_view kVault =
    "folder,favorite,type,name,notes,fields,login_uri,login_username,login_password,login_totp\n";

Reading read_vault(std::string_view rows) { return read_text(std::string(kVault) + std::string(rows)); }

TEST(BitwardenCsv, UrisAndBareKeys) {
  const auto reading = read_vault(
      ",,login,One,\"two\nlines\",,,ann,hunter2,otpauth://totp/Contoso:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer="
      "Contoso&algorithm=SHA256&digits=8&period=60\n"
      ",,login,Two,,,,ann,hunter2,gezd gnbv gy3t qojq gezd gnbv gy3t qojq\n"
      ",,note,Three,,,,,,\n"
      ",,login,Four,,,,,,otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQ&counter=7\n");
  ASSERT_TRUE(reading.summary) << reading.said();
  EXPECT_EQ(reading.summary->format, "bitwarden-csv");
  ASSERT_EQ(reading.tokens.size(), 3U) << reading.said();
  const auto& uri = reading.tokens[0];
  EXPECT_EQ(uri.line, 2);
  EXPECT_EQ(uri.details->issuer, "Contoso");
  EXPECT_EQ(uri.details->label, "ann");
  EXPECT_EQ(uri.hash, Hash::sha256);
  EXPECT_EQ(uri.digits, 8);
  EXPECT_EQ(uri.step, 60);
  const auto& bare = reading.tokens[1];
  EXPECT_EQ(bare.line, 4);  // the first row has two lines
  EXPECT_EQ(bare.type, OtpType::totp);
  EXPECT_EQ(bare.step, 30);
  EXPECT_EQ(bare.details->label, "Two");
  EXPECT_EQ(text_of(bare.key()), "12345678901234567890");
  EXPECT_EQ(reading.tokens[2].details->counter, 7);
  EXPECT_NE(reading.said().find("1 entry"), std::string::npos) << reading.said();
}

TEST(BitwardenCsv, RefusedByLineAndNeverQuoted) {
  const struct {
    std::string_view row, field, what;
  } cases[] = {{",,login,n,,,,u,hunter2,steam://GEZDGNBVGY3TQOJQ", "type", "Steam"},
               {",,login,n,,,,u,hunter2,https://hunter2.example.com", "row", "no otpauth"},
               {",,login,n,,,,u,hunter2,GEZDGNBVGY3TQOJ0", "secret key", "position 16"},
               {",,login,n,,,,u,hunter2,otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&digits=x", "digits", ""},
               {",,login,n,,,,u,hunter2", "row", "9 values"},
               {",,login,n,,,,u,hunter2,,more", "row", "11 values"},
               {",,login,n,,,,u,hunter2,\"GEZDGNBVGY3TQOJQ", "row", "quote"}};
  for (const auto& c : cases) {
    const auto reading = read_vault(",,login,,,,,,,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n" + std::string(c.row) + "\n");
    ASSERT_TRUE(reading.summary) << reading.said();
    EXPECT_EQ(reading.tokens.size(), 1U);
    ASSERT_EQ(reading.problems.size(), 1U) << c.row << reading.said();
    EXPECT_EQ(reading.problems[0].field, c.field) << c.row;
    EXPECT_EQ(reading.problems[0].line, 3);
    EXPECT_NE(reading.problems[0].what.find(c.what), std::string::npos) << reading.problems[0].what;
    EXPECT_EQ(reading.said().find("hunter2"), std::string::npos);
    EXPECT_EQ(reading.said().find("GEZDGNBV"), std::string::npos);
  }
  const auto reading = read_vault(",,login,,,,,,,GEZDGNBVGY3TQOJQ\n,,login,n,,,,u,p,steam://GEZD\n");
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].column, 18);
}

TEST(BitwardenCsv, RefusedAsAWhole) {
  EXPECT_FALSE(read_vault(",,note,n,,,,,,\n").summary);
  EXPECT_FALSE(read_vault("").summary);
  const auto twice = read_text("name,login_totp,login_totp\nn,GEZDGNBVGY3TQOJQ,GEZDGNBVGY3TQOJQ\n");
  ASSERT_FALSE(twice.summary);
  EXPECT_NE(twice.summary.error().what.find("more than one"), std::string::npos);
  Reading forced;
  MemorySource source("name,secret\nn,GEZDGNBVGY3TQOJQ\n");
  forced.summary = read_seeds(source, {.format = SeedFormat::bitwarden_csv}, forced);
  ASSERT_FALSE(forced.summary);
  EXPECT_NE(forced.summary.error().what.find("login_totp"), std::string::npos);
}

}  // namespace
}  // namespace portalkey
