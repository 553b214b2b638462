#pragma once
// What the rows of an Entra CSV say, each row on its own. What depends on other rows is in entra_csv.cc.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "seeds/formats/csv/csv_rows.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/csv/serial_lengths.h"
#include "seeds/input/secret_key.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// What shows how keys are written: a single character of one.
struct EncodingEvidence {
  std::int64_t line = 0;  ///< 0 if there is none
  char character = 0;
  std::size_t position = 0;  ///< in the value, in characters from 1
};

/// One row. Its memory serves for the next one, so that ordinary rows allocate none.
struct EntraRow {
  enum class Kind {
    nothing,  ///< blank, and without its cells
    blank,    ///< all cells are there and blank
    broken,   ///< by a quote: the rest of it may be anything
    ragged,   ///< too many or too few cells
    refused,  ///< something is wrong with its fields
    token,
  };

  Kind kind = Kind::nothing;
  std::int64_t line = 0;
  std::vector<RowProblem> problems;
  // The rest is of a token only.
  bool odd_enabled = false;      ///< the column `enabled` holds something that neither is nor denies that
  bool unsaid_interval = false;  ///< it has got SeedFileOptions::time_interval
  SecretKeyText::Reading reading = SecretKeyText::Reading::base32;
  TokenSeed token;  ///< `base32` holds the key's text if it may be either
};

/// What the rows so far have had.
struct EntraRowsSeen {
  std::int64_t filled_rows = 0;        ///< good and bad, blank ones not counted
  std::int64_t from_windows_1252 = 0;  ///< values that were
  std::int64_t unwrapped_serials = 0, doubled_apostrophes = 0;
  std::int64_t invisible = 0;                      ///< values from which characters were removed that nobody sees
  std::int64_t unread_dates = 0;                   ///< of manufacture, in another form than dates are read
  std::int64_t vault_rows = 0;                     ///< of a password manager, without a URI
  std::int64_t surely_base32 = 0, surely_hex = 0;  ///< keys whose letters tell
  EncodingEvidence base32_evidence, hex_evidence;  ///< of the first such row
  SerialLengths serial_lengths;                    ///< of tokens
};

class EntraRowChecker {
 public:
  EntraRowChecker(const ColumnMap& columns, const SeedFileOptions& options)
      : columns_(columns),
        encoding_(options.encoding),
        allow_short_keys_(options.allow_short_keys),
        unsaid_interval_(options.time_interval ? std::to_string(*options.time_interval) : ""),
        silent_(columns.asked.size()) {}

  /// The row that `rows` is at, valid until the next call; its token and problems may be moved away.
  EntraRow& check(const CsvRows& rows);

  const EntraRowsSeen& seen() const { return seen_; }

 private:
  struct Fields {
    std::string_view upn, serial, key, interval, manufacturer, model;
    OtpType type = OtpType::totp;  // these four as the row's other values say
    std::optional<Hash> hash = Hash::sha1;
    std::optional<int> digits = 6;
    std::unique_ptr<TokenDetails> details = {};
    bool is_uri = false;
  };

  void check_fields(std::span<const std::string_view> cells, const CsvRows& rows);
  void look_closely(std::span<const std::string_view> cells, const CsvRows& rows, const SaidOfToken& said, Fields& fields);
  void refuse(EntraRow::Kind kind, std::string what, std::string remedy);
  std::vector<Column> take_own_key_out(Fields& fields, std::optional<SecretKeyText::Reading> reading) const;
  bool is_shorter_by_its_type(std::span<const std::string_view> cells);
  SaidOfToken said_by(std::span<const std::string_view> cells);
  bool says_nothing(std::span<const std::string_view> cells) const;
  /// What is wrong with the row's otpauth URI, or contradicts it. The key is then the URI's.
  std::optional<std::pair<Column, FieldProblem>> take_uri(std::string_view uri, SaidOfToken& said, Fields& fields);
  std::string_view in_utf8(std::string_view text, std::string& room);

  const ColumnMap columns_;
  const SecretEncoding encoding_;
  const bool allow_short_keys_;
  const std::string unsaid_interval_;  // empty: the file must say it
  EntraRow row_;
  EntraRowsSeen seen_;
  /// Of each of `columns_.asked` the first values that say nothing: most columns have few values, and each is asked once.
  std::vector<std::vector<std::string>> silent_;
  SaidOfToken said_;
  SecretKeyText key_;
  std::string upn_without_doubling_, interval_said_;
  TokenSeed of_uri_;
  std::string upn_in_utf8_, serial_in_utf8_, manufacturer_in_utf8_, model_in_utf8_;
};

}  // namespace portalkey
