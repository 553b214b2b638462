#include "jobs/model/taken_token.h"

#include <fmt/format.h>

#include "base/time_text.h"

namespace portalkey {

std::string text_of(const TakenToken& taken) {
  const std::string from = taken.from.empty() ? std::string() : " from " + taken.from;
  return fmt::format("was {} on {} (job {})",
                     !taken.replaced_by.empty() ? fmt::format("replaced by {}", taken.replaced_by)
                     : taken.kept               ? fmt::format("taken{}", from.empty() ? " from its user" : from)
                                                : fmt::format("removed{}", from),
                     iso_time(taken.when).substr(0, 10), taken.job);
}

}  // namespace portalkey
