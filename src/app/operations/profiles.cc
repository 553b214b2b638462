#include "app/operations/profiles.h"

#include "app/tenant/tenant.h"
#include "app/unattended.h"

namespace portalkey {
namespace {

KnownProfile look_at(const ProfileChoice& choice, const ProfilePlace& place, const Environment& environment, bool check_files) {
  KnownProfile out{place, std::nullopt, std::nullopt};
  auto profile = load_profile(choice_of(choice, place), environment);
  if (!profile) {
    out.problem = profile.error();
    return out;
  }
  out.profile = *profile;
  if (!check_files) return out;
  Unattended nobody;
  const Tenant tenant(std::move(*profile), {nobody, environment, {}});
  if (auto fine = tenant.check_files(); !fine) out.problem = fine.error();
  return out;
}

}  // namespace

ProfileChoice choice_of(ProfileChoice choice, const ProfilePlace& place) {
  choice.name = place.name;
  choice.config = place.file;
  return choice;
}

Result<std::vector<KnownProfile>> look_at_profiles(const ProfileChoice& choice, const Environment& environment,
                                                   bool check_files) {
  auto places = list_profiles(choice, environment);
  if (!places) return pass(places);
  std::vector<KnownProfile> out;
  for (const auto& place : *places) out.push_back(look_at(choice, place, environment, check_files));
  return out;
}

}  // namespace portalkey
