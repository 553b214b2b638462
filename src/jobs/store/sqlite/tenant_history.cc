#include "jobs/store/sqlite/tenant_history.h"

#include "base/ascii.h"
#include "base/clock.h"

namespace portalkey {
namespace {

/// Since a job saw the token in the tenant and not active, if one did.
constexpr const char* kBeginsToWait =
    "INSERT INTO waiting SELECT ?1, serial, min(?2, ifnull((SELECT min(t.settled) FROM token t JOIN job ON job.id = t.job "
    "WHERE job.tenant = ?1 AND t.serial = asked.serial AND t.settled > 0 AND (t.state IN ('uploaded', 'already uploaded', "
    "'assigned') OR t.code = 'not_activated')), ?2)) FROM asked WHERE true ON CONFLICT DO NOTHING";
/// What jobs did to the tokens that one of them took away, the last thing last.
constexpr const char* kTaken =
    "SELECT t.serial, t.job, t.upn, t.taken_from, t.replaced_by, t.settled, t.state FROM token t JOIN job ON job.id = t.job "
    "WHERE job.tenant = ?1 AND job.kind <> 'undo' AND t.change <> 'move out' AND t.state IN ('active', 'already active', "
    "'uploaded', 'already "
    "uploaded', 'assigned', "
    "'unassigned', 'removed') AND lower(t.serial) IN (SELECT lower(serial) FROM token WHERE change IN ('unassign', 'delete') "
    "AND state IN ('unassigned', 'removed')) ORDER BY t.settled, job.rowid, t.number";
/// Nobody has indexed serial numbers: a journal of a million rows is read in a second, and seldom.
constexpr const char* kEvents =
    "SELECT t.job, job.kind, job.backend, job.created, t.change, t.state, t.code, t.upn, t.reason, t.remedy, t.settled, "
    "t.taken_from, t.replaced_by, t.serial, t.line, t.ahead, t.ahead_seen FROM token t JOIN job ON job.id = t.job "
    "WHERE job.tenant = ?1 AND "
    "job.state NOT IN ('planned', 'queued') AND lower(t.serial) = lower(?2) ORDER BY job.created, job.rowid, t.number";

}  // namespace

Result<std::unordered_map<std::string, WallTime>> waiting_since(Sqlite& db, const std::string& tenant,
                                                                const std::vector<std::string>& serials, WallTime now) {
  for (const char* sql : {"CREATE TEMP TABLE IF NOT EXISTS asked(serial TEXT PRIMARY KEY)", "DELETE FROM asked"}) {
    if (auto made = db.run(sql); !made) return pass(made);
  }
  Query ask(db, "INSERT OR IGNORE INTO asked VALUES(?)");
  for (const auto& serial : serials) {
    ask.bind(serial);
    if (auto added = ask.run(); !added) return pass(added);
  }
  // A token that is not waiting any more starts anew if it comes back.
  Query gone(db, "DELETE FROM waiting WHERE tenant=? AND serial NOT IN asked");
  gone.bind(tenant);
  if (auto removed = gone.run(); !removed) return pass(removed);
  Query add(db, kBeginsToWait);
  add.bind(tenant).bind(unix_seconds(now));
  if (auto added = add.run(); !added) return pass(added);
  Query read(db, "SELECT serial, since FROM waiting WHERE tenant=?");
  read.bind(tenant);
  std::unordered_map<std::string, WallTime> since;
  for (;;) {
    auto more = read.step();
    if (!more) return pass(more);
    if (!*more) return since;
    since.emplace(read.text(0), from_unix_seconds(read.number(1)));
  }
}

Result<TakenTokens> taken_away(Sqlite& db, const std::string& tenant) {
  Query query(db, kTaken);
  query.bind(tenant);
  TakenTokens taken;
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return taken;
    const bool unassigned = query.text(6) == "unassigned";
    const std::string serial = lower(query.text(0));
    taken.erase(serial);
    if (!unassigned && query.text(6) != "removed") continue;
    const auto whose = query.text(3).empty() ? query.text(2) : query.text(3);
    taken.emplace(serial, TakenToken{.serial = std::string(query.text(0)),
                                     .job = std::string(query.text(1)),
                                     .from = std::string(whose),
                                     .replaced_by = std::string(query.text(4)),
                                     .kept = unassigned,
                                     .when = from_unix_seconds(query.number(5))});
  }
}

Result<std::vector<TokenEvent>> token_events(Sqlite& db, const std::string& tenant, const std::string& serial) {
  Query query(db, kEvents);
  query.bind(tenant).bind(serial);
  std::vector<TokenEvent> events;
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return events;
    const auto text = [&](int column) { return std::string(query.text(column)); };
    TokenEvent& event = events.emplace_back();
    event.job = text(0);
    event.kind = text(1);
    event.backend = text(2);
    event.begun = from_unix_seconds(query.number(3));
    // A name that none is is one of a newer portalkey's, or altered: jobs are checked before they are done, not to be looked
    // at.
    event.change = token_change_of(query.text(4)).value_or(TokenChange::create);
    event.outcome.state = outcome_state_of(query.text(5)).value_or(TokenOutcome::State::failed);
    event.outcome.code = outcome_code_of(query.text(6)).value_or(OutcomeCode::none);
    event.outcome.upn = text(7);
    event.outcome.reason = text(8);
    event.outcome.remedy = text(9);
    event.outcome.settled = from_unix_seconds(query.number(10));
    event.from = text(11);
    event.replaced_by = text(12);
    event.outcome.serial = text(13);
    event.outcome.line = query.number(14);
    if (!query.null(15))
      event.outcome.clock = DeviceClock{std::chrono::seconds(query.number(15)), from_unix_seconds(query.number(16))};
  }
}

}  // namespace portalkey
