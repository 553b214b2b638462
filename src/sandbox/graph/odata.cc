#include "sandbox/graph/odata.h"

#include <algorithm>
#include <compare>
#include <utility>

namespace portalkey::sandbox {
namespace {

constexpr int kMaxDepth = 40;

using Scope = ODataFilter::Scope;
using Predicate = ODataFilter::Predicate;
using Path = std::vector<std::string>;

/// The value at the end of a path; nullptr if something on the way is missing.
const json::value* find(const Scope& scope, const Path& path) {
  const json::value* at = nullptr;
  std::size_t next = 0;
  if (scope.bound != nullptr && path.front() == scope.variable) {
    at = scope.bound;
    next = 1;
  } else {
    at = member(*scope.item, path.front());
    next = 1;
  }
  for (; at != nullptr && next < path.size(); ++next) {
    at = at->is_object() ? member(at->get_object(), path[next]) : nullptr;
  }
  return at;
}

std::string text_of(const json::value* value) {
  return value != nullptr && value->is_string() ? lower(view(value->get_string())) : std::string();
}

bool same(const json::value* value, const json::value& literal) {
  if (value == nullptr || value->is_null()) return literal.is_null();
  if (value->is_string() && literal.is_string()) {
    return same_ignoring_case(view(value->get_string()), view(literal.get_string()));
  }
  return *value == literal;
}

/// Numbers and texts (times are written so that they compare as texts).
std::partial_ordering order(const json::value* value, const json::value& literal) {
  if (value == nullptr) return std::partial_ordering::unordered;
  if (value->is_string() && literal.is_string()) return text_of(value) <=> text_of(&literal);
  if (value->is_number() && literal.is_number()) return value->to_number<double>() <=> literal.to_number<double>();
  return std::partial_ordering::unordered;
}

}  // namespace

/// Recursive descent. Every function leaves `failed` set if the text is not what it expects.
class FilterParser {
 public:
  explicit FilterParser(std::string_view text) : rest_(text) {}

  std::optional<ODataFilter> run() {
    filter_.predicate_ = any_of(0);
    skip();
    if (failed_ || !rest_.empty()) return std::nullopt;
    return std::move(filter_);
  }

 private:
  void skip() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  bool take(char c) {
    skip();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { failed_ |= !take(c); }

  static bool is_word(char c) {
    const char l = to_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '@' || c == '.';
  }
  std::string_view peek_word() {
    skip();
    std::size_t size = 0;
    while (size < rest_.size() && is_word(rest_[size])) ++size;
    return rest_.substr(0, size);
  }
  std::string word() {
    const auto found = peek_word();
    failed_ |= found.empty();
    rest_.remove_prefix(found.size());
    return std::string(found);
  }
  bool take_word(std::string_view wanted) {
    if (peek_word() != wanted) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }

  json::value literal() {
    skip();
    if (take('\'')) {
      std::string out;
      while (!rest_.empty()) {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == '\'') {
          if (rest_.empty() || rest_.front() != '\'') return json::value(out);
          rest_.remove_prefix(1);
        }
        out += c;
      }
      failed_ = true;
      return nullptr;
    }
    // true, 5, null, and what is written without quotes: GUIDs and times
    std::size_t size = 0;
    while (size < rest_.size() && (is_word(rest_[size]) || rest_[size] == '-' || rest_[size] == ':' || rest_[size] == '+')) {
      ++size;
    }
    const auto text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (text.empty()) failed_ = true;
    if (text == "true") return true;
    if (text == "false") return false;
    if (text == "null") return nullptr;
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
      if (auto number = parse_json(text)) return *number;
    }
    return json::value(std::string(text));
  }

  void advanced(std::string_view name) {
    if (filter_.advanced_.empty()) filter_.advanced_ = name;
  }

  Predicate any_of(int depth) {
    auto left = all_of(depth);
    std::size_t clauses = 1;
    while (!failed_ && take_word("or")) {
      filter_.alternatives_ = std::max(filter_.alternatives_, ++clauses);
      left = [left = std::move(left), right = all_of(depth)](const Scope& scope) { return left(scope) || right(scope); };
    }
    return left;
  }

  Predicate all_of(int depth) {
    auto left = unary(depth);
    while (!failed_ && take_word("and")) {
      left = [left = std::move(left), right = unary(depth)](const Scope& scope) { return left(scope) && right(scope); };
    }
    return left;
  }

  Predicate unary(int depth) {
    if (depth > kMaxDepth) failed_ = true;
    if (failed_) return {};
    if (take('(')) {
      auto inner = any_of(depth + 1);
      expect(')');
      return inner;
    }
    if (take_word("not")) {
      advanced("not");
      return [inner = unary(depth + 1)](const Scope& scope) { return !inner(scope); };
    }
    const auto next = peek_word();
    if (next == "startswith" || next == "endswith" || next == "contains") return call();
    return comparison(depth);
  }

  Path path() {
    Path out{word()};
    while (!rest_.empty() && rest_.front() == '/') {
      rest_.remove_prefix(1);
      out.push_back(word());
    }
    if (out.front() != variable_) filter_.properties_.push_back(out.front());
    return out;
  }

  Predicate call() {
    const auto name = word();
    if (name != "startswith") advanced(name);
    expect('(');
    auto where = path();
    expect(',');
    const auto what = literal();
    expect(')');
    failed_ |= !what.is_string();
    if (failed_) return {};
    if (take_word("eq")) failed_ |= !take_word("true");
    return [name, where = std::move(where), text = text_of(&what)](const Scope& scope) {
      const auto value = text_of(find(scope, where));
      if (name == "startswith") return value.starts_with(text);
      return name == "endswith" ? value.ends_with(text) : value.find(text) != std::string::npos;
    };
  }

  Predicate lambda(Path where, int depth) {
    expect('(');
    const std::string variable = word();
    expect(':');
    const std::string outer = std::exchange(variable_, variable);
    auto inner = any_of(depth + 1);
    variable_ = outer;
    expect(')');
    if (failed_) return {};
    return [where = std::move(where), variable, inner = std::move(inner)](const Scope& scope) {
      const auto* list = find(scope, where);
      if (list == nullptr || !list->is_array()) return false;
      return std::ranges::any_of(list->get_array(),
                                 [&](const json::value& item) { return inner(Scope{scope.item, variable, &item}); });
    };
  }

  Predicate comparison(int depth) {
    auto where = path();
    if (failed_) return {};
    if (where.size() > 1 && where.back() == "any") {
      where.pop_back();
      return lambda(std::move(where), depth);
    }
    const auto op = word();
    if (op == "in") {
      expect('(');
      std::vector<json::value> list;
      do {
        list.push_back(literal());
      } while (!failed_ && take(','));
      expect(')');
      filter_.alternatives_ = std::max(filter_.alternatives_, list.size());
      return [where = std::move(where), list = std::move(list)](const Scope& scope) {
        const auto* value = find(scope, where);
        return std::ranges::any_of(list, [&](const json::value& one) { return same(value, one); });
      };
    }
    const auto what = literal();
    if (op == "eq") return [where, what](const Scope& scope) { return same(find(scope, where), what); };
    if (op == "ne") {
      advanced("ne");
      return [where, what](const Scope& scope) { return !same(find(scope, where), what); };
    }
    if (op == "gt") return [where, what](const Scope& scope) { return order(find(scope, where), what) > 0; };
    if (op == "ge") return [where, what](const Scope& scope) { return order(find(scope, where), what) >= 0; };
    if (op == "lt") return [where, what](const Scope& scope) { return order(find(scope, where), what) < 0; };
    if (op == "le") return [where, what](const Scope& scope) { return order(find(scope, where), what) <= 0; };
    failed_ = true;
    return {};
  }

  std::string_view rest_;
  std::string variable_;
  ODataFilter filter_;
  bool failed_ = false;
};

std::optional<ODataFilter> ODataFilter::parse(std::string_view text) { return FilterParser(text).run(); }

bool ODataFilter::matches(const json::object& item) const { return predicate_(Scope{&item, {}, nullptr}); }

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (const auto name = trimmed(text.substr(0, comma)); !name.empty()) names.emplace_back(name);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return names;
}

}  // namespace portalkey::sandbox
