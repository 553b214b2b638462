#pragma once
// The tenant's licences, as the portal lists them (AccountSkus).

#include <cstdint>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"

namespace portalkey {

struct Licence {
  std::string name, sku;
  std::int64_t total = 0, used = 0, free = 0;
};

struct Licences {
  std::vector<Licence> licences;
  std::string as_listed;  ///< the portal's own JSON, indented, with every text made fit to be shown
};

/// unavailable: the answer has another shape than recorded.
Result<Licences> read_licences(Tenant& tenant);

}  // namespace portalkey
