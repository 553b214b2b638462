#pragma once
// The seed file in a zip archive, told from a readme by its content. It is read as it is unpacked.

#include "seeds/input/byte_source.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// An archive that cannot be read where it lies, as from a pipe, is taken into memory.
inline constexpr std::size_t kZipMostInMemory = std::size_t{64} << 20;

/// Reads the archive's one seed file with read_seeds. An Error if there is none or there are several (it lists them), or if the
/// archive's passphrase, `options.passphrase`, is missing or wrong.
Result<SeedFileSummary> read_zip(ByteSource& source, const SeedFileOptions& options, std::size_t most_row_bytes,
                                 SeedSink& sink);

}  // namespace portalkey
