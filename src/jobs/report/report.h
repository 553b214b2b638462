#pragma once
// What became of a job's tokens, as a file for people or machines. No secrets are in it.

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/remedy.h"
#include "jobs/model/token_outcome.h"

namespace portalkey {

struct ReportSubject {
  std::string job, file, tenant, backend;
  WallTime made;
};

enum class ReportFormat { csv, json, html };

/// By the ending of the file's name; invalid_input for another, or if the file could not be written there.
Result<ReportFormat> report_format(const std::filesystem::path& path);

/// One row per token. What a spreadsheet would take for a formula gets an apostrophe in front (base/spreadsheet_text.h).
std::string report_csv(const std::vector<TokenOutcome>& outcomes);
std::string report_json(const ReportSubject& subject, const std::vector<TokenOutcome>& outcomes);
/// One page that loads nothing: counts, failures by what to do, when the tokens were done, every token.
std::string report_html(const ReportSubject& subject, const std::vector<TokenOutcome>& outcomes);

/// Atomic, mode 0600. `words` are for what went wrong with a token and what to do about it.
Result<void> write_report(const std::filesystem::path& path, const ReportSubject& subject, std::vector<TokenOutcome> outcomes,
                          const Words& words);

}  // namespace portalkey
