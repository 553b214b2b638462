#include "seeds/formats/json/seed_json.h"

#include <gtest/gtest.h>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

constexpr std::string_view kDevice =
    R"({"serialNumber":"1","secretKey":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","timeIntervalInSeconds":60,"hashFunction":"hmacsha256",)"
    R"("manufacturer":"Contoso","assignTo":{"id":"0cad"}})";

TEST(SeedJson, GraphDevicesWhereverTheyAre) {
  const std::string device(kDevice);
  for (const auto& text : {device, "[" + device + "]", "{\"@context\":\"#$delta\",\"value\":[" + device + "]}",
                           "{\"requests\":[{\"id\":\"1\",\"body\":" + device + "}]}",
                           "{\"requests\":[{\"body\":{\"value\":[" + device + "]}}]}", "\xEF\xBB\xBF" + device}) {
    for (const std::size_t at_once : {std::size_t{1}, std::string_view::npos}) {
      const auto reading = read_text(text, SecretEncoding::detect, kMostRowBytes, at_once);
      ASSERT_EQ(reading.tokens.size(), 1U) << text << reading.said();
      EXPECT_EQ(reading.summary->format, "graph-json");
      EXPECT_EQ(reading.tokens[0].serial, "1");
      EXPECT_EQ(reading.tokens[0].step, 60);
      EXPECT_EQ(reading.tokens[0].hash, Hash::sha256);
      EXPECT_EQ(reading.tokens[0].details->assign_to, "0cad");
      EXPECT_EQ(text_of(reading.tokens[0].key()), "12345678901234567890");
    }
  }
}

TEST(SeedJson, ProblemsSayWhere) {
  const auto reading = read_text(
      "[\n{\"serialNumber\":\"1\",\n \"secretKey\":\"C2dE3fH4iJ5kL6mN7oP1qR2sT3uV4w\",\"timeIntervalInSeconds\":\"30\"},\n"
      "{\"serialNumber\":\"2\",\"timeIntervalInSeconds\":30},\n{\"serialNumber\":\"3\",\"secretKey\":\"GEZDGNBVGY3TQOJQ\"},\n"
      "{\"secretKey\":\"GEZDGNBVGY3TQOJQ\",\"timeIntervalInSeconds\":30},\n"
      "{\"serialNumber\":\"5\",\"secretKey\":\"GEZDGNBVGY3TQOJQ\",\"secretKey\":\"GEZDGNBVGY3TQOJQ\",\"timeIntervalInSeconds\":"
      "30}]");
  ASSERT_TRUE(reading.summary) << reading.said();
  EXPECT_TRUE(reading.tokens.empty());
  ASSERT_EQ(reading.problems.size(), 5U);
  EXPECT_EQ(reading.problems[0].line, 3);
  EXPECT_EQ(reading.problems[0].column, 15);
  EXPECT_EQ(reading.problems[0].serial, "1");
  EXPECT_EQ(reading.problems[1].field, "secret key");
  EXPECT_EQ(reading.problems[2].field, "time interval");
  EXPECT_EQ(reading.problems[3].field, "serial number");
  EXPECT_NE(reading.problems[4].what.find("twice"), std::string::npos);
  EXPECT_EQ(reading.said().find("GEZD"), std::string::npos);
  EXPECT_EQ(reading.said().find("C2dE"), std::string::npos);
}

TEST(SeedJson, ASerialNumberThatAProgramHasRoundedIsRefused) {
  for (const std::string number : {"1e3", "2.30873470039e+12", "1.0"}) {
    const auto reading = read_text(R"([{"serialNumber":)" + number +
                                   R"(,"secretKey":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",)"
                                   R"("timeIntervalInSeconds":30}])");
    EXPECT_TRUE(reading.tokens.empty()) << number;
    ASSERT_EQ(reading.problems.size(), 1U) << number;
    EXPECT_EQ(reading.problems[0].field, "serial number");
  }
  const auto whole = read_text(R"([{"serialNumber":12345678901234567890123,)"
                               R"("secretKey":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","timeIntervalInSeconds":30.0}])");
  ASSERT_EQ(whole.tokens.size(), 1U) << whole.said();
  EXPECT_EQ(whole.tokens[0].serial, "12345678901234567890123");
}

TEST(SeedJson, WhoGetsItWhateverTheMemberIsCalled) {
  const auto device = [](std::string_view more) {
    return R"([{"serialNumber":"1","secretKey":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",)"
           R"("timeIntervalInSeconds":30,)" +
           std::string(more) + "}]";
  };
  for (const auto* more :
       {R"("owner":"a@b.com")", R"("holder":{"mail":"a@b.com"})", R"("owner":"a@b.com","deputy":"A@B.com")"}) {
    const auto reading = read_text(device(more));
    ASSERT_EQ(reading.tokens.size(), 1U) << more << reading.said();
    EXPECT_EQ(reading.tokens[0].upn, "a@b.com") << more;
  }
  EXPECT_EQ(read_text(device(R"("upn":"c@b.com","owner":"a@b.com")")).tokens.at(0).upn, "c@b.com");
  const auto two = read_text(device(R"("owner":"a@b.com","deputy":"c@b.com")"));
  ASSERT_EQ(two.problems.size(), 1U) << two.said();
  EXPECT_NE(two.problems[0].what.find("owner and deputy"), std::string::npos);
  const auto by_id = read_text(device(R"("assignTo":{"id":"0cad"})"));
  ASSERT_EQ(by_id.warnings.size(), 1U) << by_id.said();
  EXPECT_NE(by_id.warnings[0].what.find("object id"), std::string::npos);
}

TEST(SeedJson, AKindAsATruthValue) {
  for (const auto& [member, type] : {std::pair{"isHotp", OtpType::hotp},
                                     {"eventBased", OtpType::hotp},
                                     {"active", OtpType::totp},
                                     {"totp", OtpType::totp}}) {
    const auto reading = read_text(R"([{"serialNumber":"1","secretKey":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",)"
                                   R"("timeIntervalInSeconds":30,")" +
                                   std::string(member) + "\":true}]");
    ASSERT_EQ(reading.tokens.size(), 1U) << member << reading.said();
    EXPECT_EQ(reading.tokens[0].type, type) << member;
  }
}

TEST(SeedJson, NoKeyOfAPasswordManagerIsPassedOver) {
  const auto reading = read_text(
      R"({"items":[{"login":{"username":"a@b.com","totp":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}},)"
      R"({"login":{"totp":"otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&serial=7"}},{"login":{"password":"x"}}]})");
  ASSERT_TRUE(reading.summary) << reading.said();
  EXPECT_EQ(reading.summary->rows, 2) << reading.said();
  EXPECT_EQ(reading.tokens.size() + reading.problems.size(), 2U);
}

TEST(SeedJson, AppsExports) {
  const auto andotp = read_text(
      R"([{"secret":"GEZDGNBVGY3TQOJQ======","issuer":"A","label":"b","digits":8,"type":"TOTP","algorithm":"SHA512","period":20},)"
      R"({"secret":"GEZDGNBVGY3TQOJQ","type":"HOTP","algorithm":"SHA1","digits":6,"counter":7}])");
  ASSERT_EQ(andotp.tokens.size(), 2U) << andotp.said();
  EXPECT_EQ(andotp.summary->format, "andotp-json");
  EXPECT_EQ(andotp.tokens[0].hash, Hash::sha512);
  EXPECT_EQ(andotp.tokens[0].step, 20);
  EXPECT_EQ(andotp.tokens[1].details->counter, 7);
  const auto aegis = read_text(
      R"({"version":1,"header":{"slots":null,"params":null},"db":{"version":1,"entries":[{"type":"steam","name":"n","issuer":"i",)"
      R"("info":{"secret":"GEZDGNBVGY3TQOJQ","algo":"SHA1","digits":5,"period":30}}]}})");
  ASSERT_EQ(aegis.tokens.size(), 1U) << aegis.said();
  EXPECT_EQ(aegis.summary->format, "aegis-json");
  EXPECT_EQ(aegis.tokens[0].type, OtpType::steam);
  EXPECT_EQ(aegis.tokens[0].details->label, "n");
  const auto sealed = read_text(R"({"version":1,"header":{"slots":[],"params":{}},"db":"AAAA"})");
  ASSERT_FALSE(sealed.summary);
  EXPECT_NE(sealed.said().find("encrypted"), std::string::npos);
}

TEST(SeedJson, OurOwn) {
  const auto reading = read_text(
      R"({"format":"pskc","tokens":[{"serial":"007","secretBase32":"GEZDGNBVGY3TQOJQ","type":"totp","hash":"sha256","digits":8,)"
      R"("step":60,"upn":"a@b.c","model":"m"},{"serial":"008","secretBase32":"GEZDGNBVGY3TQOJQ","type":"pin","hash":null}]})");
  ASSERT_EQ(reading.tokens.size(), 2U) << reading.said();
  EXPECT_EQ(reading.summary->format, "portalkey-json");
  EXPECT_EQ(reading.tokens[0].upn, "a@b.c");
  EXPECT_EQ(reading.tokens[0].digits, 8);
  EXPECT_EQ(reading.tokens[1].type, OtpType::pin);
  EXPECT_EQ(reading.tokens[1].hash, std::nullopt);
}

TEST(SeedJson, CutDeepOrForeignItIsRefused) {
  const std::string whole = "{\"value\":[" + std::string(kDevice) + "]}";
  for (std::size_t size = 26; size < whole.size(); ++size) EXPECT_FALSE(read_text(whole.substr(0, size)).summary) << size;
  EXPECT_FALSE(read_text("{\"serialNumber\":" + std::string(100000, '[')).summary);
  EXPECT_FALSE(read_text(whole + "x").summary);
  EXPECT_FALSE(read_text("{\"a\":1}").summary);
  const auto huge =
      read_text("[{\"serialNumber\":\"1\",\"timeIntervalInSeconds\":30,\"secretKey\":\"" + std::string(300000, 'A') + "\"}]");
  ASSERT_EQ(huge.problems.size(), 1U);
}

}  // namespace
}  // namespace portalkey
