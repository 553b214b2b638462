#include "entra/session/session_credential.h"

namespace portalkey {

Result<TokenAnswer> SessionCredential::fetch(const std::string&, const std::string&, const Deadline& deadline) {
  auto access = session_.refresh(deadline);
  if (!access) return pass(access);
  if (access->not_stored) not_stored_(*access->not_stored);
  TokenAnswer answer;
  answer.access_token = std::move(access->access_token);
  answer.lifetime = std::chrono::floor<std::chrono::seconds>(access->ends - clock_.steady_now());
  return answer;
}

}  // namespace portalkey
