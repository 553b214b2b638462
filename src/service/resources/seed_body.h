#pragma once
// What a caller sent, as a file that the core reads: in memory only (memfd_create(2)), wiped when it is let go. So a body goes
// the way of every seed file, and is judged by the same rules.

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/error.h"
#include "service/service.h"

namespace portalkey {

/// A row of a list: one of the two may be empty.
struct ListedToken {
  std::string serial, upn;
};

class SeedBody {
 public:
  static Result<SeedBody> of_bytes(std::string_view bytes);
  /// Rows of an import, of the form that the route checks, as a file of Entra's columns.
  static Result<SeedBody> of_rows(const boost::json::array& rows);
  /// With a column of serial numbers unless `users_only`, and one of UPNs where there are any.
  static Result<SeedBody> of_list(const std::vector<ListedToken>& list, bool users_only);

  SeedBody(SeedBody&& other) noexcept = default;
  SeedBody& operator=(SeedBody&&) = delete;
  ~SeedBody();

  /// Good as long as this lives.
  std::string path() const;

 private:
  explicit SeedBody(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

/// The tokens of the tenant's mirror that fit a filter as the route has it.
Result<std::vector<ListedToken>> listed_by_filter(Service& service, ServedTenant& tenant, const boost::json::object& filter);

}  // namespace portalkey
