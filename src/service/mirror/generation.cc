#include "service/mirror/generation.h"

#include "service/mirror/untold.h"

namespace portalkey {
namespace {

Result<std::int64_t> rows_changed(Sqlite& db, const char* sql, std::int64_t tenant, std::size_t most) {
  Query query(db, sql);
  if (auto done = query.bind(tenant).bind(static_cast<std::int64_t>(most)).run(); !done) return pass(done);
  return sqlite3_changes(db.handle());
}

Result<std::optional<std::int64_t>> hidden_number(Sqlite& db, const std::string& tenant) {
  Query query(db, "SELECT id FROM tenant WHERE name = ? AND shown = 0 LIMIT 1");
  auto found = query.bind(tenant).step();
  if (!found) return pass(found);
  return *found ? std::optional(query.number(0)) : std::nullopt;
}

}  // namespace

Result<Generation> Generation::begin(const FreshTokens& fresh) {
  Query make(fresh.db(), "INSERT INTO tenant(name, shown) VALUES(?, 0)");
  if (auto made = make.bind(fresh.tenant()).run(); !made) return pass(made);
  return Generation(fresh, sqlite3_last_insert_rowid(fresh.db().handle()));
}

Result<bool> Generation::write_some(std::size_t most) {
  auto writing = MirrorTransaction::begin(fresh_.db(), "BEGIN IMMEDIATE");
  if (!writing) return pass(writing);
  auto tokens = fresh_.said(written_through_, most);
  if (!tokens) return pass(tokens);
  if (tokens->empty()) return false;
  {
    TokenRows rows(fresh_.db(), number_);
    for (const auto& token : *tokens)
      if (auto written = rows.insert(token); !written) return pass(written);
    if (auto indexed = rows.index_parts(); !indexed) return pass(indexed);
  }
  if (auto done = writing->commit(); !done) return pass(done);
  written_through_ = {serial_key(tokens->back().serial), tokens->back().oath_id};
  return true;
}

Result<bool> Generation::tell_some(std::size_t most, const std::unordered_set<std::string>& touched) {
  auto writing = MirrorTransaction::begin(fresh_.db(), "BEGIN IMMEDIATE");
  if (!writing) return pass(writing);
  auto found = fresh_.differences(told_through_, most);
  if (!found) return pass(found);
  if (found->empty()) return false;
  {
    TokenRows shown(fresh_.db(), fresh_.number());
    UntoldRows untold(fresh_.db(), number_);
    for (const auto& difference : *found) {
      if (touched.contains(difference.name.sl)) continue;
      auto was = shown.find(difference.name.sl, difference.name.oath_id);
      if (!was) return pass(was);
      auto added = untold.add(*was ? std::optional((*was)->token) : std::nullopt, difference.said);
      if (!added) return pass(added);
    }
  }
  if (auto done = writing->commit(); !done) return pass(done);
  told_through_ = found->back().number;
  return true;
}

Result<void> Generation::carry_over(std::span<const std::string> serials) {
  TokenRows shown(fresh_.db(), fresh_.number()), here(fresh_.db(), number_);
  Query forget(fresh_.db(), "DELETE FROM untold WHERE tenant = ? AND sl = ?");
  for (const auto& sl : serials) {
    if (auto erased = erase_serial(here, sl); !erased) return erased;
    auto tokens = shown.with_serial(sl);
    if (!tokens) return pass(tokens);
    for (const auto& one : *tokens)
      if (auto written = here.insert(one.token); !written) return written;
    if (auto forgotten = forget.bind(number_).bind(sl).run(); !forgotten) return forgotten;
  }
  return here.index_parts();
}

Result<void> Generation::carry_over(std::span<const std::string> serials, std::optional<WallTime> as_of) {
  auto writing = MirrorTransaction::begin(fresh_.db(), "BEGIN IMMEDIATE");
  if (!writing) return pass(writing);
  if (auto carried = carry_over(serials); !carried) return carried;
  if (as_of) {
    Query hide(fresh_.db(), "UPDATE tenant SET shown = 0 WHERE id = ?");
    if (auto hidden = hide.bind(fresh_.number()).run(); !hidden) return hidden;
    Query show(fresh_.db(), "UPDATE tenant SET shown = 1, as_of = ? WHERE id = ?");
    if (auto shown = show.bind(unix_seconds(*as_of)).bind(number_).run(); !shown) return shown;
  }
  return writing->commit();
}

Result<bool> erase_some_hidden(Sqlite& db, const std::string& tenant, std::size_t most) {
  auto writing = MirrorTransaction::begin(db, "BEGIN IMMEDIATE");
  if (!writing) return pass(writing);
  const auto number = hidden_number(db, tenant);
  if (!number) return std::unexpected(number.error());
  if (!*number) return false;
  // The parts in one statement, for the same reason as in TokenRows::index_parts().
  auto parts = rows_changed(db,
                            "INSERT INTO serial_part(serial_part, rowid, sl) SELECT 'delete', id, sl FROM token "
                            "WHERE tenant = ? ORDER BY sl, oath_id LIMIT ?",
                            **number, most);
  if (!parts) return pass(parts);
  std::int64_t erased = 0;
  for (const char* sql : {"DELETE FROM token WHERE id IN (SELECT id FROM token WHERE tenant = ? ORDER BY sl, oath_id LIMIT ?)",
                          "DELETE FROM untold WHERE id IN (SELECT id FROM untold WHERE tenant = ? ORDER BY sl LIMIT ?)"}) {
    auto changed = rows_changed(db, sql, **number, most);
    if (!changed) return pass(changed);
    erased += *changed;
  }
  if (erased == 0) {
    for (const char* sql : {"DELETE FROM kind WHERE tenant = ?", "DELETE FROM tenant WHERE id = ?"}) {
      Query query(db, sql);
      if (auto done = query.bind(**number).run(); !done) return pass(done);
    }
  }
  if (auto done = writing->commit(); !done) return pass(done);
  return true;
}

}  // namespace portalkey
