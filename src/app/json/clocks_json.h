#pragma once
// Only for .cc files of parts that link Boost::json.

#include <boost/json.hpp>

#include "app/operations/device_clocks.h"

namespace portalkey {

/// `{"computedCodes":N,"ownTime":N,"madeLongAgo":[{"serial":"…","made":"2021-03-01"}]}`
boost::json::object clocks_json(const ActivationClocks& clocks);

}  // namespace portalkey
