#pragma once
// The seed file that an operation is given, with everything that says how to read it.

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/secret.h"
#include "seeds/assignment/assignment_list.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

struct SeedInput {
  std::string file;  ///< `-` is standard input
  SeedFileOptions options;
  std::string key_file, passphrase_file;  ///< empty: none
  std::string assign;                     ///< an assignment list; empty: none
  std::string serial;                     ///< of the file's only token without a serial number; empty: not given
  bool replaces = false;                  ///< the columns may name a list's of tokens that are replaced
};

/// A seed file to read, once or twice. Its key, its passphrase and its assignment list are read when it is opened, and no more:
/// they may come through a pipe.
class OpenedSeeds {
 public:
  /// `input` is kept by reference.
  static Result<OpenedSeeds> open(const SeedInput& input);

  /// Joined with the assignment list if there is one.
  Result<SeedFileSummary> read(SeedSink& sink) const;
  /// False for standard input, a pipe and the like.
  bool can_be_read_again() const;
  /// The second time; an Error if the file is no longer what it was when it was opened.
  Result<SeedFileSummary> read_again(SeedSink& sink) const;

 private:
  explicit OpenedSeeds(const SeedInput& input) : input_(input), columns_(input.options.columns) {}
  SeedFileOptions options() const;

  const SeedInput& input_;
  std::vector<ColumnName> columns_;  ///< of the input's options, with what the assignment list has marked
  Secret key_, passphrase_;
  std::optional<AssignmentList> list_;
  std::vector<std::int64_t> places_;  ///< of the tokens, for a list in order
  FileState state_;
};

/// A seed file read into memory: what can be used and what cannot, each in file order.
struct SeedRows {
  SeedFileSummary summary;
  std::vector<TokenSeed> tokens;
  std::vector<RowProblem> problems;  ///< warnings included
};

Result<SeedRows> read_seed_rows(const OpenedSeeds& seeds);
Result<SeedRows> read_seed_rows(const SeedInput& input);

/// Also an error if there is none: a file that reads well and holds nothing is most likely a truncated export.
Result<SeedRows> read_seeds_to_send(const SeedInput& input);

}  // namespace portalkey
