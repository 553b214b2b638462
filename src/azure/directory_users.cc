#include "azure/directory_users.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/ascii.h"
#include "base/percent_encoding.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostClauses = 15;  // of one $filter joined by `or`; Graph refuses the sixteenth

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

}  // namespace

DirectoryUser directory_user(const boost::json::value& object) {
  DirectoryUser user;
  user.upn = text_at(object, {"userPrincipalName"});
  if (const auto* enabled = find_at(object, {"accountEnabled"}); enabled != nullptr && enabled->is_bool())
    user.enabled = enabled->get_bool();
  if (const auto type = text_at(object, {"userType"}); !type.empty()) user.guest = same_ignoring_case(type, "Guest");
  return user;
}

Result<std::map<std::string, DirectoryUser>> find_users(const Graph& graph, const std::vector<std::string>& upns,
                                                        const std::function<void(std::size_t)>& on_step) {
  std::map<std::string, DirectoryUser> found;
  for (std::size_t begin = 0; begin < upns.size(); begin += kMostClauses) {
    const std::size_t end = std::min(begin + kMostClauses, upns.size());
    std::string filter;
    for (std::size_t i = begin; i < end; ++i) {
      filter += fmt::format("{}userPrincipalName eq {}", i == begin ? "" : " or ", quoted(upns[i]));
    }
    auto items =
        graph.list(fmt::format("/users?$filter={}&$select=userPrincipalName,accountEnabled,userType", percent_encode(filter)),
                   "look users up");
    if (!items) return pass(items);
    for (const auto& item : *items) {
      DirectoryUser user = directory_user(item);
      auto name = lower(user.upn);
      found.insert_or_assign(std::move(name), std::move(user));
    }
    if (on_step) on_step(end);
  }
  return found;
}

}  // namespace portalkey
