#pragma once
// WinZip's AES encryption of zip entries (winzip.com/en/support/aes-encryption): the authentication code behind the bytes.

#include <cstdint>
#include <functional>
#include <span>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

/// Whether an encrypted entry is as it was packed: its salt, its verifier, `size` bytes in all, and behind them the first 80
/// bits of their HMAC-SHA-1. `key_bytes` is 16, 24 or 32; `read` is ByteSource::read of the entry as it lies in the archive.
Result<bool> zip_aes_is_authentic(const std::function<Result<std::size_t>(std::span<char>)>& read, std::uint64_t size,
                                  std::size_t key_bytes, const Secret& passphrase);

}  // namespace portalkey
