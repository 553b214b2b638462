#pragma once
// OpenSSL's own socket BIO raises SIGPIPE when the other side is gone; this one does not. Only for .cc files of this part.

#include <openssl/bio.h>

namespace portalkey {

/// Reads and writes a socket that does not block and stays the caller's. nullptr: no memory.
BIO* socket_bio(int socket);

}  // namespace portalkey
