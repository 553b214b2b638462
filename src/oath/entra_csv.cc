#include "oath/entra_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "oath/duplicate_serials.h"
#include "oath/entra_fields.h"
#include "oath/entra_header.h"
#include "oath/secret_key.h"
#include "oath/tokens_per_user.h"
#include "oath/utf8.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostUndecided = 20'000;  // rows held back until the file's encoding is known
constexpr std::size_t kMostUndecidedBytes = std::size_t{8} << 20;
constexpr std::size_t kMostTokensOfAUser = 5;
constexpr std::size_t kLeastKeyBytes = 16;  // RFC 4226, R6
constexpr std::size_t kPortalMostCharacters = 128;
constexpr std::string_view kChoose =
    "Ask the vendor which it is and say `--secret-encoding base32` or `--secret-encoding hex`.";

bool is_blank_row(std::span<const std::string_view> cells, char separator) {
  return std::ranges::all_of(cells, [&](std::string_view cell) {
    cell = trimmed_unicode(cell);
    return cell.empty() || cell.find_first_not_of(std::string{separator, ' '}) == std::string_view::npos;
  });
}

/// `sep=;`, which Excel itself writes and hides.
std::optional<char> excel_separator(std::string_view line) {
  line = trimmed(line);
  if (line.size() != 5 || !same_ignoring_case(line.substr(0, 4), "sep=")) return std::nullopt;
  return line[4];
}

/// Nobody documents the values of the portal's seventh column; these are what one would write.
bool is_enabled_word(std::string_view value) {
  constexpr std::string_view kWords[] = {"true", "false", "yes", "no", "1", "0", "enabled", "disabled"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return same_ignoring_case(value, word); });
}

std::string_view name_of_separator(char separator) {
  return separator == ';' ? "semicolon" : separator == '\t' ? "tab" : "comma";
}

class Reader {
 public:
  Reader(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink) : rows_(rows), options_(options), sink_(sink) {}

  Result<SeedFileSummary> read() {
    summary_.format = "entra-csv";
    const auto first_is_data = read_columns();
    if (!first_is_data) return std::unexpected(first_is_data.error());
    if (*first_is_data) {
      if (auto done = read_row(); !done) return pass(done);
    }
    for (;;) {
      const auto there = rows_.next();
      if (!there) return std::unexpected(there.error());
      if (!*there) break;
      if (auto done = read_row(); !done) return pass(done);
    }
    if (auto done = decide_undecided(); !done) return pass(done);
    std::ranges::sort(summary_.withdrawn);
    warn_of_users_with_too_many();
    note_what_was_seen();
    return std::move(summary_);
  }

 private:
  /// A row that waits for the file's encoding. `token.base32` holds the key's text, whichever it is.
  struct Undecided {
    TokenSeed token;
    bool contradicted = false;
  };

  Result<bool> read_columns();
  Result<void> read_row();
  void read_token(std::span<const std::string_view> cells);
  bool is_new(std::string_view serial, const DuplicateSerials::Contents& contents);
  void withdraw(std::int64_t line);
  Result<void> hold_back(TokenSeed&& token);
  Result<void> decide_undecided();
  void warn_of_users_with_too_many();
  void note_what_was_seen();

  void hand_out(TokenSeed&& token) {
    ++summary_.tokens;
    sink_.on_token(std::move(token));
  }
  void report(std::int64_t line, std::string_view serial, std::string_view field, std::string what, std::string remedy) {
    ++summary_.problems;
    // What looks like a secret key may be one, in the wrong column; so may anything in the rest of a row torn by a quote.
    constexpr std::size_t kKeyLike = 16;
    const bool shown = first_invalid_utf8(serial) == std::string_view::npos && !after_broken_row_ &&
                       (serial.size() < kKeyLike || serial.find_first_not_of("0123456789") == std::string_view::npos ||
                        serial.find_first_of(" -_/.+#") != std::string_view::npos);
    sink_.on_problem({line, std::string(shown ? serial : ""), std::string(shown ? sound_upn_ : std::string_view()),
                      std::string(field), std::move(what), std::move(remedy), false});
  }
  /// A problem of an earlier row, whose UPN is no longer known.
  void report_other_row(std::int64_t line, std::string_view serial, std::string_view field, std::string what,
                        std::string remedy) {
    const auto kept = std::exchange(sound_upn_, {});
    report(line, serial, field, std::move(what), std::move(remedy));
    sound_upn_ = kept;
  }
  void report(std::string_view serial, Column column, FieldProblem problem) {
    report(rows_.line(), serial, name_of(column), std::move(problem.what), std::move(problem.remedy));
  }
  void warn(std::string_view serial, Column column, std::string what, std::string remedy) {
    sink_.on_problem({rows_.line(), std::string(serial), std::string(sound_upn_), std::string(name_of(column)), std::move(what),
                      std::move(remedy), true});
  }

  CsvRows& rows_;
  const SeedFileOptions& options_;
  SeedSink& sink_;
  SeedFileSummary summary_;
  ColumnMap columns_;
  SecretKeyText key_;
  DuplicateSerials seen_;
  TokensPerUser users_;
  std::string upn_without_doubling_;
  std::string_view sound_upn_;  // of the current row, for problems of its other fields
  TokenSeed token_;
  std::vector<Undecided> undecided_;
  std::size_t undecided_bytes_ = 0;
  Result<void> failure_;
  bool after_broken_row_ = false;
  std::int64_t base32_rows_ = 0, hex_rows_ = 0, surely_base32_ = 0, surely_hex_ = 0;
  std::int64_t unwrapped_serials_ = 0, doubled_apostrophes_ = 0;
};

/// Finds the separator and the columns. True if there is no header and the current row is already a token.
Result<bool> Reader::read_columns() {
  bool told = false;
  for (;;) {
    const auto line = rows_.peek_line();
    if (!line) return std::unexpected(line.error());
    if (!*line) {
      return fail(Errc::invalid_input, "the file has no rows: there are only blank lines and comments",
                  "Check that the download or export was complete.");
    }
    const auto text = **line;
    if (const auto separator = excel_separator(text)) {
      rows_.separate_by(*separator);
      told = true;
    } else if (!text.starts_with('#') && trimmed_unicode(text).find_first_not_of(",;\t ") != std::string_view::npos) {
      if (!told) rows_.separate_by(separator_of(text));
      break;
    }
    rows_.skip_line();
  }
  const auto there = rows_.next();
  if (!there) return std::unexpected(there.error());
  auto columns = read_header(rows_.fields());
  if (!columns) return std::unexpected(std::move(columns).error().with("line", std::to_string(rows_.line())));
  const bool headed = columns->has_value();
  if (!headed) *columns = entra_order(rows_.fields());
  if (!*columns) {
    if (is_row_in_one_cell(rows_.fields())) {
      return fail(
          Errc::invalid_input,
          "each row of this file is one cell: the whole row is in quotes or in column A of the spreadsheet",
          "In the spreadsheet use Data > Text to Columns with the comma, then save it as \"CSV UTF-8 (comma delimited)\".");
    }
    return std::unexpected(Error{Errc::invalid_input,
                                 "this is not an Entra CSV: its first line names no columns that are known",
                                 "The first line must be: upn,serial number,secret key,time interval,manufacturer,model",
                                 {{"line", std::to_string(rows_.line())}}});
  }
  columns_ = std::move(**columns);
  summary_.notes = std::move(columns_.notes);
  if (rows_.separator() != ',') {
    summary_.notes.push_back(fmt::format("the columns are separated by a {}", name_of_separator(rows_.separator())));
  }
  return !headed;
}

Result<void> Reader::read_row() {
  sound_upn_ = {};
  if (rows_.broken() != CsvRows::Broken::no) {
    ++summary_.rows;
    after_broken_row_ = true;
    const bool unclosed = rows_.broken() == CsvRows::Broken::unclosed_quote;
    report(rows_.line(), "", "row",
           unclosed ? "a quote that opens on this line is never closed"
                    : "there is text between a closing quote and the next separator",
           "Put quotes at both ends of the value, and double the ones inside it.");
    return {};
  }
  const auto cells = rows_.fields();
  if (cells.size() < columns_.least_fields || cells.size() > columns_.fields) {
    if (is_blank_row(cells, rows_.separator())) return {};
    const auto filled = without_blank_end(cells);
    if (cells.size() < columns_.least_fields || filled.size() > columns_.fields) {
      ++summary_.rows;
      report(rows_.line(), "", "row",
             fmt::format("there are {} values, and the header has {}",
                         cells.size() < columns_.least_fields ? cells.size() : filled.size(), columns_.fields),
             cells.size() > columns_.fields ? "Put a value that holds the separator, such as \"Co.,Ltd\", in quotes."
                                            : "Fill in what is missing; a value may be empty, its separator may not.");
      return {};
    }
  }
  if (rows_.line() >= DuplicateSerials::kMaxLine) {
    return fail(Errc::invalid_input, "the file has more lines than can be numbered", "Split it.");
  }
  const auto problems_before = summary_.problems;
  read_token(cells);
  if (summary_.problems == problems_before) after_broken_row_ = false;
  return std::exchange(failure_, {});
}

void Reader::read_token(std::span<const std::string_view> cells) {
  const auto cell = [&](Column column) -> std::string_view {
    const std::size_t at = columns_.at[static_cast<std::size_t>(column)];
    return at < cells.size() ? trimmed_unicode(cells[at]) : std::string_view();
  };
  auto upn = cell(Column::upn);
  auto serial = cell(Column::serial);
  const auto secret = cell(Column::secret);
  const auto interval = cell(Column::interval);
  const auto manufacturer = cell(Column::manufacturer);
  const auto model = cell(Column::model);
  if (upn.empty() && serial.empty() && secret.empty() && interval.empty() && is_blank_row(cells, rows_.separator())) return;
  ++summary_.rows;

  const auto problems_before = summary_.problems;
  if (const auto inside = unwrapped_serial(serial); inside.size() != serial.size()) {
    serial = trimmed_unicode(inside);
    ++unwrapped_serials_;
  }
  if (upn.find("''") != std::string_view::npos) {  // Microsoft's documentation of 2020 to 2022 asked for doubling
    upn_without_doubling_ = upn;
    for (auto at = upn_without_doubling_.find("''"); at != std::string::npos; at = upn_without_doubling_.find("''", at + 1)) {
      upn_without_doubling_.erase(at, 1);
    }
    upn = upn_without_doubling_;
    ++doubled_apostrophes_;
  }
  auto upn_problem = upn.empty() ? std::nullopt : problem_of_upn(upn);
  if (!upn_problem) sound_upn_ = upn;
  if (auto problem = problem_of_serial(serial)) report(serial, Column::serial, std::move(*problem));
  if (upn_problem) report(serial, Column::upn, std::move(*upn_problem));
  auto reading = key_.read(secret, options_.encoding);
  if (!reading) report(serial, Column::secret, std::move(reading.error()));
  if (auto problem = problem_of_interval(interval)) report(serial, Column::interval, std::move(*problem));
  if (auto problem = problem_of_text(manufacturer)) report(serial, Column::manufacturer, std::move(*problem));
  if (auto problem = problem_of_text(model)) report(serial, Column::model, std::move(*problem));
  using Reading = SecretKeyText::Reading;
  if (reading && key_.decisive()) ++(*reading == Reading::hex ? surely_hex_ : surely_base32_);
  if (summary_.problems != problems_before) return;

  if (!is_new(serial, {upn, key_.text(), interval, manufacturer, model})) return;
  if (!upn.empty()) users_.add(upn, rows_.line());
  if (const auto enabled = cell(Column::enabled); !enabled.empty() && !is_enabled_word(enabled)) {
    warn(serial, Column::enabled, "the column `enabled` holds something else",
         "If a value of this row holds an unquoted separator, manufacturer and model have shifted: put it in quotes.");
  }

  // One object for all rows: a sink that only looks at a token leaves its strings' memory for the next.
  TokenSeed& token = token_;
  token.line = rows_.line();
  token.upn = upn;
  token.serial = serial;
  token.manufacturer = manufacturer;
  token.model = model;
  token.step = interval == "30" ? 30 : 60;
  if (*reading == Reading::either) {
    token.base32 = Secret(key_.text());
    failure_ = hold_back(std::move(token));
    return;
  }
  ++(*reading == Reading::hex ? hex_rows_ : base32_rows_);
  token.base32 = *reading == Reading::hex ? base32_from_hex(key_.text()) : Secret(key_.text());
  if (bytes_of_base32(token.base32.size()) < kLeastKeyBytes) {
    warn(serial, Column::secret,
         fmt::format("the key has only {} bits; RFC 4226 asks for 128", bytes_of_base32(token.base32.size()) * 8),
         "Entra takes it, but ask the vendor for a longer one; if it is from a manual, it is no secret.");
  } else if (token.base32.size() > kPortalMostCharacters) {
    warn(serial, Column::secret,
         fmt::format("the key has {} base32 characters, and the portal's import takes {}", token.base32.size(),
                     kPortalMostCharacters),
         "Import this token through Microsoft Graph.");
  }
  hand_out(std::move(token));
}

/// False, and everything reported, if the file has had this serial number before.
bool Reader::is_new(std::string_view serial, const DuplicateSerials::Contents& contents) {
  using Verdict = DuplicateSerials::Verdict;
  const auto [verdict, first] = seen_.add(serial, contents, rows_.line());
  constexpr std::string_view kRemedy = "Find out which row is right, and remove the other.";
  switch (verdict) {
    case Verdict::first: return true;
    case Verdict::repeat:
      report(rows_.line(), serial, "row", fmt::format("it repeats line {} and is ignored", first),
             "Remove one of the two lines.");
      return false;
    case Verdict::contradiction:
      withdraw(first);
      report_other_row(first, serial, name_of(Column::serial),
                       fmt::format("line {} has the same serial number and other contents: neither is taken", rows_.line()),
                       std::string(kRemedy));
      break;
    case Verdict::contradicted: break;
  }
  report(rows_.line(), serial, name_of(Column::serial),
         fmt::format("line {} has the same serial number and other contents: neither is taken", first), std::string(kRemedy));
  return false;
}

void Reader::withdraw(std::int64_t line) {
  const auto held = std::ranges::lower_bound(undecided_, line, {}, [](const Undecided& row) { return row.token.line; });
  if (held != undecided_.end() && held->token.line == line) {
    held->contradicted = true;
    return;
  }
  --summary_.tokens;
  summary_.withdrawn.push_back(line);
}

Result<void> Reader::hold_back(TokenSeed&& token) {
  undecided_bytes_ += sizeof token + token.upn.size() + token.manufacturer.size() + token.model.size() + token.base32.size();
  undecided_.push_back({std::move(token)});
  if (undecided_.size() < kMostUndecided && undecided_bytes_ < kMostUndecidedBytes) return {};
  return fail(Errc::invalid_input,
              fmt::format("{} secret keys, the first on line {}, can be read as base32 and as hex", undecided_.size(),
                          undecided_.front().token.line),
              std::string(kChoose));
}

/// One encoding per file: that of the rows that can be only one.
Result<void> Reader::decide_undecided() {
  sound_upn_ = {};
  if (undecided_.empty()) return {};
  if (surely_base32_ == 0 && surely_hex_ == 0) {
    return std::unexpected(Error{Errc::invalid_input,
                                 undecided_.size() == 1
                                     ? "a secret key can be read as base32 and as hex, and no other row of the file decides"
                                     : fmt::format("{} secret keys can be read as base32 and as hex, and no other "
                                                   "row of the file decides",
                                                   undecided_.size()),
                                 std::string(kChoose),
                                 {{"line", std::to_string(undecided_.front().token.line)}}});
  }
  for (auto& [token, contradicted] : undecided_) {
    if (contradicted) continue;
    if (surely_base32_ != 0 && surely_hex_ != 0) {
      sound_upn_ = token.upn;
      report(token.line, token.serial, name_of(Column::secret),
             "the key can be read as base32 and as hex, and the file has both", std::string(kChoose));
      continue;
    }
    if (surely_hex_ != 0) {
      token.base32 = token.base32.reveal([](std::string_view digits) { return base32_from_hex(digits); });
      ++hex_rows_;
    } else {
      ++base32_rows_;
    }
    hand_out(std::move(token));
  }
  return {};
}

void Reader::warn_of_users_with_too_many() {
  for (const auto line : users_.lines_over(kMostTokensOfAUser)) {
    sink_.on_problem({line, "", "", std::string(name_of(Column::upn)), "this is the sixth token for this user in the file",
                      "Entra allows a user five OATH tokens and authenticator apps together: check whose they are.", true});
  }
}

void Reader::note_what_was_seen() {
  auto& notes = summary_.notes;
  if (hex_rows_ != 0) {
    notes.push_back(base32_rows_ == 0
                        ? std::string("the secret keys are hex and were converted to base32")
                        : fmt::format("the secret keys are base32 in {} rows; in {} they are hex and were converted",
                                      base32_rows_, hex_rows_));
  } else if (base32_rows_ != 0) {
    notes.push_back("the secret keys are base32");
  }
  if (!undecided_.empty() && (surely_hex_ == 0 || surely_base32_ == 0)) {
    notes.push_back(fmt::format("{} of them could be either and were taken for what the others are", undecided_.size()));
  }
  if (unwrapped_serials_ != 0) {
    notes.push_back(fmt::format("{} serial numbers were freed of =\"…\" or a leading apostrophe", unwrapped_serials_));
  }
  if (doubled_apostrophes_ != 0) notes.push_back(fmt::format("'' was read as ' in {} UPNs", doubled_apostrophes_));
  if (summary_.rows == 0) notes.push_back("there are no rows after the header");
}

}  // namespace

Result<SeedFileSummary> read_entra_csv(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink) {
  return Reader(rows, options, sink).read();
}

}  // namespace portalkey
