#include "entra/session/session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/crash_point.h"
#include "base/file_lock.h"
#include "base/files.h"
#include "base/foreign_text.h"
#include "base/log.h"
#include "base/secret_text.h"
#include "base/time_text.h"
#include "entra/oauth/aadsts.h"
#include "entra/oauth/secret_flaw.h"

namespace portalkey {
namespace {

constexpr std::chrono::seconds kLockPatience{60};
constexpr const char* kAccountTag = "portalkey-account";
constexpr const char* kAccountIdTag = "portalkey-account-id";
constexpr const char* kRotatedTag = "portalkey-rotated";
constexpr std::chrono::hours kClockSkew{1};       // between this machine and the vault
constexpr std::size_t kMostDisabledAtOnce = 200;  // Key Vault throttles writers at 300 in 10 seconds

bool same(const Secret& a, const Secret& b) {
  return a.reveal([&](std::string_view x) { return b.reveal([&](std::string_view y) { return x == y; }); });
}

/// A vault without the secret means that nobody has signed in yet, and that takes a person.
std::unexpected<Error> nobody_signed_in(Error error) {
  if (error.code == Errc::not_found) error.code = Errc::needs_person;
  return std::unexpected(std::move(error));
}

/// Entra looked at the token and said no; another one may be taken.
bool refused(const Error& error) {
  return error.code != Errc::unavailable && error.code != Errc::throttled && error.code != Errc::cancelled;
}

std::string tag_of(const SecretVersion& version, const char* name) {
  const auto found = version.tags.find(name);
  return found == version.tags.end() ? std::string() : foreign_text(found->second, 256);
}

std::string_view place_of(bool in_vault) { return in_vault ? "vault" : "escrow"; }

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

/// `Global Administrator, User Administrator`, as long as a tag may be.
std::string role_names(const std::vector<std::string>& roles) {
  std::string names;
  for (const auto& role : roles) {
    const std::string name = role_name(role);
    if (names.size() + 2 + name.size() > 256) break;
    names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

Result<FileLock> lock_session(const SessionSettings& settings, Clock& clock, const Deadline& deadline) {
  if (auto made = make_private_folder(settings.state_folder); !made) return pass(made);
  if (auto trusted = check_private_folder(settings.state_folder); !trusted) return pass(trusted);
  return FileLock::take(settings.state_folder / "session.lock", kLockPatience, clock, deadline.stop);
}

}  // namespace

Session::Session(SessionSettings settings, TokenEndpoint& endpoint, SecretStore& store, Escrow escrow, Clock& clock)
    : settings_(std::move(settings)), endpoint_(endpoint), store_(store), escrow_(std::move(escrow)), clock_(clock) {}

Result<PortalAccess> Session::refresh(const Deadline& deadline) {
  auto lock = lock_session(settings_, clock_, deadline);
  if (!lock) return pass(lock);
  crash_point();
  auto found = find_token(deadline);
  if (!found) return pass(found);
  if (auto tenant = tenant_id(deadline); !tenant) return pass(tenant);  // nothing may be amiss once a token is redeemed
  crash_point();
  auto redeemed = redeem(found->first, deadline);
  if (!redeemed && found->second && refused(redeemed.error())) {
    const bool anothers = redeemed.error().code == Errc::forbidden;
    log(anothers ? LogLevel::warning : LogLevel::info,
        fmt::format("the refresh token in the {} is of no use ({}); trying the one in the {}", place_of(found->first.in_vault),
                    redeemed.error().what, place_of(found->second->in_vault)));
    auto other = redeem(*found->second, deadline);
    if (other) redeemed = std::move(other);
  }
  if (!redeemed && refused(redeemed.error())) {
    // Where a token works once only, somebody on another machine may have redeemed it since we read it, and stored its
    // successor.
    auto again = store_.get(settings_.secret_name, deadline);
    if (again && again->version.id != found->version) {
      auto other = redeem(stored_in_vault(std::move(again->value), again->version), deadline);
      if (other) {
        redeemed = std::move(other);
        found->version = again->version.id;
        latest_ = again->version;
      }
    }
  }
  if (!redeemed) {
    learn_from(redeemed.error(), found->first);
    return pass(redeemed);
  }
  crash_point();
  if (const auto& at = redeemed->sign_in.at; at && clock_.now() > *at)
    taken_at(settings_.state_folder, std::chrono::floor<std::chrono::days>(clock_.now() - *at));
  if (redeemed->answer.refresh_token.empty()) {  // Entra may leave it out; then the old one stays in use
    if (redeemed->from_vault) {
      seen_id_ = redeemed->claims.object_id;
      PortalAccess access = access_of(*redeemed);
      access.vault_version = found->version;
      return access;
    }
    const Kept& escrowed = found->first.in_vault ? *found->second : found->first;
    redeemed->answer.refresh_token = escrowed.refresh_token.clone();
  }
  return keep(std::move(*redeemed), found->version, deadline);
}

Result<PortalAccess> Session::adopt(const Secret& refresh_token, SignInRecord how,
                                    const std::function<Result<void>(const PortalAccess&)>& accept, const Deadline& deadline) {
  auto lock = lock_session(settings_, clock_, deadline);
  if (!lock) return pass(lock);
  if (auto tenant = tenant_id(deadline); !tenant) return pass(tenant);
  // Whoever signs in may take the session over.
  auto redeemed = redeem({refresh_token.clone(), false, {}, {}, std::move(how)}, deadline);
  if (!redeemed) return pass(redeemed);
  if (auto accepted = accept(access_of(*redeemed)); !accepted) return pass(accepted);
  auto current = store_.get(settings_.secret_name, deadline);
  if (!current && current.error().code != Errc::not_found && current.error().code != Errc::forbidden) return pass(current);
  if (current) latest_ = current->version;
  if (redeemed->answer.refresh_token.empty()) redeemed->answer.refresh_token = refresh_token.clone();
  return keep(std::move(*redeemed), current ? current->version.id : std::string(), deadline);
}

/// A person, or another tool, may have put more into the vault than the token: a line break at its end, quotes, a byte order
/// mark.
Session::Kept Session::stored_in_vault(Secret refresh_token, const SecretVersion& version) const {
  return {refresh_token.reveal(secret_in_text),   true,
          tag_of(version, kAccountTag),           seen_id_.empty() ? tag_of(version, kAccountIdTag) : seen_id_,
          sign_in_in(version.tags, clock_.now()), describe_session(version, clock_.now()).rotated};
}

/// A session that was refused for its age tells how old one may get, if it is known how old it is.
void Session::learn_from(const Error& refused, const Kept& kept) const {
  constexpr std::int64_t kMfaTooOld = 50078, kSignInFrequency = 70043;
  const auto code = find_aadsts(refused.what);
  if ((code != kMfaTooOld && code != kSignInFrequency) || !kept.sign_in.at) return;
  const auto age_at = [&](WallTime then) {
    return std::max(std::chrono::days(0), std::chrono::floor<std::chrono::days>(then - *kept.sign_in.at));
  };
  LearntMfaAge age{kept.rotated ? age_at(*kept.rotated) : std::chrono::days(0), age_at(clock_.now())};
  if (age.refused.count() == 0) return;  // a policy of the same day is none of age
  if (const auto before = learnt_mfa_age(settings_.state_folder); before && before->refused <= age.refused) return;
  if (auto learnt = keep_mfa_age(settings_.state_folder, age); !learnt)
    log(LogLevel::info, fmt::format("the tenant's MFA age could not be recorded: {}", learnt.error().what));
}

/// Finds the token to redeem: the vault's latest, or the escrow's if a former run could not finish.
Result<Session::Found> Session::find_token(const Deadline& deadline) {
  auto escrowed = escrow_.load();
  if (!escrowed) return pass(escrowed);
  auto stored = store_.get(settings_.secret_name, deadline);
  if (stored) latest_ = stored->version;
  if (!*escrowed) {
    if (!stored) return nobody_signed_in(std::move(stored).error());
    return Found{stored_in_vault(std::move(stored->value), stored->version), std::nullopt, stored->version.id};
  }
  auto& waiting = **escrowed;
  if (!stored && stored.error().code != Errc::not_found) return pass(stored);
  if (stored && same(stored->value, waiting.refresh_token)) {  // the vault had taken it; only the answer was lost
    if (auto cleared = escrow_.clear(); !cleared) return pass(cleared);
    return Found{stored_in_vault(std::move(stored->value), stored->version), std::nullopt, stored->version.id};
  }
  Kept ours{std::move(waiting.refresh_token), false,           std::move(waiting.account), seen_id_,
            std::move(waiting.sign_in),       waiting.obtained};
  if (!stored) return Found{std::move(ours), std::nullopt, {}};
  // If somebody else rotated since, theirs is newer, and ours stays in escrow until theirs has proved to work. Otherwise ours
  // is the newest, whose successor goes to the vault, and the vault's is the fallback.
  const bool theirs_is_newer = stored->version.id != waiting.successor_of;
  Kept theirs = stored_in_vault(std::move(stored->value), stored->version);
  if (theirs_is_newer) return Found{std::move(theirs), std::move(ours), stored->version.id};
  log(LogLevel::info, "a former run could not store its refresh token; going on with that one");
  return Found{std::move(ours), std::move(theirs), stored->version.id};
}

Result<std::string> Session::tenant_id(const Deadline& deadline) {
  if (tenant_id_.empty()) {
    auto id = endpoint_.tenant_id(deadline);
    if (!id) return id;
    tenant_id_ = std::move(*id);
  }
  return tenant_id_;
}

/// What does not come from the account that is expected goes no further than this.
Result<Session::Redeemed> Session::redeem(const Kept& kept, const Deadline& deadline) {
  if (const auto flaw = kept.refresh_token.reveal(refresh_token_flaw); !flaw.empty()) {
    return fail(
        Errc::needs_person,
        fmt::format("what is in the {} as the refresh token is none: it has {}; no token has line breaks, blanks or quotation "
                    "marks in it",
                    place_of(kept.in_vault), flaw),
        "Put the bare token there, or sign in again: [[sign-in]]");
  }
  auto answer = endpoint_.redeem(kept.refresh_token, settings_.client_id, settings_.resource, deadline);
  if (!answer) return pass(answer);
  const ExpectedAccount expected{tenant_id_, settings_.account, kept.account, kept.account_id};
  auto claims = judge_account(*answer, expected);
  if (!claims) return pass(claims);
  SignInRecord sign_in = kept.sign_in;
  if (sign_in.methods.empty()) sign_in.methods = claims->methods;
  return Redeemed{std::move(*answer), std::move(*claims), kept.in_vault, std::move(sign_in), kept.rotated};
}

Result<PortalAccess> Session::keep(Redeemed redeemed, const std::string& successor_of, const Deadline& deadline) {
  seen_id_ = redeemed.claims.object_id;
  PortalAccess access = access_of(redeemed);
  const auto obtained = clock_.now();
  const auto& claims = redeemed.claims;
  const auto saved = escrow_.save({redeemed.answer.refresh_token.clone(), successor_of, claims.account, obtained,
                                   role_names(claims.roles), redeemed.sign_in});
  if (!saved) {
    // No room for the escrow is no reason to drop the token: the vault may still take it.
    log(LogLevel::warning, fmt::format("the escrow could not be written ({})", saved.error().what));
  }
  crash_point();
  auto version = store(redeemed, obtained, deadline);
  crash_point();
  if (!version) {
    if (!saved) {
      return std::unexpected(
          std::move(version).error().with("escrow", "could not be written either: the new refresh token was not kept"));
    }
    access.not_stored = std::move(version).error();
    access.vault_version = successor_of;
    return access;
  }
  if (auto cleared = escrow_.clear(); !cleared) return pass(cleared);
  crash_point();
  access.vault_version = version->id;
  return access;
}

Result<SecretVersion> Session::store(const Redeemed& redeemed, WallTime obtained, const Deadline& deadline) {
  const auto& claims = redeemed.claims;
  SecretAttributes attributes;
  attributes.expires = obtained + kRefreshTokenIdleLimit;
  attributes.tags = {{"portalkey-session", settings_.name},
                     {kAccountTag, claims.account},
                     {kAccountIdTag, claims.object_id},
                     {"portalkey-host", host_name()},
                     {kRotatedTag, iso_time(obtained)}};
  if (const std::string roles = role_names(claims.roles); !roles.empty()) attributes.tags["portalkey-roles"] = roles;
  put_sign_in(attributes.tags, redeemed.sign_in);
  auto history = earlier_versions(deadline);
  VersionHistory superseded;
  if (history) {
    const std::size_t keep = std::max<std::size_t>(settings_.keep_versions, 1) - 1;  // beside the new one
    if (history->size() > keep) {
      superseded.assign(history->begin() + static_cast<std::ptrdiff_t>(keep), history->end());
      history->resize(keep);
    }
    put_history(attributes.tags, *history);
  }
  auto version = store_.put(settings_.secret_name, redeemed.answer.refresh_token, attributes, deadline);
  if (!version) return version;
  latest_ = *version;
  latest_->tags = attributes.tags;
  std::erase(superseded, version->id);  // the same token stored again may still be the same version
  disable_versions(superseded, deadline);
  return version;
}

/// The enabled versions the next one will follow, newest first; empty if that cannot be told.
std::optional<VersionHistory> Session::earlier_versions(const Deadline& deadline) {
  if (!latest_) return std::nullopt;
  if (auto history = history_in(latest_->tags)) {
    history->insert(history->begin(), latest_->id);
    return history;
  }
  auto all = store_.versions(settings_.secret_name, deadline);
  if (all) return enabled_in(std::move(*all));
  log(LogLevel::info, fmt::format("the secret's versions could not be listed ({}); none is disabled", all.error().what));
  return std::nullopt;
}

void Session::disable_versions(const VersionHistory& versions, const Deadline& deadline) {
  std::size_t left = kMostDisabledAtOnce;
  for (const auto& version : versions) {
    if (left-- == 0) return;
    auto done = store_.disable(settings_.secret_name, version, deadline);
    if (done) continue;
    log(LogLevel::info, fmt::format("an older version of the secret could not be disabled ({})", done.error().what));
    return;
  }
}

PortalAccess Session::access_of(const Redeemed& redeemed) const {
  const auto lifetime = redeemed.answer.lifetime;
  PortalAccess access;
  access.access_token = redeemed.answer.access_token.clone();
  access.claims = redeemed.claims;
  access.sign_in = redeemed.sign_in;
  access.renewed_before = redeemed.renewed_before;
  access.ends = clock_.steady_now() + lifetime;
  access.renew_at = clock_.steady_now() + lifetime - renewal_margin(lifetime);
  return access;
}

SessionStatus describe_session(const SecretVersion& stored, WallTime now) {
  SessionStatus status;
  status.account = tag_of(stored, kAccountTag);
  status.roles = tag_of(stored, "portalkey-roles");
  status.host = tag_of(stored, "portalkey-host");
  status.vault_version = stored.id;
  status.stored = stored.created;
  status.sign_in = sign_in_in(stored.tags, now);
  // The time at which a version was stored says nothing: anybody can put an old token into the vault today. A record from after
  // its version, or from days to come, is another token's or a broken clock's.
  const auto recorded = parse_iso_time(tag_of(stored, kRotatedTag));
  if (!recorded || *recorded > now + kClockSkew || (stored.created != WallTime{} && *recorded > stored.created + kClockSkew))
    return status;
  status.rotated = recorded;
  const auto left = *recorded + kRefreshTokenIdleLimit - now;
  status.days_left = std::clamp(std::chrono::ceil<std::chrono::days>(left), std::chrono::days(0), kRefreshTokenIdleLimit);
  return status;
}

Result<SessionStatus> Session::status(const Deadline& deadline) {
  auto stored = store_.get(settings_.secret_name, deadline);
  if (!stored) return nobody_signed_in(std::move(stored).error());
  SessionStatus status = describe_session(stored->version, clock_.now());
  status.in_escrow = escrow_.exists();
  status.learnt_mfa_age = learnt_mfa_age(settings_.state_folder);
  status.place = store_.place();
  return status;
}

}  // namespace portalkey
