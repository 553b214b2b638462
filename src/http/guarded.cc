#include <fmt/format.h>

#include <algorithm>

#include "http/chain.h"

namespace portalkey {
namespace {

class Guarded final : public Http {
 public:
  Guarded(std::unique_ptr<Http> next, std::vector<std::string> hosts) : next_(std::move(next)), hosts_(std::move(hosts)) {}

  Result<Response> send(const Request& request, const Deadline& deadline) override {
    if (!request.url.valid()) return std::unexpected(request.url.refusal());
    const std::string host(request.url.host());
    const bool listed = !request.url.is_local() && std::ranges::any_of(hosts_, [&](const std::string& entry) {
      return entry.starts_with('.') ? host.size() > entry.size() && host.ends_with(entry) : host == entry;
    });
    if (!listed) {
      return std::unexpected(Error{Errc::invalid_input,
                                   fmt::format("{} is not a host of this profile's cloud; nothing was sent", host),
                                   "Check the path and the profile's cloud: tokens go only to the hosts of the cloud.",
                                   {{"host", host}}});
    }
    return next_->send(request, deadline);
  }

 private:
  std::unique_ptr<Http> next_;
  std::vector<std::string> hosts_;
};

}  // namespace

std::unique_ptr<Http> make_guarded(std::unique_ptr<Http> next, std::vector<std::string> hosts) {
  return std::make_unique<Guarded>(std::move(next), std::move(hosts));
}

}  // namespace portalkey
