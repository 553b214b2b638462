#pragma once
// Text with otpauth:// and otpauth-migration:// URIs, as authenticator apps export it: one or more a line, `#` before comments.

#include "seeds/input/byte_source.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// Whether text in UTF-8 has such a URI, and which kind comes first.
bool is_otpauth_list(std::string_view start);
bool is_otpauth_migration_list(std::string_view start);

/// Text around a URI is passed over; a note says which lines hold text only. A split export of Google Authenticator of which a
/// part is missing gives a warning, a part that comes twice is read once. An Error if there is no URI, or if none of the
/// exports can be read.
Result<SeedFileSummary> read_otpauth_list(ByteSource& source, const SeedFileOptions& options, SeedSink& sink);

}  // namespace portalkey
