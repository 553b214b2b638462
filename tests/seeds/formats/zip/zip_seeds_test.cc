#include "seeds/formats/zip/zip_seeds.h"

#include <gtest/gtest.h>
#include <zip.h>

#include "seeds/formats/zip/zip_archive.h"
#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

using namespace std::string_literals;

struct File {
  std::string name, text;
};

const std::string kSeeds =
    std::string(kHeader) + "helga@contoso.com,1234567," + std::string(kKey) + ",30,Contoso,HardwareKey\n";
const File kReadme{"readme.txt", "Your tokens, as ordered. Keep this file safe, and destroy it when they are imported.\n"};

std::string zipped(const std::vector<File>& files, int encryption = ZIP_EM_NONE, const char* password = nullptr,
                   std::int32_t method = ZIP_CM_DEFLATE) {
  zip_source_t* buffer = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_source_keep(buffer);
  zip_t* archive = zip_open_from_source(buffer, ZIP_TRUNCATE, nullptr);
  for (const auto& file : files) {
    const auto at =
        zip_file_add(archive, file.name.c_str(), zip_source_buffer(archive, file.text.data(), file.text.size(), 0), 0);
    EXPECT_GE(at, 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(at), method, 0);
    if (encryption != ZIP_EM_NONE)
      zip_file_set_encryption(archive, static_cast<zip_uint64_t>(at), static_cast<zip_uint16_t>(encryption), password);
  }
  EXPECT_EQ(zip_close(archive), 0);
  zip_stat_t about;
  zip_source_stat(buffer, &about);
  std::string out(about.size, '\0');
  zip_source_open(buffer);
  zip_source_read(buffer, out.data(), out.size());
  zip_source_close(buffer);
  zip_source_free(buffer);
  return out;
}

Reading read(std::string_view archive, const char* passphrase = nullptr, std::size_t at_once = std::string_view::npos) {
  Reading reading;
  MemorySource source(archive, at_once);
  const Secret secret(passphrase != nullptr ? passphrase : "");
  SeedFileOptions options;
  if (passphrase != nullptr) options.passphrase = &secret;
  reading.summary = read_seeds(source, options, reading);
  return reading;
}

void expect_the_token(const Reading& reading) {
  ASSERT_TRUE(reading.summary) << reading.said();
  ASSERT_EQ(reading.tokens.size(), 1U);
  EXPECT_EQ(reading.tokens[0].serial, "1234567");
  EXPECT_EQ(text_of(reading.tokens[0].base32), kKey);
}

void expect_refused(const Reading& reading, std::string_view says) {
  ASSERT_FALSE(reading.summary) << says;
  EXPECT_EQ(reading.summary.error().code, Errc::invalid_input);
  EXPECT_NE(reading.said().find(says), std::string::npos) << reading.said();
  EXPECT_FALSE(reading.summary.error().remedy.empty());
  EXPECT_EQ(reading.said().find(kKey.substr(0, 8)), std::string::npos);
}

TEST(ZipSeeds, TheSeedFileIsFoundByItsContent) {
  const auto archive = zipped({{"docs/", ""},
                               kReadme,
                               {"delivery/data.bin", kSeeds},
                               {"leaflet.pdf", "%PDF-1.7 leaflet"},
                               {"__MACOSX/._data.bin", "\0\x05\x16\x07"s}});
  for (const std::size_t at_once : {std::string_view::npos, std::size_t{1}, std::size_t{1000}}) {
    const auto reading = read(archive, nullptr, at_once);
    expect_the_token(reading);
    EXPECT_EQ(reading.summary->format, "entra-csv");
    EXPECT_NE(reading.said().find("entry delivery/data.bin"), std::string::npos) << reading.said();
    EXPECT_NE(reading.said().find("not read: leaflet.pdf, readme.txt"), std::string::npos) << reading.said();
  }
}

TEST(ZipSeeds, OtherFormatsAndLargeFilesInside) {
  const auto uris = read(zipped({{"a.txt", "otpauth://totp/a?secret=" + std::string(kKey) + "\n"}, kReadme}));
  ASSERT_TRUE(uris.summary) << uris.said();
  EXPECT_EQ(uris.summary->format, "otpauth");
  std::string rows(kHeader);
  for (int i = 0; i < 20000; ++i)
    rows += "u" + std::to_string(i) + "@contoso.com," + std::to_string(i) + "," + std::string(kKey) + ",30,C,M\n";
  const auto many = read(zipped({{"a.csv", rows}, kReadme}));
  ASSERT_TRUE(many.summary) << many.said();
  EXPECT_EQ(many.summary->tokens, 20000);
  std::string utf16 = "\xFF\xFE"s;
  for (const char c : kSeeds) utf16 += c, utf16 += '\0';
  expect_the_token(read(zipped({kReadme, {"a.csv", utf16}})));
}

TEST(ZipSeeds, Passphrases) {
  for (const int encryption : {ZIP_EM_TRAD_PKWARE, ZIP_EM_AES_128, ZIP_EM_AES_192, ZIP_EM_AES_256}) {
    SCOPED_TRACE(encryption);
    const auto archive = zipped({kReadme, {"seeds.csv", kSeeds}}, encryption, "correct horse");
    expect_the_token(read(archive, "correct horse"));
    expect_refused(read(archive), "[[setting|passphrase-file");
    for (int i = 0; i < 300; ++i) {  // ZipCrypto's check lets one in 256 pass
      const auto wrong = read(archive, ("wrong " + std::to_string(i)).c_str());
      expect_refused(wrong, "the passphrase does not fit");
      EXPECT_EQ(wrong.said().find("wrong " + std::to_string(i)), std::string::npos);
    }
  }
}

TEST(ZipSeeds, SeveralSeedFilesOrNone) {
  expect_refused(read(zipped({{"a.csv", kSeeds}, {"b.csv", kSeeds}, kReadme})), "2 seed files: a.csv, b.csv");
  expect_refused(read(zipped({{"leaflet.pdf", "%PDF-1.7"}, {"old.pdf", "%PDF-1.4"}})), "no seed file: leaflet.pdf, old.pdf");
  expect_refused(read(zipped({{"leaflet.pdf", "%PDF-1.7"}})), "PDF");
  expect_refused(read(zipped({{"seeds.csv", "upn,serial number,time interval\na@b.c,1,30\n"}})), "secret");
  expect_refused(read(zipped({{"inner.zip", zipped({{"a.csv", kSeeds}})}})), "zip archive inside another");
  expect_refused(
      read(zipped({{"xl/workbook.xml", "<a/>"}, {std::string(5000, 'x'), "a"}, {"[Content_Types].xml", "<Types/>"}})),
      "workbook");
  expect_refused(read("PK\x05\x06"s + std::string(18, '\0')), "empty");
}

TEST(ZipSeeds, NamesAreShownWithoutControlCharacters) {
  // A name with an escape is not UTF-8 for libzip but code page 437, where the control characters are pictures.
  const auto reading =
      read(zipped({{"\xC3\xB6\xC2\x9B\r\n\t.csv", kSeeds}, {"\x1b[2J", "%PDF"}, {std::string(1000, 'n'), "%PDF"}}));
  expect_the_token(reading);
  EXPECT_EQ(reading.said().find('\x1b'), std::string::npos);
  EXPECT_NE(reading.said().find("\xC3\xB6????.csv"), std::string::npos) << reading.said();
  EXPECT_EQ(reading.said().find(std::string(101, 'n')), std::string::npos);
}

TEST(ZipSeeds, Bombs) {
  expect_refused(read(zipped({{"a.csv", kSeeds + std::string(40U << 20, '\n')}}, ZIP_EM_NONE, nullptr, ZIP_CM_BZIP2)),
                 "1000 times");
  std::vector<File> many(kZipMostEntries + 1);
  for (std::size_t i = 0; i < many.size(); ++i) many[i].name = std::to_string(i);
  expect_refused(read(zipped(many)), "1001 entries");
  std::vector<File> long_names(200);
  for (std::size_t i = 0; i < long_names.size(); ++i) long_names[i].name = std::to_string(i) + std::string(60000, 'n');
  expect_refused(read(zipped(long_names)), "directory");

  // A zip64 end record that claims 2^28 entries, with its locator, before an end record that leaves the numbers to it.
  auto archive = zipped({{"a.csv", kSeeds}});
  const auto end = archive.size() - 22;
  const auto le = [](std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
    return out;
  };
  const auto size = archive.substr(end + 12, 4) + le(0, 4), offset = archive.substr(end + 16, 4) + le(0, 4);
  const auto record =
      "PK\x06\x06" + le(44, 8) + le(45, 2) + le(45, 2) + le(0, 8) + le(1U << 28, 8) + le(1U << 28, 8) + size + offset;
  const auto locator = "PK\x06\x07" + le(0, 4) + le(end, 8) + le(1, 4);
  archive.resize(end);
  archive += record + locator + "PK\x05\x06" + le(0, 4) + le(0xFFFF, 2) + le(0xFFFF, 2) + le(0xFFFFFFFF, 4) +
             le(0xFFFFFFFF, 4) + le(0, 2);
  expect_refused(read(archive), "more entries than any");
}

TEST(ZipSeeds, DamageAnywhereNeverGivesAnotherToken) {
  const auto archive = zipped({kReadme, {"seeds.csv", kSeeds}});
  for (std::size_t n = 0; n < archive.size(); ++n) EXPECT_FALSE(read(archive.substr(0, n)).summary) << n;
  for (std::size_t i = 4; i < archive.size(); ++i) {
    auto damaged = archive;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    const auto reading = read(damaged);
    if (!reading.summary) continue;
    for (const auto& token : reading.tokens) EXPECT_EQ(text_of(token.base32), kKey) << i;
  }
}

TEST(ZipSeeds, TooLargeForStandardInput) {
  struct Endless final : ByteSource {
    Result<std::size_t> read(std::span<char> room) override {
      std::ranges::fill(room, '\0');
      if (!begun) std::ranges::copy("PK\x03\x04"s, room.begin());
      begun = true;
      return room.size();
    }
    bool begun = false;
  } endless;
  Reading reading;
  reading.summary = read_seeds(endless, {}, reading);
  expect_refused(reading, "64 MiB");
}

TEST(ZipSeeds, AesWithoutChecksum) {
  std::ifstream file(TEST_DATA "/seeds/zip/aes256-7zip.zip", std::ios::binary);
  const std::string archive{std::istreambuf_iterator<char>(file), {}};
  const auto good = read(archive, "made-up passphrase");
  ASSERT_TRUE(good.summary) << good.said();
  EXPECT_EQ(good.tokens.size(), 2U);
  expect_refused(read(archive, "another one"), "passphrase does not fit");
  // Whatever byte of the encrypted entries is another: no other token than these.
  const auto entry = archive.find("PK\x03\x04");
  ASSERT_NE(entry, std::string::npos);
  int refused = 0;
  for (auto at = entry + 30; at < archive.find("PK\x01\x02"); ++at) {
    std::string altered = archive;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    const auto reading = read(altered, "made-up passphrase");
    if (!reading.summary) {
      ++refused;
      continue;
    }
    ASSERT_EQ(reading.tokens.size(), 2U) << at;
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(text_of(reading.tokens[i].base32), text_of(good.tokens[i].base32)) << at;
  }
  EXPECT_GT(refused, 150);
}

}  // namespace
}  // namespace portalkey
