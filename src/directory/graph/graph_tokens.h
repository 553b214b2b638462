#pragma once
// Hardware OATH tokens through Microsoft Graph (beta): the inventory of devices, and the users' methods.
// Source: learn.microsoft.com/graph/api/resources/{hardwareoathtokenauthenticationmethoddevice,
// hardwareoathauthenticationmethod}?view=graph-rest-beta.

#include <map>

#include "directory/token_directory.h"

namespace portalkey {

class Credential;

/// What an app registration needs for all of it, as application permissions.
inline constexpr std::string_view kGraphTokenPermissions =
    "Policy.ReadWrite.AuthenticationMethod, UserAuthenticationMethod.ReadWrite.All and User.Read.All";

class GraphTokens final : public TokenDirectory, public TokenInventory {
 public:
  /// Whether a token may be created whose user has its serial number from a CSV upload: for a while both are there.
  enum class Uploaded { refused, move };
  /// `host`: of Graph in the profile's cloud.
  GraphTokens(Http& http, Credential& credential, std::string host, Clock& clock, Uploaded uploaded = Uploaded::refused);

  std::string_view name() const override { return "Microsoft Graph"; }
  Backend backend() const override { return Backend::graph; }

  Result<void> each(const TokenFilter& filter, const Deadline& deadline, const std::function<void(TenantToken)>& take) override;
  Result<std::optional<TenantToken>> again(const TenantToken& token, const Deadline& deadline) override;
  Result<void> activate(const TenantToken& token, const std::function<std::string()>& code, const Deadline& deadline) override;
  Result<void> remove(const TenantToken& token, const Deadline& deadline) override;

  /// Twenty in one request, each with its own answer. Before it the users are looked up: one who does not exist, is a guest,
  /// has five tokens, or has this serial number from a CSV upload (a token Graph does not manage) is told as such.
  std::vector<Result<TenantToken>> create(std::span<const TokenSeed* const> tokens, const Deadline& deadline) override;
  Result<TenantToken> assign(const TenantToken& token, const std::string& upn, const Deadline& deadline) override;
  Result<void> unassign(const TenantToken& token, const Deadline& deadline) override;

  const ServerClock& server_clock() const override { return server_clock_; }
  bool learns_clocks() const override { return true; }

  /// Asks for one token, to see whether it may.
  Result<void> probe(const Deadline& deadline);
  TokenInventory* inventory() override { return this; }

 private:
  struct User {
    std::string id, upn, display_name;
    bool guest = false;
  };

  Result<Response> send(Request request, const Deadline& deadline);
  Url devices() const;
  /// The methods of a user, or one of them. An id is the service's: what is none makes no address.
  Url methods(std::string_view user_id) const;
  /// Fills users_ and by_upn_ for those not known yet; who is not found stays out.
  Result<void> learn_users(const std::vector<std::string>& upns, const Deadline& deadline);
  Result<void> learn_ids(const std::vector<std::string>& ids, const Deadline& deadline);
  Result<void> ask_users(std::string_view property, const std::vector<std::string>& values, const Deadline& deadline);
  const User* user_of(std::string_view upn) const;

  Http& http_;
  Credential& credential_;
  std::string host_;
  Uploaded uploaded_;
  Clock& clock_;
  ServerClock server_clock_;
  std::map<std::string, User> users_;             ///< by object id
  std::map<std::string, std::string> id_by_upn_;  ///< UPN in lower case
};

/// What an error answer of Graph means: `{"error":{"code","message"}}`.
Error graph_refusal(const Response& response);

}  // namespace portalkey
