#include "entra/oauth/client_certificate.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/base64.h"
#include "entra/oauth/client_assertion.h"
#include "tests/entra/made_certificate.h"

namespace portalkey::client_certificate_test {
namespace {

const MadeCertificate& made() {
  static const MadeCertificate one;
  return one;
}

Result<ClientCertificate> parse(const std::string& bytes, const std::string& password = "") {
  return ClientCertificate::parse(Secret(bytes), Secret(password));
}

std::string refusal(const std::string& bytes, const std::string& password = "") {
  auto parsed = parse(bytes, password);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().code, Errc::invalid_input);
  EXPECT_FALSE(parsed.error().remedy.empty());
  return parsed.error().what;
}

TEST(ClientCertificate, IsReadFromPemAndPfxInEveryForm) {
  const std::string thumbprint = parse(made().certificate_pem() + made().key_pem())->thumbprint();
  EXPECT_EQ(thumbprint.size(), 40u);
  const MadeCertificate other;
  const struct {
    const char* what;
    std::string bytes, password;
  } rows[] = {
      {"key first", made().key_pem() + made().certificate_pem(), ""},
      {"a chain in front", other.certificate_pem() + made().certificate_pem() + made().key_pem(), ""},
      {"encrypted key", made().certificate_pem() + made().key_pem("p w"), "p w"},
      {"PFX", made().pfx("secret"), "secret"},
      {"PFX without password", made().pfx(""), ""},
      {"PFX with a null password", made().pfx(nullptr), ""},
      {"PFX with 3DES", made().pfx("secret", NID_pbe_WithSHA1And3_Key_TripleDES_CBC), "secret"},
  };
  for (const auto& row : rows) {
    auto parsed = parse(row.bytes, row.password);
    ASSERT_TRUE(parsed) << row.what << ": " << parsed.error().what;
    EXPECT_EQ(parsed->thumbprint(), thumbprint) << row.what;
    EXPECT_EQ(unix_seconds(parsed->begins()), 1'700'000'000) << row.what;
    EXPECT_EQ(unix_seconds(parsed->ends()), 1'900'000'000) << row.what;
  }
}

TEST(ClientCertificate, EveryMistakeHasItsOwnMessage) {
  const MadeCertificate other;
  const MadeCertificate elliptic(MadeCertificate::elliptic_key());
  const std::string pem = made().certificate_pem();
  EXPECT_NE(refusal(pem + made().key_pem("right"), "wrong").find("password does not open"), std::string::npos);
  EXPECT_NE(refusal(pem + made().key_pem("right")).find("none is given"), std::string::npos);
  EXPECT_NE(refusal(made().pfx("right"), "wrong").find("password does not open"), std::string::npos);
  EXPECT_NE(refusal(made().pfx("right")).find("none is given"), std::string::npos);
  EXPECT_NE(refusal(pem).find("no private key"), std::string::npos);
  EXPECT_NE(refusal(made().pfx("x", 0, false), "x").find("no private key"), std::string::npos);
  EXPECT_NE(refusal(made().key_pem()).find("no certificate"), std::string::npos);
  EXPECT_NE(refusal(made().pfx("x", 0, true, false), "x").find("no certificate"), std::string::npos);
  EXPECT_NE(refusal(pem + other.key_pem()).find("does not match"), std::string::npos);
  EXPECT_NE(refusal(elliptic.certificate_pem() + elliptic.key_pem()).find("RSA"), std::string::npos);
  EXPECT_NE(refusal("neither").find("neither PEM nor PFX"), std::string::npos);
  EXPECT_NE(refusal("").find("neither PEM nor PFX"), std::string::npos);
  EXPECT_NE(refusal(pem + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").find("damaged"), std::string::npos);
  EXPECT_NE(refusal(made().pfx("x").substr(0, 500), "x").find("neither PEM nor PFX"), std::string::npos) << "cut short";
}

TEST(ClientAssertion, IsSignedByTheKeyAndNamesTheCertificate) {
  const auto certificate = parse(made().certificate_pem() + made().key_pem());
  for (const auto algorithm : {SignatureAlgorithm::ps256, SignatureAlgorithm::rs256}) {
    const bool pss = algorithm == SignatureAlgorithm::ps256;
    const std::string jwt = client_assertion(*certificate, algorithm, "app", "https://login/t/oauth2/v2.0/token", "guid",
                                             from_unix_seconds(1'767'225'600))
                                .reveal([](std::string_view bare) { return std::string(bare); });
    const auto first = jwt.find('.'), second = jwt.rfind('.');
    EXPECT_TRUE(made().verifies(jwt.substr(0, second), *decode_base64url(jwt.substr(second + 1)), pss));
    EXPECT_FALSE(made().verifies(jwt.substr(0, second) + "x", *decode_base64url(jwt.substr(second + 1)), pss));
    const auto header = boost::json::parse(*decode_base64url(jwt.substr(0, first))).as_object();
    EXPECT_EQ(header.at("alg"), pss ? "PS256" : "RS256");
    EXPECT_EQ(header.at("typ"), "JWT");
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    X509_digest(made().certificate.get(), pss ? EVP_sha256() : EVP_sha1(), hash, &size);
    EXPECT_EQ(header.at(pss ? "x5t#S256" : "x5t").as_string(), base64url({reinterpret_cast<const char*>(hash), size}));
    EXPECT_EQ(header.size(), 3u);
    EXPECT_EQ(boost::json::parse(*decode_base64url(jwt.substr(first + 1, second - first - 1))),
              boost::json::parse(R"({"aud":"https://login/t/oauth2/v2.0/token","iss":"app","sub":"app","jti":"guid",
                                     "nbf":1767225600,"iat":1767225600,"exp":1767226200})"));
  }
}

}  // namespace
}  // namespace portalkey::client_certificate_test
