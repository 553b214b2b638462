// Whatever a PSKC file holds, reading it in portions on several threads must say the same, in the same order, as reading it
// through.
#include "oath/pskc/pskc_portions.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "../reading.h"
#include "oath/pskc/pskc_reader.h"

namespace portalkey {
namespace {

/// Everything the sink gets, in one text.
struct Log final : SeedSink {
  void on_token(TokenSeed&& token) override {
    const auto number = [](const auto& value) { return value ? std::to_string(static_cast<std::int64_t>(*value)) : "-"; };
    text += std::to_string(token.line) + "|" + std::to_string(token.nth) + "|" + std::string(name_of(token.type)) + "|" +
            token.upn + "|" + token.serial + "|" + text_of(token.base32) + "|" + token.manufacturer + "|" + token.model + "|" +
            number(token.hash) + "|" + number(token.digits) + "|" + number(token.step);
    if (token.details) {
      const auto& d = *token.details;
      text += "|" + d.algorithm + "|" + d.suite + "|" + d.key_id + "|" + d.user_id + "|" + d.friendly_name + "|" +
              d.not_before + "|" + d.not_after + "|" + number(d.counter) + "|" + number(d.drift);
    }
    text += "\n";
  }
  void on_problem(RowProblem&& p) override {
    text += std::to_string(p.line) + "|" + std::to_string(p.row) + "|" + p.serial + "|" + p.upn + "|" + p.field + "|" + p.what +
            "|" + p.remedy + "|" + p.value + "|" + p.expected + "|" + p.cause + (p.warning ? "|warning\n" : "\n");
  }
  std::string text;
};

const Secret kFilesKey(from_hex("12345678901234567890123456789012"));
const Secret kFilesPassphrase("qwerty");

std::string log_of(std::string_view file, const ReadingPlan& plan) {
  Log log;
  MemorySource source(file);
  const SeedFileOptions options{
      .key = &kFilesKey, .passphrase = &kFilesPassphrase, .today = "2026-01-01", .most_pbkdf2_rounds = 5000};
  const auto summary = read_pskc(source, options, log, plan);
  if (!summary) {
    // How many keys came before an Error is nobody's business: nothing may be used.
    std::string text = "error: " + summary.error().what + "|" + summary.error().remedy;
    for (const auto& [key, value] : summary.error().context) text += "|" + key + "=" + value;
    return text;
  }
  log.text += std::to_string(summary->rows) + " rows, " + std::to_string(summary->tokens) + " tokens, " +
              std::to_string(summary->problems) + " problems; withdrawn:";
  for (const auto place : summary->withdrawn) log.text += " " + std::to_string(place);
  for (const auto& note : summary->notes) log.text += "\n" + note;
  return log.text;
}

void expect_same(const std::string& file, std::mt19937& random, const std::string& name) {
  const auto through = log_of(file, {.threads = 1});
  for (const unsigned threads : {2U, 3U}) {
    const std::size_t portion = 1 + random() % (random() % 2 == 0 ? 200 : 3000);
    ASSERT_EQ(log_of(file, {.threads = threads, .portion_bytes = portion, .alone_up_to = 0}), through)
        << name << ", " << threads << " threads, portions of " << portion;
  }
}

/// Packages as they are and as they are not meant to be, of few serial numbers.
std::string random_file(std::mt19937& random) {
  const auto one_of = [&](std::initializer_list<const char*> texts) {
    return std::string(texts.begin()[random() % texts.size()]);
  };
  const bool prefixed = random() % 2 == 0;
  const std::string p = prefixed ? "pskc:" : "";
  std::string file = one_of({"", "<?xml version='1.0'?>\n", "\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-8'?>\r\n",
                             " \n <?xml version='1.0' encoding='ISO-8859-1'?>"});
  file += "<" + p + "KeyContainer Version='1.0' " + (prefixed ? "xmlns:pskc" : "xmlns") + "='" +
          one_of({"urn:ietf:params:xml:ns:keyprov:pskc", "urn:ietf:params:xml:ns:keyprov:pskc:1.0"}) + "'>" +
          one_of({"", "\n"});
  const auto end = "</" + p + "KeyContainer>";
  for (std::size_t n = random() % 40; n > 0; --n) {
    switch (random() % 24) {
      case 0: file += "<!-- </" + p + "KeyPackage> -->"; break;
      case 1: file += "<" + p + "KeyPackage/>\r\n"; break;
      case 2: file += "<x:KeyPackage xmlns:x='urn:other'><![CDATA[</x:KeyPackage>]]></x:KeyPackage>\r"; break;
      case 3: file += "text between\n"; break;
      case 4: file += one_of({"<?go on?>", "<Extension><KeyPackage></KeyPackage></Extension>"}); break;
      case 5:
        if (random() % 8 == 0) {
          file += one_of({"<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>", "</KeyPackage>", "<", "&amp;", "<!--",
                          "]]>", "<EncryptionKey/>", "<MACMethod Algorithm='x'/>", "</KeyContainer>", "</pskc:KeyContainer>"});
        }
        break;
      default: {
        const auto serial = std::to_string(random() % 60);
        const auto element = [&](const std::string& name, const std::string& text) {
          return "<" + p + name + ">" + text + "</" + p + name + ">" + one_of({"", "\n", "\r\n"});
        };
        file +=
            "<" + p + "KeyPackage>" + one_of({"", "\n  "}) +
            element("DeviceInfo", element("Manufacturer", "Contoso") + element("SerialNo", serial) +
                                      element("ExpiryDate", one_of({"2037-12-31T00:00:00Z", "2020-01-01", "soon", ""})) +
                                      element("UserId", one_of({"", "a@contoso.com", "CN=b"}))) +
            "<" + p + "Key Id='" + serial +
            "' Algorithm='urn:ietf:params:xml:ns:keyprov:pskc:" + one_of({"totp", "totp", "totp", "hotp", "pin"}) + "'>" +
            element("Data", element("Secret", one_of({"<%PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</%PlainValue>",
                                                      "<%PlainValue>c2hvcnQ=</%PlainValue>", "<%PlainValue>!</%PlainValue>",
                                                      "<%EncryptedValue/>", ""})) +
                                element("TimeInterval", one_of({"<%PlainValue>30</%PlainValue>", "<%PlainValue>0</%PlainValue>",
                                                                "<%PlainValue>x</%PlainValue>"}))) +
            one_of({"", "", "<%KeyReference>k</%KeyReference>"}) + "</" + p + "Key>" + "</" + p + "KeyPackage" +
            one_of({"", "", " "}) + ">" + one_of({"", "\n"});
      }
    }
  }
  for (auto at = file.find('%'); at != std::string::npos; at = file.find('%', at)) file.replace(at, 1, p);
  file += end + one_of({"", "\n", "\n<!-- end -->"});
  if (random() % 8 == 0) file.resize(random() % file.size());
  return file;
}

TEST(PskcPortions, AsReadThrough) {
  std::mt19937 random(20'261'124);
  for (int i = 0; i < 600 && !HasFailure(); ++i) {
    const auto file = random_file(random);
    expect_same(file, random, file);
  }
}

TEST(PskcPortions, TheSamplesAsReadThrough) {
  std::mt19937 random(6030);
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(TEST_DATA "/seeds/pskc")) {
    if (!entry.is_regular_file() || HasFailure()) continue;
    expect_same(file_text(entry.path().string()), random, entry.path().string());
    ++files;
  }
  EXPECT_GT(files, 20);
}

constexpr std::string_view kStart =
    "<?xml version='1.0'?>\n<p:KeyContainer Version='1.0' xmlns:p='urn:ietf:params:xml:ns:keyprov:pskc'>\n";
std::string package(std::int64_t serial) {
  return "<p:KeyPackage>\n<p:DeviceInfo><p:SerialNo>" + std::to_string(serial) +
         "</p:SerialNo></p:DeviceInfo><p:Key Id='k' Algorithm='urn:ietf:params:xml:ns:keyprov:pskc:totp'><p:Data><p:Secret>"
         "<p:PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</p:PlainValue></p:Secret><p:TimeInterval><p:PlainValue>30</p:PlainValue>"
         "</p:TimeInterval></p:Data></p:Key></p:KeyPackage>\n";
}

TEST(PskcPortions, ALargeFileWithTheUsualPlan) {
  std::string file(kStart);
  for (std::int64_t n = 0; n < 12'000; ++n) file += package(n % 11'000);
  file += "</p:KeyContainer>\n";
  ASSERT_GT(file.size(), std::size_t{2} << 20);
  const auto through = log_of(file, {.threads = 1});
  EXPECT_EQ(log_of(file, {}), through);
  EXPECT_EQ(log_of(file, {.threads = 4}), through);
  EXPECT_NE(through.find("12000 rows, 11000 tokens, 1000 problems"), std::string::npos);
}

struct Bytes final : RandomAccess {
  explicit Bytes(std::string_view what) : text(what) {}
  std::uint64_t size() const override { return text.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> room) const override {
    return offset >= text.size() ? 0 : text.copy(room.data(), room.size(), offset);
  }
  std::string text;
};

TEST(PskcPortions, TheHeadEndsWhereTheFirstPackageBegins) {
  const auto head = head_of_pskc(Bytes(std::string(kStart) + package(1)));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->text, kStart);
  EXPECT_EQ(head->line, 3);
  EXPECT_EQ(head->closing_tag, "</p:KeyContainer>");
}

TEST(PskcPortions, AFileThatProtectsItsKeysHasNoHead) {
  EXPECT_FALSE(head_of_pskc(Bytes(std::string(kStart) + "<p:EncryptionKey/>" + package(1))));
  EXPECT_FALSE(head_of_pskc(Bytes(std::string(kStart))));
  EXPECT_FALSE(head_of_pskc(Bytes("no XML")));
}

TEST(PskcPortions, EndOfPackage) {
  const Bytes bytes(package(1) + package(2));
  const auto end = package(1).size() - 1;  // before the line end
  EXPECT_EQ(end_of_package(bytes, 0), end);
  EXPECT_EQ(end_of_package(bytes, end - 15), end);
  EXPECT_EQ(end_of_package(bytes, end - 14), 2 * end + 1);
  EXPECT_EQ(end_of_package(bytes, end), 2 * end + 1);
  EXPECT_EQ(end_of_package(bytes, 2 * end + 1), bytes.size());
  EXPECT_EQ(end_of_package(Bytes("<a></a>"), 0), 7U);
  // Wherever the tag lies in what is read at once.
  for (std::size_t before = 3500; before < 4200; ++before) {
    EXPECT_EQ(end_of_package(Bytes(std::string(before, 'x') + "</KeyPackage\n>" + std::string(9000, 'y')), 0), before + 14);
  }
  EXPECT_EQ(end_of_package(Bytes(std::string(std::size_t{2} << 20, 'x')), 0), std::nullopt);
}

}  // namespace
}  // namespace portalkey
