#pragma once
// Reading a vendor's seed file. One pass, bounded memory: only what duplicate detection needs grows with the file.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "oath/token_seed.h"

namespace portalkey {

/// Something wrong with one row. The row is left out, unless `warning`. Never holds a secret key or a part of one.
struct RowProblem {
  std::int64_t line = 0;  ///< where the row begins, from 1
  std::string serial;     ///< empty if it could not be read, or may not be one
  std::string upn;        ///< empty if it could not be read
  std::string field;  ///< the column's name as Entra spells it: `upn`, `serial number`, `secret key`, `time interval`; or `row`
  std::string what;
  std::string remedy;
  bool warning = false;
};

enum class SecretEncoding { detect, base32, hex };

struct SeedFileOptions {
  SecretEncoding encoding = SecretEncoding::detect;
};

/// Receives rows in file order as they are read, except that a row whose encoding only a later row decides comes when the
/// file is at its end, and so does the warning that a user gets more tokens than Entra allows.
class SeedSink {
 public:
  virtual ~SeedSink() = default;
  virtual void on_token(TokenSeed&& token) = 0;
  virtual void on_problem(RowProblem&& problem) = 0;
};

struct SeedFileSummary {
  std::string format;                   ///< `entra-csv`
  std::vector<std::string> notes;       ///< what was understood: columns, separator, encoding of the secrets
  std::int64_t rows = 0;                ///< data rows, good and bad, blank ones not counted
  std::int64_t tokens = 0;              ///< tokens handed to the sink and not withdrawn
  std::int64_t problems = 0;            ///< problems that are no warnings
  std::vector<std::int64_t> withdrawn;  ///< lines, ascending, of tokens handed out earlier that a later row contradicts (same
                                        ///< serial number, other contents): the caller must not use them
};

/// Reads the whole file (`-` is standard input). An Error means that nothing of it may be used: not found, not a seed file,
/// no header, an unknown kind. Problems of single rows go to the sink.
Result<SeedFileSummary> read_seed_file(const std::filesystem::path& path, const SeedFileOptions& options, SeedSink& sink);

}  // namespace portalkey
