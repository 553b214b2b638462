#pragma once
// A seed file in another format.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/operations/seed_rows.h"
#include "base/remedy.h"
#include "seeds/write/token_writer.h"

namespace portalkey {

/// `entra-csv`, `pskc` …
std::span<const std::string_view> written_formats();
/// The one that can be encrypted.
inline constexpr std::string_view kEncryptedFormat = "pskc";

struct SeedConversion {
  SeedInput seeds;
  std::string format;
  /// A file of 16 bytes or of a passphrase, to encrypt the secret keys with. Both empty: they are written in plain, which
  /// somebody has agreed to.
  std::string key_file, passphrase_file;
};

/// Why rows or tokens are not, or not wholly, in the new file. Known also where the conversion fails.
struct ConversionRemarks {
  struct Remark {
    bool left_out = false;
    std::string why;
    std::int64_t tokens = 0;
    std::int64_t line = 0;  ///< of the first one
    std::string serial;     ///< likewise
  };
  std::vector<Remark> remarks;     ///< one of a kind
  std::vector<std::string> notes;  ///< about the file, such as that no MAC was checked
};

struct ConvertedSeeds {
  std::int64_t written = 0;
  std::int64_t left_out = 0;  ///< rows that cannot be used included
};

/// Hands the new file to `out` in pieces, which is whole when this returns. invalid_input: the format can hold none of the
/// tokens. `words`: for why Entra would not take a token, where the format has room for that.
Result<ConvertedSeeds> convert_seeds(const SeedConversion& wanted, const Words& words, const WriteOut& out,
                                     ConversionRemarks& remarks);

}  // namespace portalkey
