#include "oath/csv/entra_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/ascii.h"
#include "oath/checked_tokens.h"
#include "oath/csv/entra_fields.h"
#include "oath/csv/plain_fields.h"
#include "oath/key_fields.h"
#include "oath/own_key.h"
#include "oath/transcoded_source.h"
#include "oath/utf8.h"

namespace portalkey {
namespace {

bool is_blank_row(std::span<const std::string_view> cells, char separator) {
  return std::ranges::all_of(cells, [&](std::string_view cell) {
    cell = trimmed_unicode(cell);
    return cell.empty() || cell.find_first_not_of(std::string{separator, ' '}) == std::string_view::npos;
  });
}

/// Nobody documents the values of the portal's seventh column; these are what one would write.
bool is_enabled_word(std::string_view value) {
  constexpr std::string_view kWords[] = {"true", "false", "yes", "no", "1", "0", "enabled", "disabled"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return same_ignoring_case(value, word); });
}

/// The first character that only such a key has.
EntraPortion::Evidence evidence_in(std::string_view key, SecretKeyText::Reading reading, std::int64_t line) {
  const std::size_t at =
      key.find_first_of(reading == SecretKeyText::Reading::hex ? "0189" : "GHIJKLMNOPQRSTUVWXYZghijklmnopqrstuvwxyz=");
  if (at == std::string_view::npos) return {};
  const auto goes_on = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };  // a character of UTF-8
  const auto before = static_cast<std::size_t>(std::ranges::count_if(key.substr(0, at), goes_on));
  return {line, key[at], at - before + 1};
}

bool no_part_is_key_like(std::string_view upn) {
  constexpr std::size_t kKeyLike = 16;
  std::size_t run = 0, longest = 0;
  for (const char c : upn) {
    if (c == ',' || c == ';' || c == '"' || is_blank(c)) return false;  // more than one value
    run = c == '@' || c == '.' ? 0 : run + 1;
    longest = std::max(longest, run);
  }
  return longest < kKeyLike;
}

/// The value as far as it is surely no secret key in the wrong column.
std::string value_to_show(Column column, std::string_view serial, std::string_view upn, std::string_view interval) {
  constexpr std::size_t kLongestShown = 80, kLongestInterval = 6;
  std::string_view value;
  if (column == Column::serial && may_quote_serial(serial)) value = serial;
  if (column == Column::upn && upn.find('@') != std::string_view::npos && no_part_is_key_like(upn)) value = upn;
  if (column == Column::interval && interval.size() <= kLongestInterval) value = interval;
  if (value.size() > kLongestShown || first_invalid_utf8(value) != std::string_view::npos) return {};
  return std::string(value);
}

}  // namespace

void EntraRowChecker::check(const CsvRows& rows, EntraPortion& to) {
  const auto add_bad_row = [&](EntraRow::Kind kind, std::string what, std::string remedy) {
    ++to.filled_rows;
    EntraRow& row = to.add_row();
    row.kind = kind;
    row.line = rows.line();
    row.problems = 1;
    auto& problem = to.problems.emplace_back(rows.line(), "", "", "row", std::move(what), std::move(remedy), false);
    problem.row = to.filled_rows;
  };
  if (rows.broken() != CsvRows::Broken::no) {
    const bool unclosed = rows.broken() == CsvRows::Broken::unclosed_quote;
    add_bad_row(EntraRow::Kind::broken,
                unclosed ? "a quote that opens on this line is never closed"
                         : "there is text between a closing quote and the next separator",
                "Put quotes at both ends of the value, and double the ones inside it.");
    return;
  }
  const auto cells = rows.fields();
  if (cells.size() < columns_.least_fields || cells.size() > columns_.fields) {
    if (is_blank_row(cells, rows.separator())) return;
    const auto filled = without_blank_end(cells);
    if (cells.size() < columns_.least_fields || filled.size() > columns_.fields) {
      add_bad_row(EntraRow::Kind::ragged,
                  fmt::format("there are {} values, and the header has {}",
                              cells.size() < columns_.least_fields ? cells.size() : filled.size(), columns_.fields),
                  cells.size() > columns_.fields ? "Put a value that holds the separator, such as \"Co.,Ltd\", in quotes."
                                                 : "Fill in what is missing; a value may be empty, its separator may not.");
      return;
    }
  }
  EntraRow& row = to.add_row();
  row.line = rows.line();
  check_fields(cells, rows, row, to);
}

void EntraRowChecker::check_fields(std::span<const std::string_view> cells, const CsvRows& rows, EntraRow& row,
                                   EntraPortion& to) {
  const auto cell = [&](Column column) -> std::string_view {
    const std::size_t at = columns_.at[static_cast<std::size_t>(column)];
    return at < cells.size() ? trimmed_unicode(cells[at]) : std::string_view();
  };
  auto upn = cell(Column::upn), serial = cell(Column::serial), key = cell(Column::secret), interval = cell(Column::interval),
       manufacturer = cell(Column::manufacturer), model = cell(Column::model);
  Hash hash = Hash::sha1;
  int digits = 6;
  if (upn.empty() && serial.empty() && key.empty() && interval.empty() && is_blank_row(cells, rows.separator())) return;
  ++to.filled_rows;
  row.unsaid_interval = interval.empty() && !unsaid_interval_.empty();
  if (row.unsaid_interval) interval = unsaid_interval_;

  const bool plain = (upn.empty() || is_plain_upn(upn)) && is_plain_serial(serial) && encoding_ != SecretEncoding::hex &&
                     encoding_ != SecretEncoding::base64 && is_plain_base32(key) &&
                     key.size() <= SecretKeyText::kMostCharacters && (interval == "30" || interval == "60") &&
                     is_plain_text(manufacturer) && is_plain_text(model) && !says_algorithm_ &&
                     !OwnKey(key).in_one_of({serial, upn, manufacturer, model});
  if (plain) {
    if (to.surely_base32++ == 0) to.base32_evidence = evidence_in(key, SecretKeyText::Reading::base32, row.line);
  } else {
    Fields fields{upn, serial, key, interval, manufacturer, model};
    look_closely(cells, rows, fields, row, to);
    std::tie(upn, serial, key, interval, manufacturer, model, hash, digits) = std::tie(
        fields.upn, fields.serial, fields.key, fields.interval, fields.manufacturer, fields.model, fields.hash, fields.digits);
  }
  if (row.kind == EntraRow::Kind::refused) return;
  if (plain || is_plain_serial(serial)) to.serial_lengths.add(serial, row.line);
  if (says_algorithm_) kind_ = fmt::format("{} {} {}", interval, digits, name_of(hash));
  row.hashes.user = upn.empty() ? 0 : users_.hash(upn);
  row.hashes.serial = serials_.hashes(serial, {row.hashes.user, key, says_algorithm_ ? kind_ : interval, manufacturer, model});
  const auto enabled = cell(Column::enabled);
  row.odd_enabled = !enabled.empty() && !is_enabled_word(enabled);
  if (plain && !upn.empty() && !wants_plain_tokens_ && is_usual_key_size(key.size())) {
    to.add_plain_token(row, upn, serial);
    return;
  }
  // A sink that only looks at a token leaves its memory for another row.
  TokenSeed& token = to.add_token(row);
  token.line = row.line;
  token.upn = upn;
  token.serial = serial;
  token.manufacturer = manufacturer;
  token.model = model;
  token.step = interval == "30" ? 30 : 60;
  if (says_algorithm_) {
    token.hash = hash;
    token.digits = digits;
  }
  if (row.reading == SecretKeyText::Reading::hex) {
    token.base32 = base32_from_hex(key);
  } else {
    token.base32.assign(key);
  }
}

/// A value that is not UTF-8 has been saved in a Western code page; what is nothing there either stays as it is.
std::string_view EntraRowChecker::in_utf8(std::string_view text, std::string& room, EntraPortion& to) {
  if (is_plain_text(text) || first_invalid_utf8(text) == std::string_view::npos) return text;
  auto decoded = utf8_of_windows_1252(text);
  if (!decoded) return text;
  ++to.from_windows_1252;
  room = std::move(*decoded);
  return trimmed_unicode(room);
}

/// Empties the fields that hold the row's own key, and names their columns.
std::vector<Column> EntraRowChecker::take_own_key_out(Fields& fields, std::optional<SecretKeyText::Reading> reading) const {
  const Secret base32 =
      reading == SecretKeyText::Reading::hex ? base32_from_hex(key_.text()) : Secret(reading ? key_.text() : fields.key);
  return base32.reveal([&](std::string_view text) {
    std::vector<Column> columns;
    const OwnKey own(text);
    for (const auto& [column, field] :
         {std::pair(Column::serial, &fields.serial), std::pair(Column::upn, &fields.upn),
          std::pair(Column::manufacturer, &fields.manufacturer), std::pair(Column::model, &fields.model)}) {
      if (!own.in(*field)) continue;
      *field = {};
      columns.push_back(column);
    }
    return columns;
  });
}

/// Reports what is wrong, and puts right what people and spreadsheets do to fields.
void EntraRowChecker::look_closely(std::span<const std::string_view> cells, const CsvRows& rows, Fields& fields, EntraRow& row,
                                   EntraPortion& to) {
  auto& [upn, serial, key, interval, manufacturer, model, hash, digits] = fields;
  upn = in_utf8(upn, upn_in_utf8_, to);
  serial = in_utf8(serial, serial_in_utf8_, to);
  manufacturer = in_utf8(manufacturer, manufacturer_in_utf8_, to);
  model = in_utf8(model, model_in_utf8_, to);
  if (const auto inside = unwrapped_serial(serial); inside.size() != serial.size()) {
    serial = trimmed_unicode(inside);
    ++to.unwrapped_serials;
  }
  if (upn.find("''") != std::string_view::npos) {  // Microsoft's documentation of 2020 to 2022 asked for doubling
    upn_without_doubling_ = upn;
    for (auto at = upn_without_doubling_.find("''"); at != std::string::npos; at = upn_without_doubling_.find("''", at + 1)) {
      upn_without_doubling_.erase(at, 1);
    }
    upn = upn_without_doubling_;
    ++to.doubled_apostrophes;
  }
  auto reading = key_.read(key, encoding_);
  const auto with_key = take_own_key_out(fields, reading ? std::optional(*reading) : std::nullopt);
  auto upn_problem = upn.empty() ? std::nullopt : problem_of_upn(upn);
  const std::string_view sound_upn = upn_problem && !upn_problem->warning ? std::string_view() : upn;
  const auto report = [&](Column column, FieldProblem&& problem) {
    const bool shown = may_quote_serial(fields.serial);
    auto& reported = to.problems.emplace_back(row.line, std::string(shown ? fields.serial : ""),
                                              std::string(shown ? sound_upn : ""), std::string(name_of(column)),
                                              std::move(problem.what), std::move(problem.remedy), problem.warning);
    reported.expected = std::move(problem.expected);
    reported.cause = std::move(problem.cause);
    reported.row = to.filled_rows;
    const std::size_t at = columns_.at[static_cast<std::size_t>(column)];
    reported.column = at < cells.size() ? rows.column_of(cells[at]) : 0;
    reported.value = value_to_show(column, fields.serial, fields.upn, fields.interval);
    ++row.problems;
    if (!problem.warning) row.kind = EntraRow::Kind::refused;
  };
  for (const auto column : with_key) report(column, own_key_problem());
  if (!with_key.empty()) return;
  if (auto problem = problem_of_serial(serial)) report(Column::serial, std::move(*problem));
  if (upn_problem) report(Column::upn, std::move(*upn_problem));
  if (!reading && is_rounded_number(key)) {
    report(Column::secret, {"the key is a number that a spreadsheet has rounded: most of its digits are lost",
                            "Take it from the vendor's file, and open CSV files with the column as text.", "base32 or hex",
                            "the file was opened and saved in a spreadsheet"});
  } else if (!reading) {
    report(Column::secret, std::move(reading.error()));
  }
  if (auto problem = problem_of_interval(interval)) report(Column::interval, std::move(*problem));
  if (auto problem = problem_of_text(manufacturer)) report(Column::manufacturer, std::move(*problem));
  if (auto problem = problem_of_text(model)) report(Column::model, std::move(*problem));
  if (says_algorithm_) {
    const auto cell = [&](Column column) {
      const std::size_t at = columns_.at[static_cast<std::size_t>(column)];
      return at < cells.size() ? trimmed_unicode(cells[at]) : std::string_view();
    };
    if (const auto text = cell(Column::hash); !text.empty() && !same_ignoring_case(text, "totp")) {
      if (same_ignoring_case(text, "hotp")) {
        report(Column::hash, {"this token is event-based (HOTP)", "Leave it out: Entra takes time-based tokens only.", "TOTP"});
      } else if (auto named = hash_of_text(text)) {
        hash = *named;
      } else {
        report(Column::hash, std::move(named.error()));
      }
    }
    if (const auto text = cell(Column::digits); !text.empty()) {
      if (auto number = number_of_text(text, 1, kMostDigits)) {
        digits = static_cast<int>(*number);
      } else {
        report(Column::digits, std::move(number.error()));
      }
    }
  }
  if (!reading) return;
  using Reading = SecretKeyText::Reading;
  if (key_.decisive()) {
    const bool is_hex = *reading == Reading::hex;
    if ((is_hex ? to.surely_hex : to.surely_base32)++ == 0) {
      (is_hex ? to.hex_evidence : to.base32_evidence) = evidence_in(key, *reading, row.line);
    }
  }
  key = key_.text();
  row.reading = *reading;
}

}  // namespace portalkey
