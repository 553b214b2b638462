#pragma once
// Help-desk checks: the code a token should show now, and what a code says about the token's clock.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/operations/device_clocks.h"
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

struct CheckOptions {
  CodeOptions of;
  ReadCodes codes;                     ///< what the device shows; the time is that of `code`
  int window = 0;                      ///< steps to look each way; 0: two days, or, of a token that counts presses, 20
  std::optional<DeviceClock> earlier;  ///< how far off it was seen to be before
  std::string made;                    ///< when it was made, YYYY-MM-DD; empty: as the file says
};

/// How fast a device's clock drifts, and until when Entra follows.
struct SeenDrift {
  DriftRate rate;
  std::string by;  ///< since when, and what says so
  /// Until when it may lie unused, if Entra learns its clock now; and until when its own codes activate it. nullopt: for
  /// decades.
  std::optional<WallTime> unused_until, activated_until;
};

struct CheckedCode {
  std::string serial;
  int window = 0;  ///< steps looked at each way
  int step = 0;    ///< seconds; 0: the token counts presses
  int digits = 0;
  bool two_codes = false;
  FoundClock found;
  std::optional<FieldProblem> why;  ///< it tells no clock
  std::string whose;                ///< a sentence's part: of which other token of the file the codes are
  std::optional<SeenDrift> drift;   ///< if two sightings are known
  EntraRefusals entra;

  bool timed() const { return step != 0; }
  bool fits() const { return found.found() || found.state == FoundClock::State::ambiguous; }
  std::int64_t steps() const { return found.steps.front(); }
  /// It fits, and Entra is documented to tolerate as much.
  bool good() const;
  /// It fits, and Entra is documented to learn as much at an activation.
  bool can_be_activated() const;
  /// How likely wrong codes would have fit.
  double by_chance() const { return chance_of_fit(window, digits, two_codes); }
};

/// invalid_input: the token's codes have another number of digits.
Result<CheckedCode> check_code(const CheckOptions& options, const Clock& clock, SeedRemarks& remarks);

}  // namespace portalkey
