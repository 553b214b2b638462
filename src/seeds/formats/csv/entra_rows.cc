#include "seeds/formats/csv/entra_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "seeds/formats/otpauth/uri.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/date_text.h"
#include "seeds/input/entra_fields.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/own_key.h"
#include "seeds/input/plain_fields.h"
#include "seeds/input/said.h"
#include "seeds/input/transcoded_source.h"
#include "seeds/input/utf8.h"

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
EncodingEvidence evidence_in(std::string_view key, SecretKeyText::Reading reading, std::int64_t line) {
  const std::size_t at =
      key.find_first_of(reading == SecretKeyText::Reading::hex ? "0189" : "GHIJKLMNOPQRSTUVWXYZghijklmnopqrstuvwxyz=");
  if (at == std::string_view::npos) return {};
  const auto goes_on = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };  // a character of UTF-8
  const auto before = static_cast<std::size_t>(std::ranges::count_if(key.substr(0, at), goes_on));
  return {line, key[at], at - before + 1};
}

/// `text` as it was read, and `base32` as keys are kept.
bool is_same_key(std::string_view text, SecretKeyText::Reading reading, std::string_view base32) {
  if (reading == SecretKeyText::Reading::base32) return text == base32;
  return base32_from_hex(text).reveal([&](std::string_view key) { return key == base32; });
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

void EntraRowChecker::refuse(EntraRow::Kind kind, std::string what, std::string remedy) {
  row_.kind = kind;
  auto& problem = row_.problems.emplace_back(row_.line, "", "", "row", std::move(what), std::move(remedy), false);
  problem.row = ++seen_.filled_rows;
}

EntraRow& EntraRowChecker::check(const CsvRows& rows) {
  row_.kind = EntraRow::Kind::nothing;
  row_.line = rows.line();
  row_.problems.clear();
  row_.odd_enabled = row_.unsaid_interval = false;
  row_.reading = SecretKeyText::Reading::base32;
  if (rows.broken() != CsvRows::Broken::no) {
    const bool unclosed = rows.broken() == CsvRows::Broken::unclosed_quote;
    refuse(EntraRow::Kind::broken,
           unclosed ? "a quote that opens on this line is never closed"
                    : "there is text between a closing quote and the next separator",
           "Put quotes at both ends of the value, and double the ones inside it.");
    return row_;
  }
  const auto cells = rows.fields();
  if (rows.begins_with_hash() && !stands_for_nothing(cells[0])) {  // #N/A is a value
    refuse(EntraRow::Kind::ragged, "the line begins with # and has the table's number of values: a token, or a comment?",
           "Delete the line if it is a comment; put its first value in quotes (\"#…\") if it is a token.");
    return row_;
  }
  const bool few = cells.size() < columns_.least_fields;
  if ((few || cells.size() > columns_.fields) && !(few && is_shorter_by_its_type(cells))) {
    if (is_blank_row(cells, rows.separator())) return row_;
    const auto filled = without_blank_end(cells);
    if (few || filled.size() > columns_.fields) {
      refuse(EntraRow::Kind::ragged,
             fmt::format("there are {} values, and the header has {}", few ? cells.size() : filled.size(), columns_.fields),
             cells.size() > columns_.fields ? "Put a value that holds the separator, such as \"Co.,Ltd\", in quotes."
                                            : "Fill in what is missing; a value may be empty, its separator may not.");
      return row_;
    }
  }
  row_.kind = EntraRow::Kind::blank;
  check_fields(cells, rows);
  return row_;
}

/// Lists of token servers leave out at the end what event-based tokens do not have.
bool EntraRowChecker::is_shorter_by_its_type(std::span<const std::string_view> cells) {
  for (const auto column : {Column::serial, Column::secret}) {
    if (columns_.at[static_cast<std::size_t>(column)] >= cells.size()) return false;
  }
  const auto said = said_by(cells);
  return said.type && said.type->value != OtpType::totp;
}

SaidOfToken EntraRowChecker::said_by(std::span<const std::string_view> cells) {
  constexpr std::size_t kMostRemembered = 16;
  SaidOfToken said;
  for (std::size_t i = 0; i < columns_.asked.size(); ++i) {
    const auto& [at, under, place] = columns_.asked[i];
    const auto value = at < cells.size() ? value_or_nothing(cells[at]) : std::string_view();
    if (said.look_at(under, value, place)) continue;
    const bool must_say = under == SaidUnder::hash || under == SaidUnder::digits;
    if (must_say && !value.empty()) {
      said.unclear = true;
    } else if (at < cells.size() && silent_[i].size() < kMostRemembered) {
      silent_[i].emplace_back(cells[at]);
    }
  }
  return said;
}

bool EntraRowChecker::says_nothing(std::span<const std::string_view> cells) const {
  for (std::size_t i = 0; i < columns_.asked.size(); ++i) {
    const std::size_t at = columns_.asked[i].at;
    if (at < cells.size() && std::ranges::find(silent_[i], cells[at]) == silent_[i].end()) return false;
  }
  return true;
}

void EntraRowChecker::check_fields(std::span<const std::string_view> cells, const CsvRows& rows) {
  const auto cell = [&](Column column) -> std::string_view {
    const std::size_t at = columns_.at[static_cast<std::size_t>(column)];
    if (at >= cells.size()) return {};
    const auto value = trimmed_unicode(cells[at]);
    if (value.size() != cells[at].size() && value.size() != trimmed(cells[at]).size()) ++seen_.invisible;
    return value;
  };
  const auto said_cell = [&](Column column) { return value_or_nothing(cell(column)); };
  Fields fields{said_cell(Column::upn),          cell(Column::serial),    cell(Column::secret), said_cell(Column::interval),
                said_cell(Column::manufacturer), said_cell(Column::model)};
  auto& [upn, serial, key, interval, manufacturer, model, type, hash, digits, details, is_uri] = fields;
  if (columns_.is_vault && value_or_nothing(key).empty()) {
    if (!is_blank_row(cells, rows.separator())) ++seen_.vault_rows;
    return;
  }
  if (upn.empty() && serial.empty() && key.empty() && interval.empty() && is_blank_row(cells, rows.separator())) return;
  ++seen_.filled_rows;
  if (!says_nothing(cells)) {
    said_ = said_by(cells);
  } else if (said_.any()) {
    said_ = {};
  }
  const SaidOfToken& said = said_;
  row_.unsaid_interval = interval.empty() && !said.interval && !unsaid_interval_.empty();
  if (row_.unsaid_interval) interval = unsaid_interval_;

  const bool plain = !said.any() && columns_.uris == ColumnMap::kAbsent && (upn.empty() || is_plain_upn(upn)) &&
                     is_plain_serial(serial) && encoding_ != SecretEncoding::hex && encoding_ != SecretEncoding::base64 &&
                     is_plain_base32(key) && key.size() <= SecretKeyText::kMostCharacters && is_usual_key_size(key.size()) &&
                     !may_repeat(key) && (interval == "30" || interval == "60") && is_plain_text(manufacturer) &&
                     is_plain_text(model) && !OwnKey(key).in_one_of({serial, upn, manufacturer, model});
  if (plain) {
    if (seen_.surely_base32++ == 0) seen_.base32_evidence = evidence_in(key, SecretKeyText::Reading::base32, row_.line);
  } else {
    look_closely(cells, rows, said, fields);
  }
  if (row_.kind == EntraRow::Kind::refused) return;
  if (plain || is_plain_serial(serial)) seen_.serial_lengths.add(serial, row_.line);
  const bool is_totp = type == OtpType::totp;
  const auto enabled = said_cell(Column::enabled);
  row_.odd_enabled = !enabled.empty() && !is_enabled_word(enabled) && !names_a_type(enabled);
  // A sink that only looks at a token leaves its memory for another row.
  TokenSeed& token = row_.token;
  row_.kind = EntraRow::Kind::token;
  token.line = row_.line;
  token.upn = upn;
  token.serial = serial;
  token.manufacturer = manufacturer;
  token.model = model;
  token.type = type;
  token.step.reset();
  if (is_totp) token.step = interval == "30" ? 30 : 60;
  token.hash = hash;
  token.digits = digits;
  token.details = std::move(details);
  if (const auto made = said_cell(Column::made); !made.empty()) {
    if (auto date = date_of_text(made); !date.empty()) {
      token.detailed().made = std::move(date);
    } else {
      ++seen_.unread_dates;
    }
  }
  if (row_.reading == SecretKeyText::Reading::hex) {
    token.base32 = base32_from_hex(key);
  } else {
    token.base32.assign(key);
  }
}

std::optional<std::pair<Column, FieldProblem>> EntraRowChecker::take_uri(std::string_view uri, SaidOfToken& said,
                                                                         Fields& fields) {
  auto read = parse_otpauth_uri(uri);
  if (!read) {
    auto& error = read.error();
    return std::pair{Column::secret, FieldProblem{"the otpauth URI: " + std::move(error.what), std::move(error.remedy),
                                                  "otpauth://totp/LABEL?secret=BASE32&period=30"}};
  }
  constexpr std::string_view kFindOut = "Find out which is right, and correct the other.";
  of_uri_ = std::move(*read);
  fields.is_uri = true;
  fields.details = std::move(of_uri_.details);
  said.take(of_uri_, "the otpauth URI");
  if (!of_uri_.serial.empty() && !fields.serial.empty() && of_uri_.serial != fields.serial) {
    return std::pair{Column::serial,
                     FieldProblem{"the otpauth URI has another serial number than the row's column", std::string(kFindOut)}};
  }
  if (fields.serial.empty()) fields.serial = of_uri_.serial;
  const std::string_view label = fields.details ? std::string_view(fields.details->label) : std::string_view();
  if (!fields.upn.empty() && !problem_of_upn(fields.upn) && !label.empty() && !problem_of_upn(label) &&
      !same_ignoring_case(label, fields.upn)) {
    return std::pair{Column::upn,
                     FieldProblem{"the otpauth URI is for another user than the row's column", std::string(kFindOut)}};
  }
  return std::nullopt;
}

/// A value that is not UTF-8 has been saved in a Western code page; what is nothing there either stays as it is.
std::string_view EntraRowChecker::in_utf8(std::string_view text, std::string& room) {
  if (is_plain_text(text) || first_invalid_utf8(text) == std::string_view::npos) return text;
  auto decoded = utf8_of_windows_1252(text);
  if (!decoded) return text;
  ++seen_.from_windows_1252;
  room = std::move(*decoded);
  return trimmed_unicode(room);
}

/// Empties the fields that hold the row's own key, and names their columns.
std::vector<Column> EntraRowChecker::take_own_key_out(Fields& fields, std::optional<SecretKeyText::Reading> reading) const {
  const Secret base32 = fields.is_uri                            ? of_uri_.base32.clone()
                        : reading == SecretKeyText::Reading::hex ? base32_from_hex(key_.text())
                                                                 : Secret(reading ? key_.text() : fields.key);
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
void EntraRowChecker::look_closely(std::span<const std::string_view> cells, const CsvRows& rows,
                                   const SaidOfToken& said_by_cells, Fields& fields) {
  auto& [upn, serial, key, interval, manufacturer, model, type, hash, digits, details, is_uri] = fields;
  SaidOfToken said = said_by_cells;
  upn = in_utf8(upn, upn_in_utf8_);
  serial = in_utf8(serial, serial_in_utf8_);
  manufacturer = in_utf8(manufacturer, manufacturer_in_utf8_);
  model = in_utf8(model, model_in_utf8_);
  if (const auto inside = unwrapped_serial(serial); inside.size() != serial.size()) {
    serial = trimmed_unicode(inside);
    ++seen_.unwrapped_serials;
  }
  if (upn.find("''") != std::string_view::npos) {  // Microsoft's documentation of 2020 to 2022 asked for doubling
    upn_without_doubling_ = upn;
    for (auto at = upn_without_doubling_.find("''"); at != std::string::npos; at = upn_without_doubling_.find("''", at + 1)) {
      upn_without_doubling_.erase(at, 1);
    }
    upn = upn_without_doubling_;
    ++seen_.doubled_apostrophes;
  }
  if (key.starts_with("=\"") || key.starts_with('\''))
    key = trimmed_unicode(unwrapped_serial(key));  // as text in a spreadsheet
  const auto as_it_stands = key_.read(key, encoding_);
  const auto with_key = take_own_key_out(fields, as_it_stands ? std::optional(*as_it_stands) : std::nullopt);
  auto upn_problem = upn.empty() ? std::nullopt : problem_of_upn(upn);
  if (upn_problem && columns_.is_vault) {  // a name on some site
    upn = {};
    upn_problem.reset();
  }
  const std::string_view sound_upn = upn_problem && !upn_problem->warning ? std::string_view() : upn;
  const auto report = [&](Column column, FieldProblem&& problem) {
    const bool shown = may_quote_serial(fields.serial);
    auto& reported = row_.problems.emplace_back(row_.line, std::string(shown ? fields.serial : ""),
                                                std::string(shown ? sound_upn : ""), std::string(name_of(column)),
                                                std::move(problem.what), std::move(problem.remedy), problem.warning);
    reported.expected = std::move(problem.expected);
    reported.cause = std::move(problem.cause);
    reported.row = seen_.filled_rows;
    const std::size_t at = columns_.at[static_cast<std::size_t>(column)];
    reported.column = at < cells.size() ? rows.column_of(cells[at]) : 0;
    if (!columns_.is_vault) reported.value = value_to_show(column, fields.serial, fields.upn, fields.interval);
    if (!problem.warning) row_.kind = EntraRow::Kind::refused;
  };
  for (const auto column : with_key) report(column, own_key_problem());
  if (!with_key.empty()) return;
  // The URI, wherever it stands; a key beside it must be the same one.
  std::string_view uri = columns_.uris < cells.size() ? trimmed_unicode(cells[columns_.uris]) : std::string_view();
  if (uri.find("://") == std::string_view::npos) uri = key.find("://") == std::string_view::npos ? std::string_view() : key;
  if (!uri.empty()) {
    if (auto problem = take_uri(uri, said, fields)) report(problem->first, std::move(problem->second));
    if (row_.kind == EntraRow::Kind::refused) return;
    for (const auto column : take_own_key_out(fields, std::nullopt)) report(column, own_key_problem());
    if (row_.kind == EntraRow::Kind::refused) return;
  }
  TokenSeed decided;
  if (!interval.empty() && !row_.unsaid_interval)
    decided.step = interval == "30" ? 30 : interval == "60" ? 60 : std::optional<int>();
  const bool assumed = interval.empty() || row_.unsaid_interval;
  if (row_.unsaid_interval) decided.step = interval == "30" ? 30 : 60;
  auto contradiction = said.decide(decided, assumed);
  type = decided.type;
  hash = decided.hash;
  digits = decided.digits;
  if (decided.details) details = std::move(decided.details);
  const bool is_totp = type == OtpType::totp;
  const bool about_interval = contradiction && contradiction->expected == kExpectedInterval;
  if (contradiction)
    report(about_interval              ? Column::interval
           : said.unknown_hash.empty() ? Column::type
                                       : Column::hash,
           std::move(*contradiction));
  if (is_totp && assumed && said.interval) {
    row_.unsaid_interval = false;
    interval_said_ = std::to_string(said.interval->value);
    interval = interval_said_;
  }
  if (is_totp && !said.mentions.empty() && !contradiction) report(Column::type, said.mentioned());

  if (is_totp) {
    if (auto problem = columns_.is_vault && serial.empty() ? std::nullopt : problem_of_serial(serial))
      report(Column::serial, std::move(*problem));
    if (upn_problem) report(Column::upn, std::move(*upn_problem));
  } else {  // it is left out whatever its names are
    if (problem_of_serial(serial)) serial = {};
    if (upn_problem) upn = {};
  }
  auto encoding = encoding_;
  if (said.encoding && !is_uri) {
    if (encoding != SecretEncoding::detect && encoding != said.encoding->value) {
      report(
          Column::secret,
          {fmt::format("{} says that the key is written in another way than was assumed", said.encoding->place),
           "Find out which is right: leave [[setting|secret-encoding]] out, or correct that value.", "base32, hex or base64"});
    }
    encoding = said.encoding->value;
  }
  auto reading = is_uri ? std::expected<SecretKeyText::Reading, FieldProblem>() : key_.read(key, encoding);
  if (is_uri) {
    reading = of_uri_.base32.reveal([&](std::string_view text) { return key_.read(text, SecretEncoding::base32); });
    if (uri.data() != key.data() && !value_or_nothing(key).empty() &&
        columns_.uris != columns_.at[static_cast<std::size_t>(Column::secret)]) {
      SecretKeyText beside;
      const auto read = beside.read(key, encoding);
      if (!read || !is_same_key(beside.text(), *read, key_.text())) {
        report(Column::secret,
               {"the key in its column is not the key in the otpauth URI", "Find out which is right, and remove the other."});
      }
    }
  }
  if (!reading && is_rounded_number(key)) {
    report(Column::secret, {"the key is a number that a spreadsheet has rounded: most of its digits are lost",
                            "Take it from the vendor's file, and open CSV files with the column as text.", "base32 or hex",
                            "the file was opened and saved in a spreadsheet"});
  } else if (!reading) {
    report(Column::secret, std::move(reading.error()));
    if (is_totp && value_or_nothing(key).empty()) row_.problems.back().kind = RowProblem::Kind::absent;
  } else if (is_totp && *reading != SecretKeyText::Reading::either) {
    const auto weak = [&](std::string_view base32) { return why_no_secret(base32, allow_short_keys_); };
    auto why = *reading == SecretKeyText::Reading::hex ? base32_from_hex(key_.text()).reveal(weak) : weak(key_.text());
    if (!why) {
      why = *reading == SecretKeyText::Reading::hex ? base32_from_hex(key_.text()).reveal(warning_of_key_in_key)
                                                    : warning_of_key_in_key(key_.text());
    }
    if (why) report(Column::secret, std::move(*why));
  }
  if (is_totp) {
    if (auto problem = problem_of_interval(interval)) {
      report(Column::interval, std::move(*problem));
      if (interval.empty()) row_.problems.back().kind = RowProblem::Kind::absent;
    }
  }
  if (auto problem = problem_of_text(manufacturer)) report(Column::manufacturer, std::move(*problem));
  if (auto problem = problem_of_text(model)) report(Column::model, std::move(*problem));
  for (const auto& [at, under, place] : columns_.asked) {  // what has a column of its own must be understood
    if (!is_totp || at >= cells.size()) continue;
    const auto text = value_or_nothing(cells[at]);
    if (text.empty() || SaidOfToken().look_at(under, text, place)) continue;
    if (at == columns_.at[static_cast<std::size_t>(Column::hash)]) {
      if (auto named = hash_of_text(text); !named) report(Column::hash, std::move(named.error()));
    } else if (at == columns_.at[static_cast<std::size_t>(Column::digits)]) {
      if (auto number = number_of_text(text, 1, kMostDigits)) {
        digits = static_cast<int>(*number);
      } else {
        report(Column::digits, std::move(number.error()));
      }
    }
  }
  if (!reading) return;
  using Reading = SecretKeyText::Reading;
  if (std::ranges::any_of(key, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) ++seen_.invisible;
  if (key_.decisive() && !is_uri && !said.encoding) {
    const bool is_hex = *reading == Reading::hex;
    if ((is_hex ? seen_.surely_hex : seen_.surely_base32)++ == 0) {
      (is_hex ? seen_.hex_evidence : seen_.base32_evidence) = evidence_in(key, *reading, row_.line);
    }
  }
  key = key_.text();
  row_.reading = *reading;
}

}  // namespace portalkey
