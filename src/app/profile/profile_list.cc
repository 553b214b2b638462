#include "app/profile/profile_list.h"

#include <algorithm>

#include "app/profile/config_toml.h"

namespace portalkey {

Result<std::vector<ProfilePlace>> list_profiles(const ProfileChoice& choice, const Environment& environment) {
  std::vector<ProfilePlace> out;
  const auto files = config_files(choice, environment);
  for (const auto& file : files) {
    auto config = parse_config(file);
    if (!config && config.error().code == Errc::not_found && files.size() > 1) continue;
    if (!config) return pass(config);
    const auto* profiles = config->get_as<toml::table>("profile");
    if (profiles == nullptr) continue;
    std::vector<std::pair<toml::source_index, ProfilePlace>> here;
    for (const auto& [key, node] : *profiles) {
      const std::string name(key.str());
      if (std::ranges::find(out, name, &ProfilePlace::name) == out.end())
        here.push_back({key.source().begin.line, {name, file}});
    }
    std::ranges::stable_sort(here, {}, [](const auto& one) { return one.first; });
    for (auto& one : here) out.push_back(std::move(one.second));
  }
  return out;
}

}  // namespace portalkey
