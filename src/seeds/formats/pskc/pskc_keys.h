#pragma once
// The keys of a PSKC file one after the other, each looked at on its own; what one has to do with another is the caller's.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "seeds/input/byte_source.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

struct PskcKey {
  TokenSeed token = {};                   ///< unless there is a fault; `nth` is not set
  std::optional<RowProblem> fault = {};   ///< why it cannot be used
  std::int64_t fault_line = 0;            ///< where exactly, if that is known
  bool only_named = false;                ///< the fault is that the file only names the key (KeyReference)
  std::vector<RowProblem> warnings = {};  ///< of a key that can be used; `row` is not set
};
using TakePskcKey = std::function<void(PskcKey&&)>;

/// Hands each key to `take`; returns notes on the file. An Error is one of the file's: see read_pskc.
Result<std::vector<std::string>> read_pskc_keys(ByteSource& source, const SeedFileOptions& options, const TakePskcKey& take);

}  // namespace portalkey
