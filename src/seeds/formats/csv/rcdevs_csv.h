#pragma once
// The token inventory of RCDevs WebADM:
//
//     Type,Reference,Description,Data
//     "OTP Token", "60234567", "c202", "TokenKey=HEX,TokenType=VE9UUA==,TokenState=MA==,OTPLength=Ng==,TOTPTimeStep=MzA="
//
// The values in the last column are base64 of text, but for the key, which is hex.

#include "seeds/formats/csv/csv_rows.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// Whether text in UTF-8 begins with that header, after comments.
bool is_rcdevs_csv(std::string_view start);

/// Reads everything that is left in `rows`.
Result<SeedFileSummary> read_rcdevs_csv(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink);

}  // namespace portalkey
