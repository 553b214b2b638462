#include "entra/session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/crash_point.h"
#include "base/file_lock.h"
#include "base/files.h"
#include "base/foreign_text.h"
#include "base/log.h"
#include "base/time_text.h"

namespace portalkey {
namespace {

constexpr std::chrono::seconds kLockPatience{60};
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
  crash_point();
  auto answer = endpoint_.redeem(found->refresh_token, settings_.client_id, settings_.resource, deadline);
  if (!answer && found->second && refused(answer.error())) {
    auto other = endpoint_.redeem(*found->second, settings_.client_id, settings_.resource, deadline);
    if (other) answer = std::move(other);
  }
  if (!answer && refused(answer.error())) {
    // Where a token works once only, somebody on another machine may have redeemed it since we read it, and stored its
    // successor.
    auto again = store_.get(settings_.secret_name, deadline);
    if (again && again->version.id != found->version) {
      auto other = endpoint_.redeem(again->value, settings_.client_id, settings_.resource, deadline);
      if (other) {
        answer = std::move(other);
        found->version = again->version.id;
        latest_ = again->version;
      }
    }
  }
  if (!answer) return pass(answer);
  crash_point();
  if (answer->refresh_token.empty()) {  // Entra may leave it out; then the old one stays in use
    auto access = access_of(*answer);
    if (access) access->vault_version = found->version;
    return access;
  }
  return keep(std::move(*answer), found->version, deadline);
}

Result<PortalAccess> Session::adopt(const Secret& refresh_token, const std::function<Result<void>(const PortalAccess&)>& accept,
                                    const Deadline& deadline) {
  auto lock = lock_session(settings_, clock_, deadline);
  if (!lock) return pass(lock);
  auto answer = endpoint_.redeem(refresh_token, settings_.client_id, settings_.resource, deadline);
  if (!answer) return pass(answer);
  auto access = access_of(*answer);
  if (!access) return pass(access);
  if (auto accepted = accept(*access); !accepted) return pass(accepted);
  auto current = store_.get(settings_.secret_name, deadline);
  if (!current && current.error().code != Errc::not_found && current.error().code != Errc::forbidden) return pass(current);
  if (current) latest_ = current->version;
  if (answer->refresh_token.empty()) answer->refresh_token = refresh_token.clone();
  return keep(std::move(*answer), current ? current->version.id : std::string(), deadline);
}

/// Finds the token to redeem: the vault's latest, or the escrow's if a former run could not finish.
Result<Session::Found> Session::find_token(const Deadline& deadline) {
  auto escrowed = escrow_.load();
  if (!escrowed) return pass(escrowed);
  auto stored = store_.get(settings_.secret_name, deadline);
  if (stored) latest_ = stored->version;
  if (!*escrowed) {
    if (!stored) return nobody_signed_in(std::move(stored).error());
    return Found{std::move(stored->value), stored->version.id, std::nullopt};
  }
  auto& waiting = **escrowed;
  if (!stored && stored.error().code != Errc::not_found) return pass(stored);
  if (stored && same(stored->value, waiting.refresh_token)) {  // the vault had taken it; only the answer was lost
    if (auto cleared = escrow_.clear(); !cleared) return pass(cleared);
    return Found{std::move(stored->value), stored->version.id, std::nullopt};
  }
  if (stored && stored->version.id != waiting.successor_of) {
    // Somebody else rotated since. Theirs is newer; ours stays in escrow until theirs has proved to work.
    return Found{std::move(stored->value), stored->version.id, std::move(waiting.refresh_token)};
  }
  log(LogLevel::info, "a former run could not store its refresh token; storing it now");
  auto version = store(waiting, deadline);
  if (!version) {
    // Still not: the escrow's token is the newest all the same, and the vault's the fallback.
    return Found{std::move(waiting.refresh_token), waiting.successor_of,
                 stored ? std::optional(std::move(stored->value)) : std::nullopt};
  }
  crash_point();
  if (auto cleared = escrow_.clear(); !cleared) return pass(cleared);
  return Found{std::move(waiting.refresh_token), version->id, std::nullopt};
}

Result<PortalAccess> Session::keep(TokenAnswer answer, const std::string& successor_of, const Deadline& deadline) {
  auto access = access_of(answer);  // judged below: first the refresh token must be safe
  const EscrowedToken token{std::move(answer.refresh_token), successor_of, access ? access->claims.account : std::string(),
                            clock_.now(), access ? role_names(access->claims.roles) : std::string()};
  const auto saved = escrow_.save(token);
  if (!saved) {
    // No room for the escrow is no reason to drop the token: the vault may still take it.
    log(LogLevel::warning, fmt::format("the escrow could not be written ({})", saved.error().what));
  }
  crash_point();
  auto version = store(token, deadline);
  crash_point();
  if (!version) {
    if (!saved) {
      return std::unexpected(
          std::move(version).error().with("escrow", "could not be written either: the new refresh token was not kept"));
    }
    if (!access) return pass(access);
    access->not_stored = std::move(version).error();
    access->vault_version = successor_of;
    return access;
  }
  if (auto cleared = escrow_.clear(); !cleared) return pass(cleared);
  crash_point();
  if (!access) return pass(access);
  access->vault_version = version->id;
  return access;
}

Result<SecretVersion> Session::store(const EscrowedToken& token, const Deadline& deadline) {
  SecretAttributes attributes;
  attributes.expires = token.obtained + kRefreshTokenIdleLimit;
  attributes.tags = {{"portalkey-session", settings_.name},
                     {"portalkey-account", token.account},
                     {"portalkey-host", host_name()},
                     {"portalkey-rotated", iso_time(token.obtained)}};
  if (!token.roles.empty()) attributes.tags["portalkey-roles"] = token.roles;
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
  auto version = store_.put(settings_.secret_name, token.refresh_token, attributes, deadline);
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

Result<PortalAccess> Session::access_of(const TokenAnswer& answer) const {
  auto claims = read_claims(answer.access_token);
  if (!claims) return pass(claims);
  PortalAccess access;
  access.access_token = answer.access_token.clone();
  access.claims = std::move(*claims);
  access.ends = clock_.steady_now() + answer.lifetime;
  access.renew_at = clock_.steady_now() + answer.lifetime - renewal_margin(answer.lifetime);
  return access;
}

SessionStatus describe_session(const SecretVersion& stored, WallTime now) {
  const auto tag = [&](const char* name) {
    const auto found = stored.tags.find(name);
    return found == stored.tags.end() ? std::string() : foreign_text(found->second, 256);
  };
  SessionStatus status;
  status.account = tag("portalkey-account");
  status.roles = tag("portalkey-roles");
  status.host = tag("portalkey-host");
  status.vault_version = stored.id;
  status.rotated = stored.created;
  const auto left = status.rotated + kRefreshTokenIdleLimit - now;
  status.days_left = std::max(std::chrono::ceil<std::chrono::days>(left), std::chrono::days(0));
  return status;
}

Result<SessionStatus> Session::status(const Deadline& deadline) {
  auto stored = store_.get(settings_.secret_name, deadline);
  if (!stored) return nobody_signed_in(std::move(stored).error());
  SessionStatus status = describe_session(stored->version, clock_.now());
  status.in_escrow = escrow_.exists();
  status.place = store_.place();
  return status;
}

}  // namespace portalkey
