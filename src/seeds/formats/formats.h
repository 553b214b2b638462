#pragma once
// All that is known of the formats of seed files, in one table: how people call them, how a file shows which one it is, what
// reads it, and what a caller must know of it.

#include <string_view>

#include "base/error.h"
#include "seeds/formats/csv/csv_rows.h"
#include "seeds/input/byte_source.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// What a file's first character shows. The readers of XML know encodings themselves; the others get UTF-8.
enum class Syntax { xml, json, text };

struct FormatOfSeeds {
  SeedFormat format;
  std::string_view name;  ///< as people call it with --format
  Syntax syntax;
  /// Whether text in UTF-8, without a byte order mark and blanks before it, begins as a file of this format does. Asked in the
  /// order of the table, among those of the same syntax.
  bool (*begins)(std::string_view start);

  using Read = Result<SeedFileSummary>(ByteSource& source, const SeedFileOptions& options, SeedSink& sink);
  using ReadRows = Result<SeedFileSummary>(CsvRows& rows, const SeedFileOptions& options, SeedSink& sink);
  Read* read = nullptr;
  ReadRows* read_rows = nullptr;  ///< of delimited text, in place of `read`

  /// Of every token, be it by a default of the format; or it holds nothing that has a time interval.
  bool always_says_the_interval = false;
  /// Any delimited text that nothing else is known of: whether it is a seed file shows when its rows are read, and --map may
  /// name its columns.
  bool has_any_columns = false;
};

const FormatOfSeeds& about(SeedFormat format);
/// What text is a seed file's, by its beginning in UTF-8 without a byte order mark. Delimited text that nothing else is known
/// of is `entra_csv`, whose reader says what is missing. An Error for XML or JSON that is something else.
Result<SeedFormat> format_of(std::string_view start);

}  // namespace portalkey
