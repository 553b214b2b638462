#pragma once
// A sandbox without sockets: requests go straight to the emulator, on a clock that moves when told.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/percent_encoding.h"
#include "sandbox/emulator.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {

inline constexpr std::string_view kLogin = "https://login.microsoftonline.com";
inline constexpr std::string_view kVault = "https://contoso-kv.vault.azure.net";
inline constexpr std::string_view kPortal = "https://main.iam.ad.ext.azure.com/api";
inline constexpr std::string_view kPortalApp = "74658136-14ec-4630-ad9b-26e160ff0fc6";
inline constexpr std::string_view kHelga = "Helga@contoso.com";

class SandboxTest : public testing::Test {
 protected:
  /// The usual sandbox, with device codes approved at once.
  static SandboxOptions usual();
  /// Begins anew with these options. A saved state skips the making of a signing key.
  void start(SandboxOptions options);
  void SetUp() override { start(usual()); }

  FaultyResponse send(std::string_view method, std::string_view url, TextPairs headers = {}, std::string body = {});
  FaultyResponse post_form(std::string_view url, std::string body, TextPairs headers = {});
  FaultyResponse admin(std::string_view method, std::string_view path, std::string body = {});
  void policy(std::string_view json_text);
  void advance(std::chrono::milliseconds by) { clock.advance(by); }

  std::string tenant() { return emulator->world().state.tenant_id; }
  std::string client_id() { return own_app(emulator->world()).client_id; }
  std::string client_secret() { return own_app(emulator->world()).passwords.front().secret; }

  /// A user's tokens for a resource, by version 1's device code with Azure PowerShell.
  json::object sign_in(std::string_view resource, std::string_view upn = {});
  std::string access_token(std::string_view resource, std::string_view upn = {});
  /// The app registration's own token.
  std::string app_token(std::string_view resource);
  static TextPairs bearer(std::string_view token);
  /// A call of the portal with all headers, and a JSON body if there is one.
  FaultyResponse portal(std::string_view method, std::string_view path, std::string_view token, std::string body = {});

  ManualClock clock{from_unix_seconds(1'767'225'600)};
  std::optional<Emulator> emulator;
};

json::object object_of(const HttpResponse& answer);
std::string text_at(const HttpResponse& answer, std::string_view name);
/// The first of `error_codes`.
std::int64_t aadsts_of(const HttpResponse& answer);
/// `error.code`, and with a slash `error.innererror.code`.
std::string vault_code_of(const HttpResponse& answer);
/// The claims of a JWT, unverified.
json::object claims_of(std::string_view token);

}  // namespace portalkey::sandbox
