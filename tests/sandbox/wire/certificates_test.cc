#include "sandbox/wire/certificates.h"

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "sandbox/wire/clouds.h"
#include "sandbox/wire/openssl_types.h"
#include "sandbox/world/signing_key.h"

namespace portalkey::sandbox {
namespace {

/// X509_V_OK, or what is wrong with `leaf` as the server `name` under `authority`.
int verify(const CertificateAndKey& authority, const CertificateAndKey& leaf, const std::string& name) {
  const Certificate ca = certificate_from_pem(authority.certificate_pem);
  const Certificate certificate = certificate_from_pem(leaf.certificate_pem);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, ca.get());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, certificate.get(), nullptr);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
  if (name == "127.0.0.1") {
    X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str());
  } else {
    X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
  }
  X509_verify_cert(context);
  const int error = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return error;
}

TEST(SandboxCertificates, ServeEveryEmulatedHostAndNoOther) {
  const auto ca = make_certificate_authority(certificate_names());
  ASSERT_TRUE(ca);
  const auto server = make_server_certificate(*ca, certificate_names());
  ASSERT_TRUE(server);
  for (const auto* name : {"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn",
                           "login.windows.net", "sts.windows.net", "contoso-kv.vault.azure.net", "x.vault.usgovcloudapi.net",
                           "x.vault.azure.cn", "main.iam.ad.ext.azure.com", "main.iam.ad.ext.azure.us", "microsoft.com",
                           "graph.microsoft.com", "management.azure.com", "localhost", "127.0.0.1"}) {
    EXPECT_EQ(verify(*ca, *server, name), X509_V_OK) << name;
  }
  EXPECT_EQ(verify(*ca, *server, "example.com"), X509_V_ERR_HOSTNAME_MISMATCH);
}

TEST(SandboxCertificates, AuthorityCannotVouchForOtherHosts) {
  const auto ca = make_certificate_authority(certificate_names());
  ASSERT_TRUE(ca);
  const auto other = make_server_certificate(*ca, {"bank.example"});
  ASSERT_TRUE(other);
  EXPECT_EQ(verify(*ca, *other, "bank.example"), X509_V_ERR_PERMITTED_VIOLATION);
}

TEST(SigningKey, VerifiesOnlyItsOwnUnchangedTokens) {
  const auto key = SigningKey::generate();
  const auto other = SigningKey::generate();
  ASSERT_TRUE(key && other);
  const std::string token = key->sign(R"({"a":1})", true);
  EXPECT_EQ(key->verify(token), R"({"a":1})");
  EXPECT_FALSE(other->verify(token));
  std::string changed = token;
  changed[token.find('.') + 2] ^= 1;
  EXPECT_FALSE(key->verify(changed));
  for (const auto* text : {"", ".", "..", "a.b", "a.b.c", "a.b.c=="}) EXPECT_FALSE(key->verify(text)) << text;
  const auto again = SigningKey::load(key->key_pem(), key->certificate_pem());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->kid(), key->kid());
  EXPECT_TRUE(again->verify(token));
}

}  // namespace
}  // namespace portalkey::sandbox
