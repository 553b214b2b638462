#pragma once

#include "entra/credentials/credential.h"

namespace portalkey {

/// Always has a token.
class AnsweringCredential final : public Credential {
 public:
  Result<Secret> access_token(const std::string&, const Deadline&) override { return Secret("token"); }
  Result<Secret> answer_challenge(const std::string&, const Secret&, const std::string&, const Deadline&) override {
    return Secret("another");
  }
  std::string description() const override { return "a fuzzer's"; }
};

}  // namespace portalkey
