#pragma once
// The file that Entra's portal takes, and that most vendors deliver:
//
//     upn,serial number,secret key,time interval,manufacturer,model
//     Helga@contoso.com,1234567,2234567abcdef2234567abcdef,60,Contoso,HardwareKey
//
// "Upload hardware OATH tokens in CSV format", Microsoft Learn. Real files have been through spreadsheets; docs of the checks
// are with the checks: csv_rows.h, entra_header.h, entra_rows.h, entra_fields.h, secret_key.h, duplicate_serials.h.

#include "seeds/formats/csv/csv_rows.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// Reads everything that is left in `rows`, the header first.
Result<SeedFileSummary> read_entra_csv(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink);

}  // namespace portalkey
