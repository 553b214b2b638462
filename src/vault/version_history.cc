#include "vault/version_history.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"

namespace portalkey {
namespace {

constexpr std::size_t kTags = 7;  // Key Vault allows 15 tags, and the session has its own
constexpr std::size_t kLongestTag = 256;

std::string tag_name(std::size_t at) { return fmt::format("portalkey-earlier-{}", at + 1); }

}  // namespace

std::string version_id(std::string_view raw) {
  constexpr std::size_t kLongest = 64;
  const bool fits = raw.size() <= kLongest && std::ranges::all_of(raw, [](char c) {
                      return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '-';
                    });
  return fits ? std::string(raw) : std::string();
}

std::optional<VersionHistory> history_in(const std::map<std::string, std::string>& tags) {
  if (!tags.contains(tag_name(0))) return std::nullopt;
  VersionHistory history;
  for (std::size_t at = 0; at < kTags; ++at) {
    const auto tag = tags.find(tag_name(at));
    if (tag == tags.end()) break;
    std::string_view rest = tag->second;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(' '), rest.size());
      if (auto id = version_id(rest.substr(0, end)); !id.empty()) history.push_back(std::move(id));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return history;
}

void put_history(std::map<std::string, std::string>& tags, const VersionHistory& history) {
  std::size_t at = 0;
  tags[tag_name(0)];  // even an empty history is one
  for (const auto& id : history) {
    if (tags[tag_name(at)].size() + 1 + id.size() > kLongestTag && ++at == kTags) return;
    auto& tag = tags[tag_name(at)];
    tag += (tag.empty() ? "" : " ") + id;
  }
}

VersionHistory enabled_in(std::vector<SecretVersion> versions) {
  std::ranges::stable_sort(versions, std::greater<>(), &SecretVersion::created);
  VersionHistory history;
  for (const auto& version : versions) {
    if (version.enabled && !version.id.empty()) history.push_back(version.id);
  }
  return history;
}

}  // namespace portalkey
