#include "service/callers/callers.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/foreign_text.h"
#include "base/log.h"
#include "service/callers/api_key_text.h"

namespace portalkey {
namespace {

/// What stands behind `Bearer` (RFC 9110 §11.4); empty: another scheme, or nothing.
std::string_view shown_in(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!same_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return {};
  auto shown = authorization.substr(kScheme.size());
  while (shown.starts_with(' ')) shown.remove_prefix(1);
  return shown;
}

class KeysAndTokens final : public Authenticator {
 public:
  KeysAndTokens(std::unique_ptr<EntraTokens> tokens, ApiKeys& keys, FailureLimit limit, const Clock& clock)
      : tokens_(std::move(tokens)), keys_(keys), failed_(limit, clock) {}

  Result<Caller> caller_of(std::string_view authorization, std::string_view peer) override {
    if (authorization.empty()) return nobody();
    auto caller = judge(shown_in(authorization));
    if (caller) return caller;
    switch (caller.error().code) {
      case Errc::unauthenticated:
        if (!failed_.add(peer)) return too_many();
        note(LogLevel::info, peer, caller.error());
        return nobody();
      case Errc::forbidden:
        note(LogLevel::info, peer, caller.error());
        return fail(Errc::forbidden, "whoever calls has no right here",
                    "Give the app a role or a scope of this service, or use an API key that has a right.");
      default:
        // Its own words are about files and hosts of this machine.
        note(LogLevel::warning, peer, caller.error());
        return fail(Errc::unavailable, "who calls cannot be found out at the moment", "Try again in a while.");
    }
  }

 private:
  Result<Caller> judge(std::string_view shown) {
    if (shown.empty()) return fail(Errc::unauthenticated, "it shows no bearer token");
    if (begins_as_api_key(shown)) {
      auto key = keys_.find(shown);
      if (!key) return pass(key);
      if (key->rights.empty()) return fail(Errc::forbidden, fmt::format("the API key {} has no right that is known", key->id));
      return portalkey::caller_of(*key);
    }
    if (!tokens_) return fail(Errc::unauthenticated, "it shows no API key, and access tokens are not accepted");
    return tokens_->caller_of(shown);
  }

  static std::unexpected<Error> nobody() {
    return fail(Errc::unauthenticated, std::string(kNobody),
                "Send `Authorization: Bearer` with an access token for this service or an API key.");
  }
  static std::unexpected<Error> too_many() {
    return fail(Errc::throttled, "too many requests of this address showed nothing valid", "Wait a minute.");
  }
  static void note(LogLevel level, std::string_view peer, const Error& why) {
    log(level, fmt::format("a call from {} is refused: {}", foreign_text(peer, 64), why.what));
  }

  std::unique_ptr<EntraTokens> tokens_;  // null: none are accepted
  ApiKeys& keys_;
  FailedCalls failed_;
};

}  // namespace

Result<std::unique_ptr<Authenticator>> make_authenticator(EntraTokenSettings entra, ApiKeys& keys, Http* http, Clock& clock,
                                                          FailureLimit limit) {
  std::unique_ptr<EntraTokens> tokens;
  if (!entra.tenants.empty() || !entra.audiences.empty()) {
    if (http == nullptr) return fail(Errc::internal, "access tokens cannot be judged without a way to Entra");
    auto made = make_entra_tokens(std::move(entra), *http, clock);
    if (!made) return pass(made);
    tokens = std::move(*made);
  }
  return std::make_unique<KeysAndTokens>(std::move(tokens), keys, limit, clock);
}

}  // namespace portalkey
