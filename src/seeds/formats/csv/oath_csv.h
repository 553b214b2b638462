#pragma once
// What token servers exchange, one key a line and no header (LinOTP "OATH CSV", privacyIDEA "OATH CSV", multiOTP):
//
//     serial, hex seed [, type [, digits [, time step or counter [, hash]]]]      type hotp, 6 digits, 30 s if left out
//     # version:2
//     user, resolver, realm, serial, hex seed, ...                                privacyIDEA, version 2
//     serial;manufacturer;algorithm;hex seed;digits;time step or counter          multiOTP
//
// The fifth value is the time step of a TOTP key and the counter of an HOTP key.

#include "seeds/formats/csv/csv_rows.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// Whether text in UTF-8 begins as one of the three layouts does.
bool is_oath_csv(std::string_view start);

/// Reads everything that is left in `rows`. Of the options `time_interval` matters.
Result<SeedFileSummary> read_oath_csv(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink);

}  // namespace portalkey
