#pragma once
// Help-desk checks: the code a token should show now, and what a code says about the token's clock.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/operations/seed_rows.h"
#include "base/clock.h"

namespace portalkey {

struct CodeOptions {
  SeedInput seeds;
  std::string serial;
  std::optional<WallTime> at;  ///< another time than now
};

/// What reading the file told beside the token, known also where the operation fails.
struct SeedRemarks {
  std::vector<std::string> notes;     ///< about the file, such as that no MAC was checked
  std::vector<std::string> warnings;  ///< about the token
};

/// Which of Entra's ways in would not take the token, and why; empty: it would.
struct EntraRefusals {
  std::string portal, graph;
};

struct TokenCode {
  std::string serial;
  Secret code;
  WallTime at;
  EntraRefusals entra;
  std::optional<std::chrono::seconds> good_for;  ///< of a time-based token
  std::optional<std::int64_t> counter;           ///< of one that counts presses
};

/// not_found: the file has no such token, or none a code can be computed for.
Result<TokenCode> compute_code(const CodeOptions& options, const Clock& clock, SeedRemarks& remarks);

struct CheckedCode {
  std::string serial;
  int window = 0;  ///< steps looked at each way
  int step = 0;    ///< seconds; 0: the token counts presses
  int digits = 0;
  std::vector<std::int64_t> steps;  ///< how far off the token is, nearest first; empty: the code does not fit
  EntraRefusals entra;

  bool timed() const { return step != 0; }
  bool fits() const { return !steps.empty(); }
  /// It fits, and Entra is documented to tolerate as much.
  bool good() const;
  /// How likely a wrong code would have fit.
  double by_chance() const;
};

/// invalid_input: the token's codes have another number of digits.
Result<CheckedCode> check_code(const CodeOptions& options, std::string_view code, int window, const Clock& clock,
                               SeedRemarks& remarks);

}  // namespace portalkey
