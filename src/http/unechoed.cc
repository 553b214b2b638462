#include "http/unechoed.h"

#include <algorithm>

namespace portalkey {
namespace {

constexpr std::size_t kMostOfRefusal = 256 << 10;

class Unechoed final : public Http {
 public:
  explicit Unechoed(std::unique_ptr<Http> wire) : wire_(std::move(wire)) {}

  Result<Response> send(const Request& request, const Deadline& deadline) override {
    if (!request.late_body) return exchange(request, deadline);
    Request now = copy_of(request);
    now.body = request.late_body();
    now.late_body = nullptr;
    return exchange(now, deadline);
  }

 private:
  Result<Response> exchange(const Request& request, const Deadline& deadline) {
    auto response = wire_->send(request, deadline);
    if (!response || response->status < 300) return response;
    auto secrets = secrets_of(request);
    hide_secrets(*response, secrets);
    return response;
  }

  std::unique_ptr<Http> wire_;
};

}  // namespace

SentSecrets secrets_of(const Request& request) {
  SentSecrets secrets;
  secrets.add(request.bearer);
  for (const auto& [name, value] : request.secret_headers) secrets.add(value);
  for (const auto& secret : request.body.secrets()) secrets.add(secret);
  return secrets;
}

void hide_secrets(Response& response, SentSecrets& secrets) {
  if (secrets.empty()) return;
  for (auto& [name, value] : response.headers) {
    // A claims challenge must come through whole, and may share a number with the token. Nothing of it is ever shown.
    if (name != "www-authenticate") value = secrets.without(value);
  }
  response.body = response.body.reveal([&](std::string_view body) {
    std::string hidden = secrets.without(body.substr(0, kMostOfRefusal));
    Secret out(hidden);
    wipe(hidden);
    return out;
  });
}

std::unique_ptr<Http> make_unechoed(std::unique_ptr<Http> wire) { return std::make_unique<Unechoed>(std::move(wire)); }

}  // namespace portalkey
