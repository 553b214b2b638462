#pragma once
// The trail of what was asked for and what was done: a chain in which nothing can be changed, put in, taken out or moved
// unnoticed, and whose end is attested to the outside (audit/checkpoint.h).
//
// Every entry's hash is SHA-256 over the canonical JSON of the entry (RFC 8785) and the hash of the one before
// (audit/entry_form.h has the exact form). An effect is preceded by its entry: what cannot be written down does not happen.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "service/callers/caller.h"

namespace portalkey {

/// Never a secret key, a code, an access or refresh token, an API key.
struct AuditEvent {
  std::string action;                                     ///< stable: `tokens.activate`, `jobs.cancel`, `token.settled`
  std::string caller_kind, caller_id, caller_name, peer;  ///< empty where the service itself acts
  std::string tenant;                                     ///< the profile's name; empty: none
  std::string serial, upn, job;                           ///< empty: none
  std::string outcome;      ///< `asked`, `done`, `refused`, `failed`, `found`; with a code behind a colon: `refused:forbidden`
  std::string correlation;  ///< id of the request, which reaches Entra
  std::string detail;       ///< one line for a person; may be empty
};

struct AuditEntry {
  std::int64_t number = 0;  ///< counted from 1, without a gap
  WallTime time{};
  AuditEvent event;
  std::string hash;  ///< 64 hexadecimal digits
};

struct AuditFilter {
  // Exact, but for the case of serial and upn; empty: any.
  std::string tenant{}, action{}, serial{}, upn{}, job{};
  std::string caller{};  ///< id or name
  std::optional<WallTime> from{}, until{};
};

struct AuditPage {
  std::vector<AuditEntry> entries;
  std::int64_t next = 0;  ///< `before` of the page that follows; 0: this is the last
};

class AuditLog {
 public:
  virtual ~AuditLog() = default;
  /// Durable on return. By any thread; events of several that come at once are written together. An Error: it is not in the
  /// trail, and what it announces must not happen.
  virtual Result<AuditEntry> append(const AuditEvent& event) = 0;
  /// Several, in this order, all or none.
  virtual Result<void> append_all(const std::vector<AuditEvent>& events) = 0;
  /// The newest first. `before`: only entries with a lower number; 0: all.
  virtual Result<AuditPage> search(const AuditFilter& filter, std::size_t most, std::int64_t before) = 0;
  /// Each from number `from` on, the oldest first; ends with `take`'s error.
  virtual Result<void> each(std::int64_t from, const std::function<Result<void>(const AuditEntry&)>& take) = 0;
};

}  // namespace portalkey
