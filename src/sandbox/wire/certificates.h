#pragma once
// The sandbox's own certificate authority. It can vouch for the emulated hosts only (a name constraint), so that trusting
// it for a test does not open anything else to whoever reads its key.

#include <string>
#include <vector>

#include "base/error.h"

namespace portalkey::sandbox {

struct CertificateAndKey {
  std::string certificate_pem;
  std::string key_pem;
};

Result<CertificateAndKey> make_certificate_authority(const std::vector<std::string>& names);

/// A server certificate for the names (wildcards allowed) and 127.0.0.1.
Result<CertificateAndKey> make_server_certificate(const CertificateAndKey& authority, const std::vector<std::string>& names);

}  // namespace portalkey::sandbox
