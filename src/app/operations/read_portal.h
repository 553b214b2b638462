#pragma once
// Reads of the portal's backend API by the name they are known under (directory/portal/read_operations.h), over all pages.

#include <string>
#include <utility>
#include <vector>

#include "app/tenant/tenant.h"
#include "directory/portal/read_operations.h"

namespace portalkey {

struct PortalRead {
  const ReadOperation* operation = nullptr;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< by their names, whatever the case
  bool first_page_only = false;
};

/// Those with the word, whatever its case, in their name, path or description. All of them if it is empty.
std::vector<const ReadOperation*> find_read_operations(std::string_view word);
/// not_found says which are similar.
Result<const ReadOperation*> read_operation_named(std::string_view name);

/// From the host's root, with its query. invalid_input: a parameter is missing, or the operation has no such parameter.
/// `next`: what named the next page; empty: the first.
Result<std::string> path_of(const PortalRead& read, std::string_view next = {});

/// The answer's body. Of a list in pages it is the first page's JSON with the items of all pages. unavailable: a list longer
/// than kSetupPages, or one that goes in circles.
Result<Secret> read_portal(Tenant& tenant, const PortalRead& read);

}  // namespace portalkey
