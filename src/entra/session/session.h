#pragma once
// The session: a service account's refresh token, kept alive and never lost.
//
// Reading the refresh token, redeeming it, storing its successor, using the access token: between each two of these the
// process may die, the network may go, the vault may answer 503. The rule: at every instant at least one place holds a refresh
// token that still works, and the next run finds it. Hence
//   1. one rotation at a time per profile (a lock file);
//   2. the new refresh token goes into a sealed local escrow, durably, before anything else happens with the answer;
//   3. then to the vault; only an answer with the new version's id clears the escrow;
//   4. a run that finds an escrow redeems its token first, so that what it stores is that token's successor.
// Every answer is judged before step 2 (session_account.h): one for another account, or of another tenant, is dropped, and the
// token that was redeemed stays where it was; Entra keeps it valid.
// Only then are versions disabled that are older than the newest few; if that fails the rotation has succeeded all the same.
// The one gap no client can close: a token that works once only (Entra's work on) is lost if the process dies between Entra's
// answer and step 2.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "entra/oauth/access_token.h"
#include "entra/oauth/session_account.h"
#include "entra/oauth/token_endpoint.h"
#include "entra/session/escrow.h"
#include "entra/session/mfa_age.h"
#include "entra/session/sign_in_record.h"
#include "vault/secret_store.h"
#include "vault/version_history.h"

namespace portalkey {

/// A refresh token that is not redeemed for this long ends (AADSTS700082).
inline constexpr std::chrono::days kRefreshTokenIdleLimit{90};

struct SessionSettings {
  std::string name;                    ///< the profile's; goes into the secret's tags
  std::string client_id;               ///< the public client the account signed in with
  std::string resource;                ///< the portal API's application id
  std::string secret_name;             ///< `RefreshToken`
  std::filesystem::path state_folder;  ///< lock and escrow live here
  std::size_t keep_versions = 10;      ///< of the secret; older ones are disabled, whoever wrote them. The latest never is
  std::string account;                 ///< UPN that the profile names; empty: whoever signed in
};

struct PortalAccess {
  Secret access_token;
  AccessTokenClaims claims;
  SteadyTime renew_at;  ///< a little before its end (renewal_margin)
  SteadyTime ends;
  std::string vault_version;        ///< of the refresh token now stored
  std::optional<Error> not_stored;  ///< the vault did not take the successor: it waits in the escrow for the next run
  SignInRecord sign_in;
  std::optional<WallTime> renewed_before;  ///< the rotation before this one; nullopt: not recorded, or there was none
};

struct SessionStatus {
  std::string account;  ///< UPN; empty if the secret was stored by something else than portalkey
  std::string vault_version;
  std::string roles;                ///< of the account when the token was stored; empty if not recorded
  std::string host;                 ///< that stored it; empty if not recorded
  WallTime stored;                  ///< when the vault took this version
  std::optional<WallTime> rotated;  ///< when Entra last gave it out; nullopt: another tool stored it and nobody recorded that
  std::optional<std::chrono::days> days_left;  ///< of the 90 idle days, counted from `rotated`; 0 when over
  SignInRecord sign_in;
  std::optional<LearntMfaAge> learnt_mfa_age;
  bool in_escrow = false;
  std::string place;
};

/// What a stored refresh token says of itself; place, in_escrow and learnt_mfa_age are left open.
SessionStatus describe_session(const SecretVersion& stored, WallTime now);

class Session {
 public:
  Session(SessionSettings settings, TokenEndpoint& endpoint, SecretStore& store, Escrow escrow, Clock& clock);

  /// One rotation. needs_person: somebody must sign in again; forbidden: it is another account's session. Nothing was changed.
  Result<PortalAccess> refresh(const Deadline& deadline);

  /// Starts a session with a refresh token from a sign-in: redeems it, judges tenant and account, lets `accept` judge the rest,
  /// and stores the successor. If either refuses nothing is stored. `how`: its methods are those that the tokens say.
  Result<PortalAccess> adopt(const Secret& refresh_token, SignInRecord how,
                             const std::function<Result<void>(const PortalAccess&)>& accept, const Deadline& deadline);

  /// Reads the vault, redeems nothing.
  Result<SessionStatus> status(const Deadline& deadline);

 private:
  /// A refresh token, and whose it was when it was stored.
  struct Kept {
    Secret refresh_token;
    bool in_vault = true;  ///< otherwise in the escrow
    std::string account, account_id;
    SignInRecord sign_in{};
    std::optional<WallTime> rotated{};
  };
  struct Found {
    Kept first;
    std::optional<Kept> second;  ///< to be tried if the first is refused
    std::string version;         ///< the vault's latest; empty if it holds none
  };
  struct Redeemed {
    TokenAnswer answer;
    AccessTokenClaims claims;
    bool from_vault = true;
    SignInRecord sign_in{};
    std::optional<WallTime> renewed_before{};
  };
  Kept stored_in_vault(Secret refresh_token, const SecretVersion& version) const;
  Result<Found> find_token(const Deadline& deadline);
  Result<Redeemed> redeem(const Kept& kept, const Deadline& deadline);
  void learn_from(const Error& refused, const Kept& kept) const;
  Result<std::string> tenant_id(const Deadline& deadline);
  Result<PortalAccess> keep(Redeemed redeemed, const std::string& successor_of, const Deadline& deadline);
  Result<SecretVersion> store(const Redeemed& redeemed, WallTime obtained, const Deadline& deadline);
  PortalAccess access_of(const Redeemed& redeemed) const;
  std::optional<VersionHistory> earlier_versions(const Deadline& deadline);
  void disable_versions(const VersionHistory& versions, const Deadline& deadline);

  SessionSettings settings_;
  TokenEndpoint& endpoint_;
  SecretStore& store_;
  Escrow escrow_;
  Clock& clock_;
  std::string tenant_id_;                ///< of the profile; empty until it was asked for
  std::string seen_id_;                  ///< the object id of whom the session turned out to be; empty until then
  std::optional<SecretVersion> latest_;  ///< the newest version this session has seen: what the next one takes the place of
};

}  // namespace portalkey
