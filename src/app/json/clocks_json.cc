#include "app/json/clocks_json.h"

namespace portalkey {

boost::json::object clocks_json(const ActivationClocks& clocks) {
  boost::json::array long_ago;
  for (const auto& token : clocks.long_ago) long_ago.push_back({{"serial", token.serial}, {"made", token.made}});
  return {{"computedCodes", clocks.computed}, {"ownTime", clocks.own}, {"madeLongAgo", std::move(long_ago)}};
}

}  // namespace portalkey
