#pragma once
// Hardware OATH tokens through the portal API: /api/MultiFactorAuthentication/HardwareToken/.

#include "directory/portal/portal_api.h"
#include "directory/token_directory.h"

namespace portalkey {

class PortalTokens final : public TokenDirectory, public TokenUploads {
 public:
  explicit PortalTokens(PortalApi& api) : api_(api) {}

  std::string_view name() const override { return "the portal API"; }
  Backend backend() const override { return Backend::portal; }

  /// 25 tokens a page.
  Result<void> each(const TokenFilter& filter, const Deadline& deadline, const std::function<void(TenantToken)>& take) override;
  Result<std::optional<TenantToken>> again(const TenantToken& token, const Deadline& deadline) override;
  Result<void> upload(const std::string& name, std::span<const TokenSeed* const> tokens, const Deadline& deadline) override;
  Result<std::vector<UploadStatus>> uploads(const Deadline& deadline) override;
  Result<void> activate(const TenantToken& token, const std::function<std::string()>& code, const Deadline& deadline) override;
  /// The body the service expects is not recorded.
  Result<void> remove(const TenantToken& token, const Deadline& deadline) override;

  const ServerClock& server_clock() const override { return api_.server_clock(); }
  TokenUploads* by_upload() override { return this; }

 private:
  PortalApi& api_;
};

/// The CSV text of an upload: Entra's exact header, CRLF, base32 in upper case without padding; a comma, quote or line break in
/// manufacturer or model becomes a blank.
Secret entra_csv(std::span<const TokenSeed* const> tokens);

}  // namespace portalkey
