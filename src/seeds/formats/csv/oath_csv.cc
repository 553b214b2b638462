#include "seeds/formats/csv/oath_csv.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/csv/entra_rows.h"
#include "seeds/formats/csv/whole_number.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/entra_fields.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/said.h"
#include "seeds/input/secret_key.h"
#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

constexpr std::int64_t kLongestStep = 86'400;
constexpr std::string_view kVersion2 = "# version:2";

enum class Layout { plain, with_owner, multiotp };

struct Cells {
  std::string_view serial, seed, type, digits, step_or_counter, hash, manufacturer, user;
};

std::string_view cell(std::span<const std::string_view> cells, std::size_t at) {
  return at < cells.size() ? value_or_nothing(cells[at]) : std::string_view();
}

Cells in_layout(Layout layout, std::span<const std::string_view> cells) {
  if (layout == Layout::multiotp) {
    return {cell(cells, 0), cell(cells, 3), cell(cells, 2), cell(cells, 4), cell(cells, 5), {}, cell(cells, 1), {}};
  }
  const std::size_t from = layout == Layout::with_owner ? 3 : 0;
  return {cell(cells, from),
          cell(cells, from + 1),
          cell(cells, from + 2),
          cell(cells, from + 3),
          cell(cells, from + 4),
          cell(cells, from + 5),
          {},
          from != 0 ? cell(cells, 0) : std::string_view()};
}

/// Of the values that the layout does not have.
std::size_t first_beyond(Layout layout) { return layout == Layout::with_owner ? 9 : 6; }

bool is_hex(std::string_view text) {
  return text.size() >= 4 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'f'); });
}

bool is_type(std::string_view text) {
  constexpr std::string_view kTypes[] = {"hotp", "totp", "ocra", "ocra2", "motp"};
  return std::ranges::any_of(kTypes, [&](std::string_view type) { return same_ignoring_case(text, type); });
}

/// LinOTP deduces the hash from the seed's length where it is not given.
std::optional<Hash> hash_called(std::string_view name, std::size_t key_bytes) {
  if (name.empty()) return key_bytes == 32 ? Hash::sha256 : key_bytes == 64 ? Hash::sha512 : Hash::sha1;
  for (const auto hash : {Hash::sha1, Hash::sha256, Hash::sha512}) {
    if (same_ignoring_case(name, name_of(hash))) return hash;
  }
  return std::nullopt;
}

class Reader {
 public:
  Reader(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink)
      : rows_(rows), time_interval_(options.time_interval), tokens_(sink, options) {}

  Result<SeedFileSummary> read() {
    if (auto begun = find_layout(); !begun) return pass(begun);
    for (;;) {
      const auto there = rows_.next();
      if (!there) return std::unexpected(there.error());
      if (!*there) break;
      take_row();
    }
    if (assumed_ != 0) {
      tokens_.note(fmt::format("{} keys have no type and were read as HOTP, the format's default{}", assumed_,
                               time_interval_ ? "" : " ([[setting|time-interval]] says that they are time-based)"));
    }
    if (by_length_ != 0) tokens_.note(fmt::format("the hash of {} keys was told by the seed's length", by_length_));
    return tokens_.finish();
  }

 private:
  Result<void> find_layout() {
    for (;;) {
      const auto line = rows_.peek_line();
      if (!line) return std::unexpected(line.error());
      if (!*line) return {};
      const auto text = trimmed(**line);
      if (text.starts_with(kVersion2)) {
        layout_ = Layout::with_owner;
        tokens_.note("version 2: the first three columns are user, resolver and realm; the user is kept as the token's owner");
      } else if (!text.empty() && !text.starts_with('#')) {
        rows_.separate_by(separator_of(text));
        if (layout_ == Layout::plain && rows_.separator() == ';') {
          layout_ = Layout::multiotp;
          tokens_.note("the columns were taken as multiOTP's: serial, manufacturer, algorithm, seed, digits, step or counter");
        }
        return {};
      }
      rows_.skip_line();
    }
  }

  void take_row();
  void refuse(const Cells& cells, std::string_view field, std::string_view cell, FieldProblem&& problem,
              std::string value = {});

  CsvRows& rows_;
  const std::optional<int> time_interval_;
  CheckedTokens tokens_;
  SecretKeyText key_;
  Layout layout_ = Layout::plain;
  std::int64_t assumed_ = 0, by_length_ = 0;
};

void Reader::refuse(const Cells& cells, std::string_view field, std::string_view cell, FieldProblem&& problem,
                    std::string value) {
  RowProblem reported;
  reported.line = rows_.line();
  if (may_quote_serial(cells.serial)) reported.serial = cells.serial;
  reported.field = field;
  describe(reported, std::move(problem));
  reported.value = std::move(value);
  if (!cell.empty()) reported.column = rows_.column_of(cell);
  tokens_.refuse(std::move(reported));
}

void Reader::take_row() {
  constexpr std::string_view kFromServer = "Export it from the token server again.";
  if (rows_.broken() != CsvRows::Broken::no) {
    return refuse({}, "row", {}, {"a quote on this line is not closed where its value ends", std::string(kFromServer)});
  }
  const auto filled = without_blank_end(rows_.fields());
  if (filled.empty()) return;
  const Cells cells = in_layout(layout_, rows_.fields());
  constexpr std::size_t kMostCells = 16;
  if (filled.size() > kMostCells || cells.seed.empty()) {
    return refuse(cells, "secret key", {},
                  {filled.size() > kMostCells ? fmt::format("there are {} values", filled.size()) : "there is no seed",
                   std::string(kFromServer), "serial, hex seed, type, digits, time step or counter, hash"});
  }
  if (auto problem = problem_of_serial(cells.serial)) {
    return refuse(cells, "serial number", cells.serial, std::move(*problem));
  }
  TokenSeed token;
  token.line = rows_.line();
  token.serial = cells.serial;
  token.manufacturer = first_invalid_utf8(cells.manufacturer) == std::string_view::npos ? cells.manufacturer : "";
  // Values behind those of the layout, and the maker's name, may say it too.
  SaidOfToken said;
  if (!cells.type.empty()) said.look_at(SaidUnder::type, cells.type, "the type");
  if (!cells.hash.empty()) said.look_at(SaidUnder::hash, cells.hash, "the hash");
  said.look_at(SaidUnder::person, cells.manufacturer, "the manufacturer");
  for (std::size_t i = first_beyond(layout_); i < filled.size(); ++i)
    said.look_at(SaidUnder::unknown, value_or_nothing(filled[i]), fmt::format("value {}", i + 1));
  token.type = OtpType::hotp;
  if (same_ignoring_case(cells.type, "totp")) {
    token.type = OtpType::totp;
  } else if (same_ignoring_case(cells.type, "ocra") || same_ignoring_case(cells.type, "ocra2")) {
    token.type = OtpType::ocra;
  } else if (cells.type.empty() && said.type) {
    token.type = said.type->value;
  } else if (cells.type.empty()) {
    // Where there may be a counter, what is no usual time interval is one.
    const bool timed = cells.step_or_counter.empty() || cells.step_or_counter == "30" || cells.step_or_counter == "60";
    if (time_interval_ && timed) {
      token.type = OtpType::totp;
    } else {
      ++assumed_;
    }
  } else if (!same_ignoring_case(cells.type, "hotp")) {
    const bool motp = same_ignoring_case(cells.type, "motp");
    return refuse(cells, "type", cells.type,
                  {motp ? "Mobile-OTP (mOTP) is not OATH: its codes are made in another way" : "this type of key is not known",
                   motp ? "Entra cannot use it; it needs another token." : std::string(kFromServer), "hotp, totp or ocra"},
                  motp ? "mOTP" : "");
  }
  const auto reading = key_.read(cells.seed, SecretEncoding::hex);
  if (!reading) return refuse(cells, "secret key", cells.seed, FieldProblem(reading.error()));
  token.base32 = base32_from_hex(key_.text());
  const std::size_t bytes = key_.text().size() / 2;
  if (token.type == OtpType::ocra) {  // its suite stands where the digits are
    token.hash = std::nullopt;
    token.digits = std::nullopt;
    return tokens_.add(std::move(token));
  }
  const auto digits = cells.digits.empty() ? 6 : whole_number(cells.digits, 10);
  if (!digits || *digits < 1) {
    return refuse(cells, "digits", cells.digits, {"this is not a number of digits", std::string(kFromServer), "6 or 8"});
  }
  token.digits = static_cast<int>(*digits);
  const auto hash = hash_called(cells.hash, bytes);
  if (!hash) {
    return refuse(cells, "hash", cells.hash, {"this hash is not known", std::string(kFromServer), "sha1, sha256 or sha512"});
  }
  if (cells.hash.empty() && *hash != Hash::sha1) ++by_length_;
  token.hash = *hash;
  if (token.type == OtpType::totp && cells.step_or_counter.empty()) {
    if (!time_interval_) token.step = 30;  // else `tokens_` sets it
  } else if (token.type == OtpType::totp) {
    const auto step = whole_number(cells.step_or_counter, kLongestStep);
    if (!step || *step == 0) {
      return refuse(cells, "time interval", cells.step_or_counter,
                    {"the time step is not a whole number of seconds", std::string(kFromServer), "30 or 60"});
    }
    token.step = static_cast<int>(*step);
  } else if (!cells.step_or_counter.empty()) {
    const auto counter = whole_number(cells.step_or_counter, INT64_MAX);
    if (!counter) {
      return refuse(cells, "counter", cells.step_or_counter,
                    {"the counter is not a whole number", std::string(kFromServer), "0 or more"});
    }
    token.detailed().counter = *counter;
  }
  if (auto problem = said.decide(token, cells.step_or_counter.empty())) {
    return refuse(cells, "type", {}, std::move(*problem));
  }
  if (!cells.user.empty() && first_invalid_utf8(cells.user) == std::string_view::npos) token.detailed().user_id = cells.user;
  tokens_.add(std::move(token));
}

}  // namespace

bool is_oath_csv(std::string_view start) {
  constexpr int kLinesLookedAt = 5;
  bool with_owner = false;
  for (int lines = 0; lines < kLinesLookedAt && !start.empty();) {
    const auto end = start.find_first_of("\r\n");
    const auto line = trimmed(start.substr(0, end));
    start.remove_prefix(end == std::string_view::npos ? start.size() : end + 1);
    if (line.starts_with(kVersion2)) with_owner = true;
    if (line.empty() || line.starts_with('#')) continue;
    ++lines;
    std::string_view cells[8];
    std::size_t n = 0;
    const char separator = separator_of(line);
    for (std::size_t from = 0; n < std::size(cells);) {
      const auto to = line.find(separator, from);
      cells[n++] = trimmed(line.substr(from, to - from));
      if (to == std::string_view::npos) break;
      from = to + 1;
    }
    if (lines == 1 && is_header({cells, n})) return false;
    const auto is_row = [&](Layout layout, std::size_t least) {
      const Cells row = in_layout(layout, {cells, n});
      const bool typed = is_type(row.type);
      return n >= least && !row.serial.empty() && is_hex(row.seed) &&
             (typed || (row.type.empty() && layout == Layout::plain && row.seed.size() % 2 == 0));
    };
    if (is_row(with_owner ? Layout::with_owner : Layout::plain, 2) || (separator == ';' && is_row(Layout::multiotp, 4))) {
      return true;
    }
  }
  return false;
}

Result<SeedFileSummary> read_oath_csv(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink) {
  return Reader(rows, options, sink).read();
}

}  // namespace portalkey
