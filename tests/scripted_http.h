#pragma once
// An Http that answers from a script, records what it was asked, and fails the test on a request too many or too few.

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "http/http.h"

namespace portalkey {

struct SentRequest {
  std::string method, url, bearer, body;
  std::vector<std::pair<std::string, std::string>> headers;
};

class ScriptedHttp final : public Http {
 public:
  ~ScriptedHttp() override { EXPECT_TRUE(script_.empty()) << script_.size() << " scripted answers were not asked for"; }

  ScriptedHttp& answer(int status, std::string body, std::multimap<std::string, std::string> headers = {}) {
    script_.push_back({status, std::move(body), std::move(headers), {}});
    return *this;
  }
  ScriptedHttp& lose_answer() {
    script_.push_back({0, "", {}, Error{Errc::unavailable, "the connection broke", "", {}}});
    return *this;
  }

  Result<Response> send(const Request& request, const Deadline&) override {
    const auto show = [](const auto& secret) { return secret.reveal([](std::string_view text) { return std::string(text); }); };
    if (!request.url.valid()) return std::unexpected(request.url.refusal());  // as every Http does
    sent.push_back({request.method, request.url.text(), show(request.bearer),
                    request.late_body ? show(request.late_body()) : show(request.body), request.headers});
    for (const auto& [name, value] : request.secret_headers) sent.back().headers.emplace_back(name, show(value));
    if (script_.empty()) {
      ADD_FAILURE() << "unexpected request: " << request.method << " " << request.url.text();
      return fail(Errc::internal, "unexpected request");
    }
    auto next = std::move(script_.front());
    script_.pop_front();
    if (next.lost) return std::unexpected(*next.lost);
    Response response;
    response.status = next.status;
    response.headers = std::move(next.headers);
    response.body = Secret(next.body);
    response.sent = response.received = now;
    return response;
  }

  std::vector<SentRequest> sent;
  WallTime now{};

 private:
  struct Step {
    int status;
    std::string body;
    std::multimap<std::string, std::string> headers;
    std::optional<Error> lost;
  };
  std::deque<Step> script_;
};

}  // namespace portalkey
