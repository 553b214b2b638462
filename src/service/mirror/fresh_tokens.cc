#include "service/mirror/fresh_tokens.h"

#include <fmt/format.h>

namespace portalkey {
namespace {

constexpr int kFreshCacheKib = 8192;
constexpr int kToldAtOnce = 200;

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

/// By the id if both have one: a UPN changes with its user's name. The service itself knows the UPN only.
bool same_owner(const TenantToken& a, const TenantToken& b) {
  if (!a.user_id.empty() && !b.user_id.empty()) return a.user_id == b.user_id;
  if (a.nobodys() || b.nobodys()) return a.nobodys() == b.nobodys();
  return a.upn.empty() || b.upn.empty() || account_of(a.upn) == account_of(b.upn);
}

class UntoldRows {
 public:
  UntoldRows(Sqlite& db, std::int64_t tenant)
      : insert_(db,
                "INSERT INTO untold(tenant, what, from_upn, serial, oath_id, upn, user_id, name, manufacturer, model, step, "
                "active, last_used) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        tenant_(tenant) {}

  Result<void> add(OutsideChange::What what, const TenantToken& token, const std::string& from_upn = {}) {
    insert_.bind(tenant_).bind(static_cast<std::int64_t>(what)).bind(from_upn).bind(token.serial).bind(token.oath_id);
    insert_.bind(token.upn).bind(token.user_id).bind(token.display_name).bind(token.manufacturer).bind(token.model);
    insert_.bind(stored_step(token.step)).bind(std::int64_t{token.active});
    bind_moment(insert_, token.last_used);
    return insert_.run();
  }

  Result<void> add_changes(const TenantToken& was, const TenantToken& is) {
    using What = OutsideChange::What;
    if (!same_owner(was, is)) {
      if (auto added = add(What::changed_owner, is, was.upn.empty() ? was.user_id : was.upn); !added) return added;
    }
    if (was.active != is.active) return add(is.active ? What::activated : What::deactivated, is);
    return {};
  }

 private:
  Query insert_;
  std::int64_t tenant_;
};

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

Result<void> FreshTokens::adopt_ids() {
  auto writing = MirrorTransaction::begin(*db_, "BEGIN IMMEDIATE");
  if (!writing) return pass(writing);
  auto number = made_tenant_number(*db_, tenant_);
  if (!number) return pass(number);
  number_ = *number;
  std::vector<std::string> without;
  Query find(*db_, "SELECT sl FROM token WHERE tenant = ? AND oath_id = ''");
  find.bind(number_);
  for (;;) {
    auto more = find.step();
    if (!more) return pass(more);
    if (!*more) break;
    without.emplace_back(find.text(0));
  }
  find.reset();
  TokenRows rows(*db_, number_);
  Query said(*db_, fmt::format("SELECT {} FROM fresh.said f WHERE f.sl = ? ORDER BY f.oath_id", kFreshFields));
  for (const auto& sl : without) {
    std::vector<TenantToken> same;
    said.bind(sl);
    for (;;) {
      auto more = said.step();
      if (!more) return pass(more);
      if (!*more) break;
      same.push_back(token_at(said, 0));
    }
    said.reset();
    auto known = rows.find(sl, "");
    if (!known) return pass(known);
    for (const auto& token : same) {
      if (token.oath_id.empty()) break;  // the tenant says it without one, too; that is the first
      auto taken = rows.find(sl, token.oath_id);
      if (!taken) return pass(taken);
      if (*taken) continue;
      if (auto updated = rows.update((*known)->id, completed((*known)->token, token)); !updated) return updated;
      break;
    }
  }
  return writing->commit();
}

Result<void> FreshTokens::compare() {
  auto reading = MirrorTransaction::begin(*db_, "BEGIN");
  if (!reading) return pass(reading);
  for (const char* sql : {kVanished, kAppearedOrChanged}) {
    Query query(*db_, sql);
    if (auto found = query.bind(number_).run(); !found) return found;
  }
  return reading->commit();
}

Result<void> FreshTokens::write_differences(TokenRows& rows, const std::unordered_set<std::string>& touched, bool tell) {
  using What = OutsideChange::What;
  UntoldRows untold(*db_, number_);
  Query query(*db_, fmt::format("SELECT d.sl, d.oath_id, f.sl IS NULL, {} FROM fresh.difference d LEFT JOIN fresh.said f "
                                "ON f.sl = d.sl AND f.oath_id = d.oath_id ORDER BY d.rowid",
                                kFreshFields));
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return {};
    const std::string sl(query.text(0)), oath_id(query.text(1));
    if (touched.contains(sl)) continue;
    auto known = rows.find(sl, oath_id);
    if (!known) return pass(known);
    Result<void> done, told;
    if (query.number(2) != 0) {
      if (!*known) continue;
      done = rows.erase((*known)->id);
      if (tell) told = untold.add(What::vanished, (*known)->token);
    } else if (const auto token = token_at(query, 3); !*known) {
      done = rows.insert(token);
      if (tell) told = untold.add(What::appeared, token);
    } else {
      done = rows.update((*known)->id, token);
      if (tell) told = untold.add_changes((*known)->token, token);
    }
    if (!done) return done;
    if (!told) return told;
  }
}

Result<void> FreshTokens::take_place(const std::unordered_set<std::string>& touched, WallTime as_of) {
  auto writing = MirrorTransaction::begin(*db_, "BEGIN IMMEDIATE");
  if (!writing) return pass(writing);
  Query before(*db_, "SELECT as_of IS NOT NULL FROM tenant WHERE id = ?");
  auto there = before.bind(number_).step();
  if (!there) return pass(there);
  const bool tell = *there && before.number(0) != 0;
  before.reset();
  {
    TokenRows rows(*db_, number_);
    if (auto written = write_differences(rows, touched, tell); !written) return written;
    if (auto indexed = rows.index_parts(); !indexed) return indexed;
  }
  Query read(*db_, "UPDATE tenant SET as_of = ? WHERE id = ?");
  if (auto set = read.bind(unix_seconds(as_of)).bind(number_).run(); !set) return set;
  Query empty(*db_, "DELETE FROM kind WHERE tenant = ? AND tokens = 0");
  if (auto gone = empty.bind(number_).run(); !gone) return gone;
  return writing->commit();
}

Result<Untold> read_untold(Sqlite& db, const std::string& tenant) {
  Query query(db, fmt::format("SELECT id, what, from_upn, serial, oath_id, upn, user_id, name, last_used, manufacturer, model, "
                              "step, CASE active WHEN 1 THEN {} ELSE -1 END FROM untold WHERE tenant = (SELECT id FROM tenant "
                              "WHERE name = ?) ORDER BY id LIMIT {}",
                              static_cast<int>(TokenState::active), kToldAtOnce));
  query.bind(tenant);
  Untold out;
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return out;
    out.through = query.number(0);
    OutsideChange change;
    change.what = static_cast<OutsideChange::What>(query.number(1));
    change.from_upn = query.text(2);
    change.token = token_at(query, 3);
    out.changes.push_back(std::move(change));
  }
}

Result<void> forget_told(Sqlite& db, const std::string& tenant, std::int64_t through) {
  Query query(db, "DELETE FROM untold WHERE tenant = (SELECT id FROM tenant WHERE name = ?) AND id <= ?");
  return query.bind(tenant).bind(through).run();
}

}  // namespace portalkey
