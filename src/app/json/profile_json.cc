#include "app/json/profile_json.h"

#include <boost/json.hpp>

#include "base/json_text.h"

namespace portalkey {
namespace {

namespace json = boost::json;

json::object describe(const Profile& profile) {
  const bool key_vault = profile.vault.type == VaultProfile::Type::key_vault;
  json::array ca_files;
  for (const auto& file : profile.extra_ca_files) ca_files.emplace_back(file.string());
  return {{"name", profile.name},
          {"file", profile.file.string()},
          {"tenant", profile.tenant},
          {"cloud", profile.cloud.name},
          {"backend", profile.backend == Backend::graph ? "graph" : "portal"},
          {"serviceAccount", profile.service_account},
          {"clientId", profile.client_id},
          {"credential", name_of(profile.credential.type)},
          {"vault",
           {{"type", key_vault ? "key_vault" : "file"},
            {"place", key_vault ? profile.vault.url.text() : profile.vault.path.string()},
            {"secretName", profile.vault.secret_name},
            {"keepVersions", profile.vault.keep_versions}}},
          {"stateFolder", profile.state_folder.string()},
          {"activations", {{"count", profile.activations}, {"seconds", profile.activation_window.count()}}},
          {"proxy", profile.proxy.contains('@') ? "(with a password)" : profile.proxy},
          {"caFiles", std::move(ca_files)},
          {"sandbox", profile.sandbox ? json::value(profile.sandbox->folder.string()) : json::value(nullptr)}};
}

json::object describe(const Error& error, const Words& words) {
  json::object context;
  for (const auto& [key, value] : error.context) context[key] = words(value);
  return {{"code", name_of(error.code)},
          {"what", words(error.what)},
          {"remedy", words(error.remedy)},
          {"context", std::move(context)}};
}

}  // namespace

std::string json_of(const Profile& profile) { return json_text(describe(profile)); }

std::string json_of(const std::vector<KnownProfile>& profiles, const Words& words) {
  json::array out;
  for (const auto& one : profiles) {
    out.push_back({{"name", one.place.name},
                   {"file", one.place.file.string()},
                   {"profile", one.profile ? json::value(describe(*one.profile)) : json::value(nullptr)},
                   {"error", one.problem ? json::value(describe(*one.problem, words)) : json::value(nullptr)}});
  }
  return json_text(out);
}

}  // namespace portalkey
