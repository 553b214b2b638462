#include "service/audit/audit_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "service/audit/audit_rows.h"
#include "service/audit/entry_form.h"

namespace portalkey {
namespace {

constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();
/// More often than this no clock is set back; a trail in which it was is searched without a bound.
constexpr std::size_t kMostStepsBack = 100;

/// Numbers from `first` to before `end`.
struct NumberRange {
  std::int64_t first = 0, end = kNoEnd;
};

Result<std::int64_t> one_number(Sqlite& db, const char* sql) {
  Query query(db, sql);
  auto there = query.step();
  if (!there) return pass(there);
  return *there ? query.number(0) : 0;
}

Result<std::vector<std::int64_t>> steps_back(Sqlite& db) {
  std::vector<std::int64_t> numbers;
  Query query(db, "SELECT number FROM step_back ORDER BY number LIMIT ?");
  query.bind(static_cast<std::int64_t>(kMostStepsBack) + 1);
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return numbers;
    numbers.push_back(query.number(0));
  }
}

/// The first number of a range, within which times only grow, whose time is not before `time`; else the range's end.
Result<std::int64_t> first_at(Query& at, NumberRange range, std::int64_t time) {
  while (range.first < range.end) {
    const auto middle = range.first + (range.end - range.first) / 2;
    at.reset();
    at.bind(middle);
    auto there = at.step();
    if (!there) return pass(there);
    if (*there && at.number(0) < time) {
      range.first = middle + 1;
    } else {
      range.end = middle;
    }
  }
  return range.first;
}

/// Where entries of that time are, at most.
Result<NumberRange> numbers_of(Sqlite& db, const AuditFilter& filter) {
  if (!filter.from && !filter.until) return NumberRange{};
  auto bounds = steps_back(db);
  if (!bounds) return pass(bounds);
  if (bounds->size() > kMostStepsBack) return NumberRange{};
  auto first = one_number(db, "SELECT min(number) FROM entry");
  auto last = one_number(db, "SELECT max(number) FROM entry");
  if (!first) return pass(first);
  if (!last) return pass(last);
  std::erase_if(*bounds, [&](std::int64_t number) { return number <= *first || number > *last; });
  bounds->push_back(*last + 1);
  NumberRange out{kNoEnd, 0};
  Query at(db, "SELECT time FROM entry WHERE number = ?");
  std::int64_t begin = *first;
  for (const auto end : *bounds) {
    NumberRange found{begin, end};
    if (filter.from) {
      auto number = first_at(at, {begin, end}, unix_milliseconds(*filter.from));
      if (!number) return pass(number);
      found.first = *number;
    }
    if (filter.until) {
      auto number = first_at(at, {begin, end}, unix_milliseconds(*filter.until));
      if (!number) return pass(number);
      found.end = *number;
    }
    begin = end;
    if (found.first >= found.end) continue;
    out = {std::min(out.first, found.first), std::max(out.end, found.end)};
  }
  return out;
}

/// A SELECT and what is bound in it.
class Selection {
 public:
  explicit Selection(std::string_view how) : sql_(fmt::format("SELECT {} FROM entry {} WHERE true", kEntryColumns, how)) {}
  void where(std::string_view condition, std::string_view text) {
    sql_ += fmt::format(" AND {}", condition);
    texts_.emplace_back(text);
  }
  void where_number(std::string_view condition, std::int64_t number) { sql_ += fmt::format(" AND {} {}", condition, number); }
  const std::string& sql() const { return sql_; }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::string sql_;
  std::vector<std::string> texts_;
};

/// Which index leads: the one that has the fewest rows for one value.
enum class By { serial, job, upn, caller_id, caller_name, action, tenant, number };

std::vector<By> leading(const AuditFilter& filter) {
  if (!filter.serial.empty()) return {By::serial};
  if (!filter.job.empty()) return {By::job};
  if (!filter.upn.empty()) return {By::upn};
  if (!filter.caller.empty()) return {By::caller_id, By::caller_name};
  if (!filter.action.empty()) return {By::action};
  if (!filter.tenant.empty()) return {By::tenant};
  return {By::number};
}

std::string_view how_by(By by) {
  switch (by) {
    case By::serial: return "INDEXED BY entry_serial";
    case By::job: return "INDEXED BY entry_job";
    case By::upn: return "INDEXED BY entry_upn";
    case By::caller_id: return "INDEXED BY entry_caller_id";
    case By::caller_name: return "INDEXED BY entry_caller_name";
    case By::action: return "INDEXED BY entry_action";
    case By::tenant: return "INDEXED BY entry_tenant";
    case By::number: return "NOT INDEXED";
  }
  return "";
}

Selection selection(const AuditFilter& filter, const NumberRange& numbers, By by) {
  Selection out(how_by(by));
  const auto exact = [&](std::string_view condition, const std::string& text) {
    if (!text.empty()) out.where(condition, text);
  };
  exact("serial = ?", filter.serial);
  exact("job = ?", filter.job);
  exact("upn = ?", filter.upn);
  exact("action = ?", filter.action);
  exact("tenant = ?", filter.tenant);
  if (by == By::caller_id) {
    out.where("caller_id = ?", filter.caller);
  } else if (by == By::caller_name) {
    out.where("caller_name = ?", filter.caller);
    out.where("caller_id IS NOT ?", filter.caller);  // the other half has those
  } else {
    exact("? IN (caller_id, caller_name)", filter.caller);
  }
  if (numbers.first > 0) out.where_number("number >=", numbers.first);
  if (numbers.end < kNoEnd) out.where_number("number <", numbers.end);
  if (filter.from) out.where_number("time >=", unix_milliseconds(*filter.from));
  if (filter.until) out.where_number("time <", unix_milliseconds(*filter.until));
  return out;
}

struct Statement {
  std::string sql;
  std::vector<std::string> texts;
};

Result<Statement> statement_of(Sqlite& db, const AuditFilter& filter, std::size_t most, std::int64_t before) {
  auto numbers = numbers_of(db, filter);
  if (!numbers) return pass(numbers);
  if (before > 0) numbers->end = std::min(numbers->end, before);
  Statement out;
  for (const auto by : leading(filter)) {
    const auto half = selection(filter, *numbers, by);
    out.sql += (out.sql.empty() ? "" : " UNION ALL ") + half.sql();
    out.texts.insert(out.texts.end(), half.texts().begin(), half.texts().end());
  }
  out.sql += fmt::format(" ORDER BY number DESC LIMIT {}", most + 1);
  return out;
}

}  // namespace

Result<AuditPage> search_entries(Sqlite& db, const AuditFilter& filter, std::size_t most, std::int64_t before) {
  const auto statement = statement_of(db, filter, most, before);
  if (!statement) return std::unexpected(statement.error());
  Query query(db, statement->sql);
  for (const auto& text : statement->texts) query.bind(text);
  AuditPage page;
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return page;
    if (page.entries.size() == most) {
      page.next = page.entries.empty() ? 0 : page.entries.back().number;
      return page;
    }
    page.entries.push_back(entry_of(query));
  }
}

Result<std::vector<std::string>> search_plan(Sqlite& db, const AuditFilter& filter, std::int64_t before) {
  const auto statement = statement_of(db, filter, 1, before);
  if (!statement) return std::unexpected(statement.error());
  Query query(db, "EXPLAIN QUERY PLAN " + statement->sql);
  for (const auto& text : statement->texts) query.bind(text);
  std::vector<std::string> lines;
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return lines;
    lines.emplace_back(query.text(3));
  }
}

}  // namespace portalkey
