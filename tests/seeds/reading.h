#pragma once
// Runs the reader over text and keeps everything it says.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "seeds/formats/read_seed_file.h"
#include "seeds/model/seed_file.h"
#include "tests/vectors.h"

namespace portalkey {

inline constexpr std::string_view kHeader = "upn,serial number,secret key,time interval,manufacturer,model\n";
inline constexpr std::string_view kKey = "2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN";

struct Reading final : SeedSink {
  void on_token(TokenSeed&& token) override { tokens.push_back(std::move(token)); }
  void on_problem(RowProblem&& problem) override { (problem.warning ? warnings : problems).push_back(std::move(problem)); }

  /// The tokens a caller may use, without the withdrawn ones, in the file's order.
  std::vector<const TokenSeed*> good() const {
    std::vector<const TokenSeed*> out;
    for (const auto& token : tokens) {
      if (!summary || !std::ranges::binary_search(summary->withdrawn, token.place())) out.push_back(&token);
    }
    std::ranges::sort(out, {}, &TokenSeed::place);
    return out;
  }
  /// Everything a person could get to see, in one text.
  std::string said() const {
    std::string out;
    const auto add = [&](const std::vector<RowProblem>& list) {
      for (const auto& p : list)
        out += std::to_string(p.line) + "|" + p.serial + "|" + p.field + "|" + p.what + "|" + p.remedy + "|" + p.value + "|" +
               p.expected + "|" + p.cause + "\n";
    };
    add(problems);
    add(warnings);
    if (summary) {
      for (const auto& note : summary->notes) out += note + "\n";
    } else {
      out += summary.error().what + "|" + summary.error().remedy;
      for (const auto& [key, value] : summary.error().context) out += "|" + key + "=" + value;
    }
    return out;
  }

  std::vector<TokenSeed> tokens;
  std::vector<RowProblem> problems;
  std::vector<RowProblem> warnings;
  Result<SeedFileSummary> summary;
};

inline Reading read_text(std::string_view text, SecretEncoding encoding = SecretEncoding::detect,
                         std::size_t most_row_bytes = kMostRowBytes, std::size_t at_once = std::string_view::npos) {
  Reading reading;
  MemorySource source(text, at_once);
  reading.summary = read_seeds(source, {encoding}, reading, most_row_bytes);
  return reading;
}

inline Reading read_rows(std::string_view rows, SecretEncoding encoding = SecretEncoding::detect) {
  return read_text(std::string(kHeader) + std::string(rows), encoding);
}

inline std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace portalkey
