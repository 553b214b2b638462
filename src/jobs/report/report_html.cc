#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/counted.h"
#include "base/time_text.h"
#include "base/visible_text.h"
#include "jobs/report/report.h"

namespace portalkey {
namespace {

constexpr const char* kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>portalkey: hardware OATH tokens</title>
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1b1b}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}
.good{color:#0b6a0b}.bad{color:#a4262c}svg{width:100%;height:auto;border:1px solid #ddd}</style></head><body>
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : visible_text(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

/// How many tokens were done at each moment: a rising line from the first to the last.
std::string timeline(const std::vector<TokenOutcome>& outcomes) {
  std::vector<WallTime> times;
  for (const auto& outcome : outcomes) {
    if (outcome.good() && outcome.settled != WallTime{}) times.push_back(outcome.settled);
  }
  if (times.empty()) return {};
  std::ranges::sort(times);
  constexpr int kWidth = 900, kHeight = 160;
  const auto whole = std::max<double>(std::chrono::duration<double>(times.back() - times.front()).count(), 1);
  std::string points = fmt::format("0,{}", kHeight);
  const std::size_t stride = times.size() / 2000 + 1;
  for (std::size_t i = 0; i < times.size();
       i += i + stride < times.size() ? stride : std::max<std::size_t>(times.size() - 1 - i, 1)) {
    const double x = std::chrono::duration<double>(times[i] - times.front()).count() / whole * kWidth;
    points +=
        fmt::format(" {:.1f},{:.1f}", x, kHeight - static_cast<double>(i + 1) / static_cast<double>(times.size()) * kHeight);
  }
  return fmt::format(
      "<h2>When</h2>\n<svg viewBox=\"-4 -4 {} {}\" role=\"img\" aria-label=\"tokens done over time\">"
      "<polyline fill=\"none\" stroke=\"#0b6a0b\" stroke-width=\"2\" points=\"{}\"/></svg>\n<p>{} to {}: {}</p>\n",
      kWidth + 8, kHeight + 8, points, iso_time(times.front()), iso_time(times.back()), counted(times.size(), "token"));
}

std::string failures(const std::vector<TokenOutcome>& outcomes) {
  std::map<std::pair<std::string, std::string>, std::vector<const TokenOutcome*>> causes;
  for (const auto& outcome : outcomes) {
    if (!outcome.good()) causes[{outcome.reason, outcome.remedy}].push_back(&outcome);
  }
  if (causes.empty()) return {};
  std::string out = "<h2>What to do</h2>\n<table><tr><th>tokens</th><th>reason</th><th>what to do</th><th>which</th></tr>\n";
  for (const auto& [cause, tokens] : causes) {
    std::string which;
    for (const auto* token : tokens)
      which +=
          (which.empty() ? "" : ", ") + escaped(token->serial.empty() ? fmt::format("line {}", token->line) : token->serial);
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", tokens.size(), escaped(cause.first),
                       escaped(cause.second), which);
  }
  return out + "</table>\n";
}

}  // namespace

std::string report_html(const ReportSubject& subject, const std::vector<TokenOutcome>& outcomes) {
  std::map<TokenOutcome::State, std::size_t> counts;
  for (const auto& outcome : outcomes) ++counts[outcome.state];
  std::string out = kHead;
  out += fmt::format("<h1>{}</h1>\n<p>{}, tenant {}, backend {}, job {}; {}</p>\n<ul>\n", counted(outcomes.size(), "token"),
                     escaped(subject.file), escaped(subject.tenant), escaped(subject.backend), escaped(subject.job),
                     iso_time(subject.made));
  for (const auto& [state, count] : counts) out += fmt::format("<li>{} {}</li>\n", count, name_of(state));
  out += "</ul>\n" + failures(outcomes) + timeline(outcomes);
  out += "<h2>Tokens</h2>\n<table><tr><th>line</th><th>serial number</th><th>UPN</th><th>state</th><th>reason</th></tr>\n";
  for (const auto& outcome : outcomes) {
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"{}\">{}</td><td>{}</td></tr>\n",
                       outcome.line == 0 ? "" : std::to_string(outcome.line), escaped(outcome.serial), escaped(outcome.upn),
                       outcome.good() ? "good" : "bad", name_of(outcome.state), escaped(outcome.reason));
  }
  return out + "</table>\n</body></html>\n";
}

}  // namespace portalkey
