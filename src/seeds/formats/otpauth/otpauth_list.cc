#include "seeds/formats/otpauth/otpauth_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/ascii.h"
#include "base/short_hash.h"
#include "seeds/formats/csv/csv_rows.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/otpauth/migration.h"
#include "seeds/formats/otpauth/uri.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/text_lines.h"

namespace portalkey {
namespace {

constexpr std::string_view kMigration = "otpauth-migration://";
constexpr std::string_view kSchemes[] = {"otpauth://", kMigration, "steam://"};
constexpr std::int64_t kMostParts = 1000;   // of one export; more is no export
constexpr std::size_t kMostExports = 1000;  // of which missing parts are looked for
constexpr int kLinesNamed = 5;

std::size_t next_uri(std::string_view line) {
  std::size_t first = std::string_view::npos;
  for (const auto scheme : kSchemes) {
    const auto at = std::ranges::search(line, scheme, {}, to_lower).begin() - line.begin();
    if (static_cast<std::size_t>(at) < line.size()) first = std::min(first, static_cast<std::size_t>(at));
  }
  return first;
}

/// Where a URI ends that `text` begins with. A blank ends it, unless its query has not begun or goes on behind: then the blank
/// is one that should have been written as %20.
std::size_t end_of_uri(std::string_view text) {
  constexpr std::string_view kStops = " \t\"<>`";
  constexpr std::string_view kParameters[] = {"secret=", "issuer=", "algorithm=", "digits=", "period=", "counter=", "serial="};
  const auto next = next_uri(text.substr(1));
  const auto hard = std::min(text.find_first_of(kStops.substr(1)), next == std::string_view::npos ? text.size() : next + 1);
  const auto whole = text.substr(0, hard);
  const auto end_from = [&](std::size_t from) { return std::min(whole.find(' ', from), whole.size()); };
  std::size_t end = end_from(0);
  for (;;) {
    std::size_t goes_on = std::string_view::npos;
    if (whole.substr(0, end).find('?') == std::string_view::npos) goes_on = whole.find('?', end);
    for (std::size_t at = whole.find('&', end); at != std::string_view::npos && goes_on == std::string_view::npos;
         at = whole.find('&', at + 1)) {
      const bool known = std::ranges::any_of(
          kParameters, [&](auto name) { return same_ignoring_case(whole.substr(at + 1, name.size()), name); });
      if (known) goes_on = at;
    }
    if (goes_on == std::string_view::npos || whole.substr(0, kMigration.size()) == kMigration) return end;
    end = end_from(goes_on);
  }
}

/// What an export's part holds, to tell the same part from another export's.
std::uint64_t hash_of(const Migration& migration, const ShortHash& hash) {
  std::string text;
  for (const auto& [token, usable] : migration.keys) {
    token.base32.reveal([&](std::string_view key) { text += key; });
    text += fmt::format("\n{}\n", token.details ? token.details->label : "");
  }
  const std::uint64_t value = hash(text);
  wipe(text);
  return value;
}

class OtpauthList {
 public:
  OtpauthList(const SeedFileOptions& options, SeedSink& sink) : tokens_(sink, options) {}

  void read_line(std::string_view line, std::int64_t number) {
    const std::string_view text = trimmed(line);
    if (text.empty() || text.starts_with('#')) return;
    line_ = number;
    auto at = next_uri(text);
    if (at == std::string_view::npos) {
      if (++other_lines_ <= kLinesNamed) other_ += fmt::format("{}{}", other_.empty() ? "" : ", ", number);
      return;
    }
    auto rest = text.substr(at);
    while (!rest.empty()) {
      const auto uri = rest.substr(0, end_of_uri(rest));
      if (same_ignoring_case(uri.substr(0, kMigration.size()), kMigration)) {
        read_migration(uri, rest);
      } else {
        read_uri(uri);
      }
      rest.remove_prefix(uri.size());
      at = next_uri(rest);
      rest.remove_prefix(std::min(at, rest.size()));
    }
  }

  Result<SeedFileSummary> finish() {
    if (tokens_.keys() == 0 && !first_failure_) {
      return fail(Errc::invalid_input, "there is no otpauth:// URI in the file", "Check that the export was complete.");
    }
    if (first_failure_ && read_ == 0) return std::unexpected(std::move(*first_failure_));
    for (const auto& parts : exports_) {
      for (std::int64_t part = 0; part < parts.of; ++part) {
        if (parts.seen.contains(part)) continue;
        RowProblem problem;
        problem.line = parts.line;
        problem.field = "row";
        problem.what = fmt::format("part {} of {} of this export is not in the file", part + 1, parts.of);
        problem.cause = "the app shows a large export as several QR codes";
        problem.remedy = "Scan the other QR codes too, and add their text.";
        tokens_.warn(std::move(problem));
      }
    }
    if (other_lines_ > 0) {
      tokens_.note(fmt::format("passed over, without a URI: line{} {}{}", other_lines_ == 1 ? "" : "s", other_,
                               other_lines_ > kLinesNamed ? fmt::format(" and {} more", other_lines_ - kLinesNamed) : ""));
    }
    return tokens_.finish();
  }

 private:
  void refuse(std::string_view field, std::string what, std::string remedy) {
    RowProblem problem;
    problem.line = line_;
    problem.field = field;
    problem.what = std::move(what);
    problem.remedy = std::move(remedy);
    tokens_.refuse(std::move(problem));
  }

  void read_uri(std::string_view uri) {
    auto token = parse_otpauth_uri(uri);
    if (!token) {
      const auto& error = token.error();
      return refuse(error.context.empty() ? "row" : error.context[0].second, error.what, error.remedy);
    }
    ++read_;
    token->line = line_;
    tokens_.add(std::move(*token));
  }

  /// `rest` is the line from the URI on: a form decoder may have torn it apart with blanks.
  void read_migration(std::string_view uri, std::string_view rest) {
    const auto data_of = [](std::string_view text) {
      for (const auto mark : {"?data=", "&data="}) {
        if (const auto at = text.find(mark); at != std::string_view::npos) {
          return text.substr(at + 6, text.substr(at + 6).find_first_of("&#"));
        }
      }
      return std::string_view();
    };
    auto migration = parse_migration(data_of(uri));
    if (!migration && uri.size() < rest.size()) {
      if (auto torn = parse_migration(data_of(rest))) migration = std::move(torn);
    }
    if (!migration) {
      if (!first_failure_) first_failure_ = Error(migration.error()).with("line", fmt::format("{}", line_));
      return refuse("row", migration.error().what, migration.error().remedy);
    }
    ++read_;
    if (!is_new_part(*migration)) return;
    for (auto& [token, usable] : migration->keys) {
      token.line = line_;
      if (usable) {
        tokens_.add(std::move(token));
      } else {
        refuse("row", std::move(usable.error().what), std::move(usable.error().remedy));
      }
    }
  }

  bool is_new_part(const Migration& migration) {
    if (migration.parts < 2 || migration.parts > kMostParts || migration.part < 0 || migration.part >= migration.parts)
      return true;
    // Apps give all their exports the same id: what two have in common does not make them one.
    const auto contents = hash_of(migration, hash_);
    Parts* fitting = nullptr;
    bool again = false;
    for (auto& parts : exports_) {
      if (parts.id != migration.id || parts.of != migration.parts) continue;
      const auto known = parts.seen.find(migration.part);
      if (known == parts.seen.end() && fitting == nullptr) fitting = &parts;
      again = again || (known != parts.seen.end() && known->second == contents);
    }
    if (!again) {
      if (fitting == nullptr && exports_.size() < kMostExports)
        fitting = &exports_.emplace_back(Parts{migration.id, migration.parts, line_, {}});
      if (fitting != nullptr) fitting->seen.emplace(migration.part, contents);
      return true;
    }
    RowProblem problem;
    problem.line = line_;
    problem.field = "row";
    problem.what =
        fmt::format("part {} of {} of this export comes a second time and is ignored", migration.part + 1, migration.parts);
    problem.remedy = "Remove one of the two.";
    tokens_.warn(std::move(problem));
    return false;
  }

  struct Parts {
    std::int64_t id = 0, of = 0;
    std::int64_t line = 0;
    std::map<std::int64_t, std::uint64_t> seen;  // the part, and the hash of what it holds
  };

  CheckedTokens tokens_;
  std::int64_t line_ = 0;
  std::int64_t read_ = 0;  // URIs that could be read
  int other_lines_ = 0;
  std::string other_;
  std::optional<Error> first_failure_;
  std::vector<Parts> exports_;
  const ShortHash hash_;
};

bool begins(std::string_view text, std::string_view with) { return same_ignoring_case(text.substr(0, with.size()), with); }

/// Whether `line`, which begins with a URI, has as many values as the file's first line, which has none.
bool is_in_table(std::string_view text, std::string_view line) {
  const auto first = text.substr(0, text.find_first_of("\r\n"));
  const char separator = separator_of(first);
  const auto values = count_of_values(first, separator);
  return values > 1 && !lower(first).contains("otpauth://") && values == count_of_values(line, separator);
}

/// From the first URI on; empty: none. One may stand anywhere in its line, but not in a column.
std::string_view from_first_uri(std::string_view text) {
  const auto whole = text;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find_first_of("\r\n"));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (trimmed(line).starts_with('#')) continue;
    const auto at = std::min(line.find("otpauth"), line.find("OTPAUTH"));
    if (at == std::string_view::npos) continue;
    if (line.substr(0, at).find_first_of(",;\t") != std::string_view::npos || is_in_table(whole, line)) continue;
    if (begins(line.substr(at), kMigration) || begins(line.substr(at), "otpauth://")) return line.substr(at);
  }
  return {};
}

}  // namespace

bool is_otpauth_list(std::string_view start) { return begins(from_first_uri(start), "otpauth://"); }

bool is_otpauth_migration_list(std::string_view start) { return begins(from_first_uri(start), kMigration); }

Result<SeedFileSummary> read_otpauth_list(ByteSource& source, const SeedFileOptions& options, SeedSink& sink) {
  OtpauthList list(options, sink);
  TextLines lines(source);
  for (;;) {
    const auto line = lines.next();
    if (!line) return std::unexpected(line.error());
    if (!*line) return list.finish();
    list.read_line(**line, lines.line());
  }
}

}  // namespace portalkey
