#include "service/mirror/kind_stream.h"

#include <fmt/format.h>

#include <algorithm>

namespace portalkey {
namespace {

class KindStream final : public PlaceStream {
 public:
  KindStream(Sqlite& db, const std::string& sql, std::int64_t kind) : query_(db, sql) {
    place_.kind = kind;
    query_.bind(kind);
  }
  Query& query() { return query_; }
  Result<bool> next() override {
    auto more = query_.step();
    if (!more || !*more) return more;
    place_.id = query_.number(0);
    place_.sl = query_.text(1);
    place_.oath_id = query_.text(2);
    place_.ul = query_.text(3);
    return true;
  }

 private:
  Query query_;
};

class FoundStream final : public PlaceStream {
 public:
  explicit FoundStream(std::vector<TokenPlace> places) : places_(std::move(places)) {}
  Result<bool> next() override {
    if (next_ == places_.size()) return false;
    place_ = std::move(places_[next_++]);
    return true;
  }

 private:
  std::vector<TokenPlace> places_;
  std::size_t next_ = 0;
};

}  // namespace

int PlaceOrder::compare(const TokenPlace& a, const TokenPlace& b) const {
  if (by_owner) {
    if (const int order = a.ul.compare(b.ul); order != 0) return order;
  }
  if (const int order = a.sl.compare(b.sl); order != 0) return order;
  return a.oath_id.compare(b.oath_id);
}

std::unique_ptr<PlaceStream> kind_stream(Sqlite& db, const TokenChoice& choice, std::int64_t kind, PlaceOrder order,
                                         const std::optional<KeyRange>& range, const std::optional<PageEnd>& after) {
  const std::string first = order.by_owner ? "ul" : "sl";
  const std::string columns = order.by_owner ? "ul, sl, oath_id" : "sl, oath_id";
  std::string sql = fmt::format("SELECT id, sl, oath_id, ul FROM token INDEXED BY {} WHERE kind = ?",
                                order.by_owner ? "token_owner" : "token_serial");
  // One bound at each end: of two, SQLite would take the wider one and read all that is between them.
  const auto& end_key = !after ? std::string() : order.by_owner ? after->ul : after->sl;
  bool from = range.has_value(), before = range && !range->before.empty(), past = after.has_value();
  if (range && after && !order.descending) (end_key >= range->from ? from : past) = false;
  if (before && after && order.descending) (end_key < range->before ? before : past) = false;
  if (from) sql += fmt::format(" AND {} >= ?", first);
  if (before) sql += fmt::format(" AND {} < ?", first);
  if (past) sql += fmt::format(" AND ({}) {} ({})", columns, order.descending ? "<" : ">", order.by_owner ? "?, ?, ?" : "?, ?");
  sql += choice.condition();
  sql += order.descending ? (order.by_owner ? " ORDER BY ul DESC, sl DESC, oath_id DESC" : " ORDER BY sl DESC, oath_id DESC")
                          : " ORDER BY " + columns;
  auto stream = std::make_unique<KindStream>(db, sql, kind);
  auto& query = stream->query();
  if (from) query.bind(range->from);
  if (before) query.bind(range->before);
  if (past) {
    if (order.by_owner) query.bind(after->ul);
    query.bind(after->sl).bind(after->oath_id);
  }
  choice.bind(query);
  return stream;
}

std::unique_ptr<PlaceStream> found_stream(std::vector<TokenPlace> places, PlaceOrder order) {
  std::ranges::sort(places, [&](const auto& a, const auto& b) { return order.before(a, b); });
  return std::make_unique<FoundStream>(std::move(places));
}

Result<void> merge(std::vector<std::unique_ptr<PlaceStream>> streams, PlaceOrder order, std::size_t most,
                   std::vector<TokenPlace>& out) {
  const auto later = [&](const auto& a, const auto& b) { return order.before(b->place(), a->place()); };
  std::vector<std::unique_ptr<PlaceStream>> heap;
  for (auto& stream : streams) {
    auto more = stream->next();
    if (!more) return pass(more);
    if (*more) heap.push_back(std::move(stream));
  }
  std::ranges::make_heap(heap, later);
  while (out.size() < most && !heap.empty()) {
    std::ranges::pop_heap(heap, later);
    out.push_back(heap.back()->place());
    auto more = heap.back()->next();
    if (!more) return pass(more);
    if (*more)
      std::ranges::push_heap(heap, later);
    else
      heap.pop_back();
  }
  return {};
}

}  // namespace portalkey
