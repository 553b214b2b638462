#pragma once
// The file that Entra's portal takes, and that most vendors deliver:
//
//     upn,serial number,secret key,time interval,manufacturer,model
//     Helga@contoso.com,1234567,2234567abcdef2234567abcdef,60,Contoso,HardwareKey
//
// "Upload hardware OATH tokens in CSV format", Microsoft Learn. Real files have been through spreadsheets; docs of the checks
// are with the checks: csv_rows.h, entra_header.h, entra_fields.h, secret_key.h, duplicate_serials.h.

#include "oath/csv_rows.h"
#include "oath/seed_file.h"

namespace portalkey {

/// Reads everything that is left in `rows`, the header first.
Result<SeedFileSummary> read_entra_csv(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink);

/// What read_seed_file does once the file is open. A row must fit into `buffer_bytes`.
Result<SeedFileSummary> read_seeds(ByteSource& source, const SeedFileOptions& options, SeedSink& sink,
                                   std::size_t buffer_bytes = CsvRows::kBufferBytes);

}  // namespace portalkey
