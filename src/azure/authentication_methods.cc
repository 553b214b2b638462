#include "azure/authentication_methods.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/foreign_text.h"
#include "base/percent_encoding.h"

namespace portalkey {

Result<std::vector<AuthenticationMethod>> authentication_methods(const Graph& beta, std::string_view user) {
  auto items = beta.list(fmt::format("/users/{}/authentication/methods", percent_encode(user)), "read a user's methods");
  if (!items) return pass(items);
  std::vector<AuthenticationMethod> methods;
  for (const auto& item : *items) {
    constexpr std::string_view kBefore = "#microsoft.graph.", kAfter = "AuthenticationMethod";
    std::string kind = text_at(item, {"@odata.type"});
    if (kind.starts_with(kBefore)) kind.erase(0, kBefore.size());
    if (kind.ends_with(kAfter)) kind.resize(kind.size() - kAfter.size());
    // The phone's number and the like stay where they are: of no use for tokens, and somebody's own.
    methods.push_back({foreign_text(kind), foreign_text(text_at(item, {"displayName"}))});
  }
  return methods;
}

}  // namespace portalkey
