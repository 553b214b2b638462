#pragma once
// A token as `tokens validate -o json` and `tokens convert --to json` show it. For .cc files of parts that link Boost::json.

#include <boost/json.hpp>

#include "oath/token_seed.h"

namespace portalkey {

/// Members that the file says nothing about are null or, where few formats have them, left out.
boost::json::object token_json(const TokenSeed& token, bool reveal_secret, boost::json::storage_ptr memory = {});

}  // namespace portalkey
