#pragma once
// A file of any length, sealed as it is written: XChaCha20-Poly1305 in libsodium's secretstream, under a key that comes from a
// passphrase (Argon2id, vault/derived_keys.h). What is cut off, changed or put elsewhere in it is found.
//
// Layout: magic "PKBACK1\n", operations (u64, little endian), memory in bytes (u64), salt (16), the stream's header (24); then
// pieces, each its length (u32) and so many bytes. Everything before the pieces is authenticated with the first; the last one
// is tagged as such, and nothing follows it.

#include <sodium.h>

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/new_file.h"
#include "base/secret.h"

namespace portalkey {

/// A stream's state, which has its key: wiped when it is dropped.
class SealedStreamState {
 public:
  crypto_secretstream_xchacha20poly1305_state* get() const { return state_.get(); }

 private:
  using State = crypto_secretstream_xchacha20poly1305_state;
  struct Wipe {
    void operator()(State* state) const {
      sodium_memzero(state, sizeof *state);
      delete state;
    }
  };
  std::unique_ptr<State, Wipe> state_{new State{}};
};

class SealedStreamWriter {
 public:
  /// conflict: the file is there already. It does not come to be before `finish`.
  static Result<SealedStreamWriter> create(const std::filesystem::path& file, const Secret& passphrase);
  Result<void> write(std::string_view bytes);
  Result<void> finish();

 private:
  explicit SealedStreamWriter(NewFile file) : file_(std::move(file)) {}
  Result<void> seal(std::string_view piece, unsigned char tag);

  NewFile file_;
  SealedStreamState state_;
  std::string head_;  ///< until the first piece has it
  std::string held_;
};

class SealedStreamReader {
 public:
  /// unauthenticated: the passphrase does not open it, or its beginning was changed. corrupt: it is no such file.
  static Result<SealedStreamReader> open(const std::filesystem::path& file, const Secret& passphrase);
  /// Exactly so many bytes. corrupt: damaged, or at its end.
  Result<std::string> read(std::size_t bytes);
  /// All was read, and the file ends where it was ended.
  Result<bool> at_end();

 private:
  Result<void> next_piece();
  Error damaged() const;

  std::filesystem::path path_;
  std::ifstream in_;
  SealedStreamState state_;
  std::string head_, held_;
  std::size_t at_ = 0;
  bool first_ = true, last_ = false;
};

}  // namespace portalkey
