#include "base/program_environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/files.h"
#include "base/trusted_path.h"

namespace portalkey {
namespace {

// PATH is passed on too, but not as it is.
constexpr std::string_view kPassedOn[] = {"HOME", "LANG", "LANGUAGE", "LOGNAME", "TERM", "TZ", "USER",
                                          // A browser on the user's desktop.
                                          "BROWSER", "DBUS_SESSION_BUS_ADDRESS", "DESKTOP_SESSION", "DISPLAY",
                                          "GNOME_DESKTOP_SESSION_ID", "KDE_FULL_SESSION", "KDE_SESSION_VERSION",
                                          "WAYLAND_DISPLAY", "XAUTHORITY",
                                          // az: where its sign-in is kept, and its way to the network.
                                          "ALL_PROXY", "AZURE_CONFIG_DIR", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY",
                                          "REQUESTS_CA_BUNDLE", "all_proxy", "http_proxy", "https_proxy", "no_proxy"};
constexpr std::string_view kPassedOnPrefixes[] = {"LC_", "XDG_"};

std::vector<std::string> folders_of_path() {
  const char* const value = std::getenv("PATH");
  std::string_view path = value == nullptr ? "/usr/bin:/bin" : value;
  std::vector<std::string> folders;
  while (!path.empty()) {
    const auto end = std::min(path.find(':'), path.size());
    if (path.starts_with('/')) folders.emplace_back(path.substr(0, end));  // a relative one is another folder for each caller
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return folders;
}

Result<void> judge_program(const std::string& file) {
  const auto place = find_place(file);
  if (!place) return std::unexpected(place.error());
  if (!place->there) return fail(Errc::not_found, "there is no such program");
  return judge(*place, FileUse::trusted);
}

}  // namespace

Result<std::string> find_program(const std::string& name) {
  const bool named_by_path = name.find('/') != std::string::npos;
  std::vector<std::string> candidates;
  if (name.starts_with('/')) candidates = {name};
  for (const auto& folder : named_by_path ? std::vector<std::string>() : folders_of_path())
    candidates.push_back(folder + "/" + name);
  std::optional<Error> refused;
  for (const auto& file : candidates) {
    if (::access(file.c_str(), X_OK) != 0) continue;
    auto fine = named_by_path ? Result<void>() : check_private_folder(std::filesystem::path(file).parent_path());
    if (fine) fine = judge_program(file);
    if (fine) return file;
    if (!refused) refused = std::move(fine).error();
  }
  if (refused) {
    refused->what = fmt::format("the program {} is not started: {}", name, refused->what);
    return std::unexpected(std::move(*refused));
  }
  return fail(Errc::not_found, fmt::format("the program {} cannot be started ({})", name, std::strerror(ENOENT)),
              "Install it, or put its folder on PATH.");
}

std::vector<std::string> program_environment() {
  std::string path = "PATH=";
  for (const auto& folder : folders_of_path()) {
    if (check_private_folder(folder)) path += (path.ends_with('=') ? "" : ":") + folder;
  }
  std::vector<std::string> variables{std::move(path)};
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view variable = *one;
    const auto name = variable.substr(0, variable.find('='));
    if (std::ranges::find(kPassedOn, name) != std::end(kPassedOn) ||
        std::ranges::any_of(kPassedOnPrefixes, [&](auto prefix) { return name.starts_with(prefix); })) {
      variables.emplace_back(variable);
    }
  }
  return variables;
}

}  // namespace portalkey
