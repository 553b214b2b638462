#include "service/mirror/untold.h"

#include <fmt/format.h>

#include "service/mirror/token_rows.h"

namespace portalkey {
namespace {

constexpr int kToldAtOnce = 200;

/// By the id if both have one: a UPN changes with its user's name. The service itself knows the UPN only.
bool same_owner(const TenantToken& a, const TenantToken& b) {
  if (!a.user_id.empty() && !b.user_id.empty()) return a.user_id == b.user_id;
  if (a.nobodys() || b.nobodys()) return a.nobodys() == b.nobodys();
  return a.upn.empty() || b.upn.empty() || account_of(a.upn) == account_of(b.upn);
}

}  // namespace

UntoldRows::UntoldRows(Sqlite& db, std::int64_t tenant)
    : insert_(db,
              "INSERT INTO untold(tenant, sl, what, from_upn, serial, oath_id, upn, user_id, name, manufacturer, model, step, "
              "active, last_used) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      tenant_(tenant) {}

Result<void> UntoldRows::add(const std::optional<TenantToken>& was, const std::optional<TenantToken>& is) {
  using What = OutsideChange::What;
  if (!was) return is ? add(What::appeared, *is) : Result<void>{};
  if (!is) return add(What::vanished, *was);
  if (!same_owner(*was, *is)) {
    if (auto added = add(What::changed_owner, *is, was->upn.empty() ? was->user_id : was->upn); !added) return added;
  }
  if (was->active != is->active) return add(is->active ? What::activated : What::deactivated, *is);
  return {};
}

Result<void> UntoldRows::add(OutsideChange::What what, const TenantToken& token, const std::string& from_upn) {
  insert_.bind(tenant_).bind(serial_key(token.serial)).bind(static_cast<std::int64_t>(what)).bind(from_upn);
  insert_.bind(token.serial).bind(token.oath_id).bind(token.upn).bind(token.user_id).bind(token.display_name);
  insert_.bind(token.manufacturer).bind(token.model).bind(stored_step(token.step)).bind(std::int64_t{token.active});
  bind_moment(insert_, token.last_used);
  return insert_.run();
}

Result<Untold> read_untold(Sqlite& db, const std::string& tenant) {
  Query query(db, fmt::format("SELECT id, what, from_upn, serial, oath_id, upn, user_id, name, last_used, manufacturer, model, "
                              "step, CASE active WHEN 1 THEN {} ELSE -1 END FROM untold WHERE tenant = (SELECT id FROM tenant "
                              "WHERE name = ? AND shown = 1) ORDER BY id LIMIT {}",
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
  Query query(db, "DELETE FROM untold WHERE tenant = (SELECT id FROM tenant WHERE name = ? AND shown = 1) AND id <= ?");
  return query.bind(tenant).bind(through).run();
}

}  // namespace portalkey
