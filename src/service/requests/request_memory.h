#pragma once
// What was answered to requests that carry a key of their own, so that one that is sent again is answered again and not done
// again (IETF draft Idempotency-Key, Azure's Repeatability-Request-ID). Kept for a day.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "web/http_message.h"

namespace portalkey {

struct RequestKey {
  std::string caller;     ///< its kind and id: keys of different callers are different
  std::string operation;  ///< method and path
  std::string key;        ///< as it was sent
};

class RequestMemory {
 public:
  virtual ~RequestMemory() = default;
  /// Remembers that the request is being done: nullopt. Or what was answered to it before. By any thread. conflict: it is
  /// being done now. invalid_input: the key was used with another body. `body_hash`: of all that the request says.
  virtual Result<std::optional<HttpResponse>> begin(const RequestKey& key, const std::string& body_hash) = 0;
  /// Its answer, to be given again. One that asks to come back later (429, 5xx) is forgotten instead: forget().
  virtual Result<void> answered(const RequestKey& key, const HttpResponse& answer) = 0;
  virtual Result<void> forget(const RequestKey& key) = 0;
};

/// In `folder`/requests.db. What was being done when the process before ended is forgotten: the request may be sent again,
/// and what it did is found by its serial numbers.
Result<std::unique_ptr<RequestMemory>> open_request_memory(const std::filesystem::path& folder, Clock& clock);

}  // namespace portalkey
