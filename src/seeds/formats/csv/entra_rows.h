#pragma once
// What the rows of an Entra CSV say, each row on its own: several threads do this for several portions of a file. What depends
// on other rows is in entra_csv.cc.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "seeds/formats/csv/csv_rows.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/csv/serial_lengths.h"
#include "seeds/input/duplicate_serials.h"
#include "seeds/input/secret_key.h"
#include "seeds/input/tokens_per_user.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// What a token is looked up by among those before it.
struct EntraRowHashes {
  DuplicateSerials::Hashes serial{};
  DuplicateSerials::Hashes alike{};  ///< of the serial number as people compare it, and of the key alone
  std::uint64_t user = 0;            ///< TokensPerUser::hash
};

struct EntraRow {
  enum class Kind {
    blank,    ///< all cells are there and blank
    broken,   ///< by a quote: the rest of it may be anything
    ragged,   ///< too many or too few cells
    refused,  ///< something is wrong with its fields
    token,
  };

  Kind kind = Kind::blank;
  // The next three are of a token only.
  bool odd_enabled = false;      ///< the column `enabled` holds something that neither is nor denies that
  bool unsaid_interval = false;  ///< it has got SeedFileOptions::time_interval
  SecretKeyText::Reading reading = SecretKeyText::Reading::base32;
  std::uint32_t problems = 0;  ///< how many of the portion's are of this row
  std::uint32_t at = 0;        ///< where the portion has its token
  std::int64_t line = 0;       ///< counted as `CsvRows::line` does
  EntraRowHashes hashes;       ///< zeroes unless it is a token
};

/// The rows of a portion and what is wrong with them, in their order.
class EntraPortion {
 public:
  std::span<EntraRow> rows() { return rows_; }
  EntraRow& add_row() { return rows_.emplace_back(); }

  /// Of a row of kind `token`. `base32` holds the key's text if it may be either.
  TokenSeed& token(const EntraRow& row) { return tokens_[row.at]; }
  /// The token is as the last one in its memory was; all of it must be set.
  TokenSeed& add_token(EntraRow& row) {
    row.kind = EntraRow::Kind::token;
    row.at = static_cast<std::uint32_t>(tokens_used_++);
    if (row.at == tokens_.size()) tokens_.emplace_back();
    return tokens_[row.at];
  }

  struct Names {
    std::string_view upn, serial;
  };
  /// Of a row of kind `token`.
  Names names(const EntraRow& row) const { return {tokens_[row.at].upn, tokens_[row.at].serial}; }

  /// The tokens' memory, their strings' too, is kept for the next portion.
  void clear() {
    rows_.clear();
    tokens_used_ = 0;
    problems.clear();
    from_windows_1252 = 0;
    base32_evidence = hex_evidence = {};
    serial_lengths.clear();
    filled_rows = unwrapped_serials = doubled_apostrophes = invisible = surely_base32 = surely_hex = vault_rows = 0;
  }

  std::vector<RowProblem> problems;
  std::int64_t filled_rows = 0;        ///< good and bad, blank ones not counted
  std::int64_t from_windows_1252 = 0;  ///< values that were
  std::int64_t unwrapped_serials = 0, doubled_apostrophes = 0;
  std::int64_t invisible = 0;                      ///< values from which characters were removed that nobody sees
  std::int64_t vault_rows = 0;                     ///< of a password manager, without a URI
  std::int64_t surely_base32 = 0, surely_hex = 0;  ///< keys whose letters tell

  /// What shows how a key is written: a single character of it.
  struct Evidence {
    std::int64_t line = 0;  ///< as EntraRow::line; 0 if there is none
    char character = 0;
    std::size_t position = 0;  ///< in the value, in characters from 1
  };
  Evidence base32_evidence, hex_evidence;  ///< of the first such row
  SerialLengths serial_lengths;            ///< of tokens; lines as EntraRow::line

 private:
  std::vector<EntraRow> rows_;
  std::vector<TokenSeed> tokens_;
  std::size_t tokens_used_ = 0;
};

class EntraRowChecker {
 public:
  /// `serials` and `users` are kept by reference. The rest is copied: were it looked at where it is, each row would wait for
  /// the thread that counts tokens beside it.
  EntraRowChecker(const ColumnMap& columns, const SeedFileOptions& options, const DuplicateSerials& serials,
                  const DuplicateSerials& alike, const TokensPerUser& users)
      : columns_(columns),
        encoding_(options.encoding),
        allow_short_keys_(options.allow_short_keys),
        unsaid_interval_(options.time_interval ? std::to_string(*options.time_interval) : ""),
        serials_(serials),
        alike_(alike),
        users_(users) {}

  /// Adds the row that `rows` is at, unless it is blank and does not even have its cells.
  void check(const CsvRows& rows, EntraPortion& to);

 private:
  struct Fields {
    std::string_view upn, serial, key, interval, manufacturer, model;
    OtpType type = OtpType::totp;  // these four as the row's other values say
    std::optional<Hash> hash = Hash::sha1;
    std::optional<int> digits = 6;
    std::unique_ptr<TokenDetails> details = {};
    bool is_uri = false;
  };

  void check_fields(std::span<const std::string_view> cells, const CsvRows& rows, EntraRow& row, EntraPortion& to);

  void look_closely(std::span<const std::string_view> cells, const CsvRows& rows, const SaidOfToken& said, Fields& fields,
                    EntraRow& row, EntraPortion& to);
  std::vector<Column> take_own_key_out(Fields& fields, std::optional<SecretKeyText::Reading> reading) const;
  bool is_shorter_by_its_type(std::span<const std::string_view> cells) const;
  SaidOfToken said_by(std::span<const std::string_view> cells) const;
  /// What is wrong with the row's otpauth URI, or contradicts it. The key is then the URI's.
  std::optional<std::pair<Column, FieldProblem>> take_uri(std::string_view uri, SaidOfToken& said, Fields& fields);
  std::string_view in_utf8(std::string_view text, std::string& room, EntraPortion& to);

  const ColumnMap columns_;
  const SecretEncoding encoding_;
  const bool allow_short_keys_;
  const std::string unsaid_interval_;  // empty: the file must say it
  const DuplicateSerials& serials_;
  const DuplicateSerials& alike_;
  const TokensPerUser& users_;
  SecretKeyText key_;
  std::string upn_without_doubling_, kind_, interval_said_;
  TokenSeed of_uri_;
  std::string upn_in_utf8_, serial_in_utf8_, manufacturer_in_utf8_, model_in_utf8_;
};

}  // namespace portalkey
