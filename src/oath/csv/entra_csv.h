#pragma once
// The file that Entra's portal takes, and that most vendors deliver:
//
//     upn,serial number,secret key,time interval,manufacturer,model
//     Helga@contoso.com,1234567,2234567abcdef2234567abcdef,60,Contoso,HardwareKey
//
// "Upload hardware OATH tokens in CSV format", Microsoft Learn. Real files have been through spreadsheets; docs of the checks
// are with the checks: csv_rows.h, entra_header.h, entra_rows.h, entra_fields.h, secret_key.h, duplicate_serials.h.

#include "oath/csv/csv_rows.h"
#include "oath/seed_file.h"

namespace portalkey {

/// How much is done at once; other values than these are for tests.
struct ReadingPlan {
  std::size_t buffer_bytes = CsvRows::kBufferBytes;    ///< a row must fit
  unsigned threads = 0;                                ///< 0: as many as there are processors
  std::size_t portion_bytes = std::size_t{120} << 10;  ///< of what a thread does at a time
  std::size_t alone_up_to = std::size_t{1} << 20;      ///< bytes that are read by one thread
};

/// Reads everything that is left in `rows`, the header first. `bytes` are those of the rows' source; null if they come one
/// after the other.
Result<SeedFileSummary> read_entra_csv(CsvRows& rows, const RandomAccess* bytes, const SeedFileOptions& options,
                                       const ReadingPlan& plan, SeedSink& sink);

/// What read_seed_file does once the file is open.
Result<SeedFileSummary> read_seeds(ByteSource& source, const SeedFileOptions& options, SeedSink& sink,
                                   const ReadingPlan& plan = {});

}  // namespace portalkey
