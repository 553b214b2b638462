#include "seeds/formats/file_kind.h"

#include "seeds/formats/formats.h"
#include "seeds/formats/read_seed_file.h"

#include <gtest/gtest.h>

#include "tests/seeds/reading.h"
#include "tests/temporary_folder.h"

namespace portalkey {
namespace {

using namespace std::string_literals;

TEST(FileKind, WhatIsNoCsvIsRefusedByName) {
  const struct {
    std::string start;
    std::string_view says;
  } cases[] = {
      {"", "empty"},
      {" \r\n\t\n", "empty"},
      {"\xEF\xBB\xBF", "empty"},
      {"PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml"s, "Excel workbook"},
      {"-----BEGIN PGP MESSAGE-----\n\nhQ", "PGP"},
      {"\x85\x01\x0c\x03\x12"s, "PGP"},
      {"\xc3\x0d\x04\x09"s, "PGP"},
      {"\xD0\xCF\x11\xE0\xA1\xB1"s, ".xls"},
      {"%PDF-1.7", "PDF"},
      {"\xFF\xFE\0\0u\0\0\0"s, "UTF-32"},
      {"\0\0\xFE\xFF\0\0\0u"s, "UTF-32"},
      {"\x1F\x8B\x08\0"s, "gzip"},
      {"<!DOCTYPE html><html>", "web page"},
      {"<?xml version=\"1.0\"?>\n<TKNBatch><TKNHeader>", "SecurID"},
      {"PK\x03\x04\x14\0\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet"s, ".ods"},
  };
  for (const auto& c : cases) {
    const auto reading = read_text(c.start);
    ASSERT_FALSE(reading.summary) << c.says;
    EXPECT_EQ(reading.summary.error().code, Errc::invalid_input);
    EXPECT_NE(reading.summary.error().what.find(c.says), std::string::npos) << reading.summary.error().what;
    EXPECT_FALSE(reading.summary.error().remedy.empty()) << c.says;
  }
}

TEST(FileKind, NamesOfEncryptedDeliveriesExplainWhatNothingIsKnownOf) {
  TemporaryFolder folder;
  const auto what = [&](const char* name, std::string_view text) {
    const auto path = folder.path() / name;
    std::ofstream(path) << text;
    Reading sink;
    const auto summary = read_seed_file(path, {}, sink);
    return summary ? "read" : summary.error().what;
  };
  EXPECT_NE(what("order.DPX", "0123456789ABCDEF\n").find("OneSpan"), std::string::npos);
  EXPECT_NE(what("order.sdtid", "0123456789ABCDEF\n").find("SecurID"), std::string::npos);
  EXPECT_EQ(what("order.csv", "0123456789ABCDEF\n").find("OneSpan"), std::string::npos);
  EXPECT_EQ(what("seeds.dpx", std::string(kHeader) + "a@b.c,1234567," + std::string(kKey) + ",30,C,M\n"), "read");
}

TEST(FileKind, TextPasses) {
  for (const std::string_view text : {"upn,serial number", "a@b.c,1", "\xC3\xB6@b.c,1,2", "# comment"}) {
    EXPECT_FALSE(why_not_readable(text, true)) << text;
  }
}

TEST(FileKind, FormatsAreKnownByTheirContent) {
  const struct {
    std::string_view start;
    SeedFormat format;
  } cases[] = {
      {"<?xml version=\"1.0\"?><KeyContainer Version=\"1.0\">", SeedFormat::pskc},
      {"\n <Tokens><Token serial=\"1\"/></Tokens>", SeedFormat::safenet_xml},
      {"{\"value\":[{\"serialNumber\":", SeedFormat::graph_json},
      {"# mine\notpauth://totp/a?secret=GEZDGNBV", SeedFormat::otpauth},
      {"otpauth-migration://offline?data=AA", SeedFormat::otpauth_migration},
      {"dn: sccAuthenticatorId=1", SeedFormat::safeword_dat},
      {"LOGGING START,14.02.17 18:00", SeedFormat::yubico_csv},
      {"OATH-HOTP,10.10.19 10:42,1,,,", SeedFormat::yubico_csv},
      {"upn,serial number", SeedFormat::entra_csv},
  };
  for (const auto& c : cases) {
    const auto format = format_of(c.start);
    ASSERT_TRUE(format) << c.start;
    EXPECT_EQ(name_of(*format), name_of(c.format)) << c.start;
  }
}

TEST(FileKind, EachFormatHasANameAndOneReader) {
  for (int i = 0; i <= static_cast<int>(SeedFormat::portalkey_json); ++i) {
    const auto format = static_cast<SeedFormat>(i);
    EXPECT_EQ(about(format).format, format);
    EXPECT_EQ(seed_format(name_of(format)), format);
    EXPECT_NE(about(format).read == nullptr, about(format).read_rows == nullptr) << name_of(format);
  }
  EXPECT_FALSE(seed_format("entra"));
}

TEST(FileKind, MissingFileFolderAndFileName) {
  Reading sink;
  const auto missing = read_seed_file("/nonexistent/seeds.csv", {}, sink);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  ASSERT_FALSE(missing.error().context.empty());
  EXPECT_EQ(missing.error().context[0].second, "/nonexistent/seeds.csv");
  const auto folder = read_seed_file(TEST_DATA, {}, sink);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace portalkey
