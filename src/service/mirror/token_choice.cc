#include "service/mirror/token_choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "service/mirror/token_rows.h"

namespace portalkey {
namespace {

constexpr std::size_t kFewInRange = 7000;  // of a million: where looking at all costs what walking in order costs
constexpr std::size_t kFewWithPart = 2000;

bool contains(std::string_view text, const std::string& part) { return part.empty() || lower(text).contains(part); }

std::string group_of(TokenColumn column, const Query& row) {
  switch (column) {
    case TokenColumn::serial:
    case TokenColumn::upn: return {};
    case TokenColumn::state: return fmt::format("{}", row.number(1));
    case TokenColumn::interval: return fmt::format("{:011}", step_of(row.number(3)).value_or(0) + (std::int64_t{1} << 31));
    case TokenColumn::manufacturer: return lower(row.text(4));
    case TokenColumn::model: return lower(row.text(5));
  }
  return {};
}

/// What the index of parts can be asked for: three characters at least, none of which it might read otherwise.
bool indexed_part(std::string_view part) {
  return part.size() >= 3 && std::ranges::all_of(part, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

bool TokenChoice::fits(const TokenPlace& place) const {
  return (!search_serial || search_serial->has(place.sl) || search_owner->has(place.ul)) &&
         (serial_part.empty() || place.sl.contains(serial_part)) && (owner.empty() || place.ul == owner);
}

std::string TokenChoice::condition() const {
  std::string out;
  const auto in_range = [](const char* column, const KeyRange& range) {
    return range.before.empty() ? fmt::format("{} >= ?", column) : fmt::format("{0} >= ? AND {0} < ?", column);
  };
  // The plus keeps them from being taken for bounds of the index.
  if (search_serial) out += fmt::format(" AND (({}) OR ({}))", in_range("+sl", *search_serial), in_range("+ul", *search_owner));
  if (!serial_part.empty()) out += " AND instr(sl, ?) > 0";
  if (!owner.empty()) out += " AND +ul = ?";
  return out;
}

void TokenChoice::bind(Query& query) const {
  const auto bind_range = [&](const KeyRange& range) {
    query.bind(range.from);
    if (!range.before.empty()) query.bind(range.before);
  };
  if (search_serial) {
    bind_range(*search_serial);
    bind_range(*search_owner);
  }
  if (!serial_part.empty()) query.bind(serial_part);
  if (!owner.empty()) query.bind(owner);
}

Result<TokenChoice> choice_of(Sqlite& db, std::int64_t tenant, const MirrorQuery& query) {
  TokenChoice choice;
  if (!query.search.empty()) {
    const auto serial = serial_key(query.search), owner = account_of(query.search);
    choice.search_serial = KeyRange{serial, end_of_prefix(serial)};
    choice.search_owner = KeyRange{owner, end_of_prefix(owner)};
  }
  choice.serial_part = serial_key(query.serial);
  const bool nobodys = query.upn == "none";
  if (!nobodys) choice.owner = account_of(query.upn);
  const auto manufacturer = lower(query.manufacturer), model = lower(query.model);
  Query kinds(db, "SELECT id, state, nobodys, step, manufacturer, model, tokens FROM kind WHERE tenant = ? AND tokens > 0");
  kinds.bind(tenant);
  for (;;) {
    auto more = kinds.step();
    if (!more) return pass(more);
    if (!*more) return choice;
    const auto state = static_cast<TokenState>(kinds.number(1));
    if ((query.state && state != *query.state) || (nobodys && kinds.number(2) == 0)) continue;
    if (!contains(kinds.text(4), manufacturer) || !contains(kinds.text(5), model)) continue;
    choice.kinds.push_back({kinds.number(0), state, group_of(query.order.column, kinds), kinds.number(6)});
  }
}

Result<std::optional<std::vector<TokenPlace>>> few_in_range(Sqlite& db, const TokenChoice& choice, bool by_owner,
                                                            const KeyRange& range) {
  const char* column = by_owner ? "ul" : "sl";
  Query query(db, fmt::format("SELECT id, sl, oath_id, ul FROM token INDEXED BY {} WHERE kind = ? AND {} >= ?{} LIMIT ?",
                              by_owner ? "token_owner" : "token_serial", column,
                              range.before.empty() ? std::string() : fmt::format(" AND {} < ?", column)));
  std::vector<TokenPlace> found;
  std::size_t seen = 0;
  for (const auto& kind : choice.kinds) {
    query.bind(kind.id).bind(range.from);
    if (!range.before.empty()) query.bind(range.before);
    query.bind(static_cast<std::int64_t>(kFewInRange - seen + 1));
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) break;
      if (++seen > kFewInRange) return std::nullopt;
      TokenPlace place{query.number(0), kind.id, std::string(query.text(1)), std::string(query.text(2)),
                       std::string(query.text(3))};
      if (choice.fits(place)) found.push_back(std::move(place));
    }
    query.reset();
  }
  return found;
}

Result<std::optional<std::vector<TokenPlace>>> few_with_part(Sqlite& db, const TokenChoice& choice) {
  if (!indexed_part(choice.serial_part)) return std::nullopt;
  std::string phrase = "\"";
  for (const char c : choice.serial_part) phrase += c == '"' ? std::string("\"\"") : std::string(1, c);
  phrase += '"';
  std::vector<std::int64_t> ids;
  Query parts(db, "SELECT rowid FROM serial_part WHERE serial_part MATCH ? LIMIT ?");
  parts.bind(phrase).bind(static_cast<std::int64_t>(kFewWithPart + 1));
  for (;;) {
    auto more = parts.step();
    if (!more) return pass(more);
    if (!*more) break;
    ids.push_back(parts.number(0));
  }
  if (ids.size() > kFewWithPart) return std::nullopt;
  std::vector<TokenPlace> found;
  Query query(db, "SELECT kind, sl, oath_id, ul FROM token WHERE id = ?");
  for (const auto id : ids) {
    auto there = query.bind(id).step();
    if (!there) return pass(there);
    if (*there) {
      TokenPlace place{id, query.number(0), std::string(query.text(1)), std::string(query.text(2)), std::string(query.text(3))};
      if (choice.fits(place) && std::ranges::find(choice.kinds, place.kind, &TokenKind::id) != choice.kinds.end())
        found.push_back(std::move(place));
    }
    query.reset();
  }
  return found;
}

}  // namespace portalkey
