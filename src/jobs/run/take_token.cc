#include "jobs/run/take_token.h"

namespace portalkey {
namespace {

constexpr std::chrono::minutes kTakingTime{5};
constexpr int kTakingAttempts = 3;

}  // namespace

Taken take_token(TokenDirectory& directory, const TenantToken& token, bool out_of_tenant, Clock& clock, std::stop_token stop,
                 std::string& why, std::optional<Error>& ended) {
  auto* inventory = directory.inventory();
  const auto deadline = [&] { return Deadline::in(kTakingTime, clock, stop); };
  for (int attempt = 1;; ++attempt) {
    const auto done =
        out_of_tenant || inventory == nullptr ? directory.remove(token, deadline()) : inventory->unassign(token, deadline());
    const auto now = done || !ends_all(done.error()) ? directory.again(token, deadline())
                                                     : Result<std::optional<TenantToken>>(std::unexpected(done.error()));
    if (!now && ends_all(now.error())) {
      ended = now.error();
      return Taken::stopped;
    }
    if (now && (!*now || (!out_of_tenant && (*now)->nobodys()))) return Taken::done;
    why = !done ? done.error().what : !now ? now.error().what : "the service answered, but did not do it";
    const bool may_pass = !done && (done.error().code == Errc::unavailable || done.error().code == Errc::throttled);
    if (!may_pass || attempt == kTakingAttempts) return Taken::not_done;
    clock.sleep_for(std::chrono::seconds(1 << attempt), stop);
  }
}

}  // namespace portalkey
