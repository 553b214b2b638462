#include "app/profile/config_toml.h"

#include <fmt/format.h>

#include "app/profile/toml_nesting.h"
#include "base/files.h"

namespace portalkey {
namespace {

Result<toml::table> parse(const std::filesystem::path& file) {
  auto text = read_file(file, 1 << 20, FileUse::trusted);
  if (!text) return pass(text);
  if (const auto line = text->reveal(nests_too_deeply_at)) {
    return std::unexpected(Error{Errc::invalid_input,
                                 "the file nests tables or lists deeper than a config file may",
                                 "Correct the line.",
                                 {{"file", file.string()}, {"line", std::to_string(*line)}}});
  }
  try {
    return text->reveal([&](std::string_view toml) { return toml::parse(toml, file.string()); });
  } catch (const toml::parse_error& error) {
    return bad_setting(file, error.source(), fmt::format("the file is not TOML: {}", error.description()), "Correct the line.");
  }
}

}  // namespace

std::unexpected<Error> bad_setting(const std::filesystem::path& file, const toml::source_region& where, std::string what,
                                   std::string remedy) {
  return std::unexpected(Error{Errc::invalid_input,
                               std::move(what),
                               std::move(remedy),
                               {{"file", file.string()}, {"line", std::to_string(where.begin.line)}}});
}

Result<toml::table> parse_config(const std::filesystem::path& file) {
  auto config = parse(file);
  if (!config) return config;
  for (const auto& [key, node] : *config) {
    if ((key.str() != "profile" && key.str() != "cloud" && key.str() != "service") || !node.is_table()) {
      return bad_setting(file, key.source(), fmt::format("\"{}\" does not belong here", key.str()),
                         "A config file holds tables named [profile.NAME], [cloud.NAME] and [service].");
    }
  }
  return config;
}

}  // namespace portalkey
