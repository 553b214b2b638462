#pragma once
// Microsoft Graph v1.0, as far as a set-up needs it.
// Source: learn.microsoft.com/graph/api/{application-*,serviceprincipal-*}.

#include "azure/azure.h"

namespace portalkey {

class Graph {
 public:
  explicit Graph(const Azure& azure) : azure_(azure) {}

  /// `path` begins with a slash; ids in it are plain (is_plain_id), its query is encoded by the caller.
  Result<Reply> call(std::string_view method, std::string_view path, const std::optional<boost::json::value>& body = {}) const;

  /// The `value` items of a list and of all its pages.
  Result<boost::json::array> list(std::string_view path, std::string_view doing) const;

 private:
  Url url(std::string_view path) const;

  const Azure& azure_;
};

}  // namespace portalkey
