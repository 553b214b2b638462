#pragma once
// Portable Symmetric Key Container: RFC 6030, and the drafts since 2006 that vendors still ship. Plain, or encrypted with a
// pre-shared key or a passphrase.

#include "seeds/input/byte_source.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// Whether XML begins as such a container does.
bool is_pskc(std::string_view start);

/// One pass; memory does not grow with the file but for duplicate detection. A key is handed to the sink when its own MACs have
/// been checked, where the file declares any; but only when this returns without an Error is the rest of the file known to be
/// right, too. Keys that are no tokens for Entra (HOTP, PIN, …) are handed over with their type. An Error means that nothing
/// may be used: not PSKC, malformed, over a bound, a missing or wrong key or passphrase, a MAC that is wrong, missing or of an
/// unknown kind.
Result<SeedFileSummary> read_pskc(ByteSource& source, const SeedFileOptions& options, SeedSink& sink);

}  // namespace portalkey
