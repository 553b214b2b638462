#pragma once
// Only for .cc files of parts that link Boost::json.

#include <boost/json.hpp>
#include <vector>

#include "jobs/model/token_outcome.h"

namespace portalkey {

/// `{"tokens":[…],"summary":{"tokens":N,"good":N,"active":N,…}}`
boost::json::object outcomes_json(const std::vector<TokenOutcome>& outcomes);

}  // namespace portalkey
