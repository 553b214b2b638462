#pragma once
// What a service, a proxy, a certificate, another program, a vault's tag or a token's claim says. None of it is ours: it may
// quote a secret back, look like one, forge a line of a log, drive a terminal, turn the reading direction, or have no end. What
// is to be remembered, written or shown of it comes in through here, at the place that decodes it.
//
// What was just sent in secret has gone before: http/unechoed.h takes it out of every refusal, as it comes off the wire.

#include <string>
#include <string_view>

namespace portalkey {

inline constexpr std::size_t kForeignText = 500;  ///< bytes of what is quoted

/// A text for people: one line of valid UTF-8 without control, unseen or direction characters or escape sequences, with `***`
/// for what looks like a key or token (base/key_like.h), of at most `bytes`.
std::string foreign_text(std::string_view raw, std::size_t bytes = kForeignText);

/// A code or name by which a program knows a thing: `invalid_grant`, `ForbiddenByRbac`, `Authorization_RequestDenied`. At most
/// 64 letters, digits, `_`, `-` and `.`, beginning with a letter. Anything else, or what looks like a key: empty.
std::string foreign_code(std::string_view raw);

/// The id of a request, a correlation or an object: a GUID, or at most 100 letters, digits, `-`, `:`, `.` and `_`. Anything
/// else, or what looks like a key: empty.
std::string foreign_id(std::string_view raw);

}  // namespace portalkey
