#pragma once
// The tokens of a seed file as the elements of a JSON array: in file order, without those that a later row contradicts. A file
// whose tokens take much memory is read twice, and nothing of it is held the second time.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "app/operations/tenant_findings.h"
#include "cli/terminal/json_output.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// Prints elements, separated.
class JsonArray {
 public:
  /// `to` must outlive it. `findings`: null if the tenant was not asked; otherwise its `held` has as many as there will be tokens.
  JsonArray(JsonOutput& to, const TenantFindings* findings) : to_(to), findings_(findings) {}
  ~JsonArray();  ///< prints what is left
  void add(std::string_view token);

 private:
  JsonOutput& to_;
  const TenantFindings* findings_;
  std::size_t count_ = 0;
  std::string out_;
};

/// The first reading.
class JsonTokens final : public SeedSink {
 public:
  /// Beyond `most_bytes` of text it holds only tokens that come out of their order (see SeedSink).
  JsonTokens(bool reveal_secrets, std::size_t most_bytes) : reveal_secrets_(reveal_secrets), most_bytes_(most_bytes) {}
  ~JsonTokens() override;
  void on_token(TokenSeed&& token) override;
  void on_problem(RowProblem&& problem) override { problems.push_back(std::move(problem)); }

  bool holds_all() const { return bytes_ <= most_bytes_; }
  bool reveals_secrets() const { return reveal_secrets_; }
  /// Prints those that are held and come before `place`, and not again.
  void print_before(std::int64_t place, const std::vector<std::int64_t>& withdrawn, JsonArray& to);

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
  std::int64_t last_place_ = 0;
  std::deque<std::string> blocks_;
  std::vector<Held> held_;
  bool sorted_ = false;  // once printing has begun
  std::size_t printed_ = 0;
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
