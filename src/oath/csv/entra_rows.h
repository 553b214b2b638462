#pragma once
// What the rows of an Entra CSV say, each row on its own: several threads do this for several portions of a file. What depends
// on other rows is in entra_csv.cc.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "oath/csv/csv_rows.h"
#include "oath/duplicate_serials.h"
#include "oath/csv/entra_header.h"
#include "oath/secret_key.h"
#include "oath/seed_file.h"
#include "oath/tokens_per_user.h"

namespace portalkey {

struct EntraRow {
  enum class Kind {
    blank,    ///< all cells are there and blank
    broken,   ///< by a quote: the rest of it may be anything
    ragged,   ///< too many or too few cells
    refused,  ///< something is wrong with its fields
    token,
  };
  Kind kind = Kind::blank;
  std::uint32_t problems = 0;  ///< how many of the portion's are of this row
  std::int64_t line = 0;       ///< counted as `CsvRows::line` does
  // The rest is of a token only.
  TokenSeed token;  ///< `base32` holds the key's text if it may be either
  SecretKeyText::Reading reading = SecretKeyText::Reading::base32;
  bool odd_enabled = false;  ///< the column `enabled` holds something that neither is nor denies that
};

/// What a token is looked up by among those before it; zeroes for another row.
struct EntraRowHashes {
  DuplicateSerials::Hashes serial{};
  std::uint64_t user = 0;  ///< TokensPerUser::hash
};

/// The rows of a portion and what is wrong with them, in their order.
class EntraPortion {
 public:
  std::span<EntraRow> rows() { return {rows_.data(), hashes_.size()}; }
  /// One for each row; not in it, so that they can be had without fetching all of it.
  std::span<EntraRowHashes> hashes() { return hashes_; }
  EntraRow& add_row() {
    const std::size_t n = hashes_.size();
    hashes_.emplace_back();
    if (n == rows_.size()) rows_.emplace_back();
    return rows_[n];
  }
  /// The rows' memory, theirs strings' too, is kept for the next portion.
  void clear() {
    hashes_.clear();
    problems.clear();
    from_windows_1252 = 0;
    filled_rows = unwrapped_serials = doubled_apostrophes = surely_base32 = surely_hex = 0;
  }

  std::vector<RowProblem> problems;
  std::int64_t filled_rows = 0;  ///< good and bad, blank ones not counted
  std::int64_t from_windows_1252 = 0;  ///< values that were
  std::int64_t unwrapped_serials = 0, doubled_apostrophes = 0;
  std::int64_t surely_base32 = 0, surely_hex = 0;  ///< keys whose letters tell

 private:
  std::vector<EntraRow> rows_;
  std::vector<EntraRowHashes> hashes_;
};

class EntraRowChecker {
 public:
  /// All are kept by reference.
  EntraRowChecker(const ColumnMap& columns, const SeedFileOptions& options, const DuplicateSerials& serials,
                  const TokensPerUser& users)
      : columns_(columns), options_(options), serials_(serials), users_(users) {}

  /// Adds the row that `rows` is at, unless it is blank and does not even have its cells.
  void check(const CsvRows& rows, EntraPortion& to);

 private:
  struct Fields {
    std::string_view upn, serial, key, interval, manufacturer, model;
  };

  void check_fields(std::span<const std::string_view> cells, const CsvRows& rows, EntraRow& row, EntraPortion& to);

  void look_closely(std::span<const std::string_view> cells, const CsvRows& rows, Fields& fields, EntraRow& row,
                    EntraPortion& to);
  std::string_view in_utf8(std::string_view text, std::string& room, EntraPortion& to);

  const ColumnMap& columns_;
  const SeedFileOptions& options_;
  const DuplicateSerials& serials_;
  const TokensPerUser& users_;
  SecretKeyText key_;
  std::string upn_without_doubling_;
  std::string upn_in_utf8_, serial_in_utf8_, manufacturer_in_utf8_, model_in_utf8_;
};

/// Whether a serial number may be quoted: what looks like a secret key may be one, in the wrong column.
bool may_quote_serial(std::string_view serial);

}  // namespace portalkey
