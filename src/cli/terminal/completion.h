#pragma once
// What a shell may complete a command line with: commands, options, their values, and names that are looked up. The scripts in
// src/cli/shell ask the program, so that they never fall behind it.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal/command_line.h"

namespace portalkey {

struct Candidate {
  std::string word, what;
};

struct Completion {
  enum class Others { none, files, folders } others = Others::none;  ///< what the shell may offer too
  std::vector<Candidate> candidates;                                 ///< all begin with the word to be completed
};

/// The names there are of what the help calls `value` (JOB), or of an option's (`--profile`). `words`: the whole line.
using NamesOf = std::function<std::vector<Candidate>(std::string_view value, const std::vector<std::string>& words)>;

/// `words`: those after the program's name, the last being the one to be completed; it may be empty.
Completion complete(Command program, const std::vector<std::string>& words, const NamesOf& names_of);

}  // namespace portalkey
