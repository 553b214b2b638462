#pragma once
// One line of the doctor's report. Checks are functions that return findings and know nothing of each other; the command
// (cli/doctor/doctor_command.cc) decides what depends on what.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace portalkey {

enum class Outcome { ok, warning, failure, not_checked };

/// As JSON spells it: `ok`, `warning`, `failure`, `notChecked`.
std::string_view name_of(Outcome outcome);

struct Finding {
  std::string check;  ///< stable name: `files`, `host login.microsoftonline.com`, `vault read` …
  Outcome outcome = Outcome::ok;
  std::string what;
  std::string remedy;                                          ///< empty if there is nothing to do
  std::vector<std::pair<std::string, std::string>> context{};  ///< an error's own
};

using Findings = std::vector<Finding>;

Finding failed(std::string check, const Error& error);
/// `reason`: what it depends on and why that failed.
Finding not_checked(std::string check, std::string_view reason);
/// The worst of them; ok if there are none. What was not checked counts as nothing.
Outcome worst(const Findings& findings);

}  // namespace portalkey
