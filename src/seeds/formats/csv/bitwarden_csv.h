#pragma once
// What Bitwarden exports as CSV: one row for each entry, the key of its one-time codes in the column `login_totp`, as an
// otpauth:// URI, a steam:// URI or the key alone in base32 (which is TOTP, SHA-1, six digits, 30 seconds). Entries without
// one are passed over. The columns beside it hold people's passwords: nothing of a row is ever quoted.

#include "seeds/formats/csv/csv_rows.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// Whether text in UTF-8 begins with a header that has this column.
bool is_bitwarden_csv(std::string_view start);

/// Reads everything that is left in `rows`.
Result<SeedFileSummary> read_bitwarden_csv(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink);

}  // namespace portalkey
