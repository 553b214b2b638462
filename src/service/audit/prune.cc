#include "service/audit/prune.h"

#include <fmt/format.h>

#include <limits>

#include "service/audit/chain_walk.h"
#include "service/audit/entry_form.h"

namespace portalkey {
namespace {

constexpr std::int64_t kSlice = 2000;  ///< entries removed at a time: the service writes in between

struct Place {
  std::int64_t number = 0;
  std::string hash;
};

std::unexpected<Error> does_not_verify(std::int64_t number) {
  return std::unexpected(Error{Errc::corrupt,
                               "the audit trail does not verify, and is not pruned: that would hide what is wrong with it",
                               "Verify it, and keep the file for whoever looks into it.",
                               {{"entry", std::to_string(number)}}});
}

/// Where each slice ends.
Result<std::vector<Place>> slices_of(AuditTrail& trail, WallTime older_than) {
  auto reading = trail.read();
  if (!reading) return pass(reading);
  const auto& beginning = (*reading)->beginning();
  if (beginning.stub ? !signature_fits(*beginning.stub) : beginning.number > 0) return does_not_verify(beginning.number);
  ChainWalk walk(beginning);
  std::vector<Place> slices;
  bool enough = false;
  auto read = (*reading)->each(std::numeric_limits<std::int64_t>::min(),
                               [&](const AuditEntry& entry, std::string_view previous) -> Result<void> {
                                 enough = entry.time >= older_than;
                                 if (enough) return fail(Errc::cancelled, "enough");
                                 walk.take(entry, previous);
                                 if (slices.empty() || (entry.number - 1) % kSlice == 0) slices.emplace_back();
                                 slices.back() = {entry.number, entry.hash};
                                 return {};
                               });
  if (!read && !enough) return pass(read);
  if (!walk.findings().empty()) return does_not_verify(walk.findings().front().number);
  if (!walk.breaks().empty()) return does_not_verify(walk.breaks().front().number);
  return slices;
}

}  // namespace

Result<PrunedTrail> prune(AuditTrail& trail, const SigningKey& key, Clock& clock, const AuditPruning& pruning) {
  auto slices = slices_of(trail, pruning.older_than);
  if (!slices) return pass(slices);
  if (slices->empty()) return PrunedTrail{};
  auto end = trail.end();
  if (!end) return pass(end);
  std::int64_t first = 0;
  auto found = trail.each(0, [&](const AuditEntry& entry) -> Result<void> {
    first = entry.number;
    return fail(Errc::cancelled, "enough");
  });
  if (!found && found.error().code != Errc::cancelled) return pass(found);
  const PrunedTrail out{slices->back().number - first + 1, slices->back().number};
  if (pruning.dry_run) return out;

  auto event = pruning.by;
  event.action = "audit.prune";
  event.outcome = "asked";
  event.detail =
      fmt::format("{} entries up to number {}, older than {}", out.entries, out.through, audit_time(pruning.older_than));
  if (auto written = trail.append(event); !written) return pass(written);
  for (const auto& [number, hash] : *slices) {
    PruningStub stub{end->trail,
                     number,
                     hash,
                     from_unix_milliseconds(unix_milliseconds(pruning.older_than)),
                     from_unix_milliseconds(unix_milliseconds(clock.now())),
                     {},
                     {}};
    sign(stub, key);
    if (auto gone = trail.replace_by(stub); !gone) return pass(gone);
  }
  event.outcome = "done";
  if (auto written = trail.append(event); !written) return pass(written);
  return out;
}

}  // namespace portalkey
