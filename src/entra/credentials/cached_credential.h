#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "entra/credentials/credential.h"
#include "entra/oauth/token_endpoint.h"

namespace portalkey {

/// Keeps what `fetch` brings until a little before its end. Callers of all threads share one fetch at a time, of whatever
/// resource (so `fetch` needs no lock, and a person is asked one thing at a time); those who waited for the same token get its
/// result, an error too. A caller who waits still obeys its own deadline. What fails in passing (unavailable, throttled) while
/// the token before is still good is tried again by the next caller, and this one gets that token.
class CachedCredential : public Credential {
 public:
  explicit CachedCredential(Clock& clock) : clock_(clock) {}

  Result<Secret> access_token(const std::string& resource, const Deadline& deadline) final;
  Result<Secret> answer_challenge(const std::string& resource, const Secret& refused, const std::string& claims,
                                  const Deadline& deadline) final;

 protected:
  Clock& clock_;

 private:
  /// `claims`: JSON from a challenge, or empty.
  virtual Result<TokenAnswer> fetch(const std::string& resource, const std::string& claims, const Deadline& deadline) = 0;

  struct Entry {
    Secret token;
    SteadyTime renew_at, ends;
    std::string claims;  // demanded by the last challenge: renewals must keep them
  };
  struct Flight {
    std::string resource;
    std::optional<Result<Secret>> landed;
  };
  Result<Secret> share(std::unique_lock<std::mutex> lock, const std::string& resource, const Deadline& deadline);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Entry> tokens_;
  std::shared_ptr<Flight> flight_;  // the fetch that is under way
};

}  // namespace portalkey
