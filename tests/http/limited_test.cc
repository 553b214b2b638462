#include <gtest/gtest.h>

#include <algorithm>

#include "base/tasks.h"
#include "http/chain.h"

namespace portalkey::limited_test {
namespace {

using namespace std::chrono_literals;

/// Takes 100 ms for each request, and refuses those above `takes` at once.
struct Host final : Http {
  explicit Host(Clock& local) : clock(local) {}
  Result<Response> send(const Request&, const Deadline&) override {
    Response response;
    response.status = ++now > takes ? 429 : 200;
    most = std::max(most, now);
    refused += response.status == 429;
    clock.sleep_for(100ms, {});
    --now;
    return response;
  }
  Clock& clock;
  std::size_t takes = 1000, now = 0, most = 0, refused = 0;
};

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  Host* host = nullptr;
  std::unique_ptr<Http> http;
  World() {
    auto made = std::make_unique<Host>(clock);
    host = made.get();
    http = make_limited(std::move(made), {}, clock);
  }
  void send(std::size_t count) {
    Tasks tasks(clock);
    tasks.start([&] {
      tasks.each(count, 200, [&](std::size_t) {
        Request request;
        request.url = Url("https://graph.microsoft.com/beta/users");
        EXPECT_TRUE(http->send(request, Deadline::in(1h, clock)));
      });
    });
    tasks.run();
  }
};

TEST(Limited, GrowsToTheMostAsLongAsTheHostTakesIt) {
  World world;
  world.send(8);
  EXPECT_EQ(world.host->most, 8u);
  world.send(2000);
  EXPECT_EQ(world.host->most, 64u);
}

TEST(Limited, SettlesNearWhatTheHostTakes) {
  World world;
  world.host->takes = 20;
  world.send(2000);
  const auto before = world.host->refused;
  const auto begun = world.clock.steady_now();
  world.send(2000);
  const std::chrono::duration<double> took = world.clock.steady_now() - begun;
  EXPECT_LT(world.host->refused - before, 300u) << "of 2,000";
  EXPECT_GT(2000 / took.count(), 0.6 * 20 / 0.1) << "requests a second, where the host takes 200";
}

TEST(Limited, OutsideOfTasksItOnlyPassesOn) {
  World world;
  Request request;
  request.url = Url("https://graph.microsoft.com/");
  EXPECT_TRUE(world.http->send(request, Deadline::in(1s, world.clock)));
}

}  // namespace
}  // namespace portalkey::limited_test
