#include "service/audit/audit_rows.h"

#include <fmt/format.h>
#include <sodium.h>

#include "service/audit/audit_layout.h"
#include "service/audit/entry_form.h"

namespace portalkey {
namespace {

void bind_text(Query& query, const std::string& text) {
  if (text.empty()) {
    query.bind_null();
  } else {
    query.bind(text);
  }
}

Error no_beginning(const Sqlite& db) {
  return {Errc::corrupt, "the audit trail has lost its beginning", kAuditWords.damaged, {{"file", db.file().string()}}};
}

}  // namespace

std::string hex_of(std::string_view bytes) {
  std::string hex(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  hex.pop_back();
  return hex;
}

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes(hex.size() / 2, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int read = sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), hex.data(), hex.size(), nullptr,
                                  &size, &end);
  return read == 0 && end == hex.data() + hex.size() ? bytes : std::string();
}

AuditEntry entry_of(const Query& query) {
  AuditEntry entry;
  entry.number = query.number(0);
  entry.time = from_unix_milliseconds(query.number(1));
  auto& event = entry.event;
  int column = 2;
  for (auto* text : {&event.action, &event.caller_kind, &event.caller_id, &event.caller_name, &event.peer, &event.tenant,
                     &event.serial, &event.upn, &event.job, &event.outcome, &event.correlation, &event.detail})
    *text = query.text(column++);
  entry.hash = hex_of(query.text(column));
  return entry;
}

void bind_entry(Query& insert, const AuditEntry& entry) {
  insert.bind(entry.number).bind(unix_milliseconds(entry.time));
  const auto& event = entry.event;
  for (const auto* text : {&event.action, &event.caller_kind, &event.caller_id, &event.caller_name, &event.peer, &event.tenant,
                           &event.serial, &event.upn, &event.job, &event.outcome, &event.correlation, &event.detail})
    bind_text(insert, *text);
  insert.bind_blob(bytes_of_hex(entry.hash));
}

Result<std::string> trail_id(Sqlite& db) {
  Query query(db, "SELECT id FROM trail");
  auto there = query.step();
  if (!there) return pass(there);
  if (!*there) return std::unexpected(no_beginning(db));
  return std::string(query.text(0));
}

Result<ChainEnd> chain_end(Sqlite& db) {
  Query last(db, "SELECT number, time, hash FROM entry ORDER BY number DESC LIMIT 1");
  auto there = last.step();
  if (!there) return pass(there);
  if (*there) return ChainEnd{last.number(0), from_unix_milliseconds(last.number(1)), hex_of(last.text(2))};
  Query stub(db, "SELECT through, hash FROM pruned");
  there = stub.step();
  if (!there) return pass(there);
  if (*there) return ChainEnd{stub.number(0), {}, hex_of(stub.text(1))};
  Query trail(db, "SELECT id, made FROM trail");
  there = trail.step();
  if (!there) return pass(there);
  if (!*there) return std::unexpected(no_beginning(db));
  return ChainEnd{0, {}, sha256_hex(beginning_form(trail.text(0), from_unix_milliseconds(trail.number(1))))};
}

Result<std::optional<std::string>> hash_at(Sqlite& db, std::int64_t number) {
  Query query(db, "SELECT hash FROM entry WHERE number = ?");
  query.bind(number);
  auto there = query.step();
  if (!there) return pass(there);
  return *there ? std::optional(hex_of(query.text(0))) : std::nullopt;
}

Result<std::int64_t> pruned_through(Sqlite& db) {
  Query query(db, "SELECT through FROM pruned");
  auto there = query.step();
  if (!there) return pass(there);
  return *there ? query.number(0) : 0;
}

Result<std::vector<AuditEntry>> entries_from(Sqlite& db, std::int64_t from, std::size_t most) {
  Query query(db, fmt::format("SELECT {} FROM entry WHERE number >= ? ORDER BY number LIMIT ?", kEntryColumns));
  query.bind(from).bind(static_cast<std::int64_t>(most));
  std::vector<AuditEntry> entries;
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return entries;
    entries.push_back(entry_of(query));
  }
}

}  // namespace portalkey
