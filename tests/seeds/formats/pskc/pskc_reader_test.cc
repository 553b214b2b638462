// What the samples do not show: hostile files, MACs that are missing or wrong, values in odd forms, files cut anywhere.

#include "seeds/formats/pskc/pskc_reader.h"

#include <gtest/gtest.h>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

constexpr std::string_view kRoot = R"(<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc")";

Reading read(std::string_view text, SeedFileOptions options = {}, std::size_t at_once = std::string_view::npos) {
  if (options.today.empty()) options.today = "2026-01-01";
  Reading reading;
  MemorySource source(text, at_once);
  reading.summary = read_pskc(source, options, reading);
  return reading;
}

std::string container(std::string_view inside) { return std::string(kRoot) + ">" + std::string(inside) + "</KeyContainer>"; }

std::string totp_key(std::string_view data, std::string_view more = "") {
  return container(
      "<KeyPackage><DeviceInfo><SerialNo>0042</SerialNo></DeviceInfo><Key Id='k' "
      "Algorithm='urn:ietf:params:xml:ns:keyprov:pskc:totp'><AlgorithmParameters><ResponseFormat Length='6'/>"
      "</AlgorithmParameters><Data>" +
      std::string(data) + "</Data>" + std::string(more) + "</Key></KeyPackage>");
}
constexpr std::string_view kPlain = "<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>";
std::string interval(std::string_view value) {
  return std::string(kPlain) + "<TimeInterval><PlainValue>" + std::string(value) + "</PlainValue></TimeInterval>";
}

std::string sample(const std::string& name) { return file_text(TEST_DATA "/seeds/pskc/" + name + ".xml"); }
std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}
const Secret kKey(from_hex("12345678901234567890123456789012"));

void expect_refused(const Reading& reading, std::string_view part) {
  ASSERT_FALSE(reading.summary);
  EXPECT_EQ(reading.summary.error().code, Errc::invalid_input);
  EXPECT_NE(reading.summary.error().what.find(part), std::string::npos) << reading.summary.error().what;
  EXPECT_FALSE(reading.summary.error().remedy.empty());
}

TEST(Pskc, NumbersInAllThreeForms) {
  for (const auto* form : {"60", " 60 ", "NjA=", "PA==", "AAAAAAAAADw="}) {
    const auto reading = read(totp_key(interval(form)));
    ASSERT_TRUE(reading.summary) << form;
    ASSERT_EQ(reading.tokens.size(), 1U) << form;
    EXPECT_EQ(reading.tokens[0].step, 60) << form;
  }
}

TEST(Pskc, ABadValueRefusesItsKeyOnly) {
  for (const auto* form : {"soon", "0", "-30", "99999999999999999999"}) {
    const auto reading = read(totp_key(interval(form)));
    ASSERT_TRUE(reading.summary) << form;
    EXPECT_TRUE(reading.tokens.empty()) << form;
    ASSERT_EQ(reading.problems.size(), 1U) << form;
    EXPECT_EQ(reading.problems[0].serial, "0042");
    EXPECT_EQ(reading.problems[0].field, "time interval");
    EXPECT_EQ(reading.problems[0].row, 1);
  }
  const auto reading = read(totp_key("<Secret><PlainValue>MTIz!DU2</PlainValue></Secret>"));
  ASSERT_TRUE(reading.summary);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.said().find("MTIz"), std::string::npos);
}

TEST(Pskc, AModelThatContradictsTheKeyRefusesIt) {
  for (const auto* model : {"OTP c100 HOTP", "Event based", "C200 60s", "C200 SHA-256", "C200 8 digits"}) {
    const auto reading =
        read(with(totp_key(interval("30")), "<SerialNo>", std::string("<Model>") + model + "</Model><SerialNo>"));
    ASSERT_TRUE(reading.summary) << model;
    EXPECT_TRUE(reading.tokens.empty()) << model;
    ASSERT_EQ(reading.problems.size(), 1U) << model;
    EXPECT_EQ(reading.problems[0].serial, "0042");
  }
  for (const auto* model : {"OTP c200", "C200 30s TOTP", "null", "HOTP/TOTP"})
    EXPECT_EQ(
        read(with(totp_key(interval("30")), "<SerialNo>", std::string("<Model>") + model + "</Model><SerialNo>")).tokens.size(),
        1U)
        << model;
}

TEST(Pskc, WarnsByTheDateItIsGiven) {
  const auto text = totp_key(interval("30"), "<Policy><ExpiryDate>2026-05-31T00:00:00Z</ExpiryDate></Policy>");
  EXPECT_TRUE(read(text, {.today = "2026-05-31"}).warnings.empty());
  const auto reading = read(text, {.today = "2026-06-01"});
  ASSERT_EQ(reading.warnings.size(), 1U);
  EXPECT_EQ(reading.warnings[0].value, "2026-05-31");
  EXPECT_EQ(reading.tokens.size(), 1U);
}

TEST(Pskc, UserIdThatIsAUserPrincipalName) {
  EXPECT_EQ(read(totp_key(interval("30"), "<UserId>a@b.example</UserId>")).tokens.at(0).upn, "a@b.example");
  EXPECT_EQ(read(totp_key(interval("30"), "<UserId>CN=a@b,DC=c</UserId>")).tokens.at(0).upn, "");
}

TEST(Pskc, MacsMustBeThereAndRight) {
  const auto text = sample("rfc6030-figure6");
  const SeedFileOptions options{.key = &kKey};
  ASSERT_TRUE(read(text, options).summary);
  const auto mac = text.substr(text.find("<ValueMAC>"), text.find("</ValueMAC>") + 11 - text.find("<ValueMAC>"));
  expect_refused(read(with(text, mac, ""), options), "MAC");
  expect_refused(read(with(text, "Su+N", "Su+M"), options), "does not fit");
  expect_refused(read(with(text, "hmac-sha1", "hmac-md5"), options), "hmac-md5");
  expect_refused(read(with(text, "AAECAwQF", "AAECAwQG"), options), "does not fit");
  const auto method = text.substr(text.find("<MACMethod"), text.find("</MACMethod>") + 12 - text.find("<MACMethod"));
  expect_refused(read(with(text, method, ""), options), "MACMethod");
  for (const auto& changed : {with(text, "Su+N", "Su+M"), with(text, mac, "")})
    EXPECT_TRUE(read(changed, options).tokens.empty());
  const auto sealed = text.find("<EncryptedValue>"), sealed_end = text.find("</EncryptedValue>") + 17;
  const auto forged =
      with(with(text, mac, ""), text.substr(sealed, sealed_end - sealed), "<PlainValue>QUJDREVGR0hJSktMTU5PUA==</PlainValue>");
  expect_refused(read(forged, options), "somebody may have put it there");
  EXPECT_TRUE(read(forged, options).tokens.empty());
  const auto without = read(with(with(text, method, ""), mac, ""), options);
  ASSERT_TRUE(without.summary);
  EXPECT_NE(without.said().find("no MAC"), std::string::npos);
  // The method moved behind the key would come too late to be asked for.
  expect_refused(read(with(with(with(text, method, ""), mac, ""), "</KeyPackage>", "</KeyPackage>" + method), options),
                 "after a key");
}

TEST(Pskc, SaysWhichKeyIsWanted) {
  expect_refused(read(sample("rfc6030-figure6")), "pre-shared key \"Pre-shared-key\"");
  EXPECT_NE(read(sample("rfc6030-figure6")).said().find("[[setting|key-file|"), std::string::npos);
  EXPECT_NE(read(sample("rfc6030-figure7")).said().find("[[setting|passphrase-file|"), std::string::npos);
  const Secret short_key("0123456789abcdef");
  expect_refused(read(sample("cipher-aes256-cbc"), {.key = &short_key}), "32 bytes, and the one given has 16");
  const Secret wrong("0123456789abcdef");
  expect_refused(read(sample("rfc6030-figure6"), {.key = &wrong}), "does not fit");
  const Secret passphrase("qwertz");
  expect_refused(read(sample("rfc6030-figure7"), {.passphrase = &passphrase}), "does not fit");
  expect_refused(
      read(container(
               "<EncryptionKey><ds:X509Data xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/></EncryptionKey>"
               "<KeyPackage><Key><Data><Secret><EncryptedValue>"
               "<x:EncryptionMethod xmlns:x='http://www.w3.org/2001/04/xmlenc#' Algorithm='#aes128-cbc'/>"
               "<x:CipherData xmlns:x='http://www.w3.org/2001/04/xmlenc#'><x:CipherValue>AAAA</x:CipherValue></x:CipherData>"
               "</EncryptedValue></Secret></Data></Key></KeyPackage>"),
           {.key = &kKey}),
      "certificate");
}

TEST(Pskc, Pbkdf2IsBounded) {
  const Secret passphrase("qwerty");
  const SeedFileOptions options{.passphrase = &passphrase};
  const auto text = sample("rfc6030-figure7");
  ASSERT_TRUE(read(text, options).summary);
  expect_refused(read(with(text, ">1000<", ">2000000000<"), options), "2000000000");
  expect_refused(read(with(text, ">1000<", ">99999999999999999999999<"), options), "not a number");
  expect_refused(read(with(text, ">1000<", ">0<"), options), "not positive");
  expect_refused(read(with(text, ">16<", ">1000000<"), options), "1000000 bytes");
  expect_refused(read(with(text, ">16<", ">24<"), options), "a key of 24 bytes");
  expect_refused(read(with(text, "<PRF/>", "<PRF Algorithm='hmac-md4'/>"), options), "hmac-md4");
  expect_refused(read(with(text, "#pbkdf2", "#scrypt"), options), "scrypt");
}

TEST(Pskc, EveryKindOfUtf) {
  const auto text = totp_key(interval("30"));
  std::string little = "\xFF\xFE", big = "\xFE\xFF";
  for (const char c : text) {
    little += c;
    little += '\0';
    big += '\0';
    big += c;
  }
  for (const auto& form : {text, "\xEF\xBB\xBF" + text, " \r\n <?xml version='1.0'?>" + text, little, big}) {
    Reading reading;
    MemorySource source(form, 7);
    reading.summary = read_seeds(source, {.today = "2026-01-01"}, reading);
    ASSERT_TRUE(reading.summary) << reading.summary.error().what;
    EXPECT_EQ(reading.tokens.size(), 1U);
  }
}

TEST(Pskc, ForeignElementsAreNoKeys) {
  const auto text = totp_key(interval("30"), "<x:UserId xmlns:x='urn:other'>a@b.example</x:UserId>");
  EXPECT_EQ(read(text).tokens.at(0).upn, "");
  const auto hidden = read(container("<x:KeyPackage xmlns:x='urn:other'><x:Key><x:Data/></x:Key></x:KeyPackage>"));
  ASSERT_TRUE(hidden.summary);
  EXPECT_EQ(hidden.summary->rows, 0);
  expect_refused(read("<KeyContainer xmlns='urn:other'/>"), "not a PSKC");
}

TEST(Pskc, CutAnywhereOnlyWholeKeysComeOut) {
  const auto text = sample("feitian-hotp-totp");
  const auto whole = read(text);
  ASSERT_EQ(whole.tokens.size(), 6U);
  for (std::size_t n = 0; n + 1 < text.rfind('>'); ++n) {
    const auto part = read(std::string_view(text).substr(0, n), {}, 1 + n % 61);
    EXPECT_FALSE(part.summary) << n;
    ASSERT_LE(part.tokens.size(), whole.tokens.size());
    for (std::size_t i = 0; i < part.tokens.size(); ++i) {
      EXPECT_EQ(part.tokens[i].serial, whole.tokens[i].serial);
      EXPECT_EQ(text_of(part.tokens[i].base32), text_of(whole.tokens[i].base32));
      EXPECT_EQ(part.tokens[i].step, whole.tokens[i].step);
    }
  }
}

}  // namespace
}  // namespace portalkey
