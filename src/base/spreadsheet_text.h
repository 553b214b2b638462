#pragma once
// Fields of CSV files that people open in a spreadsheet, which runs what it takes for a formula (OWASP, "CSV Injection").

#include <cstddef>
#include <string>
#include <string_view>

namespace portalkey {

/// How many bytes at the beginning make a spreadsheet take `cell` for a formula: the sign (`= + - @`, tab or carriage return;
/// also in full width, which some make plain) with the blanks, quotes and unseen characters around it, and any more signs
/// behind. 0: none do. `cell` is UTF-8.
std::size_t formula_start(std::string_view cell);

/// Whether the field, or what follows a `;` in it, begins a formula. Where `;` separates columns, as in much of Europe, a
/// spreadsheet splits a line of commas there.
bool has_formula(std::string_view field);

/// The field as text: an apostrophe in front of each formula.
std::string spreadsheet_text(std::string_view field);

/// The field without what begins a formula, for a file where an apostrophe would be part of the value.
std::string without_formulas(std::string_view field);

}  // namespace portalkey
