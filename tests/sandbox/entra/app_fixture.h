#pragma once
// App registrations with keys of their own, and assertions signed with those.

#include <cstdint>
#include <string>
#include <string_view>

#include "sandbox/wire/openssl_types.h"
#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {

/// An RSA key with a self-signed certificate. Making one is slow: tests share them.
struct TestKey {
  Pkey key;
  Certificate certificate;
  std::string der;

  std::string der_base64() const;
  std::string sha1() const;    ///< bytes
  std::string sha256() const;  ///< bytes
};
const TestKey& first_key();
const TestKey& second_key();

/// `header.claims.signature`; the header's `alg` decides between PKCS #1 and PSS.
std::string signed_jwt(const json::object& header, const json::object& claims, EVP_PKEY* key);

class EntraAppTest : public SandboxTest {
 protected:
  void SetUp() override;

  SandboxApp& app() { return emulator->world().state.apps.at(client_id()); }
  ServicePrincipal& principal();
  /// Replaces the app's settings.
  void settings(std::string_view json_text) { app().settings = json_text; }

  std::string v1() { return std::string(kLogin) + '/' + tenant() + "/oauth2/token"; }
  std::string v2() { return std::string(kLogin) + '/' + tenant() + "/oauth2/v2.0/token"; }
  std::int64_t now() { return emulator->world().clock.seconds(); }

  /// The claims of a good assertion for version 2's endpoint.
  json::object assertion_claims();
  /// A client credentials request for Key Vault, with that assertion.
  HttpResponse with_assertion(std::string_view assertion, std::string_view url = {});
  HttpResponse with_secret(std::string_view secret);
};

}  // namespace portalkey::sandbox
