#pragma once
// Replication: an object just made may be unknown to another replica of the directory for seconds, to Azure Resource Manager
// for a minute or two. Only provisioning waits for that; elsewhere "not found" is an answer.

#include <algorithm>
#include <chrono>
#include <functional>

#include "azure/azure.h"

namespace portalkey {

/// Repeats `attempt` with growing pauses (1 s to 15 s) until it says it is done, or until `limit` is over. Returns whether it
/// was done; an error of `attempt` ends it.
Result<bool> wait_until(const Azure& azure, std::chrono::seconds limit, const std::function<Result<bool>()>& attempt);

/// Sends, and sends again while `not_yet` says of the answer that something has not replicated; returns the last answer.
Result<Reply> when_replicated(const Azure& azure, const std::function<Result<Reply>()>& send,
                              const std::function<bool(const Reply&)>& not_yet);

}  // namespace portalkey
