#include "base/tasks.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace portalkey::tasks_test {
namespace {

using namespace std::chrono_literals;

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  std::stop_source stop;
  Tasks tasks{clock, stop.get_token()};
};

TEST(Tasks, WhileOneSleepsTheOthersGoOn) {
  World world;
  std::string order;
  for (const auto& [name, naps] : {std::pair{'a', 30ms}, std::pair{'b', 20ms}, std::pair{'c', 10ms}}) {
    world.tasks.start([&, name = name, naps = naps] {
      order += name;
      EXPECT_TRUE(world.clock.sleep_for(naps, {}));
      order += name;
    });
  }
  const auto begun = world.clock.steady_now();
  world.tasks.run();
  EXPECT_EQ(order, "abccba");
  EXPECT_EQ(world.clock.steady_now() - begun, 30ms) << "not one after the other, which is 60 ms";
}

TEST(Tasks, HereIsKnownOnlyInATask) {
  World world;
  EXPECT_EQ(Tasks::here(), nullptr);
  world.tasks.start([&] { EXPECT_EQ(Tasks::here(), &world.tasks); });
  world.tasks.run();
  EXPECT_EQ(Tasks::here(), nullptr);
}

TEST(Tasks, OneWaitsForWhatAnotherDoes) {
  World world;
  bool done = false;
  world.tasks.start([&] {
    EXPECT_TRUE(world.tasks.wait(world.clock.steady_now() + 1h, {}, [&] { return done; }));
    EXPECT_EQ(world.clock.steady_now().time_since_epoch(), 5s);
  });
  world.tasks.start([&] {
    world.clock.sleep_for(5s, {});
    done = true;
  });
  world.tasks.run();
}

TEST(Tasks, AWaitThatIsNotFulfilledEndsInTime) {
  World world;
  world.tasks.start([&] {
    EXPECT_FALSE(world.tasks.wait(world.clock.steady_now() + 3s, {}, [] { return false; }));
    EXPECT_EQ(world.clock.steady_now().time_since_epoch(), 3s);
  });
  world.tasks.run();
}

TEST(Tasks, AStopEndsSleepsThatHeedIt) {
  World world;
  bool short_cut = false;
  world.tasks.start([&] { short_cut = !world.clock.sleep_for(1h, world.stop.get_token()); });
  world.tasks.start([&] {
    world.clock.sleep_for(1s, {});
    world.stop.request_stop();
  });
  world.tasks.run();
  EXPECT_TRUE(short_cut);
  EXPECT_LT(world.clock.steady_now().time_since_epoch(), 1h);
}

TEST(Tasks, EachKeepsToItsNumberAtOnce) {
  World world;
  std::size_t now = 0, most = 0, calls = 0;
  world.tasks.start([&] {
    world.tasks.each(100, 7, [&](std::size_t) {
      most = std::max(most, ++now);
      world.clock.sleep_for(10ms, {});
      --now;
      ++calls;
    });
    EXPECT_EQ(calls, 100u);
  });
  world.tasks.run();
  EXPECT_EQ(most, 7u);
}

TEST(Tasks, AnExceptionEndsTheWaitsOfTheOthersAndComesOutOfRun) {
  World world;
  bool other = false, unwound = false;
  struct Mark {
    bool& gone;
    ~Mark() { gone = true; }
  };
  world.tasks.start([&] {
    const Mark mark{unwound};
    EXPECT_ANY_THROW(world.tasks.wait(world.clock.steady_now() + 1h, {}, [] { return false; }));
    other = true;
  });
  world.tasks.start([&] {
    world.tasks.each(5, 2, [](std::size_t i) {
      if (i == 3) throw std::runtime_error("the third");
    });
  });
  EXPECT_THROW(world.tasks.run(), std::runtime_error);
  EXPECT_TRUE(other);
  EXPECT_TRUE(unwound);
}

}  // namespace
}  // namespace portalkey::tasks_test
