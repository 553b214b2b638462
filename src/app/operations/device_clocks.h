#pragma once
// What codes that people read from devices tell of the devices' clocks, and what Entra makes of such a clock.

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/interaction.h"
#include "app/operations/seed_rows.h"
#include "app/operations/start_job.h"
#include "seeds/input/secret_key.h"
#include "seeds/model/token_clock.h"
#include "seeds/readings/device_readings.h"

namespace portalkey {

/// Codes as a person read them: `next` is what the device shows after `code`; empty: it was not read.
struct ReadCodes {
  std::string code, next;
};

/// Why the codes do not tell the device's clock; nullopt: they do. Quotes no code. `reach`: how far they were looked for.
std::optional<FieldProblem> why_no_clock(const FoundClock& found, const TokenSeed& token, const ReadCodes& codes,
                                         std::chrono::seconds reach = kClockReach);
/// Why Entra would not follow such a clock; nullopt: it would, where it does as documented.
std::optional<FieldProblem> why_not_followed(const DeviceClock& clock, const TokenSeed& token);

/// Whether the codes may be another device's: they fit nowhere, or one of them does, perhaps by chance.
bool may_be_anothers(const FoundClock& found);

struct NoClock : FieldProblem {
  bool anothers = false;  ///< may_be_anothers()
};
enum class ReadAt { code, next };

/// The device's clock by codes that it showed at `at`: `code` then, or `next` if there is one. NoClock: they do not tell it, or
/// Entra would not follow it. `further`: looks also where no device should be, so as to say so; takes seconds.
std::expected<DeviceClock, NoClock> clock_by_codes(const TokenSeed& token, const ReadCodes& codes, WallTime at, ReadAt shown,
                                                   bool further);

/// Looks whose codes these are, near the time itself: as near as the number of tokens lets it be a matter of moments.
class WhoseCodes {
 public:
  WhoseCodes(const ReadCodes& codes, WallTime at, std::int64_t tokens);
  void look_at(const TokenSeed& token);
  /// A sentence's part: `; it is the code of the token 0012 of this file`; empty: of none.
  std::string text() const;

 private:
  const ReadCodes& codes_;
  WallTime at_;
  std::int64_t reach_;
  std::string serial_;
  int found_ = 0;
};

/// Gives each token its device's clock, where a row of the list tells it. A token whose row tells none, or one that Entra would
/// not follow, becomes a problem, and so does a row without a token. A serial number that the file writes otherwise is taken
/// for it, and that is warned of.
void apply_readings(const DeviceReadings& readings, SeedRows& rows, Interaction& interaction);

/// Likewise with tokens of which the file itself says that their clocks are too far off.
void leave_out_not_followed(SeedRows& rows);
/// Both, before tokens are activated; `list`: the file of readings; empty: there is none.
Result<void> take_clocks(const std::string& list, Tenant& tenant, SeedRows& rows);

/// Tokens of which the file says that they were made more than a year ago.
std::vector<AgedToken> made_long_ago(std::span<const TokenSeed> tokens, WallTime now);

/// How a job's tokens were activated, or would be.
struct ActivationClocks {
  std::size_t computed = 0;         ///< with codes of the present: their devices' clocks are not known
  std::size_t own = 0;              ///< with codes of their devices' time
  std::vector<AgedToken> long_ago;  ///< of `computed`
};
ActivationClocks activation_clocks(const JobOutcome& outcome);

}  // namespace portalkey
