#pragma once

#include <limits>

#include "service/audit/verify.h"

namespace portalkey {

/// Looks at entries in the order in which they stand, and finds where the chain breaks.
class ChainWalk {
 public:
  explicit ChainWalk(const ChainBeginning& beginning);
  void take(const AuditEntry& entry, std::string_view previous);

  /// A break of which only another look at what follows tells what it is.
  struct Break {
    std::int64_t number = 0;
    std::string before;         ///< the hash of the entry before
    std::string before_before;  ///< and of the one before that
  };
  const std::vector<Break>& breaks() const { return breaks_; }
  const std::vector<Finding>& findings() const { return findings_; }
  std::int64_t entries() const { return entries_; }
  std::int64_t first() const { return first_; }
  std::int64_t last() const { return expected_ - 1; }
  const std::string& head() const { return previous_; }
  std::size_t set_back() const { return set_back_; }

 private:
  static constexpr std::size_t kMost = 20;

  std::int64_t begin_, expected_, entries_ = 0, first_ = 0;
  std::string previous_, before_previous_;
  WallTime time_{};
  std::size_t set_back_ = 0;
  bool in_break_ = false;
  std::vector<Break> breaks_;
  std::vector<Finding> findings_;
};

/// What a break is, by what stands at and behind it.
Result<Finding> explained(TrailReading& trail, const ChainWalk::Break& at);

}  // namespace portalkey
