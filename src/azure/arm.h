#pragma once
// Azure Resource Manager, as far as a set-up needs it.
// Source: Azure/azure-rest-api-specs; learn.microsoft.com/azure/azure-resource-manager/management/async-operations.

#include "azure/azure.h"

namespace portalkey {

inline constexpr std::string_view kResourcesApi = "2024-07-01";
inline constexpr std::string_view kSubscriptionsApi = "2022-12-01";
inline constexpr std::string_view kVaultsApi = "2023-07-01";
inline constexpr std::string_view kRolesApi = "2022-04-01";

class Arm {
 public:
  explicit Arm(const Azure& azure) : azure_(azure) {}

  /// `path` begins with a slash; whatever stands between its slashes is encoded. `query` is appended after the api-version,
  /// encoded by the caller.
  Result<Reply> call(std::string_view method, std::string_view path, std::string_view api_version,
                     const std::optional<boost::json::value>& body = {}, std::string_view query = {}) const;

  /// The `value` items of a list and of all its pages.
  Result<boost::json::array> list(std::string_view path, std::string_view api_version, std::string_view doing,
                                  std::string_view query = {}) const;

  /// Waits until what `reply` has begun is over: Azure-AsyncOperation, else Location, else the resource's own
  /// provisioningState; Retry-After is obeyed. Returns an error if it failed or the deadline came first.
  Result<void> finish(const Reply& reply, std::string_view path, std::string_view api_version, std::string_view doing) const;

 private:
  Result<void> wait(const Reply& last, int round, std::string_view doing) const;
  Url url(std::string_view path, std::string_view api_version, std::string_view query) const;

  const Azure& azure_;
};

/// Where Azure says how an operation goes (its headers Azure-AsyncOperation and Location), if that may be asked with the token
/// that began it at `begun`: at the same host, in the same subscription, something that is called an operation; or what it was
/// begun at. Otherwise an address with a problem.
Result<Url> operation_address(const Url& begun, std::string_view given);

}  // namespace portalkey
