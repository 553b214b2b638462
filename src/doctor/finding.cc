#include "doctor/finding.h"

#include <algorithm>

namespace portalkey {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::warning: return "warning";
    case Outcome::failure: return "failure";
    case Outcome::not_checked: return "notChecked";
  }
  return "";
}

Finding failed(std::string check, const Error& error) {
  return {std::move(check), Outcome::failure, error.what, error.remedy, error.context};
}

Finding not_checked(std::string check, std::string_view reason) {
  return {std::move(check), Outcome::not_checked, "not checked because " + std::string(reason), ""};
}

Outcome worst(const Findings& findings) {
  Outcome found = Outcome::ok;
  for (const auto& finding : findings) {
    if (finding.outcome != Outcome::not_checked) found = std::max(found, finding.outcome);
  }
  return found;
}

}  // namespace portalkey
