#pragma once
// Which certificate authorities are trusted beside the system's, and what the certificate at the other end says.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

struct ssl_ctx_st;

namespace portalkey {

/// What a TLS server showed. Names are one-line, most telling part first: `CN=Contoso Inspection CA, O=Contoso`.
struct PeerCertificate {
  std::string subject;
  std::string issuer;  ///< of the certificate shown, or of the one where verification ended
  std::string root;    ///< issuer of the last certificate of the chain
  WallTime expires{};
  std::string problem;      ///< OpenSSL's words for why it is not trusted; empty if the chain is
  bool from_extra = false;  ///< the chain ends in one of the extra authorities
};

/// Authorities that are trusted in addition to the system's: those of proxies that inspect TLS.
class ExtraTrust {
 public:
  ExtraTrust();
  ExtraTrust(ExtraTrust&&) noexcept;
  ExtraTrust& operator=(ExtraTrust&&) noexcept;
  ~ExtraTrust();

  /// Reads every PEM certificate of the files; invalid_input names a file that cannot be read or holds none.
  static Result<ExtraTrust> load(const std::vector<std::filesystem::path>& files);

  bool empty() const;
  /// Makes the context trust them too, and note in `seen` what the peer shows. `seen` must outlive the handshake. Verification
  /// itself is left as it is.
  void apply(ssl_ctx_st* context, PeerCertificate* seen) const;

 private:
  struct Certificates;
  std::unique_ptr<Certificates> certificates_;
};

}  // namespace portalkey
