#include "service/callers/narrowed_limits.h"

#include <algorithm>
#include <iterator>

namespace portalkey {
namespace {

/// False: nothing is left, which an empty set would not say.
bool narrow(const std::set<std::string>& a, const std::set<std::string>& b, std::set<std::string>& out) {
  if (a.empty() || b.empty()) {
    out = a.empty() ? b : a;
    return true;
  }
  std::ranges::set_intersection(a, b, std::inserter(out, out.end()));
  return !out.empty();
}

}  // namespace

std::optional<CallerLimits> narrowed(const CallerLimits& a, const CallerLimits& b) {
  CallerLimits out;
  if (!narrow(a.tenants, b.tenants, out.tenants) || !narrow(a.domains, b.domains, out.domains) ||
      !narrow(a.groups, b.groups, out.groups))
    return std::nullopt;
  out.tokens_a_day = a.tokens_a_day && b.tokens_a_day ? std::min(*a.tokens_a_day, *b.tokens_a_day)
                     : a.tokens_a_day                 ? a.tokens_a_day
                                                      : b.tokens_a_day;
  out.may_export = a.may_export && b.may_export;
  return out;
}

}  // namespace portalkey
