#pragma once
// The seed file that a command is given, with everything that says how to read it.

#include <string>
#include <vector>

#include "cli/command.h"
#include "oath/seed_file.h"

namespace portalkey {

struct SeedInput {
  std::string file;  ///< `-` is standard input
  SeedFileOptions options;
  std::string key_file, passphrase_file;  ///< empty: none
  std::string assign;                     ///< an assignment list; empty: none
};

/// Reads the file as the options say, joined with the assignment list if there is one.
Result<SeedFileSummary> read_seeds_of(const SeedInput& input, SeedSink& sink);

/// False for standard input, a pipe and the like.
bool can_be_read_again(const SeedInput& input);
/// Reads the file once more; an Error if it has changed.
Result<SeedFileSummary> read_seeds_again(const SeedInput& input, const SeedFileSummary& first, SeedSink& sink);

/// A seed file read into memory: what can be used and what cannot, each in file order.
struct SeedRows {
  SeedFileSummary summary;
  std::vector<TokenSeed> tokens;
  std::vector<RowProblem> problems;  ///< warnings included
};

Result<SeedRows> read_seed_rows(const SeedInput& input);

/// Also an error if there is none: a file that reads well and holds nothing is most likely a truncated export.
Result<SeedRows> read_seeds_to_send(const SeedInput& input);

/// Adds the FILE argument and the options of SeedInput.
void add_seed_file_options(CLI::App& command, SeedInput& input);

}  // namespace portalkey
