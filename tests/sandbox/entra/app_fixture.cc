#include "tests/sandbox/entra/app_fixture.h"

#include <openssl/rsa.h>

#include "base/base64.h"

namespace portalkey::sandbox {
namespace {

TestKey make_key(std::string_view name) {
  TestKey out;
  out.key = Pkey(EVP_RSA_gen(2048));
  out.certificate = blank_certificate(out.key.get(), name, 365);
  // The tests' clock stands at the beginning of 2026.
  ASN1_TIME_set(X509_getm_notBefore(out.certificate.get()), 1'767'139'200);
  ASN1_TIME_set(X509_getm_notAfter(out.certificate.get()), 1'798'761'600);
  X509_sign(out.certificate.get(), out.key.get(), EVP_sha256());
  unsigned char* data = nullptr;
  const int size = i2d_X509(out.certificate.get(), &data);
  out.der.assign(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
  OPENSSL_free(data);
  return out;
}

std::string digest_of(const EVP_MD* kind, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), out, &size, kind, nullptr);
  return {reinterpret_cast<char*>(out), size};
}

}  // namespace

std::string TestKey::der_base64() const { return base64(der); }
std::string TestKey::sha1() const { return digest_of(EVP_sha1(), der); }
std::string TestKey::sha256() const { return digest_of(EVP_sha256(), der); }

const TestKey& first_key() {
  static const TestKey key = make_key("first");
  return key;
}

const TestKey& second_key() {
  static const TestKey key = make_key("second");
  return key;
}

std::string signed_jwt(const json::object& header, const json::object& claims, EVP_PKEY* key) {
  const std::string text = base64url(json::serialize(header)) + '.' + base64url(json::serialize(claims));
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* how = nullptr;
  EVP_DigestSignInit(context.get(), &how, EVP_sha256(), nullptr, key);
  if (string_member(header, "alg") == "PS256") {
    EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST);
  }
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t size = signature.size();
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  signature.resize(size);
  return text + '.' + base64url(signature);
}

void EntraAppTest::SetUp() {
  start(usual());
  app().keys = {{"key 1", "first", first_key().der_base64(), 0, 0}};
}

ServicePrincipal& EntraAppTest::principal() {
  auto& world = emulator->world();
  return world.state.service_principals.at(find_service_principal(world, client_id())->object_id);
}

json::object EntraAppTest::assertion_claims() {
  return {{"aud", v2()},       {"iss", client_id()}, {"sub", client_id()}, {"jti", "7d5cbb6c-0000-4000-8000-000000000001"},
          {"nbf", now() - 10}, {"iat", now() - 10},  {"exp", now() + 600}};
}

HttpResponse EntraAppTest::with_assertion(std::string_view assertion, std::string_view url) {
  const std::string where = url.empty() ? v2() : std::string(url);
  const bool version1 = where.find("v2.0") == std::string::npos;
  return post_form(
      where, "grant_type=client_credentials&client_id=" + client_id() +
                 (version1 ? "&resource=https%3A%2F%2Fvault.azure.net" : "&scope=https%3A%2F%2Fvault.azure.net%2F.default") +
                 "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                 "&client_assertion=" +
                 percent_encode(assertion));
}

HttpResponse EntraAppTest::with_secret(std::string_view secret) {
  return post_form(v1(), "grant_type=client_credentials&client_id=" + client_id() + "&client_secret=" + percent_encode(secret) +
                             "&resource=https%3A%2F%2Fvault.azure.net");
}

}  // namespace portalkey::sandbox
