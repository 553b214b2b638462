#include "seeds/formats/csv/yubico_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/csv/whole_number.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/secret_key.h"
#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

constexpr std::string_view kModes[] = {"OATH-HOTP", "Yubico OTP", "Static Password", "Challenge-response"};
constexpr std::string_view kLogging = "LOGGING START";

/// How the mode is spelt in front of a colon, as in `Static Password: Scan Code`; empty if it is none.
std::string_view mode_of(std::string_view cell) {
  for (const auto mode : kModes) {
    if (same_ignoring_case(cell.substr(0, mode.size()), mode)) return mode;
  }
  return {};
}

bool all_of(std::string_view text, std::string_view letters) {
  return std::ranges::all_of(text, [&](char c) { return letters.find(to_lower(c)) != std::string_view::npos; });
}

/// `508327,cccccccccccc,83cebdfb7b93,a47c…,,2013-12-12T08:43:17,`: modhex and hex, and a time where it belongs.
bool is_yubico_row(std::span<const std::string_view> cells) {
  return cells.size() >= 6 && cells.size() <= 7 && whole_number(trimmed(cells[0]), INT64_MAX) &&
         all_of(trimmed(cells[1]), "cbdefghijklnrtuv") && all_of(trimmed(cells[2]), "0123456789abcdef") &&
         trimmed(cells[3]).size() >= 32 && all_of(trimmed(cells[3]), "0123456789abcdef") && trimmed(cells[5]).find('T') == 10;
}

class Reader {
 public:
  Reader(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink) : rows_(rows), tokens_(sink, options) {}

  Result<SeedFileSummary> read() {
    for (;;) {
      const auto there = rows_.next();
      if (!there) return std::unexpected(there.error());
      if (!*there) break;
      take_row();
    }
    auto summary = tokens_.finish();
    if (summary.tokens == 0) {
      return fail(Errc::invalid_input,
                  "this YubiKey log has no OATH row: Yubico OTP, static passwords and challenge-response are not OATH",
                  "For Entra, set the keys up as FIDO2 security keys, or write TOTP keys and a seed file for them.");
    }
    summary.notes.push_back("YubiKey logs hold HOTP keys, which Entra does not take");
    return summary;
  }

 private:
  void take_row();
  void take_key(std::string_view serial, std::string_view key, int digits);
  void refuse(std::string_view serial, std::string_view field, std::string what, std::string_view cell = {});

  CsvRows& rows_;
  CheckedTokens tokens_;
  SecretKeyText key_;
};

void Reader::refuse(std::string_view serial, std::string_view field, std::string what, std::string_view cell) {
  RowProblem problem;
  problem.line = rows_.line();
  problem.serial = quotable_serial(serial);
  problem.field = field;
  problem.what = std::move(what);
  problem.remedy = "Nothing can be done with it here; only OATH rows are read.";
  problem.expected = "an OATH-HOTP row";
  if (!cell.empty()) problem.column = rows_.column_of(cell);
  tokens_.refuse(std::move(problem));
}

void Reader::take_row() {
  const auto cells = rows_.fields();
  if (rows_.broken() != CsvRows::Broken::no)
    return refuse({}, "row", "a quote on this line is not closed where its value ends");
  if (without_blank_end(cells).empty()) return;
  const auto first = trimmed_unicode(cells[0]);
  if (same_ignoring_case(first, kLogging)) return;
  if (const auto mode = mode_of(first); !mode.empty()) {
    if (mode != kModes[0]) return refuse({}, "row", fmt::format("{} is not OATH", mode), first);
    constexpr std::size_t kKey = 5, kDigits = 11;
    if (cells.size() <= kDigits) return refuse({}, "row", "the row is cut off: it has no digits");
    const auto digits = whole_number(trimmed_unicode(cells[kDigits]), 10);
    if (!digits || *digits < 1) return refuse({}, "digits", "this is not a number of digits", cells[kDigits]);
    return take_key({}, trimmed_unicode(cells[kKey]), static_cast<int>(*digits));
  }
  if (is_yubico_row(cells)) {
    const auto private_id = trimmed(cells[2]);
    if (private_id == "0") return take_key(first, trimmed(cells[3]), 6);
    return refuse(first, "row",
                  private_id.empty() ? "a static password or challenge-response is not OATH" : "Yubico OTP is not OATH", first);
  }
  refuse({}, "row", "this is no row of a YubiKey log");
}

void Reader::take_key(std::string_view serial, std::string_view key, int digits) {
  if (const auto reading = key_.read(key, SecretEncoding::hex); !reading) {
    return refuse(serial, "secret key", reading.error().what, key);
  }
  TokenSeed token;
  token.line = rows_.line();
  token.serial = serial;
  token.base32 = base32_from_hex(key_.text());
  token.type = OtpType::hotp;
  token.digits = digits;
  tokens_.add(std::move(token));
}

}  // namespace

bool is_yubico_csv(std::string_view start) {
  constexpr int kLinesLookedAt = 5;
  for (int lines = 0; lines < kLinesLookedAt && !start.empty();) {
    const auto end = start.find_first_of("\r\n");
    const auto line = trimmed(start.substr(0, end));
    start.remove_prefix(end == std::string_view::npos ? start.size() : end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    ++lines;
    if (line.starts_with(kLogging)) return true;
    const auto first = line.substr(0, line.find(','));
    if (first.size() < line.size() && !mode_of(first).empty()) return true;
    std::string_view cells[8];
    std::size_t n = 0;
    for (std::size_t from = 0; n < std::size(cells);) {
      const auto to = line.find(',', from);
      cells[n++] = line.substr(from, to - from);
      if (to == std::string_view::npos) break;
      from = to + 1;
    }
    if (is_yubico_row({cells, n})) return true;
  }
  return false;
}

Result<SeedFileSummary> read_yubico_csv(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink) {
  return Reader(rows, options, sink).read();
}

}  // namespace portalkey
