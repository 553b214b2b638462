#pragma once
// Logs of the YubiKey Personalization Tool and of `ykman`, with their keys in hex. Two layouts, also in one file:
//
//     mode,time,slot,public id,private id,key,new access code,access code,…,digits,…     "traditional"; digits is field 12
//     serial,public id,private id,key,access code,time,                                  "Yubico"; OATH has private id 0
//
// Only the rows of OATH-HOTP are OATH.

#include "seeds/formats/csv/csv_rows.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// Whether text in UTF-8 begins as such a log does.
bool is_yubico_csv(std::string_view start);

/// Reads everything that is left in `rows`. An Error if there is no OATH row at all.
Result<SeedFileSummary> read_yubico_csv(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink);

}  // namespace portalkey
