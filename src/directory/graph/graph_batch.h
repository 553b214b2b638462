#pragma once
// Several Graph requests in one. Source: learn.microsoft.com/graph/json-batching.

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <vector>

#include "http/http.h"

namespace portalkey {

inline constexpr std::size_t kGraphBatch = 20;  ///< requests in one, at most

struct BatchItem {
  std::string method = "GET";
  Url url;                      ///< whole, with the version
  boost::json::value body;      ///< null for none
  std::vector<Secret> secrets;  ///< in the body
};

/// One response per item, refusals without any of the batch's secrets, in order (kGraphBatch items at most per request; more
/// are split). `post` sends a $batch body. What an item was told to wait for (429) is waited for and sent again, until the
/// deadline. An Error in place of a response: the request that carried the item failed (unavailable: it may have been carried
/// out), or the item's address is none and it was not sent (invalid_input).
std::vector<Result<Response>> send_batch(const std::vector<BatchItem>& items,
                                         const std::function<Result<Response>(Body body)>& post, Clock& clock,
                                         const Deadline& deadline);

}  // namespace portalkey
