#pragma once
// The tokens of a seed file as the elements of a JSON array: in file order, without those that a later row contradicts. A file
// whose tokens take much memory is read twice, and nothing of it is held the second time.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/operations/validate_seeds.h"
#include "base/remedy.h"

namespace portalkey {

/// Takes a text piece by piece. Secret keys may be in it.
using WriteText = std::function<void(std::string_view)>;

/// Writes elements, separated.
class JsonArray {
 public:
  /// `findings`: null if the tenant was not asked; otherwise its `held` has as many as there will be tokens.
  JsonArray(const TenantFindings* findings, const WriteText& write) : findings_(findings), write_(write) {}
  ~JsonArray();  ///< writes what is left
  void add(std::string_view token);

 private:
  const TenantFindings* findings_;
  const WriteText& write_;
  std::size_t count_ = 0;
  std::string out_;
};

/// The first reading.
class JsonTokens final : public ValidationSink {
 public:
  /// Beyond `most_bytes` of text it holds only tokens that come out of their order (see SeedSink).
  JsonTokens(bool reveal_secrets, std::size_t most_bytes, const Words& words)
      : reveal_secrets_(reveal_secrets), most_bytes_(most_bytes), words_(words) {}
  ~JsonTokens() override;
  /// A guest by the form of the UPN is told of with a warning.
  void on_token(TokenSeed&& token, const Rejection* rejection) override;
  void on_problem(RowProblem&& problem) override { problems.push_back(std::move(problem)); }

  bool holds_all() const { return bytes_ <= most_bytes_; }
  void append(const TokenSeed& token, std::string& to) const;
  /// Writes those that are held and come before `place`, and not again.
  void write_before(std::int64_t place, const std::vector<std::int64_t>& withdrawn, JsonArray& to);

  std::vector<RowProblem> problems;

 private:
  struct Held {
    std::int64_t place = 0;
    bool in_order = true;
    std::size_t block = 0, begin = 0, size = 0;
  };
  std::string_view text(const Held& held) const { return std::string_view(blocks_[held.block]).substr(held.begin, held.size); }
  void hold_only_late_ones();

  bool reveal_secrets_;
  std::size_t most_bytes_, bytes_ = 0;
  const Words& words_;
  std::int64_t last_place_ = 0;
  std::deque<std::string> blocks_;
  std::vector<Held> held_;
  bool sorted_ = false;  // once writing has begun
  std::size_t written_ = 0;
};

/// The second reading, of a file of which the first one does not hold all.
class JsonTokensAgain final : public SeedSink {
 public:
  JsonTokensAgain(JsonTokens& first, const std::vector<std::int64_t>& withdrawn, JsonArray& to)
      : first_(first), withdrawn_(withdrawn), to_(to) {}
  ~JsonTokensAgain() override;
  void on_token(TokenSeed&& token) override;
  void on_problem(RowProblem&&) override {}

 private:
  JsonTokens& first_;
  const std::vector<std::int64_t>& withdrawn_;
  JsonArray& to_;
  std::int64_t last_place_ = 0;
  std::string text_;
};

}  // namespace portalkey
