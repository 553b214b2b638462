#include "jobs/store/sqlite/job_rows.h"

#include <utility>

#include "base/foreign_text.h"

namespace portalkey {
namespace {

std::optional<Hash> hash_of(std::string_view name) {
  for (const auto hash : {Hash::sha1, Hash::sha256, Hash::sha512}) {
    if (name_of(hash) == name) return hash;
  }
  return std::nullopt;
}

/// Columns as values, and whether each was one that portalkey writes.
class Values {
 public:
  explicit Values(const Query& query) : query_(query) {}
  template <class Value>
  Value named(int column, std::optional<Value> (*of_name)(std::string_view), Value otherwise) {
    const auto value = of_name(query_.text(column));
    sound_ = sound_ && value.has_value();
    return value.value_or(otherwise);
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
  Values values(query);
  Job& job = out.job;
  job.id = query.text(0);
  // Words, or somebody has been at the file: then they are empty, and the mark does not fit.
  job.tenant = foreign_id(query.text(1));
  job.backend = foreign_code(query.text(2));
  job.file = query.text(3);
  job.activate = values.flag(4);
  job.state = values.named(5, job_state_of, Job::State::cancelled);
  job.created = values.time(6);
  job.updated = values.time(7);
  job.kind = foreign_code(query.text(8));
  job.tokens = static_cast<std::size_t>(query.number(9));
  job.good = static_cast<std::size_t>(query.number(10));
  out.wish_mark = query.text(11);
  out.state_mark = query.text(12);
  job.failed = static_cast<std::size_t>(query.number(13));
  job.not_come = static_cast<std::size_t>(query.number(14));
  job.again = values.flag(16);
  job.begun_by = query.text(17);
  out.sound = values.sound();
  return out;
}

JobRow row_of(const Query& query) {
  JobRow row;
  Values values(query);
  row.number = query.number(0);
  auto& [seed, outcome, change, from, replaced_by] = row.token;
  seed.line = outcome.line = query.number(1);
  seed.serial = outcome.serial = std::string(query.text(2));
  seed.upn = outcome.upn = std::string(query.text(3));
  seed.manufacturer = query.text(4);
  seed.model = query.text(5);
  seed.step = values.optional(6);
  seed.hash = query.null(7) ? std::nullopt : std::optional(values.named(7, hash_of, Hash::sha1));
  seed.digits = values.optional(8);
  row.sealed = query.text(9);
  outcome.state = values.named(10, outcome_state_of, TokenOutcome::State::failed);
  outcome.reason = query.text(11);
  outcome.remedy = query.text(12);
  outcome.settled = values.time(13);
  change = values.named(14, token_change_of, TokenChange::move_out);
  from = query.text(15);
  replaced_by = query.text(16);
  row.good = values.flag(17);
  row.has_key = values.flag(18);
  row.wish_mark = query.text(19);
  row.state_mark = query.text(20);
  outcome.code = values.named(21, outcome_code_of, OutcomeCode::none);
  outcome.did = values.named(22, outcome_did_of, TokenOutcome::Did::nothing);
  if (!query.null(23)) {
    outcome.clock = DeviceClock{std::chrono::seconds(query.number(23)), values.time(24)};
    seed.detailed().clock = outcome.clock;
  }
  row.sound = values.sound() && query.null(23) == query.null(24);
  return row;
}

BoundFields wish_of(const Job& job, std::size_t rows) {
  BoundFields fields("what a job is to do");
  fields.add(job.id).add(job.kind).add(job.tenant).add(job.backend).add(job.file).add(job.activate);
  fields.add(unix_seconds(job.created)).add(rows);
  if (job.again) fields.add("again");  // jobs of older versions have neither
  if (!job.begun_by.empty()) fields.add("begun by").add(job.begun_by);
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
  if (const auto& clock = token.outcome.clock)  // rows of older versions have none
    fields.add("its device's clock").add(clock->ahead.count()).add(unix_seconds(clock->seen));
  return fields;
}

BoundFields state_of(const std::string& job, std::int64_t row, const TokenOutcome& outcome, bool good) {
  BoundFields fields("what became of a token");
  fields.add(job).add(row).add(outcome.upn).add(static_cast<int>(outcome.state)).add(good);
  fields.add(outcome.reason).add(outcome.remedy).add(unix_seconds(outcome.settled));
  if (outcome.code != OutcomeCode::none) fields.add(static_cast<int>(outcome.code));
  if (outcome.did != TokenOutcome::Did::nothing) fields.add(name_of(outcome.did));  // older rows have none
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
