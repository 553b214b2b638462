#include "seeds/formats/csv/bitwarden_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/otpauth/uri.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/said.h"
#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

constexpr std::string_view kKeyColumn = "login_totp";
constexpr std::string_view kExportAgain = "Export the vault as CSV again.";

class Reader {
 public:
  Reader(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink) : rows_(rows), tokens_(sink, options) {}

  Result<SeedFileSummary> read() {
    if (auto found = find_columns(); !found) return pass(found);
    for (;;) {
      const auto there = rows_.next();
      if (!there) return std::unexpected(there.error());
      if (!*there) break;
      take_row();
    }
    if (tokens_.keys() == 0) {
      return fail(Errc::invalid_input, "no entry of this vault has a key for one-time codes",
                  "Check that the vault, folder or collection is the right one.");
    }
    if (without_key_ != 0) {
      tokens_.note(fmt::format("passed over, without a key for one-time codes: {} entr{}", without_key_,
                               without_key_ == 1 ? "y" : "ies"));
    }
    return tokens_.finish();
  }

 private:
  Result<void> find_columns();
  void take_row();
  /// `text` is the key without a URI.
  Result<TokenSeed> token_of_key(std::string_view text, std::string_view name);
  void refuse(std::string_view field, std::string what, std::string remedy, std::string expected = {},
              std::string_view cell = {});

  CsvRows& rows_;
  CheckedTokens tokens_;
  std::size_t key_at_ = 0, name_at_ = ColumnMap::kAbsent, columns_ = 0;
  std::int64_t without_key_ = 0;
};

Result<void> Reader::find_columns() {
  const auto there = rows_.next();
  if (!there) return std::unexpected(there.error());
  const auto cells = *there ? without_blank_end(rows_.fields()) : std::span<const std::string_view>();
  const auto is_called = [](std::string_view name) {
    return [name](std::string_view cell) { return same_ignoring_case(trimmed_unicode(cell), name); };
  };
  const auto found = std::ranges::count_if(cells, is_called(kKeyColumn));
  if (found != 1) {
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("this is no CSV export of Bitwarden: its header has {} column `{}`",
                                             found == 0 ? "no" : "more than one", kKeyColumn),
                                 std::string(kExportAgain),
                                 {{"line", fmt::format("{}", std::max<std::int64_t>(rows_.line(), 1))}}});
  }
  columns_ = cells.size();
  key_at_ = static_cast<std::size_t>(std::ranges::find_if(cells, is_called(kKeyColumn)) - cells.begin());
  if (const auto name = std::ranges::find_if(cells, is_called("name")); name != cells.end()) {
    name_at_ = static_cast<std::size_t>(name - cells.begin());
  }
  return {};
}

void Reader::refuse(std::string_view field, std::string what, std::string remedy, std::string expected, std::string_view cell) {
  RowProblem problem;
  problem.line = rows_.line();
  problem.field = field;
  problem.what = std::move(what);
  problem.remedy = std::move(remedy);
  problem.expected = std::move(expected);
  if (!cell.empty()) problem.column = rows_.column_of(cell);
  tokens_.refuse(std::move(problem));
}

Result<TokenSeed> Reader::token_of_key(std::string_view text, std::string_view name) {
  auto key = key_of_text(text, SecretEncoding::base32);
  if (!key) {
    return std::unexpected(Error{Errc::invalid_input,
                                 std::move(key.error().what),
                                 std::move(key.error().remedy),
                                 {{"field", std::string(name_of(Column::secret))}}});
  }
  TokenSeed token;
  token.base32 = std::move(*key);
  token.step = 30;
  if (is_clean_text(name)) token.detailed().label = name;
  return token;
}

void Reader::take_row() {
  if (rows_.broken() != CsvRows::Broken::no) {
    return refuse("row", "a quote on this line is not closed where its value ends", std::string(kExportAgain));
  }
  const auto cells = rows_.fields();
  const auto filled = without_blank_end(cells);
  if (filled.empty()) return;
  if (filled.size() > columns_ || cells.size() <= key_at_) {
    return refuse("row", fmt::format("there are {} values, and the header has {}", cells.size(), columns_),
                  std::string(kExportAgain));
  }
  const auto text = value_or_nothing(cells[key_at_]);
  if (text.empty()) {
    ++without_key_;
    return;
  }
  auto token = text.find("://") != std::string_view::npos
                   ? parse_otpauth_uri(text)
                   : token_of_key(text, name_at_ < cells.size() ? trimmed_unicode(cells[name_at_]) : std::string_view());
  if (!token) {
    const auto& error = token.error();
    return refuse(error.context.empty() ? "row" : error.context[0].second, error.what, error.remedy,
                  "an otpauth://totp/ URI, or a key in base32", cells[key_at_]);
  }
  token->line = rows_.line();
  tokens_.add(std::move(*token));
}

}  // namespace

bool is_bitwarden_csv(std::string_view start) {
  return lower(start.substr(0, start.find_first_of("\r\n"))).find(kKeyColumn) != std::string::npos;
}

Result<SeedFileSummary> read_bitwarden_csv(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink) {
  return Reader(rows, options, sink).read();
}

}  // namespace portalkey
