#pragma once
// Microsoft Graph's directory: what a set-up needs of it, people and groups.
// Source: learn.microsoft.com/graph/api/{application-*,serviceprincipal-*}.

#include "azure/azure.h"

namespace portalkey {

class Graph {
 public:
  explicit Graph(const Azure& azure, std::string_view version = "v1.0") : azure_(azure), version_(version) {}

  /// `path` begins with a slash; ids in it are plain (is_plain_id), its query is encoded by the caller.
  Result<Reply> call(std::string_view method, std::string_view path, const std::optional<boost::json::value>& body = {}) const;

  /// The `value` items of a list and of all its pages.
  Result<boost::json::array> list(std::string_view path, std::string_view doing) const;

 private:
  Url url(std::string_view path) const;

  const Azure& azure_;
  std::string_view version_;
};

}  // namespace portalkey
