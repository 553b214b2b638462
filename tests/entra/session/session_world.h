#pragma once
// A session on scripted answers of Entra and a store that fails when told.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "base/files.h"
#include "base/random.h"
#include "entra/session/session.h"
#include "tests/entra/jwt.h"
#include "tests/scripted_http.h"
#include "tests/temporary_folder.h"

namespace portalkey {

inline std::string shown(const Secret& secret) {
  return secret.reveal([](std::string_view text) { return std::string(text); });
}

/// A store in memory whose next puts can be made to fail, before or after they took effect.
class FlakyStore final : public SecretStore {
 public:
  Result<StoredSecret> get(const std::string&, const Deadline&) override {
    if (!readable) return fail(Errc::unavailable, "vault down");
    if (stored.empty()) return fail(Errc::not_found, "nothing");
    StoredSecret out;
    out.value = Secret(stored.back());
    out.version.id = std::to_string(stored.size());
    out.version.tags = tags;
    if (!after_first_get.empty()) stored.push_back(std::exchange(after_first_get, ""));
    return out;
  }
  Result<SecretVersion> put(const std::string&, const Secret& value, const SecretAttributes& attributes,
                            const Deadline&) override {
    if (!writable) return fail(Errc::unavailable, "vault down");
    stored.push_back(shown(value));
    tags = attributes.tags;
    if (answer_lost) return fail(Errc::unavailable, "answer lost");
    return SecretVersion{std::to_string(stored.size()), {}, attributes.expires, attributes.tags};
  }
  Result<std::vector<SecretVersion>> versions(const std::string&, const Deadline&) override {
    ++listed;
    std::vector<SecretVersion> all;
    for (std::size_t i = stored.size(); i > 0; --i) {
      SecretVersion version;
      version.id = std::to_string(i);
      version.created = from_unix_seconds(static_cast<std::int64_t>(i));
      version.enabled = !disabled.contains(version.id);
      all.push_back(version);
    }
    return all;
  }
  Result<void> disable(const std::string&, const std::string& version, const Deadline&) override {
    if (!can_disable) return fail(Errc::forbidden, "no");
    disabled.insert(version);
    return {};
  }
  std::string place() const override { return "memory"; }

  std::vector<std::string> stored;
  std::set<std::string> disabled;
  int listed = 0;
  bool can_disable = true;
  std::map<std::string, std::string> tags;
  std::string after_first_get;  // what another machine stores once we have read
  bool readable = true, writable = true, answer_lost = false;
};

inline constexpr const char* kTenant = "11111111-2222-3333-4444-555555555555";
inline constexpr const char* kClaims =
    R"({"upn":"svc@contoso.com","oid":"0001","tid":"11111111-2222-3333-4444-555555555555","scp":"x"})";
inline constexpr const char* kAnothers =
    R"({"upn":"mallory@contoso.com","oid":"0002","tid":"11111111-2222-3333-4444-555555555555","scp":"x"})";

struct SessionWorld {
  explicit SessionWorld(std::string account = {}) : account_(std::move(account)) {}
  std::string account_;
  TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  Random random{1};
  ScriptedHttp http;
  TokenEndpoint endpoint{http, *find_cloud("global"), kTenant, clock, random};
  FlakyStore store;
  std::filesystem::path escrow_path = folder / "state/escrow.sealed";
  Session session{{"default", "client", "resource", "RefreshToken", folder / "state", 10, account_},
                  endpoint,
                  store,
                  Escrow(escrow_path, std::nullopt),
                  clock};

  Deadline deadline() const { return Deadline::in(std::chrono::minutes(5), clock); }
  void grant(const std::string& refresh_token, const std::string& claims = kClaims, const std::string& id_claims = "") {
    http.answer(200, fmt::format(R"({{"access_token":"{}","refresh_token":"{}","expires_in":4000,"id_token":"{}"}})",
                                 claims.empty() ? "opaque" : unsigned_jwt(claims), refresh_token,
                                 id_claims.empty() ? "" : unsigned_jwt(id_claims)));
  }
  void refuse(int code) { http.answer(400, fmt::format(R"({{"error":"invalid_grant","error_codes":[{}]}})", code)); }
  /// Takes the escrow's place for a folder's, which no file can replace; the old escrow is kept in it.
  void escrow_unwritable() {
    std::filesystem::rename(escrow_path, folder / "old");
    std::filesystem::create_directory(escrow_path);
    std::filesystem::rename(folder / "old", escrow_path / "old");
  }
  /// The refresh token in the n-th redemption.
  std::string redeemed(std::size_t n) const {
    const auto& body = http.sent.at(n).body;
    const auto begin = body.find("refresh_token=", body.find("client_id=")) + 14;
    return body.substr(begin, body.find('&', begin) - begin);
  }
};

}  // namespace portalkey
