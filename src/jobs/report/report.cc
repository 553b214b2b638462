#include "jobs/report/report.h"

#include <unistd.h>

#include "base/ascii.h"
#include "base/files.h"

namespace portalkey {

Result<ReportFormat> report_format(const std::filesystem::path& path) {
  const auto refuse = [&](std::string what, std::string remedy) {
    return std::unexpected(Error{Errc::invalid_input, std::move(what), std::move(remedy), {{"file", path.string()}}});
  };
  std::error_code ignored;
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (std::filesystem::is_directory(path, ignored) || ::access(folder.c_str(), W_OK) != 0)
    return refuse("the report cannot be written there", "Name a file in a folder that exists and that you may write to.");
  if (auto fine = check_writable(path); !fine) return pass(fine);
  const std::string ending = lower(path.extension().string());
  if (ending == ".csv") return ReportFormat::csv;
  if (ending == ".json") return ReportFormat::json;
  if (ending == ".html") return ReportFormat::html;
  return refuse("a report's name ends with .csv, .json or .html", "Choose one of these.");
}

Result<void> write_report(const std::filesystem::path& path, const ReportSubject& subject, std::vector<TokenOutcome> outcomes,
                          const Words& words) {
  const auto format = report_format(path);
  if (!format) return std::unexpected(format.error());
  for (auto& outcome : outcomes) {
    outcome.reason = words(outcome.reason);
    outcome.remedy = words(outcome.remedy);
  }
  switch (*format) {
    case ReportFormat::csv: return write_file_atomically(path, report_csv(outcomes));
    case ReportFormat::json: return write_file_atomically(path, report_json(subject, outcomes));
    case ReportFormat::html: return write_file_atomically(path, report_html(subject, outcomes));
  }
  return {};
}

}  // namespace portalkey
