#pragma once
// What reading a vendor's seed file needs and gives, whatever its format.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "seeds/model/seed_format.h"
#include "seeds/model/token_seed.h"

namespace portalkey {

/// Something wrong with one row or key. It is left out, unless `warning`. Never holds a secret key or a part of one.
struct RowProblem {
  std::int64_t line = 0;  ///< where the row or element begins, from 1
  std::string serial;     ///< empty if it could not be read, or may not be one
  std::string upn;        ///< empty if it could not be read
  std::string field;  ///< the column's name as Entra spells it: `upn`, `serial number`, `secret key`, `time interval`; or `row`
  std::string what;
  std::string remedy;
  bool warning = false;
  std::int64_t row = 0;                   ///< which data row or key of the file it is, from 1; 0 if not known
  int column = 0;                         ///< where in the line the value begins, in characters from 1; 0 if not known
  std::string value = {};                 ///< as the file has it, as far as it is no secret
  std::string expected = {}, cause = {};  ///< what should stand there; how it probably came about
  std::string file = {};                  ///< the file it is in, if that is another one than the seed file
  /// For those who must tell it from the others.
  enum class Kind {
    any,
    absent,    ///< nothing stands where the secret key or the time interval of a time-based token should
    too_many,  ///< a warning: the file has given the user all tokens that Entra allows already
  } kind = Kind::any;
};

/// `detect` tells base32 and hex apart, and base64 only in delimited text where nothing else fits the first rows: most base32
/// text is base64 as well. The header may say it too (`seed (base64)`).
enum class SecretEncoding { detect, base32, hex, base64 };

struct SeedFileOptions {
  SecretEncoding encoding = SecretEncoding::detect;
  std::optional<SeedFormat> format = {};  ///< read as this, whatever it looks like
  std::vector<ColumnName> columns = {};   ///< for delimited text: they go before the built-in names
  std::optional<int> time_interval = {};  ///< 30 or 60: of tokens whose file does not say it; those of which it says neither
                                          ///< the type nor a counter are then time-based
  bool allow_short_keys = false;          ///< keys under 80 bits, which are refused otherwise
  const Secret* key = nullptr;            ///< pre-shared key of PSKC, raw bytes
  const Secret* passphrase = nullptr;     ///< of PSKC, or of a zip archive
  std::string today = {};                 ///< YYYY-MM-DD, for expired keys of PSKC; empty: by the system's clock, in UTC
  std::int64_t most_pbkdf2_rounds = 10'000'000;  ///< of PSKC: some seconds; a hostile file could ask for hours
};

/// Receives rows in file order as they are read, except that a row whose encoding only a later row decides comes when the
/// file is at its end, and so does the warning of serial numbers that may have lost zeros.
class SeedSink {
 public:
  virtual ~SeedSink() = default;
  virtual void on_token(TokenSeed&& token) = 0;
  virtual void on_problem(RowProblem&& problem) = 0;
};

struct SeedFileSummary {
  std::string format;                   ///< `name_of(SeedFormat)`
  std::vector<std::string> notes;       ///< what was understood: columns, separator, encoding of the secrets
  std::int64_t rows = 0;                ///< data rows or keys, good and bad, blank ones not counted
  std::int64_t tokens = 0;              ///< tokens handed to the sink and not withdrawn
  std::int64_t problems = 0;            ///< problems that are no warnings
  std::vector<std::int64_t> withdrawn;  ///< `TokenSeed::place`, ascending, of tokens handed out earlier that a later row
                                        ///< contradicts (same serial number, other contents): the caller must not use them
};

}  // namespace portalkey
