#pragma once
// Which of a secret's versions have had their day. A session that rotates daily leaves 365 versions a year behind, each of
// which may still be good; Key Vault cannot delete one alone, only disable it.
//
// The versions still enabled are remembered in the tags of the newest one, so that a rotation asks for nothing but the PATCH of
// the one that drops out. A list of all versions is asked for only if the tags are not there (another tool wrote the newest).

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vault/secret_store.h"

namespace portalkey {

/// Ids of enabled versions, newest first.
using VersionHistory = std::vector<std::string>;

/// The id of a version as Key Vault makes them, at most 64 letters, digits and dashes: it is shown, and stands in paths. Empty
/// for anything else.
std::string version_id(std::string_view raw);

/// What the tags of a version say of those before it; an empty optional if they say nothing.
std::optional<VersionHistory> history_in(const std::map<std::string, std::string>& tags);

/// Writes a history into tags (at most 256 characters each); what has no room is left out.
void put_history(std::map<std::string, std::string>& tags, const VersionHistory& history);

/// The enabled ones of a list.
VersionHistory enabled_in(std::vector<SecretVersion> versions);

/// How many versions a history can remember; more cannot be kept apart from the rest.
inline constexpr std::size_t kLongestHistory = 49;

}  // namespace portalkey
