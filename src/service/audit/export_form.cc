#include "service/audit/export_form.h"

#include <boost/json.hpp>
#include <charconv>
#include <vector>

#include "base/spreadsheet_text.h"
#include "service/audit/canonical_object.h"
#include "service/audit/entry_form.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr std::size_t kColumns = 17;

void append_field(std::string& out, std::string_view field) {
  if (!out.empty()) out += ',';
  out += '"';
  for (const char c : spreadsheet_text(field)) out.append(c == '"' ? 2 : 1, c);
  out += '"';
}

/// The text of which spreadsheet_text() made the field: an apostrophe in front of each formula is taken away.
std::string without_apostrophes(std::string_view field) {
  std::string out;
  for (;;) {
    const auto end = std::min(field.find(';'), field.size());
    auto cell = field.substr(0, end);
    if (cell.starts_with('\'') && formula_start(cell.substr(1)) != 0) cell.remove_prefix(1);
    out += cell;
    if (end == field.size()) return out;
    out += ';';
    field.remove_prefix(end + 1);
  }
}

/// Fields that are all quoted; fewer if it is something else.
std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields;
  while (line.starts_with('"')) {
    std::string field;
    std::size_t at = 1;
    for (; at < line.size(); ++at) {
      if (line[at] != '"') {
        field += line[at];
      } else if (at + 1 < line.size() && line[at + 1] == '"') {
        field += line[at++];
      } else {
        break;
      }
    }
    fields.push_back(without_apostrophes(field));
    line.remove_prefix(std::min(at + 1, line.size()));
    if (line.empty()) return fields;
    if (!line.starts_with(',')) return {};
    line.remove_prefix(1);
  }
  return {};
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::optional<json::object> object_of(std::string_view line) {
  boost::system::error_code failed;
  auto value = json::parse(line, failed);
  return !failed && value.is_object() ? std::optional(std::move(value.as_object())) : std::nullopt;
}

}  // namespace

std::string csv_line(const AuditEntry& entry, std::string_view previous, std::string_view trail) {
  const auto& event = entry.event;
  std::string out;
  append_field(out, std::to_string(entry.number));
  append_field(out, audit_time(entry.time));
  for (const auto* text : {&event.action, &event.outcome, &event.caller_kind, &event.caller_id, &event.caller_name, &event.peer,
                           &event.tenant, &event.serial, &event.upn, &event.job, &event.correlation, &event.detail})
    append_field(out, *text);
  for (const auto text : {previous, std::string_view(entry.hash), trail}) append_field(out, text);
  return out;
}

std::optional<ExportedEntry> entry_of_csv(std::string_view line) {
  auto fields = fields_of(line);
  if (fields.size() != kColumns) return std::nullopt;
  ExportedEntry out;
  const auto number = whole_number(fields[0]);
  const auto time = parse_audit_time(fields[1]);
  if (!number || !time) return std::nullopt;
  out.entry.number = *number;
  out.entry.time = *time;
  auto& event = out.entry.event;
  std::size_t column = 2;
  for (auto* text :
       {&event.action, &event.outcome, &event.caller_kind, &event.caller_id, &event.caller_name, &event.peer, &event.tenant,
        &event.serial, &event.upn, &event.job, &event.correlation, &event.detail, &out.previous, &out.entry.hash, &out.trail})
    *text = std::move(fields[column++]);
  return csv_line(out.entry, out.previous, out.trail) == line ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<ExportedEntry> entry_of_json(std::string_view line) {
  const auto object = object_of(line);
  if (!object) return std::nullopt;
  const auto* number = object->if_contains("number");
  const auto time = parse_audit_time(text_of(*object, "time"));
  if (number == nullptr || !number->is_int64() || !time) return std::nullopt;
  ExportedEntry out;
  out.entry.number = number->as_int64();
  out.entry.time = *time;
  auto& event = out.entry.event;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"action", &event.action},           {"caller_id", &event.caller_id},
      {"caller_kind", &event.caller_kind}, {"caller_name", &event.caller_name},
      {"correlation", &event.correlation}, {"detail", &event.detail},
      {"hash", &out.entry.hash},           {"job", &event.job},
      {"outcome", &event.outcome},         {"peer", &event.peer},
      {"previous", &out.previous},         {"serial", &event.serial},
      {"tenant", &event.tenant},           {"upn", &event.upn}};
  for (const auto& [name, text] : texts) *text = text_of(*object, name);
  return entry_line(out.entry, out.previous) == line ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<ExportedBeginning> beginning_of_json(std::string_view line) {
  const auto object = object_of(line);
  if (!object) return std::nullopt;
  const auto made = parse_audit_time(text_of(*object, "made"));
  ExportedBeginning out{text_of(*object, "trail"), made.value_or(WallTime{})};
  return made && beginning_form(out.trail, out.made) == line ? std::optional(std::move(out)) : std::nullopt;
}

std::string part_line(const ExportedPart& part) {
  std::string out;
  CanonicalObject object(out);
  object.number("exported_from", part.from);
  if (part.through > 0) object.number("exported_through", part.through);
  object.text("head", part.before);
  object.end();
  return out;
}

std::optional<ExportedPart> part_of_json(std::string_view line) {
  const auto object = object_of(line);
  if (!object) return std::nullopt;
  const auto number = [&](std::string_view name) {
    const auto* value = object->if_contains(name);
    return value != nullptr && value->is_int64() ? value->as_int64() : 0;
  };
  ExportedPart out{number("exported_from"), text_of(*object, "head"), number("exported_through")};
  return out.from > 0 && part_line(out) == line ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace portalkey
