#include "seeds/readings/device_readings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "base/ascii.h"
#include "base/time_text.h"
#include "seeds/formats/csv/csv_rows.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/file_kind.h"
#include "seeds/input/entra_fields.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/peeked_source.h"
#include "seeds/input/said.h"
#include "seeds/input/transcoded_source.h"

namespace portalkey {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kMostRows = 1'000'000, kMostProblems = 100'000;
constexpr std::chrono::minutes kClocksDiffer{5};  // of the person's watch and this machine
constexpr std::string_view kColumnsWanted = "The first line must name these columns: serial number,code,next code,read at";

enum Field { serial, code, next, read_at, kFields };
constexpr std::array<std::string_view, kFields> kNames{"serial number", "code", "next code", "read at"};

/// Letters and digits only, as all of these are compared.
constexpr std::array<std::pair<std::string_view, Field>, 22> kColumns{{{"code", code},
                                                                       {"firstcode", code},
                                                                       {"code1", code},
                                                                       {"otp", code},
                                                                       {"nextcode", next},
                                                                       {"secondcode", next},
                                                                       {"code2", next},
                                                                       {"next", next},
                                                                       {"readat", read_at},
                                                                       {"read", read_at},
                                                                       {"time", read_at},
                                                                       {"when", read_at},
                                                                       {"timestamp", read_at},
                                                                       {"serialnumber", serial},
                                                                       {"serialno", serial},
                                                                       {"serial", serial},
                                                                       {"sn", serial},
                                                                       {"tokenserial", serial},
                                                                       {"tokenserialnumber", serial},
                                                                       {"deviceserial", serial},
                                                                       {"deviceserialnumber", serial},
                                                                       {"seriennummer", serial}}};

std::string plain_name(std::string_view cell) {
  std::string out;
  for (const char c : cell) {
    const char low = to_lower(c);
    if ((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9')) out += low;
  }
  return out;
}

using Columns = std::array<std::size_t, kFields>;
constexpr auto kAbsent = static_cast<std::size_t>(-1);

Result<Columns> columns_of(std::span<const std::string_view> cells) {
  Columns columns;
  columns.fill(kAbsent);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto name = plain_name(cells[i]);
    const auto known = std::ranges::find(kColumns, name, [](const auto& one) { return one.first; });
    if (known == kColumns.end()) continue;
    auto& at = columns[known->second];
    if (at != kAbsent)
      return fail(Errc::invalid_input, fmt::format("the list has two columns for the {}", kNames[known->second]),
                  "Rename the one that is not meant.");
    at = i;
  }
  for (const auto needed : {serial, code, read_at}) {
    if (columns[needed] == kAbsent)
      return fail(Errc::invalid_input, fmt::format("the list has no column called {}", kNames[needed]),
                  std::string(kColumnsWanted));
  }
  return columns;
}

class Reader {
 public:
  Reader(DeviceReadings& to, const Columns& columns, WallTime now) : to_(to), columns_(columns), now_(now) {}

  void take(const CsvRows& rows) {
    const auto cells = rows.fields();
    line_ = rows.line();
    const auto cell = [&](Field field) {
      const auto at = columns_[field];
      return at < cells.size() ? value_or_nothing(cells[at]) : std::string_view();
    };
    DeviceReading reading;
    reading.line = line_;
    reading.serial = unwrapped_serial(cell(serial));
    serial_ = reading.serial;
    if (rows.broken() != CsvRows::Broken::no) {
      serial_.clear();  // it may be anything in the rest of a row torn by a quote
      return refuse(serial, "a quote is not closed", "Remove the quote, or close it.");
    }
    if (auto wrong = problem_of_serial(reading.serial)) return refuse(serial, std::move(wrong->what), std::move(wrong->remedy));
    if (!take_code(cell(code), code, reading.code)) return;
    if (!cell(next).empty() && !take_code(cell(next), next, reading.next)) return;
    const auto time = time_of_reading(cell(read_at));
    if (!time) {
      return refuse(read_at,
                    cell(read_at).empty() ? "it does not say when the code was read" : "it is no time with a time zone",
                    "Write it as 2026-01-31T09:05:00Z, or with the zone's distance: 2026-01-31 10:05+01:00.");
    }
    if (*time > now_ + kClocksDiffer) {
      return refuse(read_at, fmt::format("it lies in the future (it is {} now)", iso_time(now_)),
                    "Check the time zone: Z stands for UTC.");
    }
    reading.read_at = *time;
    keep(std::move(reading));
  }

  /// Without those that another row contradicts.
  void finish() {
    std::erase_if(to_.rows, [&](const DeviceReading& one) { return lines_.at(one.serial) < 0; });
  }

 private:
  bool take_code(std::string_view text, Field field, std::string& to) {
    to = code_of_text(text);
    if (!to.empty()) return true;
    const bool short_one = text.size() < 6 && text.find_first_not_of("0123456789") == std::string_view::npos;
    refuse(field,
           text.empty() ? "there is none"
           : short_one  ? fmt::format("it has {} digits: a spreadsheet may have dropped zeros in front", text.size())
                        : "it is not what a device shows: six digits",
           short_one ? "Format the column as text, and write the code as the device shows it."
                     : "Write the digits that the device shows.");
    return false;
  }

  void keep(DeviceReading reading) {
    const auto [known, is_new] = lines_.emplace(reading.serial, reading.line);
    if (is_new) return to_.rows.push_back(std::move(reading));
    refuse(serial, fmt::format("line {} has the same serial number: neither is used", std::abs(known->second)),
           "Leave the later reading only.");
    known->second = -std::abs(known->second);
  }

  void refuse(Field field, std::string what, std::string remedy) {
    RowProblem problem;
    problem.file = to_.name;
    problem.line = line_;
    problem.serial = quotable_serial(serial_);
    problem.field = kNames[field];
    problem.what = std::move(what);
    problem.remedy = std::move(remedy);
    to_.problems.push_back(std::move(problem));
  }

  DeviceReadings& to_;
  const Columns& columns_;
  WallTime now_;
  std::int64_t line_ = 0;
  std::string serial_;                                   // of the row
  std::unordered_map<std::string, std::int64_t> lines_;  // by serial number; negative: several rows have it
};

Result<void> separate(CsvRows& rows) {
  constexpr std::size_t kLookedAt = std::size_t{32} << 10;
  const auto start = rows.start(kLookedAt);
  if (!start) return std::unexpected(start.error());
  const auto first = first_line_without_hash(*start);
  rows.separate_by(separator_of(first));
  const auto line = rows.peek_line();
  if (!line) return std::unexpected(line.error());
  if (const auto told = *line ? excel_separator(**line) : std::nullopt) {
    rows.skip_line();
    rows.separate_by(*told);
  }
  return {};
}

Result<void> read_rows(CsvRows& rows, WallTime now, DeviceReadings& to) {
  std::optional<Columns> columns;
  std::optional<Reader> reader;
  for (;;) {
    const auto more = rows.next();
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
    const bool whole = rows.broken() == CsvRows::Broken::no;
    if (whole && std::ranges::all_of(rows.fields(), [](auto cell) { return trimmed(cell).empty(); })) continue;
    if (!columns) {
      auto found = columns_of(rows.fields());
      if (!found) return std::unexpected(std::move(found).error().with("line", std::to_string(rows.line())));
      columns = *found;
      reader.emplace(to, *columns, now);
      continue;
    }
    if (to.rows.size() == kMostRows || to.problems.size() == kMostProblems) {
      return fail(Errc::invalid_input,
                  fmt::format("the list has more than {} {}", to.rows.size() == kMostRows ? kMostRows : kMostProblems,
                              to.rows.size() == kMostRows ? "rows" : "rows that cannot be used"),
                  "Check that this is the list that is meant; split it.");
    }
    reader->take(rows);
  }
  if (!columns) return fail(Errc::invalid_input, "the list is empty", std::string(kColumnsWanted));
  reader->finish();
  if (to.rows.empty() && to.problems.empty())
    return fail(Errc::invalid_input, "the list has a header and no rows", "Check that the export was complete.");
  return {};
}

std::optional<int> two_digits(std::string_view text) {
  if (text.size() < 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

/// `Z`, `+01:00`, `-0330`, as seconds east of UTC.
std::optional<std::chrono::seconds> zone_of(std::string_view text) {
  if (text == "Z" || text == "z" || text == "UTC") return std::chrono::seconds(0);
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const bool west = text[0] == '-';
  text.remove_prefix(1);
  const auto hours = two_digits(text);
  if (!hours || *hours > 14) return std::nullopt;
  text.remove_prefix(2);
  if (text.starts_with(':')) text.remove_prefix(1);
  const auto minutes = text.empty() ? std::optional(0) : text.size() == 2 ? two_digits(text) : std::nullopt;
  if (!minutes || *minutes > 59) return std::nullopt;
  const std::chrono::seconds east(*hours * 3600 + *minutes * 60);
  return west ? -east : east;
}

}  // namespace

std::string code_of_text(std::string_view text) {
  std::string out(unwrapped_serial(text));
  std::erase_if(out, is_blank);
  const bool digits = out.find_first_not_of("0123456789") == std::string::npos;
  return digits && out.size() >= 6 && out.size() <= 8 ? out : std::string();
}

std::optional<WallTime> time_of_reading(std::string_view text) {
  constexpr std::string_view kMinutes = "0000-00-00T00:00";
  text = trimmed(text);
  if (text.size() < kMinutes.size()) return std::nullopt;
  std::string clock(text.substr(0, kMinutes.size()));
  if (clock[10] == ' ') clock[10] = 'T';
  text.remove_prefix(kMinutes.size());
  if (text.starts_with(':')) {
    if (text.size() < 3) return std::nullopt;
    clock += text.substr(0, 3);
    text.remove_prefix(3);
    if (text.starts_with('.')) text.remove_prefix(std::min(text.find_first_not_of("0123456789", 1), text.size()));
  } else {
    clock += ":00";
  }
  if (text.starts_with(' ')) text.remove_prefix(1);
  const auto zone = zone_of(text);
  const auto time = parse_iso_time(clock + "Z");
  if (!zone || !time || iso_time(*time) != clock + "Z") return std::nullopt;  // 31 February is no day
  return *time - *zone;
}

Result<DeviceReadings> read_device_readings(const std::filesystem::path& path, WallTime now) {
  auto source = FileSource::open(path);
  auto list = source ? read_device_readings(*source, path.filename().string(), now)
                     : Result<DeviceReadings>(std::unexpected(std::move(source).error()));
  if (!list) return std::unexpected(std::move(list).error().with("list", path.string()));
  return list;
}

Result<DeviceReadings> read_device_readings(ByteSource& source, std::string name, WallTime now) {
  PeekedSource peeked(source);
  const auto bytes = peeked.peek(kEnoughToTell);
  if (!bytes) return std::unexpected(bytes.error());
  std::string_view start = *bytes;
  const auto order = utf16_order(start);
  std::string decoded_start;
  if (order) start = decoded_start = utf8_of_start(start, *order);
  const bool marked = start.starts_with(kByteOrderMark);
  if (marked) start.remove_prefix(kByteOrderMark.size());
  if (auto refusal = why_not_readable(start, peeked.whole())) return std::unexpected(std::move(*refusal));
  std::optional<TranscodedSource> transcoded;
  if (order) transcoded.emplace(peeked, *order);
  CsvRows rows(order ? static_cast<ByteSource&>(*transcoded) : peeked);
  if (auto begun = rows.start(kByteOrderMark.size()); !begun) return pass(begun);
  if (marked && !order) rows.skip(kByteOrderMark.size());
  if (auto begun = separate(rows); !begun) return pass(begun);
  DeviceReadings out;
  out.name = std::move(name);
  if (auto read = read_rows(rows, now, out); !read) return pass(read);
  return out;
}

}  // namespace portalkey
