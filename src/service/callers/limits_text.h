#pragma once
// Rights and limits as a store keeps them.

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "service/callers/caller.h"

namespace portalkey {

/// Names with blanks between them.
std::string text_of(const std::set<Right>& rights);
/// A name that this version does not know is left out: a right less.
std::set<Right> rights_in(std::string_view text);

/// JSON, in which what is not limited is left out.
std::string text_of(const CallerLimits& limits);
/// nullopt: it is none, or has a limit that this version does not know and so could not keep.
std::optional<CallerLimits> limits_in(std::string_view text);

}  // namespace portalkey
