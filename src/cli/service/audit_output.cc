#include "cli/service/audit_output.h"

#include <fmt/format.h>

#include "base/counted.h"
#include "base/json_text.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/rows.h"
#include "service/audit/entry_form.h"

namespace portalkey {
namespace {

namespace json = boost::json;

json::value number_or_null(std::int64_t number) { return number == 0 ? json::value(nullptr) : json::value(number); }

std::string entries_text(std::int64_t count) { return fmt::format("{} {}", count, count == 1 ? "entry" : "entries"); }

json::object json_of(const Checkpoint& checkpoint) {
  return {{"seq", checkpoint.seq}, {"head", checkpoint.head}, {"time", audit_time(checkpoint.time)}, {"key", checkpoint.key}};
}

void print_json_of(const Verification& of, const std::string& public_key) {
  json::array findings;
  for (const auto& finding : of.findings)
    findings.push_back({{"number", finding.number}, {"kind", name_of(finding.kind)}, {"what", finding.what}});
  json::object out{{"sound", of.sound()},
                   {"trail", of.trail},
                   {"entries", of.entries},
                   {"first", number_or_null(of.first)},
                   {"last", number_or_null(of.last)},
                   {"head", of.head},
                   {"prunedThrough", number_or_null(of.pruned_through)},
                   {"beginningKnown", of.beginning_known},
                   {"leftOutAfter", number_or_null(of.left_out_after)},
                   {"clockSetBack", of.set_back},
                   {"checkpoints", of.outside},
                   {"checkpointsOfPruned", of.older},
                   {"checkpointsOfLater", of.newer},
                   {"checkpointsOfOthers", of.of_others},
                   {"attested", of.attested ? json::value(json_of(*of.attested)) : json::value(nullptr)},
                   {"publicKey", public_key},
                   {"findings", std::move(findings)}};
  print_json(json_text(out));
}

std::string attested_text(const Verification& of) {
  if (of.outside == 0)
    return "Nothing from outside attests it: a cut end or a trail written anew would not be seen. Give checkpoints "
           "(--checkpoints).\n";
  auto out = fmt::format("{} from outside compared", counted(of.outside, "checkpoint"));
  if (of.attested)
    out += fmt::format(", the last attests entry {} at {}; {} after it", of.attested->seq, audit_time(of.attested->time),
                       entries_text(std::max<std::int64_t>(of.last - of.attested->seq, 0)));
  if (of.older > 0) out += fmt::format("; {} about entries before it", of.older);
  if (of.newer > 0) out += fmt::format("; {} about entries that were left out behind it", of.newer);
  return out + "\n";
}

}  // namespace

void print_verification(const Verification& of, const std::string& public_key, OutputFormat format) {
  if (format == OutputFormat::json) return print_json_of(of, public_key);
  print(fmt::format("trail       {}\n", harmless(of.trail)));
  print(fmt::format("entries     {}", of.entries));
  if (of.entries > 0) print(fmt::format(", {} to {}", of.first, of.last));
  if (of.pruned_through > 0) print(fmt::format("; up to {} they were pruned", of.pruned_through));
  print(fmt::format("\nhead        {}\n", of.head));
  if (!public_key.empty()) print(fmt::format("public key  {}\n", public_key));
  if (of.set_back > 0) print(fmt::format("The clock had been set back {}.\n", counted(of.set_back, "time")));
  if (!of.beginning_known) print("What was before the first entry is not known: this is an export as CSV, or of a part.\n");
  if (of.left_out_after > 0) print(fmt::format("What came after entry {} was left out of the export.\n", of.left_out_after));
  if (of.of_others > 0) print(fmt::format("{} of other trails passed over\n", counted(of.of_others, "checkpoint")));
  print(attested_text(of));
  for (const auto& finding : of.findings) {
    print(fmt::format("{}: {}: {}\n", finding.number == 0 ? "the trail" : fmt::format("entry {}", finding.number),
                      name_of(finding.kind), harmless(finding.what)));
  }
  print(of.sound() ? "The trail is as it was written.\n" : "The trail is NOT as it was written.\n");
}

void print_entries(const AuditPage& page, OutputFormat format) {
  if (format == OutputFormat::json) {
    json::array entries;
    for (const auto& [number, time, event, hash] : page.entries) {
      entries.push_back({{"number", number},
                         {"time", audit_time(time)},
                         {"action", event.action},
                         {"outcome", event.outcome},
                         {"callerKind", event.caller_kind},
                         {"callerId", event.caller_id},
                         {"callerName", event.caller_name},
                         {"peer", event.peer},
                         {"tenant", event.tenant},
                         {"serialNumber", event.serial},
                         {"upn", event.upn},
                         {"job", event.job},
                         {"correlationId", event.correlation},
                         {"detail", event.detail},
                         {"hash", hash}});
    }
    return print_json(json_text(json::object{{"entries", std::move(entries)}, {"next", number_or_null(page.next)}}));
  }
  Rows rows({"number", "time", "action", "outcome", "caller", "tenant", "serial number", "upn", "job", "detail"});
  for (const auto& [number, time, event, hash] : page.entries) {
    rows.add({Cell::number(number), audit_time(time), event.action, event.outcome,
              event.caller_name.empty() ? event.caller_id : event.caller_name, event.tenant, event.serial, event.upn, event.job,
              event.detail});
  }
  print(rows.text(format));
  if (page.next != 0) say(fmt::format("There are older ones: --before {}\n", page.next));
}

void print_pruned(const PrunedTrail& pruned, bool dry_run, OutputFormat format) {
  if (format == OutputFormat::json) {
    return print_json(
        json_text(json::object{{"entries", pruned.entries}, {"through", number_or_null(pruned.through)}, {"dryRun", dry_run}}));
  }
  if (pruned.entries == 0) return print("No entry is as old as that.\n");
  print(
      fmt::format("{} {}removed, up to number {}\n", entries_text(pruned.entries), dry_run ? "would be " : "", pruned.through));
}

}  // namespace portalkey
