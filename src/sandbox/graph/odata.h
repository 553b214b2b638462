#pragma once
// What Microsoft Graph takes of OData 4's `$filter`, over objects as they are sent. Included by .cc files only.
// Source: learn.microsoft.com/graph/filter-query-parameter, aad-advanced-queries.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/wire/json.h"

namespace portalkey::sandbox {

/// `eq ne gt ge lt le in`, `and or not`, parentheses, `startswith endswith contains` and `any(x:…)`. Texts are compared
/// without regard to letter case, as the directory does.
class ODataFilter {
 public:
  /// nullopt if the text is no such filter.
  static std::optional<ODataFilter> parse(std::string_view text);

  bool matches(const json::object& item) const;
  /// The first segments of all paths in it.
  const std::vector<std::string>& properties() const { return properties_; }
  /// The first operator that Graph takes only with `ConsistencyLevel: eventual`; empty if there is none.
  const std::string& advanced() const { return advanced_; }
  /// The most that is joined by one row of `or`, or listed by one `in`.
  std::size_t alternatives() const { return alternatives_; }

  /// Where a path begins: the object, or the variable of a lambda.
  struct Scope {
    const json::object* item = nullptr;
    std::string_view variable;
    const json::value* bound = nullptr;
  };
  using Predicate = std::function<bool(const Scope&)>;

 private:
  friend class FilterParser;
  Predicate predicate_;
  std::vector<std::string> properties_;
  std::string advanced_;
  std::size_t alternatives_ = 1;
};

/// `a,b , c` -> its names.
std::vector<std::string> split_names(std::string_view text);

}  // namespace portalkey::sandbox
