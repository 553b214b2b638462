#pragma once
// Reading a vendor's seed file, whatever its format. One pass, bounded memory: only what duplicate detection needs grows with
// the file.

#include <filesystem>

#include "seeds/input/byte_source.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// Reads the whole file (`-` is standard input). An Error means that nothing of it may be used, what the sink has already got
/// included: not found, not a seed file, no header, an unknown kind, a key that does not fit. Problems of single rows go to
/// the sink.
Result<SeedFileSummary> read_seed_file(const std::filesystem::path& path, const SeedFileOptions& options, SeedSink& sink);

inline constexpr std::size_t kMostRowBytes = std::size_t{1} << 20;

/// What read_seed_file does once the file is open. A row of delimited text must fit into `most_row_bytes`.
Result<SeedFileSummary> read_seeds(ByteSource& source, const SeedFileOptions& options, SeedSink& sink,
                                   std::size_t most_row_bytes = kMostRowBytes);

}  // namespace portalkey
