#pragma once
// SafeWord and eToken PASS records, as LDIF: `dn: sccAuthenticatorId=…`, `sccTokenType: …` and
// `sccTokenData: sccKey=HEX;sccMode=E|T;sccPwLen=6;sccTick=30;…`. A blank line ends a record; a line that begins with a blank
// continues the one before. Mode E counts presses (HOTP), T is time-based.

#include "seeds/input/byte_source.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// Whether text has such a record.
bool is_safeword_dat(std::string_view start);

Result<SeedFileSummary> read_safeword_dat(ByteSource& source, const SeedFileOptions& options, SeedSink& sink);

}  // namespace portalkey
