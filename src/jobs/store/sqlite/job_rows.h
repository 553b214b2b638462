#pragma once
// Jobs, their rows and their uploads between SQLite's columns and values, and what of them is bound by the journal's key.
//
// Two marks stand beside each. One binds what is to be done (the wish): it is written once. The other binds what became of it
// (the state): it is written with every change. Both begin with the job and the row's number, so a row that is altered, copied,
// put elsewhere or exchanged is noticed, and as the job's wish has the number of rows, so is one that is missing or added.
// Checked are the values that are used. States, changes and codes stand in the file by their names, and are bound by their
// numbers, as they were before they had names there.

#include "jobs/model/job.h"
#include "jobs/model/job_token.h"
#include "jobs/store/sqlite/bound_fields.h"
#include "sqlite/sqlite.h"

namespace portalkey {

/// What `job_of` reads, in this order.
inline constexpr const char* kJobColumns =
    "SELECT id, tenant, backend, file, activate, state, created, updated, "
    "kind, (SELECT count(*) FROM token WHERE job = id), "
    "(SELECT count(*) FROM token WHERE job = id AND good), wish_mark, "
    "state_mark, "
    "(SELECT count(*) FROM token WHERE job = id AND state = 'failed'), "
    // One that is kept because its successor is not active has been come to.
    "(SELECT count(*) FROM token WHERE job = id AND state = 'not done' AND NOT "
    "(replaced_by <> '' AND reason <> '')), rowid, again, begun_by "
    "FROM job ";

Job job_of(const Query& query);

/// A job with its marks, empty where it has none.
struct MarkedJob {
  Job job;
  bool sound = true;  ///< its numbers and names are ones that portalkey writes
  std::string wish_mark, state_mark;
};
MarkedJob marked_job_of(const Query& query);

/// What `row_of` reads, in this order.
inline constexpr const char* kRowColumns =
    "SELECT number, line, serial, upn, manufacturer, model, step, hash, "
    "digits, seed, state, reason, remedy, settled, "
    "change, taken_from, replaced_by, good, has_key, wish_mark, state_mark, "
    "code, did, ahead, ahead_seen FROM token WHERE job = ? AND number >= ? AND "
    "number < ? ORDER BY number";

struct JobRow {
  std::int64_t number = 0;
  JobToken token;        ///< its secret key is left out
  bool sound = true;     ///< its numbers and names are ones that portalkey writes
  bool good = false;     ///< in the state wanted
  bool has_key = false;  ///< it came with a secret key, which may be wiped since
  std::string sealed;    ///< the secret key; empty: none
  std::string wish_mark, state_mark;
};
JobRow row_of(const Query& query);

/// What of it is bound. `rows`: how many the job has.
BoundFields wish_of(const Job& job, std::size_t rows);
BoundFields state_of(const std::string& job, Job::State state, WallTime updated);
BoundFields wish_of(const std::string& job, std::int64_t row, const JobToken& token, bool has_key);
BoundFields state_of(const std::string& job, std::int64_t row, const TokenOutcome& outcome, bool good);
BoundFields upload_fields(const std::string& job, std::string_view name, bool done);

/// The outcome is the one wanted.
bool holds(const TokenOutcome& outcome);
/// Nothing needs the token's secret key any more.
bool key_is_spent(const TokenOutcome& outcome);

}  // namespace portalkey
