#include "jobs/store/sqlite/older_reasons.h"

#include <string>
#include <utility>
#include <vector>

namespace portalkey {
namespace {

struct Sentence {
  std::string_view begin;
  OutcomeCode code;
};

/// As they were: they do not change with the sentences that are written now.
constexpr Sentence kSentences[] = {
    {"uploaded, but not activated: ", OutcomeCode::not_activated},
    {"the tenant has no token with this serial number", OutcomeCode::not_in_tenant},
    {"the serial number is taken: ", OutcomeCode::assigned_to_other},
    {"the token is assigned to ", OutcomeCode::assigned_to_other},
    {"the tenant has this token assigned to ", OutcomeCode::assigned_to_other},
    {"the tenant has it assigned to ", OutcomeCode::assigned_to_other},
    {"the file does not say who gets this token", OutcomeCode::no_user},
    {"upn: ", OutcomeCode::invalid_user},
    {"the user is a guest, ", OutcomeCode::guest},
    {"the UPN has the form of a guest's ", OutcomeCode::guest},
    {"was removed", OutcomeCode::taken_away},
    {"was replaced by ", OutcomeCode::taken_away},
    {"was taken from ", OutcomeCode::taken_away},
    {"kept: the new token ", OutcomeCode::kept},
    {"not uploaded: the service did not finish ", OutcomeCode::upload_unfinished},
    {"the service did not finish the upload ", OutcomeCode::upload_unfinished},
    {"the service did not take this row", OutcomeCode::upload_refused},
    {"the service reports that the upload failed", OutcomeCode::upload_refused},
    {"not assigned: ", OutcomeCode::not_assigned},
    {"nobody has this token yet", OutcomeCode::nobodys},
    {"in the tenant, assigned to nobody", OutcomeCode::nobodys},
};

struct Row {
  std::string job;
  std::int64_t number;
  OutcomeCode code;
};

}  // namespace

OutcomeCode code_of_older(std::string_view reason) {
  for (const auto& sentence : kSentences) {
    if (reason.starts_with(sentence.begin)) return sentence.code;
  }
  return reason.contains(" would have more than ") ? OutcomeCode::too_many_tokens : OutcomeCode::none;
}

Result<void> add_codes(Sqlite& db) {
  std::vector<Row> rows;
  {
    Query query(db, "SELECT job, number, reason FROM token WHERE reason <> ''");
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) break;
      if (const auto code = code_of_older(query.text(2)); code != OutcomeCode::none)
        rows.push_back({std::string(query.text(0)), query.number(1), code});
    }
  }
  Query update(db, "UPDATE token SET code=? WHERE job=? AND number=?");
  for (const auto& row : rows) {
    update.bind(name_of(row.code)).bind(row.job).bind(row.number);
    if (auto done = update.run(); !done) return done;
  }
  return {};
}

}  // namespace portalkey
