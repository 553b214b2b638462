#include "service/run/served_profiles.h"

#include "app/operations/profiles.h"

namespace portalkey {

Result<std::filesystem::path> service_folder(const ServeWishes& wishes, const Environment& environment) {
  if (!wishes.state.empty()) return std::filesystem::absolute(wishes.state);
  auto settings = load_serve_settings(wishes.profile, environment);
  if (!settings) return pass(settings);
  if (!settings->state.empty()) return settings->state;
  ProfileChoice choice = wishes.profile;
  if (choice.name.empty() && !settings->profiles.empty()) choice.name = settings->profiles.front();
  if (choice.name.empty() && choice.sandbox.empty()) {
    auto places = list_profiles(choice, environment);
    if (!places) return pass(places);
    if (!places->empty()) choice.name = places->front().name;
  }
  auto profile = load_profile(choice, environment);
  if (!profile) return pass(profile);
  return profile->common_folder.parent_path() / ".service";  // which no profile's name can be
}

Result<std::vector<Profile>> served_profiles(const ServeWishes& wishes, const ServeSettings& settings,
                                             const Environment& environment) {
  std::vector<Profile> profiles;
  std::vector<std::string> names = settings.profiles;
  const bool named = !wishes.profile.name.empty() || !wishes.profile.sandbox.empty();
  if (names.empty() && !named) {
    auto places = list_profiles(wishes.profile, environment);
    if (!places) return pass(places);
    for (const auto& place : *places) names.push_back(place.name);
  }
  if (names.empty()) names.push_back(wishes.profile.name);
  for (const auto& name : names) {
    ProfileChoice choice = wishes.profile;
    choice.name = name;
    auto profile = load_profile(choice, environment);
    if (!profile) return pass(profile);
    profiles.push_back(std::move(*profile));
  }
  return profiles;
}

}  // namespace portalkey
