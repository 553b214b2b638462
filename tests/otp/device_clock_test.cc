#include "otp/device_clock.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "otp/totp.h"

namespace portalkey {
namespace {

using std::chrono::seconds;
using State = FoundClock::State;

constexpr seconds kStep{30};
const WallTime kNow = from_unix_seconds(1'800'000'000);
constexpr std::int64_t kHour = 120;  // steps
constexpr ClockSearch kSearch{.reach = 5760, .near = 2, .far_reach = 40'000};

struct Device {
  Secret key{"12345678901234567890"};
  std::string code(std::int64_t steps) const { return totp(key, kNow + steps * kStep, kStep); }
  CodeAhead codes() const {
    return [this](std::int64_t steps) { return code(steps); };
  }
};

/// The code of a device that shows `code` at `steps` and nothing else.
struct Scripted {
  std::map<std::int64_t, std::string> at;
  CodeAhead codes() const {
    return [this](std::int64_t steps) {
      const auto found = at.find(steps);
      return found == at.end() ? std::string("999999") : found->second;
    };
  }
};

std::string with_other_digit(std::string code, std::size_t i) {
  code[i] = code[i] == '9' ? '0' : static_cast<char>(code[i] + 1);
  return code;
}

TEST(FindClock, OneCodeTellsItsStepWithinTheReach) {
  for (const std::int64_t steps :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-2}, 3 * kHour, -47 * kHour, kSearch.reach, -kSearch.reach}) {
    const Scripted device{{{steps, "123456"}}};
    const auto found = find_clock(device.codes(), "123456", "", kSearch);
    EXPECT_EQ(found.state, State::found) << steps;
    EXPECT_EQ(found.steps, std::vector<std::int64_t>{steps});
  }
  const Scripted beyond{{{kSearch.reach + 1, "123456"}, {-kSearch.reach - 1, "123456"}}};
  EXPECT_EQ(find_clock(beyond.codes(), "123456", "", kSearch).state, State::no_fit);
}

TEST(FindClock, OneCodeThatFitsSeveralStepsIsAmbiguousUnlessOneIsNear) {
  const Scripted far{{{-300, "123456"}, {4000, "123456"}}};
  const auto found = find_clock(far.codes(), "123456", "", kSearch);
  EXPECT_EQ(found.state, State::ambiguous);
  EXPECT_EQ(found.steps, (std::vector<std::int64_t>{-300, 4000}));
  const Scripted near{{{-2, "123456"}, {4000, "123456"}}};
  const auto sure = find_clock(near.codes(), "123456", "", kSearch);
  EXPECT_TRUE(sure.found());
  EXPECT_EQ(sure.steps.front(), -2);
}

TEST(FindClock, TwoCodesTellApartWhatOneCannot) {
  const Scripted device{{{-300, "123456"}, {-299, "000001"}, {4000, "123456"}, {4001, "000002"}}};
  const auto found = find_clock(device.codes(), "123456", "000002", kSearch);
  EXPECT_TRUE(found.found());
  EXPECT_EQ(found.steps, std::vector<std::int64_t>{4000});
}

TEST(FindClock, EveryDeviceIsFoundByTwoOfItsRealCodes) {
  const Device device;
  std::mt19937 chance(19);
  for (int i = 0; i < 40; ++i) {
    const auto steps = static_cast<std::int64_t>(chance() % (2 * kSearch.reach + 1)) - kSearch.reach;
    const auto found = find_clock(device.codes(), device.code(steps), device.code(steps + 1), kSearch);
    ASSERT_TRUE(found.found()) << steps;
    EXPECT_EQ(found.steps, std::vector<std::int64_t>{steps});
  }
}

TEST(FindClock, CodesThatDoNotFollowOneAnotherAreToldWithTheirDistance) {
  const Device device;
  for (const std::int64_t apart : {-1, 2, 3, -7, 20}) {
    const auto found = find_clock(device.codes(), device.code(kHour), device.code(kHour + apart), kSearch);
    EXPECT_EQ(found.state, State::not_consecutive) << apart;
    EXPECT_EQ(found.apart, apart);
  }
  EXPECT_EQ(find_clock(device.codes(), "123456", "123456", kSearch).state, State::same_code);
}

TEST(FindClock, OneOfTwoCodesThatIsTypedWrongIsTold) {
  const Device device;
  const auto good = device.code(kHour), next = device.code(kHour + 1);
  for (std::size_t i = 0; i < 6; ++i) {
    const auto second = find_clock(device.codes(), good, with_other_digit(next, i), kSearch);
    EXPECT_EQ(second.state, State::only_first) << i;
    EXPECT_TRUE(second.slip) << i;
    const auto first = find_clock(device.codes(), with_other_digit(good, i), next, kSearch);
    EXPECT_EQ(first.state, State::only_second) << i;
    EXPECT_TRUE(first.slip) << i;
  }
  const Scripted exchanged{{{10, "123456"}, {11, "654321"}}};
  EXPECT_TRUE(find_clock(exchanged.codes(), "123456", "563421", kSearch).state == State::only_first);
  EXPECT_FALSE(find_clock(exchanged.codes(), "123456", "563421", kSearch).slip);
  EXPECT_TRUE(find_clock(exchanged.codes(), "123456", "654312", kSearch).slip);
}

TEST(FindClock, ASingleCodeThatIsNearlyThePresentOneIsASlip) {
  const Scripted device{{{1, "123456"}}};
  const auto found = find_clock(device.codes(), "123546", "", kSearch);
  EXPECT_EQ(found.state, State::no_fit);
  EXPECT_TRUE(found.slip);
  EXPECT_FALSE(find_clock(device.codes(), "654321", "", kSearch).slip);
}

TEST(FindClock, ADeviceThatIsTooFarOffIsFoundByTwoCodesOnly) {
  const Scripted device{{{-30'000, "123456"}, {-29'999, "654321"}}};
  const auto found = find_clock(device.codes(), "123456", "654321", kSearch);
  EXPECT_EQ(found.state, State::too_far);
  EXPECT_EQ(found.steps, std::vector<std::int64_t>{-30'000});
  EXPECT_EQ(find_clock(device.codes(), "123456", "", kSearch).state, State::no_fit);
  auto here = kSearch;
  here.far_reach = 0;
  EXPECT_EQ(find_clock(device.codes(), "123456", "654321", here).state, State::no_fit);
}

TEST(FindClock, AnotherDevicesCodesFitAsOftenAsChanceHasIt) {
  const Device device;
  std::mt19937 chance(7);
  const int kTries = 60;
  int fits = 0;
  for (int i = 0; i < kTries; ++i) {
    const auto code = std::to_string(100'000 + chance() % 900'000);
    fits += find_clock(device.codes(), code, "", kSearch).steps.empty() ? 0 : 1;
  }
  const double expected = kTries * chance_of_fit(kSearch.reach, 6, false);
  EXPECT_NEAR(chance_of_fit(kSearch.reach, 6, false), 0.0115, 0.0001);
  EXPECT_LE(fits, expected + 4 * std::sqrt(expected));
  EXPECT_LT(chance_of_fit(kSearch.reach, 6, true), 1e-7);
}

TEST(DriftRate, IsBySightingsADayApartOrMore) {
  const DeviceClock made{seconds(0), kNow - std::chrono::hours(24 * 300)}, now{seconds(600), kNow};
  for (const auto& rate : {drift_rate(made, now, kStep), drift_rate(now, made, kStep)}) {
    ASSERT_TRUE(rate);
    EXPECT_DOUBLE_EQ(rate->seconds_per_day, 2);
    EXPECT_DOUBLE_EQ(rate->doubt, 0.1);
  }
  EXPECT_FALSE(drift_rate({seconds(0), kNow - std::chrono::hours(23)}, now, kStep));
  EXPECT_FALSE(drift_rate({seconds(0), {}}, now, kStep)) << "when it was is not known";
}

TEST(OutOfReach, IsWhenTheFastestThatItMayDriftHasUsedUpWhatIsLeft) {
  const auto day = [](double n) { return kNow + seconds(static_cast<std::int64_t>(n * 86400)); };
  const DeviceClock ahead{seconds(600), kNow}, behind{seconds(-600), kNow};
  const DriftRate fast{2, 0}, slow{-2, 0}, unclear{0.05, 0.15};
  EXPECT_EQ(out_of_reach(ahead, seconds(600), fast, seconds(60)), day(30)) << "from what is learnt today";
  EXPECT_EQ(out_of_reach(ahead, seconds(0), fast, seconds(86400)), std::nullopt) << "beyond this century";
  EXPECT_EQ(out_of_reach(behind, seconds(0), fast, seconds(660)), day(630)) << "it comes back first";
  EXPECT_EQ(out_of_reach(behind, seconds(0), slow, seconds(660)), day(30));
  EXPECT_EQ(out_of_reach(ahead, seconds(600), unclear, seconds(60)), day(300)) << "which way it drifts is not known";
  EXPECT_EQ(out_of_reach(ahead, seconds(0), fast, seconds(60)), kNow) << "already";
  EXPECT_EQ(out_of_reach(ahead, seconds(600), DriftRate{0, 0}, seconds(60)), std::nullopt);
}

TEST(TextOfAhead, SaysWhichWay) {
  EXPECT_EQ(text_of_ahead(seconds(0)), "right");
  EXPECT_EQ(text_of_ahead(seconds(15'000)), "4 h 10 min ahead");
  EXPECT_EQ(text_of_ahead(seconds(-30)), "30 s behind");
}

}  // namespace
}  // namespace portalkey
