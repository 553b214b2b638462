#pragma once
// Who calls the vault, Azure Resource Manager and Graph: a service principal, a managed identity or a person.

#include <functional>
#include <memory>
#include <string>

#include "base/secret.h"
#include "http/http.h"

namespace portalkey {

/// Something that can prove who calls. Gives access tokens for a resource, keeps them in memory only, renews them five minutes
/// before they end. May be used by several threads at once: they share a token, and one request for it is in flight at most.
class Credential {
 public:
  virtual ~Credential() = default;

  /// `resource`: a URI such as `https://vault.azure.net`, or an application id.
  virtual Result<Secret> access_token(const std::string& resource, const Deadline& deadline) = 0;

  /// The resource refused `refused` and demands `claims` (JSON) of its successor (continuous access evaluation): forgets that
  /// token and asks Entra for one with them. needs_person: only somebody who signs in again can satisfy them.
  virtual Result<Secret> answer_challenge(const std::string& resource, const Secret& refused, const std::string& claims,
                                          const Deadline& deadline) = 0;

  /// How a person would name it: `service principal 1111…`.
  virtual std::string description() const = 0;
};

}  // namespace portalkey
