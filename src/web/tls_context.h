#pragma once
// Only for .cc files of this part.

#include <boost/asio/ssl/context.hpp>

#include "base/error.h"
#include "web/server.h"

namespace portalkey {

/// TLS 1.2 and newer, HTTP/1.1 by ALPN. invalid_input: the certificate or its key cannot be used.
Result<boost::asio::ssl::context> tls_context(const TlsIdentity& identity);

}  // namespace portalkey
