#pragma once
// What a thread works for: the id of a request or of a job, which stands in its log lines and reaches Entra as the id of its
// requests, so that one can be found with the other.

#include <string>

namespace portalkey {

/// Of this thread; empty: none.
const std::string& correlation();

/// This thread works for `id`, a GUID, until this is gone.
class Correlated {
 public:
  explicit Correlated(std::string id);
  ~Correlated();
  Correlated(const Correlated&) = delete;
  Correlated& operator=(const Correlated&) = delete;

 private:
  std::string before_;
};

}  // namespace portalkey
