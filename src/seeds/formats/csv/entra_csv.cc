#include "seeds/formats/csv/entra_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <ranges>
#include <utility>

#include "base/ascii.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/csv/entra_rows.h"
#include "seeds/formats/csv/first_rows.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/duplicate_serials.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/secret_key.h"
#include "seeds/input/tokens_per_user.h"
#include "seeds/input/transcoded_source.h"
#include "seeds/input/utf8.h"
#include "seeds/model/entra_takes.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostUndecided = 20'000;  // rows held back until the file's encoding is known
constexpr std::size_t kMostUndecidedBytes = std::size_t{8} << 20;
constexpr std::string_view kChoose =
    "Ask the vendor which it is and say `[[setting|secret-encoding|base32]]` or `[[setting|secret-encoding|hex]]`.";

std::string_view name_of_separator(char separator) {
  return separator == ';' ? "semicolon" : separator == '\t' ? "tab" : "comma";
}

/// ` (line 3 has a 0 at position 2)`: not more of a key than that.
std::string because(const EncodingEvidence& evidence) {
  if (evidence.line == 0) return {};
  constexpr std::string_view kWithVowel = "HILMNORSX8";  // as they are spoken
  return fmt::format(" (line {} has {} {} at position {})", evidence.line,
                     kWithVowel.find(to_upper(evidence.character)) != std::string_view::npos ? "an" : "a", evidence.character,
                     evidence.position);
}

/// The first row's cells in UTF-8; Excel saves "CSV" in the code page of the machine.
class HeaderCells {
 public:
  explicit HeaderCells(std::span<const std::string_view> cells) : cells_(cells.begin(), cells.end()) {
    for (auto& cell : cells_) {
      if (first_invalid_utf8(cell) == std::string_view::npos) continue;
      if (auto text = utf8_of_windows_1252(cell)) cell = decoded_.emplace_back(std::move(*text));
    }
  }
  std::span<const std::string_view> cells() const { return cells_; }
  bool decoded() const { return !decoded_.empty(); }

 private:
  std::vector<std::string_view> cells_;
  std::deque<std::string> decoded_;
};

constexpr std::size_t kLookedAt = std::size_t{32} << 10;

std::vector<std::string_view> values_of(std::string_view line, char separator) {
  std::vector<std::string_view> values;
  for (const auto part : std::views::split(line, separator)) values.emplace_back(part.begin(), part.end());
  return values;
}

class Reader {
 public:
  Reader(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink) : rows_(rows), options_(options), sink_(sink) {}

  Result<SeedFileSummary> read() {
    auto there = read_columns();
    if (!there) return std::unexpected(there.error());
    if (!*there) there = rows_.next();
    EntraRowChecker checker(columns_, options_);
    for (; there && *there; there = rows_.next()) {
      if (auto taken = take(checker.check(rows_)); !taken) return pass(taken);
    }
    if (!there) return std::unexpected(there.error());
    seen_ = checker.seen();
    summary_.rows = seen_.filled_rows;
    if (auto done = decide_undecided(); !done) return pass(done);
    std::ranges::sort(summary_.withdrawn);
    if (auto problem = seen_.serial_lengths.warning()) sink_.on_problem(std::move(*problem));
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
  bool is_first_row(std::string_view line);
  std::uint64_t expected_rows();
  Result<void> take(EntraRow& row);
  bool is_new(const EntraRow& row);
  Result<void> take_token(EntraRow& row);
  void report_again(const TokenSeed& token, const DuplicateSerials::Answer& answer);
  void withdraw(std::int64_t line);
  Result<void> hold_back(TokenSeed&& token);
  Result<void> decide_undecided();
  void note_what_was_seen();

  void hand_out(TokenSeed&& token) {
    ++summary_.tokens;
    sink_.on_token(std::move(token));
  }
  void report(RowProblem&& problem) {
    if (!problem.warning) ++summary_.problems;
    if (after_broken_row_)
      problem.serial = problem.upn = problem.value = {};  // so may be anything in the rest of a row torn by a quote
    sink_.on_problem(std::move(problem));
  }
  void report(std::int64_t line, std::string_view serial, std::string_view upn, std::string_view field, std::string what,
              std::string remedy) {
    const bool shown = may_quote_serial(serial);
    report({line, std::string(shown ? serial : ""), std::string(shown ? upn : ""), std::string(field), std::move(what),
            std::move(remedy), false});
  }

  CsvRows& rows_;
  SeedFileOptions options_;
  SeedSink& sink_;
  SeedFileSummary summary_;
  ColumnMap columns_;
  DuplicateSerials serials_;
  TokensPerUser users_{kTokensPerUser};
  std::vector<Undecided> undecided_;
  std::size_t undecided_bytes_ = 0;
  bool after_broken_row_ = false;
  std::int64_t base32_rows_ = 0, hex_rows_ = 0, unsaid_intervals_ = 0;
  EncodingEvidence base64_evidence_;
  EntraRowsSeen seen_;  ///< of all rows, once they have been read
};

/// A line that begins with `#` before the table is a comment, unless it is its header, or a row of a table without one.
bool Reader::is_first_row(std::string_view line) {
  if (!line.starts_with('#')) return true;
  const auto start = rows_.start(kLookedAt);
  const auto next = start ? first_line_without_hash(*start) : std::string_view();
  const char separator = separator_of(next);
  const auto values = values_of(line, separator), values_of_next = values_of(next, separator);
  return values.size() >= 2 && values.size() == values_of_next.size() && (is_header(values) || !is_header(values_of_next));
}

/// How many rows the file has, if the rest of it is as its beginning; 0 if its size is not known.
std::uint64_t Reader::expected_rows() {
  const auto start = rows_.start(kLookedAt);
  if (!start || start->empty()) return 0;
  const auto lines = static_cast<double>(std::ranges::count(*start, '\n'));
  const auto bytes = static_cast<double>(start->find_last_of('\n') + 1);  // npos + 1 is 0
  return bytes == 0 ? 0 : static_cast<std::uint64_t>(static_cast<double>(rows_.source_bytes()) * lines / bytes);
}

/// Finds the separator and the columns. True if there is no header and the current row is already a token.
Result<bool> Reader::read_columns() {
  bool told = false;
  for (;;) {
    // So that is_first_row() finds there what it looks at: reading on would move the line.
    if (const auto ready = rows_.start(kLookedAt); !ready) return std::unexpected(ready.error());
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
    } else if (is_first_row(text) && trimmed_unicode(text).find_first_not_of(",;\t ") != std::string_view::npos) {
      if (!told) rows_.separate_by(separator_of(text));
      break;
    }
    rows_.skip_line();
  }
  if (const auto start = rows_.start(kLookedAt)) {
    const auto line = first_line_without_hash(*start);
    rows_.set_width(count_of_values(line, rows_.separator()));
  }
  if (const auto rows = expected_rows(); rows != 0) {
    serials_.expect(rows);
    users_.expect(rows);
  }
  FirstRows ahead;
  if (auto looked = ahead.look(rows_); !looked) return pass(looked);
  const auto there = rows_.next();
  if (!there) return std::unexpected(there.error());
  const HeaderCells header(rows_.fields());
  const bool needs_interval = !options_.time_interval;
  const auto uris = column_of_uris(ahead.rows());
  auto columns = read_header(header.cells(), options_.columns, needs_interval, uris);
  if (!columns) return std::unexpected(std::move(columns).error().with("line", std::to_string(rows_.line())));
  if (!columns->has_value()) {
    columns = options_.columns.empty() ? columns_by_content(ahead.rows(), needs_interval)
                                       : numbered_columns(rows_.fields(), options_.columns, needs_interval);
    if (!columns) return std::unexpected(std::move(columns).error().with("line", std::to_string(rows_.line())));
  }
  if (!*columns) {
    if (is_row_in_one_cell(rows_.fields())) {
      return fail(
          Errc::invalid_input,
          "each row of this file is one cell: the whole row is in quotes or in column A of the spreadsheet",
          "In the spreadsheet use Data > Text to Columns with the comma, then save it as \"CSV UTF-8 (comma delimited)\".");
    }
    if (std::ranges::any_of(rows_.fields(), [](auto cell) { return std::ranges::count(cell, '|') >= 2; })) {
      return std::unexpected(Error{Errc::invalid_input,
                                   "the columns seem to be separated by |: comma, semicolon and tab are read",
                                   "Save the file with commas.",
                                   {{"line", std::to_string(rows_.line())}}});
    }
    return std::unexpected(
        Error{Errc::invalid_input,
              "this is not an Entra CSV: its first line names no columns that are known",
              "The first line must be: upn,serial number,secret key,time interval,manufacturer,model; or say which "
              "column is which: [[setting|map|serial=COLUMN]] [[setting|map|secret=COLUMN]] [[setting|map|interval=COLUMN]]",
              {{"line", std::to_string(rows_.line())}}});
  }
  columns_ = std::move(**columns);
  if (auto seen = columns_by_values(ahead.rows(), columns_); !seen)
    return std::unexpected(std::move(seen).error().with("line", std::to_string(rows_.line())));
  if (options_.time_interval && columns_.at[static_cast<std::size_t>(Column::interval)] == ColumnMap::kAbsent) {
    if (auto why = why_no_time_interval_is_to_be_said(ahead.rows(), columns_)) return std::unexpected(std::move(*why));
  }
  const bool said = options_.encoding != SecretEncoding::detect || columns_.encoding != SecretEncoding::detect;
  if (options_.encoding == SecretEncoding::detect) options_.encoding = columns_.encoding;
  if (!said) {
    base64_evidence_ = evidence_of_base64(ahead.rows(), columns_);
    if (base64_evidence_.line != 0) options_.encoding = SecretEncoding::base64;
  }
  summary_.notes = std::move(columns_.notes);
  if (columns_.headed && header.decoded()) summary_.notes.push_back("the header is not UTF-8 and was read as Windows-1252");
  if (rows_.separator() != ',') {
    summary_.notes.push_back(fmt::format("the columns are separated by a {}", name_of_separator(rows_.separator())));
  }
  return !columns_.headed;
}

/// Everything that the row has to do with those before it.
Result<void> Reader::take(EntraRow& row) {
  if (row.line >= DuplicateSerials::kMaxLine) {
    return fail(Errc::invalid_input, "the file has more lines than can be numbered", "Split it.");
  }
  if (row.kind == EntraRow::Kind::broken) after_broken_row_ = true;
  for (auto& problem : row.problems) report(std::move(problem));
  if (row.kind == EntraRow::Kind::blank) after_broken_row_ = false;
  if (row.kind != EntraRow::Kind::token || !is_new(row)) return {};
  return take_token(row);
}

bool Reader::is_new(const EntraRow& row) {
  const TokenSeed& token = row.token;
  if (token.serial.empty()) return true;  // of a URI, or of another type: there is nothing to tell it by
  const std::uint64_t user = token.upn.empty() || token.type != OtpType::totp ? 0 : users_.hash(token.upn);
  const auto answer = serials_.add(token, user);
  if (answer.verdict != DuplicateSerials::Verdict::first) {
    report_again(token, answer);
    return false;
  }
  after_broken_row_ = false;
  const auto warn = [&](Column column, std::string what, std::string remedy, RowProblem::Kind kind = RowProblem::Kind::any) {
    RowProblem problem = problem_of(token, name_of(column), std::move(what), std::move(remedy));
    problem.warning = true;
    problem.kind = kind;
    sink_.on_problem(std::move(problem));
  };
  if (answer.alike != 0) {
    auto why = warning_of_alike_serials(fmt::format("line {}", answer.alike));
    warn(Column::serial, std::move(why.what), std::move(why.remedy));
  }
  unsaid_intervals_ += row.unsaid_interval ? 1 : 0;
  if (user != 0 && users_.add(user))
    warn(Column::upn, std::string(kTooMany), std::string(kFiveAtMost), RowProblem::Kind::too_many);
  if (row.odd_enabled) {
    warn(Column::enabled, "the column `enabled` holds something else",
         "If a value of this row holds an unquoted separator, manufacturer and model have shifted: put it in quotes.");
  }
  return true;
}

Result<void> Reader::take_token(EntraRow& row) {
  TokenSeed& token = row.token;
  using Reading = SecretKeyText::Reading;
  if (row.reading == Reading::either) return hold_back(std::move(token));
  ++(row.reading == Reading::hex ? hex_rows_ : base32_rows_);
  if (token.type == OtpType::totp && !is_usual_key_size(token.base32.size()))
    sink_.on_problem(std::move(*warning_of_key_size(token)));
  hand_out(std::move(token));
  return {};
}

/// The file has had this token's serial number before.
void Reader::report_again(const TokenSeed& token, const DuplicateSerials::Answer& answer) {
  using Verdict = DuplicateSerials::Verdict;
  const auto [verdict, first, alike] = answer;
  constexpr std::string_view kRemedy = "Find out which row is right, and remove the other.";
  switch (verdict) {
    case Verdict::first: return;
    case Verdict::repeat:
      report(token.line, token.serial, token.upn, "row", fmt::format("it repeats line {} and is ignored", first),
             "Remove one of the two lines.");
      return;
    case Verdict::contradiction:
      withdraw(first);
      report(first, token.serial, "", name_of(Column::serial),  // that row's UPN is no longer known
             fmt::format("line {} has the same serial number and other contents: neither is taken", token.line),
             std::string(kRemedy));
      break;
    case Verdict::contradicted: break;
  }
  report(token.line, token.serial, token.upn, name_of(Column::serial),
         fmt::format("line {} has the same serial number and other contents: neither is taken", first), std::string(kRemedy));
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
  if (undecided_.empty()) return {};
  if (seen_.surely_base32 == 0 && seen_.surely_hex == 0) {
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
    if (seen_.surely_base32 != 0 && seen_.surely_hex != 0) {
      report(token.line, token.serial, token.upn, name_of(Column::secret),
             "the key can be read as base32 and as hex, and the file has both", std::string(kChoose));
      continue;
    }
    if (seen_.surely_hex != 0) {
      token.base32 = token.base32.reveal([](std::string_view digits) { return base32_from_hex(digits); });
      ++hex_rows_;
    } else {
      ++base32_rows_;
    }
    auto weak = token.type != OtpType::totp
                    ? std::nullopt
                    : token.base32.reveal([&](std::string_view key) { return why_no_secret(key, options_.allow_short_keys); });
    if (weak) {
      report(problem_of(token, name_of(Column::secret), std::move(*weak)));
    } else {
      hand_out(std::move(token));
    }
  }
  return {};
}

void Reader::note_what_was_seen() {
  auto& notes = summary_.notes;
  if (hex_rows_ != 0) {
    notes.push_back(base32_rows_ == 0
                        ? fmt::format("the secret keys are hex{} and were converted to base32", because(seen_.hex_evidence))
                        : fmt::format("the secret keys are base32 in {} rows; in {} they are hex and were converted",
                                      base32_rows_, hex_rows_));
  } else if (base32_rows_ != 0) {
    notes.push_back(options_.encoding == SecretEncoding::base64
                        ? fmt::format("the secret keys are base64{} and were converted to base32", because(base64_evidence_))
                        : fmt::format("the secret keys are base32{}", because(seen_.base32_evidence)));
  }
  if (!undecided_.empty() && (seen_.surely_hex == 0 || seen_.surely_base32 == 0)) {
    notes.push_back(fmt::format("{} of them could be either and were taken for what the others are", undecided_.size()));
  }
  if (unsaid_intervals_ != 0) notes.push_back(note_of_unsaid_intervals(unsaid_intervals_, *options_.time_interval));
  if (seen_.unwrapped_serials != 0) {
    notes.push_back(fmt::format("{} serial numbers were freed of =\"…\" or a leading apostrophe", seen_.unwrapped_serials));
  }
  if (seen_.from_windows_1252 != 0) {
    notes.push_back(fmt::format("{} values are not UTF-8 and were read as Windows-1252", seen_.from_windows_1252));
  }
  if (seen_.invisible != 0) {
    notes.push_back(fmt::format(
        "from {} values characters were removed that nobody sees, such as no-break or zero-width spaces", seen_.invisible));
  }
  if (seen_.unread_dates != 0)
    notes.push_back(fmt::format("{} dates of manufacture were not understood (2024-03-31 is)", seen_.unread_dates));
  if (seen_.vault_rows != 0) notes.push_back(fmt::format("passed over, without an otpauth URI: {} rows", seen_.vault_rows));
  if (seen_.doubled_apostrophes != 0) notes.push_back(fmt::format("'' was read as ' in {} UPNs", seen_.doubled_apostrophes));
  if (summary_.rows == 0) notes.push_back("there are no rows after the header");
}

}  // namespace

Result<SeedFileSummary> read_entra_csv(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink) {
  return Reader(rows, options, sink).read();
}

}  // namespace portalkey
