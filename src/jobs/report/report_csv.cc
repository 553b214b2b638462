#include "base/time_text.h"
#include "jobs/report/report.h"

namespace portalkey {
namespace {

void append(std::string& out, std::string_view field, char after) {
  constexpr std::string_view kFormula = "=+-@\t\r";
  out += '"';
  if (!field.empty() && kFormula.contains(field.front())) out += '\'';
  for (const char c : field) out.append(c == '"' ? 2 : 1, c);
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
