#pragma once
// People and the hardware tokens they have.

#include <optional>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"
#include "app/tenant/tenant_users.h"
#include "azure/authentication_methods.h"

namespace portalkey {

/// What is known of a user's account.
struct Account {
  std::string upn;
  std::optional<bool> exists;          ///< nullopt: nobody was asked
  std::optional<bool> enabled, guest;  ///< nullopt: not known
};

struct UserDetails {
  Account account;
  std::vector<TenantToken> tokens;  ///< through the profile's backend, as they may be shown
  /// Everything registered, hardware tokens of both worlds included; nullopt: Microsoft Graph could not be asked.
  std::optional<std::vector<AuthenticationMethod>> methods;
  /// Places of kTokensPerUser that are left for hardware tokens and authenticator apps; at most that many where `methods` is
  /// not known.
  std::size_t free = 0;
  std::vector<NotChecked> not_checked;
};

/// `user`: a UPN, or the object id of one who no longer exists. not_found: there is no such user, and no token of theirs.
Result<UserDetails> show_user(Tenant& tenant, const std::string& user);

/// Of which people: exactly one of the two.
struct UsersQuery {
  std::string group;           ///< display name or object id; with those in groups within it
  std::string file;            ///< a list with a column of UPNs
  bool without_token = false;  ///< only who has none
};

struct UserTokens {
  Account account;
  std::size_t tokens = 0, active = 0;
};

struct ListedUsers {
  std::vector<UserTokens> users;      ///< of a group in the order of their UPNs, of a file in its own
  std::size_t asked = 0;              ///< how many people there are in the group or file
  bool graphs_only = false;           ///< tokens that came by CSV were not counted
  std::vector<std::string> warnings;  ///< rows of the file that are of no use
  std::vector<NotChecked> not_checked;
};

/// Who of a group or a file has which number of tokens.
Result<ListedUsers> list_users(Tenant& tenant, const UsersQuery& query);

}  // namespace portalkey
