#include "service/mirror/token_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/operations/list_tokens.h"
#include "base/ascii.h"

namespace portalkey {
namespace {

constexpr std::int64_t kNoStep = std::int64_t{-1} << 40;
constexpr std::size_t kMostKindsKept = 10'000;

std::string select_tokens(std::string_view where) {
  return fmt::format("SELECT t.id, {} FROM token t JOIN kind k ON k.id = t.kind WHERE {}", kTokenFields, where);
}

void bind_texts(Query& query, const TenantToken& token) {
  query.bind(serial_key(token.serial)).bind(token.oath_id).bind(account_of(token.upn)).bind(token.serial).bind(token.upn);
  query.bind(token.user_id).bind(token.display_name);
  bind_moment(query, token.last_used);
}

/// Of several with one serial number, the one that is meant by who has it.
const StoredToken& meant(const std::vector<StoredToken>& known, const TenantToken& said) {
  const auto of_them =
      std::ranges::find_if(known, [&](const StoredToken& one) { return account_of(one.token.upn) == account_of(said.upn); });
  if (of_them != known.end()) return *of_them;
  const auto nobodys = std::ranges::find_if(known, [](const StoredToken& one) { return one.token.nobodys(); });
  return nobodys != known.end() ? *nobodys : known.front();
}

}  // namespace

std::string serial_key(std::string_view serial) {
  std::string out = lower(serial);
  std::ranges::replace(out, '\0', '\1');  // at which SQLite's functions would stop
  return out;
}

std::string end_of_prefix(std::string_view prefix) {
  std::string out(prefix);
  while (!out.empty() && static_cast<unsigned char>(out.back()) == 0xff) out.pop_back();
  if (!out.empty()) out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) + 1);
  return out;
}

std::int64_t stored_step(std::optional<int> step) { return step ? *step : kNoStep; }
std::optional<int> step_of(std::int64_t stored) {
  return stored == kNoStep ? std::nullopt : std::optional(static_cast<int>(stored));
}

void bind_moment(Query& query, std::optional<WallTime> moment) {
  if (moment)
    query.bind(unix_seconds(*moment));
  else
    query.bind_null();
}

TenantToken token_at(const Query& row, int first) {
  TenantToken token;
  token.serial = row.text(first);
  token.oath_id = row.text(first + 1);
  token.upn = row.text(first + 2);
  token.user_id = row.text(first + 3);
  token.display_name = row.text(first + 4);
  if (!row.null(first + 5)) token.last_used = from_unix_seconds(row.number(first + 5));
  token.manufacturer = row.text(first + 6);
  token.model = row.text(first + 7);
  token.step = step_of(row.number(first + 8));
  token.active = row.number(first + 9) == static_cast<std::int64_t>(TokenState::active);
  return token;
}

Result<std::optional<std::int64_t>> tenant_number(Sqlite& db, const std::string& name) {
  Query query(db, "SELECT id FROM tenant WHERE name = ? AND shown = 1");
  auto found = query.bind(name).step();
  if (!found) return pass(found);
  return *found ? std::optional(query.number(0)) : std::nullopt;
}

Result<std::int64_t> made_tenant_number(Sqlite& db, const std::string& name) {
  Query make(db, "INSERT INTO tenant(name, shown) VALUES(?, 1) ON CONFLICT DO NOTHING");
  if (auto made = make.bind(name).run(); !made) return pass(made);
  auto number = tenant_number(db, name);
  if (!number) return pass(number);
  return number->value();
}

TokenRows::TokenRows(Sqlite& db, std::int64_t tenant)
    : db_(db),
      tenant_(tenant),
      find_(db, select_tokens("t.tenant = ? AND t.sl = ? AND t.oath_id = ?")),
      with_serial_(db, select_tokens("t.tenant = ? AND t.sl = ? ORDER BY t.oath_id")),
      insert_(db,
              "INSERT INTO token(sl, oath_id, ul, serial, upn, user_id, name, last_used, kind, tenant) "
              "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      update_(db,
              "UPDATE token SET sl = ?, oath_id = ?, ul = ?, serial = ?, upn = ?, user_id = ?, name = ?, last_used = ?, "
              "kind = ? WHERE id = ?"),
      unindex_(db, "INSERT INTO serial_part(serial_part, rowid, sl) SELECT 'delete', id, sl FROM token WHERE id = ?"),
      erase_(db, "DELETE FROM token WHERE id = ?"),
      make_kind_(db,
                 "INSERT INTO kind(tenant, state, nobodys, step, manufacturer, model) VALUES(?, ?, ?, ?, ?, ?) "
                 "ON CONFLICT DO NOTHING"),
      find_kind_(db,
                 "SELECT id FROM kind WHERE tenant = ? AND state = ? AND nobodys = ? AND step = ? AND manufacturer = ? "
                 "AND model = ?") {}

Result<std::vector<StoredToken>> TokenRows::read(Query& query) {
  std::vector<StoredToken> out;
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) break;
    out.push_back({query.number(0), token_at(query, 1)});
  }
  query.reset();
  return out;
}

Result<std::optional<StoredToken>> TokenRows::find(const std::string& serial, const std::string& oath_id) {
  auto found = read(find_.bind(tenant_).bind(serial_key(serial)).bind(oath_id));
  if (!found) return pass(found);
  return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

Result<std::vector<StoredToken>> TokenRows::with_serial(const std::string& serial) {
  return read(with_serial_.bind(tenant_).bind(serial_key(serial)));
}

Result<void> TokenRows::insert(const TenantToken& token) {
  const auto kind = kind_of(token);
  if (!kind) return std::unexpected(kind.error());
  bind_texts(insert_, token);
  if (auto done = insert_.bind(*kind).bind(tenant_).run(); !done) return done;
  if (first_inserted_ == 0) first_inserted_ = sqlite3_last_insert_rowid(db_.handle());
  return {};
}

Result<void> TokenRows::index_parts() {
  if (first_inserted_ == 0) return {};
  Query query(db_, "INSERT INTO serial_part(rowid, sl) SELECT id, sl FROM token WHERE id >= ?");
  auto done = query.bind(std::exchange(first_inserted_, 0)).run();
  return done;
}

Result<void> TokenRows::update(std::int64_t id, const TenantToken& token) {
  const auto kind = kind_of(token);
  if (!kind) return std::unexpected(kind.error());
  bind_texts(update_, token);
  return update_.bind(*kind).bind(id).run();
}

Result<void> TokenRows::erase(std::int64_t id) {
  if (auto done = unindex_.bind(id).run(); !done) return done;
  return erase_.bind(id).run();
}

Result<std::int64_t> TokenRows::kind_of(const TenantToken& token) {
  const auto state = static_cast<std::int64_t>(state_in_tenant(token));
  const auto step = stored_step(token.step);
  auto name =
      fmt::format("{} {} {} {} {}{}", state, token.nobodys(), step, token.manufacturer.size(), token.manufacturer, token.model);
  if (const auto known = kinds_.find(name); known != kinds_.end()) return known->second;
  const auto bound = [&](Query& query) -> Query& {
    return query.bind(tenant_)
        .bind(state)
        .bind(std::int64_t{token.nobodys()})
        .bind(step)
        .bind(token.manufacturer)
        .bind(token.model);
  };
  if (auto made = bound(make_kind_).run(); !made) return pass(made);
  auto found = bound(find_kind_).step();
  if (!found) return pass(found);
  const auto id = find_kind_.number(0);
  find_kind_.reset();
  if (kinds_.size() >= kMostKindsKept) kinds_.clear();
  kinds_.emplace(std::move(name), id);
  return id;
}

TenantToken completed(TenantToken said, const TenantToken& known) {
  for (const auto field : {&TenantToken::oath_id, &TenantToken::display_name, &TenantToken::manufacturer, &TenantToken::model})
    if ((said.*field).empty()) said.*field = known.*field;
  if (said.user_id.empty() && !said.upn.empty() && account_of(said.upn) == account_of(known.upn)) said.user_id = known.user_id;
  if (!said.step) said.step = known.step;
  if (!said.last_used) said.last_used = known.last_used;
  return said;
}

Result<void> put_token(TokenRows& rows, const TenantToken& token) {
  auto known = rows.with_serial(token.serial);
  if (!known) return pass(known);
  const StoredToken* same = nullptr;
  if (token.oath_id.empty()) {
    if (!known->empty()) same = &meant(*known, token);
  } else {
    for (const auto& one : *known)
      if (one.token.oath_id == token.oath_id || (same == nullptr && one.token.oath_id.empty())) same = &one;
  }
  return same == nullptr ? rows.insert(token) : rows.update(same->id, completed(token, same->token));
}

Result<void> erase_serial(TokenRows& rows, const std::string& serial) {
  auto known = rows.with_serial(serial);
  if (!known) return pass(known);
  for (const auto& one : *known)
    if (auto erased = rows.erase(one.id); !erased) return erased;
  return {};
}

}  // namespace portalkey
