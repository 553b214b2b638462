#pragma once
// The exact form of an entry, so that anybody can compute the chain again.
//
// Hash of entry n: SHA-256 of a JSON object in the canonical form of RFC 8785 (UTF-8, no blanks, members by name), written as
// 64 hexadecimal digits. Its members are
//   `number`    n, a number
//   `previous`  the hash of entry n - 1; of entry 1: the hash of the beginning, below
//   `time`      `2026-01-01T00:00:00.000Z`, milliseconds always
//   `action`, `caller_id`, `caller_kind`, `caller_name`, `correlation`, `detail`, `job`, `outcome`, `peer`, `serial`, `tenant`,
//   `upn`       texts; one that is empty is left out
// The beginning is `{"form":1,"made":TIME,"trail":ID}` with the random id of the trail; its hash is made the same way.
//
// A line of an export (export.h) is that object and one member more, `hash`. So a line is checked by taking `hash` out and
// hashing the rest, and the chain by comparing `previous` with the line before.

#include <string>
#include <string_view>

#include "service/audit/audit_log.h"

namespace portalkey {

/// `2026-01-01T00:00:00.000Z`.
std::string audit_time(WallTime time);
/// Reads exactly that form.
std::optional<WallTime> parse_audit_time(std::string_view text);
std::int64_t unix_milliseconds(WallTime time);
WallTime from_unix_milliseconds(std::int64_t milliseconds);

/// SHA-256 as 64 hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// The canonical JSON of the beginning, and of an entry.
std::string beginning_form(std::string_view trail, WallTime made);
std::string entry_form(const AuditEntry& entry, std::string_view previous);
/// The form with the member `hash`: a line of an export.
std::string entry_line(const AuditEntry& entry, std::string_view previous);
/// The hash that belongs to the entry; what stands in `entry.hash` is not looked at.
std::string entry_hash(const AuditEntry& entry, std::string_view previous);

/// The event as it is written down: valid UTF-8 of bounded length on one line, `\u{a}` for a control or unseen character,
/// `***` for what looks like a key in the detail.
AuditEvent written_down(const AuditEvent& event);
/// The same of what is searched for.
AuditFilter written_down(const AuditFilter& filter);

}  // namespace portalkey
