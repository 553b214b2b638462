#pragma once
// What Entra allows in the fields of a token, besides the secret key. Each check takes a trimmed field and answers with what
// is wrong, if anything is. A UPN is never quoted in full: with two columns mixed up it may be somebody's secret key.

#include <optional>
#include <string>
#include <string_view>

#include "seeds/input/secret_key.h"

namespace portalkey {

std::optional<FieldProblem> problem_of_upn(std::string_view upn);
std::optional<FieldProblem> problem_of_serial(std::string_view serial);
std::optional<FieldProblem> problem_of_interval(std::string_view interval);
/// Manufacturer and model: any text.
std::optional<FieldProblem> problem_of_text(std::string_view text);

/// `1.23457E+11`, in any locale: what is left of a long number in a spreadsheet cell.
bool is_rounded_number(std::string_view text);

/// `="0012345"` and `'0012345` are how people keep a spreadsheet from dropping zeros; the serial is what is inside.
std::string_view unwrapped_serial(std::string_view serial);

}  // namespace portalkey
