#include "jobs/store/sqlite/job_rows.h"

#include <algorithm>
#include <utility>

#include "base/foreign_text.h"

namespace portalkey {
namespace {

/// Numbers of columns as values, and whether each was one that portalkey writes.
class Numbers {
 public:
  explicit Numbers(const Query& query) : query_(query) {}
  template <class Enum>
  Enum one_of(int column, Enum last) {
    const auto value = query_.number(column);
    const auto clamped = std::clamp<std::int64_t>(value, 0, static_cast<std::int64_t>(last));
    sound_ = sound_ && clamped == value;
    return static_cast<Enum>(clamped);
  }
  bool flag(int column) {
    const auto value = query_.number(column);
    sound_ = sound_ && (value == 0 || value == 1);
    return value != 0;
  }
  WallTime time(int column) {
    const auto value = query_.number(column);
    const auto time = from_unix_seconds(value);
    sound_ = sound_ && unix_seconds(time) == value;
    return time;
  }
  std::optional<int> optional(int column) {
    if (query_.null(column)) return std::nullopt;
    const auto value = query_.number(column);
    sound_ = sound_ && std::in_range<int>(value);
    return static_cast<int>(value);
  }
  bool sound() const { return sound_; }

 private:
  const Query& query_;
  bool sound_ = true;
};

}  // namespace

Job job_of(const Query& query) { return marked_job_of(query).job; }

MarkedJob marked_job_of(const Query& query) {
  MarkedJob out;
  Numbers numbers(query);
  Job& job = out.job;
  job.id = query.text(0);
  // Words, or somebody has been at the file: then they are empty, and the mark does not fit.
  job.tenant = foreign_id(query.text(1));
  job.backend = foreign_code(query.text(2));
  job.file = query.text(3);
  job.activate = numbers.flag(4);
  job.state = numbers.one_of(5, Job::State::planned);
  job.created = numbers.time(6);
  job.updated = numbers.time(7);
  job.kind = foreign_code(query.text(8));
  job.tokens = static_cast<std::size_t>(query.number(9));
  job.good = static_cast<std::size_t>(query.number(10));
  out.wish_mark = query.text(11);
  out.state_mark = query.text(12);
  job.failed = static_cast<std::size_t>(query.number(13));
  job.not_come = static_cast<std::size_t>(query.number(14));
  out.sound = numbers.sound();
  return out;
}

JobRow row_of(const Query& query) {
  JobRow row;
  Numbers numbers(query);
  row.number = query.number(0);
  auto& [seed, outcome, change, from, replaced_by] = row.token;
  seed.line = outcome.line = query.number(1);
  seed.serial = outcome.serial = std::string(query.text(2));
  seed.upn = outcome.upn = std::string(query.text(3));
  seed.manufacturer = query.text(4);
  seed.model = query.text(5);
  seed.step = numbers.optional(6);
  const auto hash = numbers.optional(7);
  seed.hash = hash ? std::optional(static_cast<Hash>(*hash)) : std::nullopt;
  seed.digits = numbers.optional(8);
  row.sealed = query.text(9);
  outcome.state = numbers.one_of(10, TokenOutcome::State::failed);
  outcome.reason = query.text(11);
  outcome.remedy = query.text(12);
  outcome.settled = numbers.time(13);
  change = numbers.one_of(14, TokenChange::remove);
  from = query.text(15);
  replaced_by = query.text(16);
  row.good = numbers.flag(17);
  row.has_key = numbers.flag(18);
  row.wish_mark = query.text(19);
  row.state_mark = query.text(20);
  row.sound = numbers.sound();
  return row;
}

BoundFields wish_of(const Job& job, std::size_t rows) {
  BoundFields fields("what a job is to do");
  fields.add(job.id).add(job.kind).add(job.tenant).add(job.backend).add(job.file).add(job.activate);
  fields.add(unix_seconds(job.created)).add(rows);
  return fields;
}

BoundFields state_of(const std::string& job, Job::State state, WallTime updated) {
  BoundFields fields("how far a job is");
  fields.add(job).add(static_cast<int>(state)).add(unix_seconds(updated));
  return fields;
}

BoundFields wish_of(const std::string& job, std::int64_t row, const JobToken& token, bool has_key) {
  BoundFields fields("what is to become of a token");
  fields.add(job).add(row).add(token.outcome.line).add(token.outcome.serial);
  fields.add(token.seed.manufacturer).add(token.seed.model).add(token.seed.step).add(token.seed.hash).add(token.seed.digits);
  fields.add(static_cast<int>(token.change)).add(token.from).add(token.replaced_by).add(has_key);
  return fields;
}

BoundFields state_of(const std::string& job, std::int64_t row, const TokenOutcome& outcome, bool good) {
  BoundFields fields("what became of a token");
  fields.add(job).add(row).add(outcome.upn).add(static_cast<int>(outcome.state)).add(good);
  fields.add(outcome.reason).add(outcome.remedy).add(unix_seconds(outcome.settled));
  return fields;
}

BoundFields upload_fields(const std::string& job, std::string_view name, bool done) {
  BoundFields fields("an upload");
  fields.add(job).add(name).add(done);
  return fields;
}

bool holds(const TokenOutcome& outcome) { return outcome.state != TokenOutcome::State::not_done && outcome.good(); }

bool key_is_spent(const TokenOutcome& outcome) {
  return outcome.state == TokenOutcome::State::active || outcome.state == TokenOutcome::State::already_active;
}

}  // namespace portalkey
