#pragma once
// What is wrong with a seed file, for a person: the first few of each kind in full, the others counted.

#include <cstdint>
#include <map>
#include <string>

#include "seeds/model/seed_file.h"

namespace portalkey {

class ProblemPrinter {
 public:
  /// `all`: every problem in full.
  explicit ProblemPrinter(bool all) : all_(all) {}
  void print(const RowProblem& problem);
  /// A token that is no problem of the file, and which the portal does not take.
  void print_left_out(const TokenSeed& token, const std::string& why, const std::string& remedy, bool graph_would);
  /// Tells how many there were of the kinds that were cut short.
  void finish();

 private:
  static constexpr std::int64_t kShown = 10;
  static constexpr std::size_t kMostKinds = 1000;

  struct Kind {
    std::int64_t count = 0;
    std::string advice;  ///< what was last printed of it
  };
  bool is_shown(Kind& kind) { return ++kind.count <= kShown || all_; }
  Kind& kind_named(std::string name);

  bool all_;
  std::map<std::string, Kind> kinds_;
};

}  // namespace portalkey
