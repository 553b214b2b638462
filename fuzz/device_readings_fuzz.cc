// Any bytes as a list of codes that were read from devices: how the bytes arrive changes nothing, what is read is digits and a
// time, and a clock that it tells is one that a device with that clock would have told.

#include <string>
#include <tuple>
#include <vector>

#include "checked_reading.h"
#include "otp/device_clock.h"
#include "seeds/readings/device_readings.h"

using namespace portalkey;

namespace {

const WallTime kNow = from_unix_seconds(1'800'000'000);

using Row = std::tuple<std::int64_t, std::string, std::string, std::string, WallTime>;

std::vector<Row> rows(const DeviceReadings& list) {
  std::vector<Row> out;
  for (const auto& row : list.rows) out.emplace_back(row.line, row.serial, row.code, row.next, row.read_at);
  return out;
}

bool is_code(const std::string& text) {
  return text.size() >= 6 && text.size() <= 8 && text.find_first_not_of("0123456789") == std::string::npos;
}

/// A cheap device: what it shows is a number of few digits, so that codes come again.
std::string code_at(std::int64_t steps) {
  return std::to_string(100'000 + ((steps * steps * 31 + steps * 7) % 997 + 997) % 997);
}

void find(const std::string& code, const std::string& next) {
  const ClockSearch search{.reach = 600, .near = 2, .far_reach = 900};
  const auto found = find_clock(code_at, code, next, search);
  for (const auto steps : found.steps) {
    if (found.state == FoundClock::State::only_second) {
      require(code_at(steps) == next);
    } else {
      require(code_at(steps) == code);
    }
  }
  if (!found.found()) return;
  require(!found.steps.empty() && std::abs(found.steps.front()) <= search.reach);
  if (!next.empty()) require(code_at(found.steps.front() + 1) == next);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = [&](std::size_t at_once) {
    MemorySource source(text, at_once);
    return read_device_readings(source, "clocks.csv", kNow);
  };
  const auto list = read(std::string_view::npos);
  const auto again = read(1 + size % 13);
  require(list.has_value() == again.has_value());
  if (!list) {
    require(!list.error().what.empty() && !list.error().remedy.empty());
    return 0;
  }
  require(rows(*list) == rows(*again) && list->problems.size() == again->problems.size());
  for (const auto& problem : list->problems) require(!problem.what.empty() && !problem.remedy.empty() && problem.line > 0);
  for (const auto& row : list->rows) {
    require(!row.serial.empty() && is_code(row.code) && (row.next.empty() || is_code(row.next)));
    require(row.read_at <= kNow + std::chrono::hours(1));
    find(row.code, row.next);
  }
  return 0;
}
