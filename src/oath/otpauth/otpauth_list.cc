#include "oath/otpauth/otpauth_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/ascii.h"
#include "oath/checked_tokens.h"
#include "oath/otpauth/migration.h"
#include "oath/otpauth/uri.h"
#include "oath/text_lines.h"

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

class OtpauthList {
 public:
  OtpauthList(SeedFormat format, SeedSink& sink) : tokens_(format, sink) {}

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
      const auto uri = rest.substr(0, std::min(rest.find_first_of(" \t\"<>`"), rest.size()));
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
    for (const auto& [id, parts] : exports_) {
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
    if (exports_.size() >= kMostExports && !exports_.contains(migration.id)) return true;
    auto& parts = exports_[migration.id];
    if (parts.of == 0) {
      parts.of = migration.parts;
      parts.line = line_;
    }
    if (parts.seen.insert(migration.part).second) return true;
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
    std::int64_t of = 0;
    std::int64_t line = 0;
    std::set<std::int64_t> seen;
  };

  CheckedTokens tokens_;
  std::int64_t line_ = 0;
  std::int64_t read_ = 0;  // URIs that could be read
  int other_lines_ = 0;
  std::string other_;
  std::optional<Error> first_failure_;
  std::map<std::int64_t, Parts> exports_;
};

}  // namespace

Result<SeedFileSummary> read_otpauth_list(ByteSource& source, SeedFormat format, SeedSink& sink) {
  OtpauthList list(format, sink);
  TextLines lines(source);
  for (;;) {
    const auto line = lines.next();
    if (!line) return std::unexpected(line.error());
    if (!*line) return list.finish();
    list.read_line(**line, lines.line());
  }
}

}  // namespace portalkey
