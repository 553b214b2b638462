#include "base/spreadsheet_text.h"
#include "base/time_text.h"
#include "base/visible_text.h"
#include "jobs/report/report.h"

namespace portalkey {
namespace {

void append(std::string& out, std::string_view field, char after) {
  out += '"';
  for (const char c : spreadsheet_text(visible_text(field))) out.append(c == '"' ? 2 : 1, c);
  out += '"';
  out += after;
}

}  // namespace

std::string report_csv(const std::vector<TokenOutcome>& outcomes) {
  std::string out = "line,serial number,upn,state,time,reason,what to do\r\n";
  for (const auto& outcome : outcomes) {
    append(out, outcome.line == 0 ? "" : std::to_string(outcome.line), ',');
    append(out, outcome.serial, ',');
    append(out, outcome.upn, ',');
    append(out, name_of(outcome.state), ',');
    append(out, outcome.settled == WallTime{} ? "" : iso_time(outcome.settled), ',');
    append(out, outcome.reason, ',');
    append(out, outcome.remedy, '\r');
    out += '\n';
  }
  return out;
}

}  // namespace portalkey
