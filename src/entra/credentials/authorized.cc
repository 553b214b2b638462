#include "entra/credentials/authorized.h"

#include "http/bearer_challenge.h"

namespace portalkey {
namespace {

Request again(const Request& request, Secret bearer) {
  Request out = copy_of(request);
  out.bearer = std::move(bearer);
  return out;
}

Result<Response> answer_if_challenged(Http& http, Credential& credential, const std::string& resource, const Request& request,
                                      const Deadline& deadline) {
  auto response = http.send(request, deadline);
  if (!response) return response;
  const auto claims = demanded_claims(*response);
  if (!claims) return response;
  auto token = credential.answer_challenge(resource, request.bearer, *claims, deadline);
  if (!token) return pass(token);
  return http.send(again(request, std::move(*token)), deadline);
}

class ChallengeAnswering final : public Http {
 public:
  ChallengeAnswering(Http& next, Credential& credential, std::string resource)
      : next_(next), credential_(credential), resource_(std::move(resource)) {}

  Result<Response> send(const Request& request, const Deadline& deadline) override {
    return answer_if_challenged(next_, credential_, resource_, request, deadline);
  }

 private:
  Http& next_;
  Credential& credential_;
  std::string resource_;
};

}  // namespace

Result<Response> send_authorized(Http& http, Credential& credential, const std::string& resource, Request request,
                                 const Deadline& deadline) {
  auto token = credential.access_token(resource, deadline);
  if (!token) return pass(token);
  request.bearer = std::move(*token);
  return answer_if_challenged(http, credential, resource, request, deadline);
}

std::unique_ptr<Http> make_challenge_answering(Http& next, Credential& credential, std::string resource) {
  return std::make_unique<ChallengeAnswering>(next, credential, std::move(resource));
}

}  // namespace portalkey
