#include "provision/patience.h"

#include "provision/apply.h"

namespace portalkey {

Result<bool> wait_until(const Azure& azure, std::chrono::seconds limit, const std::function<Result<bool>()>& attempt) {
  const auto end = std::min(azure.clock.steady_now() + limit, azure.deadline.at);
  std::chrono::milliseconds pause{1000};
  for (;;) {
    auto done = attempt();
    if (!done) return pass(done);
    if (*done) return true;
    if (azure.clock.steady_now() + pause > end) return false;
    if (!azure.clock.sleep_for(pause, azure.deadline.stop)) return fail(Errc::cancelled, "interrupted");
    pause = std::min<std::chrono::milliseconds>(pause * 2, std::chrono::seconds(15));
  }
}

Result<Reply> when_replicated(const Azure& azure, const std::function<Result<Reply>()>& send,
                              const std::function<bool(const Reply&)>& not_yet) {
  Reply last;
  auto waited = wait_until(azure, kReplication, [&]() -> Result<bool> {
    auto reply = send();
    if (!reply) return pass(reply);
    last = std::move(*reply);
    return !not_yet(last);
  });
  if (!waited) return pass(waited);
  return last;
}

}  // namespace portalkey
