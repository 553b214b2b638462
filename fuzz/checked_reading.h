#pragma once
// What every seed reader promises its caller, whatever it reads. Included by the targets of single formats.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "seeds/model/seed_file.h"

namespace portalkey {

inline void require(bool promise) {
  if (!promise) std::abort();
}

class CheckedReading final : public SeedSink {
 public:
  /// `read` is called with this sink and returns the summary.
  template <class Read>
  explicit CheckedReading(const Read& read) {
    const Result<SeedFileSummary> summary = read(*this);
    ok_ = summary.has_value();
    if (!summary) {
      require(!summary.error().what.empty());
      return;
    }
    require(summary->problems == problems_);
    require(std::ranges::is_sorted(summary->withdrawn));
    require(summary->tokens + static_cast<std::int64_t>(summary->withdrawn.size()) ==
            static_cast<std::int64_t>(places_.size()));
  }
  void on_token(TokenSeed&& token) override {
    require(token.place() > 0);
    if (!token.base32.empty()) require(!token.key().empty());
    places_.push_back(token.place());
    keys_.push_back(token.base32.clone());
  }
  void on_problem(RowProblem&& problem) override {
    require(!problem.what.empty());
    problems_ += problem.warning ? 0 : 1;
  }
  /// Tokens may be the same in part only where the whole is refused: how far reading got is nobody's business.
  bool operator==(const CheckedReading& o) const {
    const auto text = [](const Secret& key) { return key.reveal([](std::string_view t) { return std::string(t); }); };
    return ok_ == o.ok_ &&
           (!ok_ || (places_ == o.places_ && problems_ == o.problems_ && std::ranges::equal(keys_, o.keys_, {}, text, text)));
  }

 private:
  std::vector<std::int64_t> places_;
  std::vector<Secret> keys_;
  std::int64_t problems_ = 0;
  bool ok_ = false;
};

}  // namespace portalkey
