#pragma once
// The payload of otpauth-migration://offline?data=…, Google Authenticator's export: base64 of a protobuf message
// MigrationPayload. Nobody publishes its definition; these are the fields that apps write:
//
//     1 otp_parameters, repeated: 1 secret, 2 name, 3 issuer, 4 algorithm (0 unspecified, SHA1, SHA256, SHA512, MD5),
//       5 digits (0 unspecified, 6, 8), 6 type (0 unspecified, HOTP, TOTP), 7 counter
//     2 version, 3 batch_size, 4 batch_index (from 0), 5 batch_id
//
// There is no time interval: it is 30 seconds.

#include <expected>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "seeds/input/key_fields.h"
#include "seeds/model/token_seed.h"

namespace portalkey {

struct MigrationKey {
  TokenSeed token;
  std::expected<void, FieldProblem> usable;  ///< what is wrong with this key alone
};

struct Migration {
  std::vector<MigrationKey> keys;
  std::int64_t parts = 1;  ///< into how many QR codes the export was split
  std::int64_t part = 0;   ///< which of them this is, from 0
  std::int64_t id = 0;     ///< of the export
};

/// `data` is the parameter as the URI has it: percent-encoded or not, padded or not, with blanks where a form decoder took `+`
/// for one. An Error if it is no such message.
Result<Migration> parse_migration(std::string_view data);

}  // namespace portalkey
