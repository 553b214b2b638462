#pragma once
// Seed files in JSON, read as a stream: memory does not grow with the file. Which members mean what:
//
//   graph_json      the body of PATCH …/authenticationMethodDevices/hardwareOathDevices (Graph beta): value[] of devices, also
//   an
//                   array of devices, a single device, or a JSON batch's requests[].body. Its members may as well be called
//                   what columns of delimited text are (secret, serial, upn, …), or be an otpauth:// URI; and what the others
//                   say of the token counts (said.h)
//   andotp_json     an array of secret, type, algorithm, digits, period, counter, issuer, label
//   aegis_json      db.entries[] of type, name, issuer, info.{secret,algo,digits,period,counter}; an encrypted one is refused
//   portalkey_json  tokens[] of what `portalkey tokens validate -o json --reveal-secrets` prints

#include "seeds/input/byte_source.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

inline constexpr std::size_t kJsonMostDepth = 32;

/// Whether JSON begins as such a file does: the first of these, in this order, is the format.
bool is_graph_json(std::string_view start);
bool is_portalkey_json(std::string_view start);
bool is_aegis_json(std::string_view start);
bool is_andotp_json(std::string_view start);
/// What has tokens, and names them as `graph_json` may; exports of other apps do not.
bool is_json_of_any_layout(std::string_view start);

/// Problems have the line, and the column in bytes where it is known. An Error for JSON that is broken (its line is in the
/// context) or that has none of the format's keys.
Result<SeedFileSummary> read_seed_json(ByteSource& source, SeedFormat format, const SeedFileOptions& options, SeedSink& sink);

}  // namespace portalkey
