#pragma once

#include <string_view>

#include "base/secret.h"

namespace portalkey {

/// A secret as people and editors save it in a small file: UTF-16 and a byte order mark are undone, blanks and line breaks
/// around it and one pair of quotes are taken off. None of them belongs to a key, a token, a client secret or a password that
/// somebody was sent.
Secret secret_in_text(std::string_view bytes);

}  // namespace portalkey
