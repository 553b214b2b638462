#pragma once

#include <functional>

#include "entra/credentials/cached_credential.h"
#include "entra/session/session.h"

namespace portalkey {

/// The session as a credential for the one resource it is for: one rotation at a time, whose outcome all who wait for it share,
/// and an access token that is kept until it is due or refused.
class SessionCredential final : public CachedCredential {
 public:
  /// `not_stored`: told when the vault did not take a new refresh token, with the vault's reason; from the thread that asked.
  SessionCredential(Session& session, std::function<void(const Error&)> not_stored, Clock& clock)
      : CachedCredential(clock), session_(session), not_stored_(std::move(not_stored)) {}

  std::string description() const override { return "the service account's session"; }

 private:
  /// A session knows its resource and answers no claims: `resource` only names the token that is kept.
  Result<TokenAnswer> fetch(const std::string& resource, const std::string& claims, const Deadline& deadline) override;

  Session& session_;
  std::function<void(const Error&)> not_stored_;
};

}  // namespace portalkey
