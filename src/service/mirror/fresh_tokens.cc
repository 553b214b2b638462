#include "service/mirror/fresh_tokens.h"

#include <fmt/format.h>

#include "service/mirror/untold.h"

namespace portalkey {
namespace {

constexpr int kFreshCacheKib = 8192;

/// `f` in place of both tables of token_at().
constexpr const char* kFreshFields =
    "f.serial, f.oath_id, f.upn, f.user_id, f.name, f.last_used, f.manufacturer, f.model, f.step, f.state";

constexpr const char* kFreshTables = R"(
CREATE TABLE fresh.said(sl TEXT NOT NULL, oath_id TEXT NOT NULL, serial TEXT NOT NULL, upn TEXT NOT NULL,
  user_id TEXT NOT NULL, name TEXT NOT NULL, last_used INTEGER, manufacturer TEXT NOT NULL, model TEXT NOT NULL,
  step INTEGER NOT NULL, state INTEGER NOT NULL, PRIMARY KEY(sl, oath_id)) STRICT, WITHOUT ROWID;
CREATE TABLE fresh.difference(sl TEXT NOT NULL, oath_id TEXT NOT NULL) STRICT;
)";

constexpr const char* kVanished =
    "INSERT INTO fresh.difference SELECT t.sl, t.oath_id FROM main.token t WHERE t.tenant = ? AND "
    "NOT EXISTS(SELECT 1 FROM fresh.said f WHERE f.sl = t.sl AND f.oath_id = t.oath_id)";
constexpr const char* kAppearedOrChanged =
    "INSERT INTO fresh.difference SELECT f.sl, f.oath_id FROM fresh.said f "
    "LEFT JOIN main.token t ON t.tenant = ? AND t.sl = f.sl AND t.oath_id = f.oath_id LEFT JOIN main.kind k ON k.id = t.kind "
    "WHERE t.id IS NULL OR t.serial <> f.serial OR t.upn <> f.upn OR t.user_id <> f.user_id OR t.name <> f.name OR "
    "t.last_used IS NOT f.last_used OR k.manufacturer <> f.manufacturer OR k.model <> f.model OR k.step <> f.step OR "
    "k.state <> f.state";

void bind_fresh(Query& query, const TenantToken& token) {
  query.bind(serial_key(token.serial)).bind(token.oath_id).bind(token.serial).bind(token.upn).bind(token.user_id);
  query.bind(token.display_name);
  bind_moment(query, token.last_used);
  query.bind(token.manufacturer).bind(token.model).bind(stored_step(token.step));
  query.bind(static_cast<std::int64_t>(state_in_tenant(token)));
}

}  // namespace

Result<FreshTokens> FreshTokens::begin(MirrorDb db, std::string tenant) {
  auto made = db->run(fmt::format("ATTACH '' AS fresh; PRAGMA fresh.cache_size=-{}; PRAGMA fresh.journal_mode=OFF; {}",
                                  kFreshCacheKib, kFreshTables));
  if (!made) return pass(made);
  return FreshTokens(std::move(db), std::move(tenant));
}

Result<void> FreshTokens::add(std::span<const TenantToken> tokens) {
  auto writing = MirrorTransaction::begin(*db_, "BEGIN");
  if (!writing) return pass(writing);
  Query insert(*db_, "INSERT OR REPLACE INTO fresh.said VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const auto& token : tokens) {
    bind_fresh(insert, token);
    if (auto written = insert.run(); !written) return written;
  }
  return writing->commit();
}

Result<bool> FreshTokens::adopt_ids(std::size_t most) {
  auto writing = MirrorTransaction::begin(*db_, "BEGIN IMMEDIATE");
  if (!writing) return pass(writing);
  auto number = made_tenant_number(*db_, tenant_);
  if (!number) return pass(number);
  number_ = *number;
  std::vector<std::string> without;
  Query find(*db_, "SELECT sl FROM token WHERE tenant = ? AND oath_id = '' AND sl > ? ORDER BY sl LIMIT ?");
  find.bind(number_).bind(adopted_through_).bind(static_cast<std::int64_t>(most));
  for (;;) {
    auto more = find.step();
    if (!more) return pass(more);
    if (!*more) break;
    without.emplace_back(find.text(0));
  }
  find.reset();
  TokenRows rows(*db_, number_);
  for (const auto& sl : without)
    if (auto adopted = adopt_id(rows, sl); !adopted) return pass(adopted);
  if (auto done = writing->commit(); !done) return pass(done);
  if (without.empty()) return false;
  adopted_through_ = without.back();
  return true;
}

Result<void> FreshTokens::adopt_id(TokenRows& rows, const std::string& sl) {
  Query said(*db_, fmt::format("SELECT {} FROM fresh.said f WHERE f.sl = ? ORDER BY f.oath_id", kFreshFields));
  std::vector<TenantToken> same;
  said.bind(sl);
  for (;;) {
    auto more = said.step();
    if (!more) return pass(more);
    if (!*more) break;
    same.push_back(token_at(said, 0));
  }
  auto known = rows.find(sl, "");
  if (!known) return pass(known);
  for (const auto& token : same) {
    if (token.oath_id.empty()) return {};  // the tenant says it without one, too; that is the first
    auto taken = rows.find(sl, token.oath_id);
    if (!taken) return pass(taken);
    if (!*taken) return rows.update((*known)->id, completed((*known)->token, token));
  }
  return {};
}

Result<std::size_t> FreshTokens::compare() {
  {
    auto reading = MirrorTransaction::begin(*db_, "BEGIN");
    if (!reading) return pass(reading);
    for (const char* sql : {kVanished, kAppearedOrChanged}) {
      Query query(*db_, sql);
      if (auto found = query.bind(number_).run(); !found) return pass(found);
    }
    if (auto done = reading->commit(); !done) return pass(done);
  }
  Query count(*db_, "SELECT count(*) FROM fresh.difference");
  if (auto there = count.step(); !there) return pass(there);
  return static_cast<std::size_t>(count.number(0));
}

Result<std::vector<TenantToken>> FreshTokens::said(const std::optional<TokenName>& after, std::size_t most) const {
  Query query(*db_, fmt::format("SELECT {} FROM fresh.said f {} ORDER BY f.sl, f.oath_id LIMIT ?", kFreshFields,
                                after ? "WHERE (f.sl, f.oath_id) > (?, ?)" : ""));
  if (after) query.bind(after->sl).bind(after->oath_id);
  query.bind(static_cast<std::int64_t>(most));
  std::vector<TenantToken> out;
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return out;
    out.push_back(token_at(query, 0));
  }
}

Result<std::vector<Difference>> FreshTokens::differences(std::int64_t after, std::size_t most) const {
  Query query(*db_,
              fmt::format("SELECT {}, d.rowid, d.sl, d.oath_id, f.sl IS NULL FROM fresh.difference d LEFT JOIN "
                          "fresh.said f ON f.sl = d.sl AND f.oath_id = d.oath_id WHERE d.rowid > ? ORDER BY d.rowid LIMIT ?",
                          kFreshFields));
  query.bind(after).bind(static_cast<std::int64_t>(most));
  std::vector<Difference> out;
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return out;
    auto& one = out.emplace_back();
    one.number = query.number(kTokenColumnCount);
    one.name = {std::string(query.text(kTokenColumnCount + 1)), std::string(query.text(kTokenColumnCount + 2))};
    if (query.number(kTokenColumnCount + 3) == 0) one.said = token_at(query, 0);
  }
}

Result<bool> FreshTokens::was_read_before() const {
  Query before(*db_, "SELECT as_of IS NOT NULL FROM tenant WHERE id = ?");
  auto there = before.bind(number_).step();
  if (!there) return there;
  return *there && before.number(0) != 0;
}

Result<void> FreshTokens::write_differences(const std::unordered_set<std::string>& touched, bool tell) {
  auto found = differences(0, kMostDifferences);
  if (!found) return pass(found);
  TokenRows rows(*db_, number_);
  UntoldRows untold(*db_, number_);
  for (const auto& difference : *found) {
    if (touched.contains(difference.name.sl)) continue;
    auto known = rows.find(difference.name.sl, difference.name.oath_id);
    if (!known) return pass(known);
    const auto& was = *known;
    const auto& is = difference.said;
    if (!was && !is) continue;
    const auto done = !is ? rows.erase(was->id) : was ? rows.update(was->id, *is) : rows.insert(*is);
    if (!done) return done;
    if (!tell) continue;
    if (auto told = untold.add(was ? std::optional(was->token) : std::nullopt, is); !told) return told;
  }
  return rows.index_parts();
}

Result<void> FreshTokens::take_place(const std::unordered_set<std::string>& touched, WallTime as_of) {
  auto writing = MirrorTransaction::begin(*db_, "BEGIN IMMEDIATE");
  if (!writing) return pass(writing);
  const auto tell = was_read_before();
  if (!tell) return std::unexpected(tell.error());
  if (auto written = write_differences(touched, *tell); !written) return written;
  Query read(*db_, "UPDATE tenant SET as_of = ? WHERE id = ?");
  if (auto set = read.bind(unix_seconds(as_of)).bind(number_).run(); !set) return set;
  Query empty(*db_, "DELETE FROM kind WHERE tenant = ? AND tokens = 0");
  if (auto gone = empty.bind(number_).run(); !gone) return gone;
  return writing->commit();
}

}  // namespace portalkey
