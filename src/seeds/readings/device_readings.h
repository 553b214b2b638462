#pragma once
// A list of codes that people read from devices, and when:
//
//     serial number,code,next code,read at
//     700100001,012345,678901,2026-01-31T09:05:00Z
//
// Delimited text with a header; the columns in any order, and others beside them. `next code` is what the device shows after
// `code`, and may be left empty. `read at` is when `code` was there, with its time zone.

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "seeds/input/byte_source.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

struct DeviceReading {
  std::int64_t line = 0;
  std::string serial;
  std::string code, next;  ///< digits; `next` may be empty
  WallTime read_at;
};

struct DeviceReadings {
  std::string name;  ///< of the file, as it stands in problems
  std::vector<DeviceReading> rows;
  std::vector<RowProblem> problems;  ///< of rows that are left out, with `file`. Codes are not quoted
};

/// `now`: a reading cannot be of the future. invalid_input: no such list.
Result<DeviceReadings> read_device_readings(const std::filesystem::path& path, WallTime now);
Result<DeviceReadings> read_device_readings(ByteSource& source, std::string name, WallTime now);

/// A code as people write it: `123 456` and `="012345"` are 123456 and 012345. Empty: it is none of 6 to 8 digits.
std::string code_of_text(std::string_view text);

/// `2026-01-31T09:05:00Z`, `2026-01-31 10:05+01:00`: nullopt if it is something else, or there is no time zone.
std::optional<WallTime> time_of_reading(std::string_view text);

}  // namespace portalkey
