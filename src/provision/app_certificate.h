#pragma once
// The certificate that proves who the app is. The private key is made here and never leaves the machine.

#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

struct AppCertificate {
  std::string der_base64;
  std::string thumbprint;  ///< SHA-1, upper-case hexadecimal, as the portal shows it
  WallTime ends;
};

/// A new RSA key of 2048 bits (what every Entra cloud takes) and a certificate it signed itself, both as PEM in one text.
Result<Secret> make_app_certificate(const std::string& common_name, WallTime now, std::chrono::days lifetime);

/// The certificate in PEM text that also holds its key; corrupt if either is missing or they do not belong together.
Result<AppCertificate> read_app_certificate(const Secret& pem);

}  // namespace portalkey
