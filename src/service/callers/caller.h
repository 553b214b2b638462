#pragma once
// Who calls the service, and what they may do.

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace portalkey {

/// What a caller may be allowed: app roles of Entra, scopes of delegated tokens, scopes of API keys, all by the same names.
enum class Right { tokens_read, tokens_write, imports_write, portal_invoke, session_manage, audit_read };

/// `Tokens.Read`, `Tokens.Write`, `Imports.Write`, `Portal.Invoke`, `Session.Manage`, `Audit.Read`.
std::string_view name_of(Right right);
/// By its exact name; nullopt: none has it.
std::optional<Right> right_of(std::string_view name);
/// All of them, in the order above.
inline constexpr Right kEveryRight[] = {Right::tokens_read,   Right::tokens_write,   Right::imports_write,
                                        Right::portal_invoke, Right::session_manage, Right::audit_read};

/// What of its rights a caller may use only in part.
struct CallerLimits {
  std::set<std::string> tenants;            ///< names of profiles; empty: every one that is served
  std::set<std::string> domains;            ///< of the UPNs it may act on, in lower case; empty: every one
  std::set<std::string> groups;             ///< object ids of groups whose members it may act on; empty: everybody
  std::optional<std::size_t> tokens_a_day;  ///< it may change at most so many tokens in 24 hours; nullopt: any number
  bool may_export = true;                   ///< false: it may look, but not take whole lists with it
};

struct Caller {
  enum class Kind { user, app, key } kind = Kind::key;
  std::string id;      ///< object id of a user (`oid`), application id of an app (`appid` or `azp`), id of a key
  std::string name;    ///< UPN of a user, name of a key; an app's is its id
  std::string tenant;  ///< `tid` of the access token; empty of a key
  std::set<Right> rights;
  CallerLimits limits;

  bool may(Right right) const { return rights.contains(right); }
};

/// `user`, `app`, `key`: stable, in the audit trail.
std::string_view name_of(Caller::Kind kind);

}  // namespace portalkey
