#include "base/spreadsheet_text.h"

#include <algorithm>

#include "base/utf8.h"
#include "base/visible_text.h"

namespace portalkey {
namespace {

bool is_sign(char32_t code) {
  constexpr std::u32string_view kSigns = U"=+-@\t\r\uFF1D\uFF0B\uFF0D\uFF20\u2212\uFE62\uFE63\uFE66\uFE6B";
  return kSigns.contains(code);
}

/// What is not there for a spreadsheet, or taken away by it.
bool is_passed_over(char32_t code) {
  constexpr std::u32string_view kBlanks = U" \"'\n\u00A0\u2007\u202F\u3000\u201C\u201D\u2018\u2019\uFF02\uFF07";
  return kBlanks.contains(code) || is_unseen(code) || is_control(code);
}

/// Calls `cell(text)` for what a `;` separates, and `between()` for each `;`.
template <class Cell, class Between>
void each_cell(std::string_view field, Cell cell, Between between) {
  for (;;) {
    const auto end = std::min(field.find(';'), field.size());
    cell(field.substr(0, end));
    if (end == field.size()) return;
    between();
    field.remove_prefix(end + 1);
  }
}

}  // namespace

std::size_t formula_start(std::string_view cell) {
  std::size_t at = 0, end = 0;
  while (at < cell.size()) {
    const auto [code, size] = utf8_character(cell.substr(at));
    if (size == 0) break;
    at += size;
    if (is_sign(code)) {
      end = at;
    } else if (!is_passed_over(code)) {
      break;
    } else if (end != 0) {
      end = at;
    }
  }
  return end;
}

bool has_formula(std::string_view field) {
  bool any = false;
  each_cell(field, [&](std::string_view cell) { any = any || formula_start(cell) != 0; }, [] {});
  return any;
}

std::string spreadsheet_text(std::string_view field) {
  std::string out;
  each_cell(
      field,
      [&](std::string_view cell) {
        if (formula_start(cell) != 0) out += '\'';
        out += cell;
      },
      [&] { out += ';'; });
  return out;
}

std::string without_formulas(std::string_view field) {
  std::string out;
  each_cell(field, [&](std::string_view cell) { out += cell.substr(formula_start(cell)); }, [&] { out += ';'; });
  return out;
}

}  // namespace portalkey
