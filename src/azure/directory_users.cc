#include "azure/directory_users.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/ascii.h"
#include "base/percent_encoding.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostValues = 15;  // of `in` in a $filter; Graph refuses the sixteenth

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

}  // namespace

DirectoryUser directory_user(const boost::json::value& object) {
  DirectoryUser user;
  user.id = raw_text_at(object, {"id"});
  user.upn = text_at(object, {"userPrincipalName"});
  user.display_name = text_at(object, {"displayName"});
  if (const auto* enabled = find_at(object, {"accountEnabled"}); enabled != nullptr && enabled->is_bool())
    user.enabled = enabled->get_bool();
  if (const auto type = text_at(object, {"userType"}); !type.empty()) user.guest = same_ignoring_case(type, "Guest");
  return user;
}

Result<void> each_user(std::string_view property, const std::vector<std::string>& values, const ListItems& list,
                       const std::function<Result<void>(DirectoryUser)>& take,
                       const std::function<void(std::size_t)>& on_step) {
  for (std::size_t begin = 0; begin < values.size(); begin += kMostValues) {
    const std::size_t end = std::min(begin + kMostValues, values.size());
    std::string wanted;
    for (std::size_t i = begin; i < end; ++i) wanted += (i == begin ? "" : ",") + quoted(values[i]);
    auto items = list(fmt::format("/users?$filter={}&$select=id,userPrincipalName,displayName,userType,accountEnabled",
                                  percent_encode(fmt::format("{} in ({})", property, wanted))));
    if (!items) return pass(items);
    for (const auto& item : *items) {
      if (auto taken = take(directory_user(item)); !taken) return taken;
    }
    if (on_step) on_step(end);
  }
  return {};
}

Result<std::map<std::string, DirectoryUser>> find_users(const Graph& graph, const std::vector<std::string>& upns,
                                                        const std::function<void(std::size_t)>& on_step) {
  std::map<std::string, DirectoryUser> found;
  const auto take = [&](DirectoryUser user) -> Result<void> {
    auto name = lower(user.upn);
    found.insert_or_assign(std::move(name), std::move(user));
    return {};
  };
  const auto list = [&](const std::string& path) { return graph.list(path, "look users up"); };
  if (auto asked = each_user("userPrincipalName", upns, list, take, on_step); !asked) return pass(asked);
  return found;
}

}  // namespace portalkey
