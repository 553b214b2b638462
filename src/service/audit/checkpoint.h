#pragma once
// What attests a trail to the outside: where it ended at some time, signed. A line of JSON in its canonical form (RFC 8785),
// `{"head":…,"key":…,"seq":…,"signature":…,"time":…,"trail":…}`; what is signed is that without `signature`.
//
// A checkpoint counts for what it is worth where it lies: beside the trail, whoever can change one can change both. So each
// goes out (checkpoint_senders.h), and verify.h is given what came from there.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "service/audit/signing_key.h"

namespace portalkey {

struct Checkpoint {
  std::string trail;      ///< its id
  std::int64_t seq = 0;   ///< the number of its last entry
  std::string head;       ///< that entry's hash
  WallTime time{};        ///< when it was signed
  std::string key;        ///< the public key of who signed it
  std::string signature;  ///< as signing_key.h writes both

  bool operator==(const Checkpoint&) const = default;
};

Checkpoint signed_checkpoint(std::string trail, std::int64_t seq, std::string head, WallTime time, const SigningKey& key);
std::string checkpoint_line(const Checkpoint& checkpoint);
/// nullopt: it is not such a line. Its signature is not looked at.
std::optional<Checkpoint> checkpoint_of(std::string_view line);
bool signature_fits(const Checkpoint& checkpoint);

/// What is left in the place of entries that were pruned, signed: `{"head":…,"key":…,"older_than":…,
/// "pruned_through":…,"signature":…,"time":…,"trail":…}`.
struct PruningStub {
  std::string trail;
  std::int64_t through = 0;  ///< the number of the last entry that is gone
  std::string head;          ///< its hash, from which the chain goes on
  WallTime older_than{};     ///< what was to go
  WallTime time{};           ///< when it went
  std::string key, signature;

  bool operator==(const PruningStub&) const = default;
};

void sign(PruningStub& stub, const SigningKey& key);
std::string stub_line(const PruningStub& stub);
std::optional<PruningStub> stub_of(std::string_view line);
bool signature_fits(const PruningStub& stub);

}  // namespace portalkey
