#include <fmt/format.h>

#include "base/key_like.h"
#include "base/log.h"
#include "http/chain.h"

namespace portalkey {
namespace {

/// The path without its query; a segment of more than 40 characters may be an opaque token and is cut.
std::string loggable_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto segment = path.substr(0, path.find('/', 1));
    out += segment.size() > 40       ? fmt::format("{}...", segment.substr(0, 8))
           : looks_like_key(segment) ? "/***"
                                     : std::string(segment);
    path.remove_prefix(segment.size());
  }
  return out;
}

class Logged final : public Http {
 public:
  Logged(std::unique_ptr<Http> next, const Clock& clock) : next_(std::move(next)), clock_(clock) {}

  Result<Response> send(const Request& request, const Deadline& deadline) override {
    const auto begin = clock_.steady_now();
    auto answer = next_->send(request, deadline);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - begin);
    log(LogLevel::debug,
        fmt::format("{} {}{} -> {} in {} ms", request.method, request.url.origin(), loggable_path(request.url.path()),
                    answer ? std::to_string(answer->status) : std::string(name_of(answer.error().code)), took.count()));
    return answer;
  }

 private:
  std::unique_ptr<Http> next_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Http> make_logged(std::unique_ptr<Http> next, const Clock& clock) {
  return std::make_unique<Logged>(std::move(next), clock);
}

}  // namespace portalkey
