#pragma once
// The service's TLS identity: what the settings name, or one of its own making for this machine.

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "web/server.h"

namespace portalkey {

/// From PEM files. invalid_input, also if the key is not the certificate's or the certificate has ended.
Result<TlsIdentity> read_identity(const std::filesystem::path& certificate, const std::filesystem::path& key, WallTime now);

/// In `folder`: certificate.pem and certificate.key, made for localhost, 127.0.0.1 and ::1 where they are missing or end within
/// a month; good for a year. Nobody vouches for it: a caller must be given certificate.pem.
Result<TlsIdentity> own_identity(const std::filesystem::path& folder, WallTime now);

}  // namespace portalkey
