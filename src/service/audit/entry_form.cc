#include "service/audit/entry_form.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <charconv>

#include "base/key_like.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "base/visible_text.h"
#include "service/audit/canonical_object.h"

namespace portalkey {
namespace {

using std::chrono::milliseconds;

// Bytes of each text. What is longer ends in `...`.
constexpr std::size_t kName = 128, kAddress = 64, kUpn = 320, kSerial = 256, kDetail = 1000;

/// Whether it can be written as it is; most can.
bool plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::string kept(std::string_view text, std::size_t bytes) {
  if (plain(text)) return bounded_text(std::string(text), bytes);
  std::string out;
  while (!text.empty() && out.size() <= bytes) {
    const auto [code, size] = utf8_character(text);
    if (size == 0) {
      append_utf8(out, 0xFFFD);
    } else if (is_control(code) || is_unseen(code)) {
      out += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(code));
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return bounded_text(std::move(out), bytes);
}

}  // namespace

std::int64_t unix_milliseconds(WallTime time) { return std::chrono::floor<milliseconds>(time).time_since_epoch().count(); }

WallTime from_unix_milliseconds(std::int64_t value) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 62) / 1'000'000;
  return WallTime(milliseconds(std::clamp<std::int64_t>(value, 0, kMost)));
}

std::string audit_time(WallTime time) {
  auto text = iso_time(time);
  text.pop_back();  // Z
  const auto of_second = std::chrono::floor<milliseconds>(time) - std::chrono::floor<std::chrono::seconds>(time);
  return text + fmt::format(".{:03}Z", of_second.count());
}

std::optional<WallTime> parse_audit_time(std::string_view text) {
  constexpr std::size_t kPoint = 19;
  if (text.size() != kPoint + 5 || text[kPoint] != '.') return std::nullopt;
  const auto seconds = parse_iso_time(text);
  int thousandths = 0;
  const auto* first = text.data() + kPoint + 1;
  const auto read = std::from_chars(first, first + 3, thousandths);
  if (!seconds || read.ec != std::errc() || read.ptr != first + 3) return std::nullopt;
  const auto time = *seconds + milliseconds(thousandths);
  return audit_time(time) == text ? std::optional(time) : std::nullopt;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  std::string hex(2 * hash.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  hex.pop_back();
  return hex;
}

std::string beginning_form(std::string_view trail, WallTime made) {
  std::string out;
  CanonicalObject object(out);
  object.number("form", 1);
  object.text("made", audit_time(made));
  object.text("trail", trail);
  object.end();
  return out;
}

namespace {

std::string form_of(const AuditEntry& entry, std::string_view previous, std::string_view hash) {
  const auto& event = entry.event;
  std::string out;
  out.reserve(512);
  CanonicalObject object(out);
  object.text("action", event.action);
  object.text("caller_id", event.caller_id);
  object.text("caller_kind", event.caller_kind);
  object.text("caller_name", event.caller_name);
  object.text("correlation", event.correlation);
  object.text("detail", event.detail);
  object.text("hash", hash);
  object.text("job", event.job);
  object.number("number", entry.number);
  object.text("outcome", event.outcome);
  object.text("peer", event.peer);
  object.text("previous", previous);
  object.text("serial", event.serial);
  object.text("tenant", event.tenant);
  object.text("time", audit_time(entry.time));
  object.text("upn", event.upn);
  object.end();
  return out;
}

}  // namespace

std::string entry_form(const AuditEntry& entry, std::string_view previous) { return form_of(entry, previous, {}); }
std::string entry_line(const AuditEntry& entry, std::string_view previous) { return form_of(entry, previous, entry.hash); }

std::string entry_hash(const AuditEntry& entry, std::string_view previous) { return sha256_hex(entry_form(entry, previous)); }

AuditEvent written_down(const AuditEvent& event) {
  AuditEvent out;
  out.action = kept(event.action, kName);
  out.caller_kind = kept(event.caller_kind, kName);
  out.caller_id = kept(event.caller_id, kName);
  out.caller_name = kept(event.caller_name, kUpn);
  out.peer = kept(event.peer, kAddress);
  out.tenant = kept(event.tenant, kName);
  out.serial = kept(event.serial, kSerial);
  out.upn = kept(event.upn, kUpn);
  out.job = kept(event.job, kName);
  out.outcome = kept(event.outcome, kName);
  out.correlation = kept(event.correlation, kName);
  out.detail = without_keys(kept(event.detail, kDetail));
  return out;
}

AuditFilter written_down(const AuditFilter& filter) {
  AuditFilter out = filter;
  out.tenant = kept(filter.tenant, kName);
  out.action = kept(filter.action, kName);
  out.serial = kept(filter.serial, kSerial);
  out.upn = kept(filter.upn, kUpn);
  out.job = kept(filter.job, kName);
  out.caller = kept(filter.caller, kUpn);
  return out;
}

}  // namespace portalkey
