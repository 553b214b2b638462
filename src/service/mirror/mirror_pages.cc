#include "service/mirror/mirror_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "service/mirror/kind_stream.h"
#include "service/mirror/mirror_layout.h"
#include "service/mirror/page_mark.h"
#include "service/mirror/token_choice.h"
#include "service/mirror/token_rows.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostOfAPage = 10'000;

struct ReadTenant {
  std::int64_t id = 0;
  WallTime as_of{};
};

Result<ReadTenant> read_tenant(Sqlite& db, const std::string& name) {
  Query query(db, "SELECT id, as_of FROM tenant WHERE name = ? AND shown = 1 AND as_of IS NOT NULL");
  auto found = query.bind(name).step();
  if (!found) return pass(found);
  if (!*found) return fail(Errc::not_found, "the tenant's tokens were never read whole");
  return ReadTenant{query.number(0), from_unix_seconds(query.number(1))};
}

/// How the tokens are found: `range` of the index that has the order, if there is one, and besides these (`found`, if
/// `only_found` there are no others).
struct Way {
  std::optional<KeyRange> range;
  std::vector<TokenPlace> found;
  bool only_found = false;
};

Result<Way> way_of(Sqlite& db, const TokenChoice& choice, bool by_owner) {
  Way way;
  if (!choice.owner.empty()) {
    const KeyRange exactly{choice.owner, choice.owner + '\0'};
    auto few = few_in_range(db, choice, true, exactly);
    if (!few) return pass(few);
    if (*few) return Way{{}, std::move(**few), true};
    if (by_owner) way.range = exactly;
    return way;
  }
  if (!choice.serial_part.empty()) {
    auto few = few_with_part(db, choice);
    if (!few) return pass(few);
    if (*few) return Way{{}, std::move(**few), true};
  }
  if (!choice.search_serial) return way;
  // Those that one column finds are together in the order; those of the other are few, or are met on the way.
  auto few = few_in_range(db, choice, !by_owner, by_owner ? *choice.search_serial : *choice.search_owner);
  if (!few) return pass(few);
  if (!*few) return way;
  way.range = by_owner ? *choice.search_owner : *choice.search_serial;
  std::erase_if(**few, [&](const TokenPlace& place) { return way.range->has(by_owner ? place.ul : place.sl); });
  way.found = std::move(**few);
  return way;
}

/// Whether it comes after the end of the page before, in a group that this end is in.
bool comes_after(const TokenPlace& place, const PageEnd& end, PlaceOrder order) {
  return order.before({0, 0, end.sl, end.oath_id, end.ul}, place);
}

Result<std::vector<TokenPlace>> places_of(Sqlite& db, const TokenChoice& choice, PlaceOrder order, Way way,
                                          const std::optional<PageEnd>& after, std::size_t most) {
  std::map<std::string, std::vector<std::int64_t>> groups;
  std::map<std::int64_t, std::string> group_of_kind;
  for (const auto& kind : choice.kinds) {
    groups[kind.group].push_back(kind.id);
    group_of_kind[kind.id] = kind.group;
  }
  std::vector<std::string> names;
  for (const auto& [name, kinds] : groups) names.push_back(name);
  if (order.descending) std::ranges::reverse(names);
  std::vector<TokenPlace> places;
  for (const auto& name : names) {
    if (places.size() >= most) break;
    if (after && name != after->group && (name < after->group) != order.descending) continue;
    const auto end = after && name == after->group ? after : std::nullopt;
    std::vector<std::unique_ptr<PlaceStream>> streams;
    if (!way.only_found)
      for (const auto kind : groups[name]) streams.push_back(kind_stream(db, choice, kind, order, way.range, end));
    std::vector<TokenPlace> found;
    for (const auto& place : way.found)
      if (group_of_kind[place.kind] == name && (!end || comes_after(place, *end, order))) found.push_back(place);
    if (!found.empty()) streams.push_back(found_stream(std::move(found), order));
    if (auto merged = merge(std::move(streams), order, most, places); !merged) return pass(merged);
  }
  return places;
}

Result<std::vector<TenantToken>> tokens_at(Sqlite& db, const std::vector<TokenPlace>& places) {
  std::vector<TenantToken> tokens;
  Query query(db, fmt::format("SELECT {} FROM token t JOIN kind k ON k.id = t.kind WHERE t.id = ?", kTokenFields));
  for (const auto& place : places) {
    auto there = query.bind(place.id).step();
    if (!there) return pass(there);
    if (*there) tokens.push_back(token_at(query, 0));
    query.reset();
  }
  return tokens;
}

Result<std::int64_t> number_counted(Query& query) {
  auto there = query.step();
  if (!there) return pass(there);
  const auto count = query.number(0);
  query.reset();
  return count;
}

/// Of one kind, by the index that fits best.
Result<std::int64_t> counted_tokens(Sqlite& db, const TokenChoice& choice, std::int64_t kind) {
  const auto range_of = [](const char* column, const KeyRange& range) {
    return range.before.empty() ? fmt::format("{} >= ?", column) : fmt::format("{0} >= ? AND {0} < ?", column);
  };
  const auto bind_range = [](Query& query, const KeyRange& range) {
    query.bind(range.from);
    if (!range.before.empty()) query.bind(range.before);
  };
  const std::string part = choice.serial_part.empty() ? "" : " AND instr(sl, ?) > 0";
  const auto count = [&](const char* index, const std::string& where, const auto& bind) {
    Query query(db, fmt::format("SELECT count(*) FROM token INDEXED BY {} WHERE kind = ?{}", index, where));
    query.bind(kind);
    bind(query);
    return number_counted(query);
  };
  if (!choice.owner.empty() || !choice.search_serial) {
    const bool by_owner = !choice.owner.empty();
    return count(by_owner ? "token_owner" : "token_serial", (by_owner ? " AND ul = ?" : "") + choice.condition(),
                 [&](Query& query) {
                   if (by_owner) query.bind(choice.owner);
                   choice.bind(query);
                 });
  }
  auto by_serial = count("token_serial", " AND " + range_of("sl", *choice.search_serial) + part, [&](Query& query) {
    bind_range(query, *choice.search_serial);
    if (!part.empty()) query.bind(choice.serial_part);
  });
  if (!by_serial) return by_serial;
  auto others =
      count("token_owner",
            " AND " + range_of("ul", *choice.search_owner) + " AND NOT (" + range_of("sl", *choice.search_serial) + ")" + part,
            [&](Query& query) {
              bind_range(query, *choice.search_owner);
              bind_range(query, *choice.search_serial);
              if (!part.empty()) query.bind(choice.serial_part);
            });
  if (!others) return others;
  return *by_serial + *others;
}

void add(MirrorCounts& counts, TokenState state, std::int64_t number) {
  counts.all += number;
  switch (state) {
    case TokenState::active: counts.active += number; break;
    case TokenState::not_activated: counts.not_activated += number; break;
    case TokenState::unassigned: counts.unassigned += number; break;
  }
}

}  // namespace

Result<MirrorPage> read_page(Sqlite& db, std::string_view mark_key, const std::string& tenant, const MirrorQuery& query) {
  std::optional<PageEnd> after;
  if (!query.after.empty()) {
    after = read_page_mark(mark_key, tenant, query);
    if (!after)
      return fail(Errc::invalid_input, "no page of this list begins there",
                  "Ask with what the page before gave, and otherwise as for that page; or begin with the first page.");
  }
  auto reading = MirrorTransaction::begin(db, "BEGIN");
  if (!reading) return pass(reading);
  const auto known = read_tenant(db, tenant);
  if (!known) return std::unexpected(known.error());
  const auto choice = choice_of(db, known->id, query);
  if (!choice) return std::unexpected(choice.error());
  const PlaceOrder order{query.order.column == TokenColumn::upn, query.order.descending};
  auto way = way_of(db, *choice, order.by_owner);
  if (!way) return pass(way);
  const auto most = std::clamp<std::size_t>(query.most, 1, kMostOfAPage);
  auto places = places_of(db, *choice, order, std::move(*way), after, most + 1);
  if (!places) return pass(places);
  MirrorPage page;
  page.as_of = known->as_of;
  if (places->size() > most) {
    places->pop_back();
    const auto& last = places->back();
    const auto group = std::ranges::find(choice->kinds, last.kind, &TokenKind::id)->group;
    page.next = page_mark(mark_key, tenant, query, {group, last.ul, last.sl, last.oath_id});
  }
  auto tokens = tokens_at(db, *places);
  if (!tokens) return pass(tokens);
  page.tokens = std::move(*tokens);
  return page;
}

Result<MirrorCounts> read_counts(Sqlite& db, const std::string& tenant, const MirrorQuery& query) {
  auto reading = MirrorTransaction::begin(db, "BEGIN");
  if (!reading) return pass(reading);
  const auto known = read_tenant(db, tenant);
  if (!known) return std::unexpected(known.error());
  const auto choice = choice_of(db, known->id, query);
  if (!choice) return std::unexpected(choice.error());
  MirrorCounts counts;
  counts.as_of = known->as_of;
  if (!choice->of_kinds_only() && !choice->serial_part.empty()) {
    auto few = few_with_part(db, *choice);
    if (!few) return pass(few);
    if (*few) {
      std::map<std::int64_t, TokenState> states;
      for (const auto& kind : choice->kinds) states[kind.id] = kind.state;
      for (const auto& place : **few) add(counts, states[place.kind], 1);
      return counts;
    }
  }
  for (const auto& kind : choice->kinds) {
    auto number = choice->of_kinds_only() ? Result<std::int64_t>(kind.tokens) : counted_tokens(db, *choice, kind.id);
    if (!number) return pass(number);
    add(counts, kind.state, *number);
  }
  return counts;
}

}  // namespace portalkey
