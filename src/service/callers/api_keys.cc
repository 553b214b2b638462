#include "service/callers/api_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/guid.h"
#include "base/key_like.h"
#include "base/visible_text.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestKeyName = 100, kMostOfALimit = 1000;

bool is_domain(std::string_view text) {
  const auto fine = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return text.size() <= 253 && text.find('.') != text.npos && std::ranges::all_of(text, fine) && !text.starts_with('.') &&
         !text.ends_with('.') && text.find("..") == text.npos;
}

bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= kLongestKeyName && visible_text(text) == text && text.front() != ' ' &&
         text.back() != ' ';
}

Result<void> check_limits(const CallerLimits& limits) {
  if (std::max({limits.tenants.size(), limits.domains.size(), limits.groups.size()}) > kMostOfALimit)
    return fail(Errc::invalid_input, "a key is limited to too many tenants, domains or groups",
                fmt::format("Name at most {} of each.", kMostOfALimit));
  for (const auto& tenant : limits.tenants)
    if (!is_plain(tenant))
      return fail(Errc::invalid_input, "a tenant has no name", "Name tenants as their profiles are named.");
  for (const auto& domain : limits.domains)
    if (!is_domain(domain))
      return fail(Errc::invalid_input,
                  fmt::format("\"{}\" is no domain of user names", bounded_text(visible_text(domain), 100)),
                  "Write what stands behind the @, in lower case: contoso.com");
  for (const auto& group : limits.groups)
    if (!is_guid(group))
      return fail(Errc::invalid_input, fmt::format("\"{}\" is no object id of a group", bounded_text(visible_text(group), 100)),
                  "Write the group's object id, a GUID; a group's name may change.");
  if (limits.tokens_a_day && (*limits.tokens_a_day == 0 || *limits.tokens_a_day > 1'000'000'000))
    return fail(Errc::invalid_input, "the number of tokens a day is none that a key can be limited to",
                "Say at least 1; for a key that may change nothing, give it only the right to read.");
  return {};
}

}  // namespace

ApiKey::State ApiKey::state(WallTime now) const {
  return revoked ? State::revoked : expires <= now ? State::expired : State::live;
}

std::string_view name_of(ApiKey::State state) {
  switch (state) {
    case ApiKey::State::live: return "live";
    case ApiKey::State::expired: return "expired";
    case ApiKey::State::revoked: return "revoked";
  }
  return "";
}

Result<void> check_new_api_key(const NewApiKey& wish, WallTime now) {
  if (!is_plain(wish.name))
    return fail(Errc::invalid_input, "the name of the key is empty, too long, or has characters that nobody sees",
                fmt::format("Give it a name of 1 to {} bytes that says who uses it.", kLongestKeyName));
  if (looks_like_key(wish.name))
    return fail(Errc::invalid_input, "the name of the key looks like a key itself", "Give it a name that says who uses it.");
  if (wish.rights.empty())
    return fail(Errc::invalid_input, "a key without rights opens nothing", "Name at least one right, such as Tokens.Read.");
  if (wish.expires <= now) return fail(Errc::invalid_input, "the key would be expired already", "Let it expire later.");
  if (wish.expires > now + kLongestApiKeyLife)
    return fail(Errc::invalid_input, "the key would live too long",
                fmt::format("Let it expire within {} days, and make another then.", kLongestApiKeyLife.count()));
  return check_limits(wish.limits);
}

Caller caller_of(const ApiKey& key) { return {Caller::Kind::key, key.id, key.name, "", key.rights, key.limits}; }

}  // namespace portalkey
