#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "oath/seed_file.h"

namespace portalkey {

/// A seed file read into memory: what can be used and what cannot, each in file order.
struct SeedRows {
  SeedFileSummary summary;
  std::vector<TokenSeed> tokens;
  std::vector<RowProblem> problems;  ///< warnings included
};

Result<SeedRows> read_seed_rows(const std::string& file, const SeedFileOptions& options);

/// Adds the FILE argument, `--secret-encoding`, `--key-file` and `--passphrase-file`.
void add_seed_file_options(CLI::App& command, std::string& file, SeedFileOptions& options);

}  // namespace portalkey
