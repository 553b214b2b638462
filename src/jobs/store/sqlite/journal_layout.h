#pragma once

#include <functional>
#include <string>

#include "sqlite/sqlite.h"

namespace portalkey {

inline constexpr StoreWords kJournalWords{
    .name = "the journal of jobs",
    .damaged = "Move the file away and import the seed file again: what the tenant has already is left as it is.",
    .made_room = "Make room, then resume the job: [[list-jobs]]"};

/// Makes the journal's tables, or brings those of an older version up to this one's. To be called inside a transaction.
/// invalid_input: a newer version's. conflict: a process of an older version does a job of it, by what `at_work` says of a
/// job's id; it would go on writing numbers where names are now.
Result<void> bring_up_to_date(Sqlite& db, const std::function<bool(const std::string&)>& at_work);

}  // namespace portalkey
