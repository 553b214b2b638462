#include "jobs/store/sqlite/take_over.h"

#include <fmt/format.h>

#include <limits>
#include <vector>

#include "jobs/store/sqlite/job_rows.h"

namespace portalkey {
namespace {

template <class Read>
Result<void> each(Query& query, Read&& read) {
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return {};
    read(query);
  }
}

Result<void> bind_job(Sqlite& db, const JournalSeal& seal, const Job& job) {
  Query query(db, "UPDATE job SET wish_mark=?, state_mark=? WHERE id=?");
  query.bind_blob(seal.mark(wish_of(job, job.tokens).bytes()));
  query.bind_blob(seal.mark(state_of(job.id, job.state, job.updated).bytes())).bind(job.id);
  return query.run();
}

Result<void> bind_rows(Sqlite& db, const JournalSeal& seal, const std::string& job) {
  std::vector<JobRow> rows;
  {
    Query query(db, kRowColumns);
    query.bind(job).bind(std::numeric_limits<std::int64_t>::min()).bind(std::numeric_limits<std::int64_t>::max());
    auto read = each(query, [&](const Query& at) { rows.push_back(row_of(at)); });
    if (!read) return read;
  }
  Query query(db, "UPDATE token SET has_key=?, seed=?, wish_mark=?, state_mark=? WHERE job=? AND number=?");
  for (const auto& row : rows) {
    const bool has_key = !row.sealed.empty();
    const auto wish = wish_of(job, row.number, row.token, has_key);
    std::string sealed;
    if (has_key) {
      auto key = seal.unseal(row.sealed, fmt::format("{} {}", job, row.number));
      if (!key) continue;
      sealed = seal.seal(*key, wish.bytes());
    }
    query.bind(std::int64_t{has_key});
    if (has_key) {
      query.bind_blob(sealed);
    } else {
      query.bind_null();
    }
    query.bind_blob(seal.mark(wish.bytes()));
    query.bind_blob(seal.mark(state_of(job, row.number, row.token.outcome, row.good).bytes()));
    query.bind(job).bind(row.number);
    if (auto done = query.run(); !done) return done;
  }
  return {};
}

Result<void> bind_uploads(Sqlite& db, const JournalSeal& seal, const std::string& job) {
  std::vector<std::pair<std::string, bool>> uploads;
  {
    Query query(db, "SELECT name, done FROM upload WHERE job=?");
    query.bind(job);
    auto read = each(query, [&](const Query& at) { uploads.emplace_back(at.text(0), at.number(1) != 0); });
    if (!read) return read;
  }
  Query query(db, "UPDATE upload SET mark=? WHERE job=? AND name=?");
  for (const auto& [name, done] : uploads) {
    query.bind_blob(seal.mark(upload_fields(job, name, done).bytes())).bind(job).bind(name);
    if (auto bound = query.run(); !bound) return bound;
  }
  return {};
}

}  // namespace

Result<void> take_over(Sqlite& db, const JournalSeal& seal) {
  std::vector<Job> jobs;
  {
    // A run that was cut short behind this transaction begins again: what it has bound stays as it is.
    Query query(db, std::string(kJobColumns) + "WHERE wish_mark IS NULL");
    auto read = each(query, [&](const Query& at) { jobs.push_back(job_of(at)); });
    if (!read) return read;
  }
  for (const auto& job : jobs) {
    if (auto bound = bind_job(db, seal, job); !bound) return bound;
    if (auto bound = bind_rows(db, seal, job.id); !bound) return bound;
    if (auto bound = bind_uploads(db, seal, job.id); !bound) return bound;
  }
  return {};
}

}  // namespace portalkey
