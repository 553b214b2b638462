#include "seeds/input/entra_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "seeds/input/plain_fields.h"
#include "seeds/input/said.h"
#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestSerial = 256;

// "Prepare a nonroutable domain …" and "UserPrincipalName policies", Microsoft Learn.
constexpr auto kInUpn = [] {
  std::array<bool, 256> in{};
  for (unsigned c = 'a'; c <= 'z'; ++c) in[c] = in[c - 32] = true;
  for (unsigned c = '0'; c <= '9'; ++c) in[c] = true;
  for (const char c : {'\'', '.', '-', '_', '!', '#', '^', '~', '@'}) in[static_cast<unsigned char>(c)] = true;
  return in;
}();

constexpr std::size_t kLongestUpn = 113;

constexpr std::string_view kExpectedUpn = "one @, a domain, and of other characters A-Z a-z 0-9 ' . - _ ! # ^ ~";

// What makes a second look at a serial number necessary.
constexpr unsigned char kExponent = 1, kHash = 2, kUnusual = 4, kMark = 8, kAt = 16;
constexpr auto kInSerial = [] {
  std::array<unsigned char, 256> in{};
  for (unsigned c = 0; c < in.size(); ++c) in[c] = c < ' ' || c >= 0x7f ? kUnusual : 0;
  in['E'] = in['e'] = kExponent;
  in['#'] = kHash;
  in['@'] = kAt;
  in['.'] = in[','] = in['/'] = in['-'] = kMark;
  return in;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

/// Ends of cells saved in a Western code page are the usual reason.
FieldProblem not_utf8(std::string_view text, std::size_t at) {
  return {fmt::format("{} at position {} is not UTF-8", name_character(text, at), at + 1),
          "Save the file as \"CSV UTF-8 (comma delimited)\"; it seems to be in another code page such as Windows-1252."};
}

constexpr std::string_view kExpectedSerial = "the text on the token's back, with its leading zeros";

/// U+2018 to U+201F.
bool is_smart_quote(std::string_view text) {
  return text.starts_with("\xE2\x80") && text.size() > 2 && static_cast<unsigned char>(text[2]) >= 0x98 &&
         static_cast<unsigned char>(text[2]) <= 0x9F;
}

/// U+FF01 to U+FF5E.
bool is_full_width(std::string_view text) {
  const auto three = text.substr(0, 3);
  return three >= "\xEF\xBC\x81" && three <= "\xEF\xBD\x9E";
}

/// `123456.0`, `123456,00`.
bool is_decimal(std::string_view text) {
  const auto point = text.find_first_of(".,");
  return point != std::string_view::npos && all_digits(text.substr(0, point)) && point + 1 < text.size() &&
         text.find_first_not_of('0', point + 1) == std::string_view::npos;
}

/// `01.02.2026`, `1/2/2026`, `2026-02-01`, `Jan-26`, `01-Feb-2026`: what spreadsheets write of what they take for a date.
bool is_date(std::string_view text) {
  constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
  const auto is_month = [&](std::string_view part) {
    return std::ranges::any_of(kMonths, [&](std::string_view month) { return same_ignoring_case(part, month); });
  };
  const auto first = text.find_first_of("./-");
  if (first == std::string_view::npos || text.size() > 11) return false;
  const char mark = text[first];
  const auto second = text.find(mark, first + 1);
  const auto a = text.substr(0, first);
  if (second == std::string_view::npos) {
    const auto b = text.substr(first + 1);
    return mark == '-' && ((is_month(a) && all_digits(b)) || (all_digits(a) && is_month(b)));
  }
  const auto b = text.substr(first + 1, second - first - 1), c = text.substr(second + 1);
  if (!all_digits(a) || !all_digits(c)) return false;
  if (is_month(b)) return mark == '-';
  const bool year_last = a.size() <= 2 && (c.size() == 4 || c.size() == 2), year_first = a.size() == 4 && c.size() == 2;
  const auto number = [](std::string_view digits) {
    return digits.size() > 2 ? 99 : (digits.size() == 2 ? (digits[0] - '0') * 10 : 0) + digits.back() - '0';
  };
  if (!all_digits(b) || (!year_last && !year_first)) return false;
  const int day = year_last ? number(a) : number(c), month = number(b);
  return day >= 1 && month >= 1 && day <= 31 && month <= 31 && (day <= 12 || month <= 12);
}

FieldProblem what_is_wrong_with_interval(std::string_view interval) {
  constexpr std::string_view kRemedy =
      "Write 30 or 60, as the token's data sheet says; the wrong one gives codes that never match.";
  if (interval.empty())
    return FieldProblem{"there is no time interval, and it is not assumed",
                        fmt::format("{} Or say [[setting|time-interval]].", kRemedy)};
  if (all_digits(interval) && interval.size() <= 6) {
    return FieldProblem{fmt::format("the time interval is {} seconds, and Entra takes 30 or 60", interval),
                        std::string(kRemedy)};
  }
  const auto shown = interval.size() <= 6 && first_invalid_utf8(interval) == std::string_view::npos &&
                             std::ranges::all_of(interval, [](char c) { return c >= ' ' && c < 0x7f; })
                         ? fmt::format("`{}`", interval)
                         : std::string("the time interval");
  return FieldProblem{fmt::format("{} is not a whole number of seconds", shown), std::string(kRemedy)};
}

FieldProblem control_character(std::string_view text) {
  FieldProblem problem{fmt::format("it holds {}", what_control_character(text)),
                       "Remove it: a terminal would obey it, and nobody sees it."};
  if (text.find('\0') != std::string_view::npos) {
    problem.cause = "the file is damaged, or its text was converted wrongly";
  } else if (text.find_first_of("\r\n") != std::string_view::npos) {
    problem.remedy = "Write the value on one line.";
    problem.cause = "a cell with several lines, or a quote that closes on a later line than its value";
  }
  return problem;
}

bool is_domain(std::string_view text) {
  char before = '.';
  for (const char c : text) {
    const bool inside = is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
    if (!inside && c != '-' && c != '.') return false;
    if ((c == '.' && (before == '.' || before == '-')) || (c == '-' && before == '.')) return false;
    before = c;
  }
  return before != '.' && before != '-';
}

/// 01234567-89ab-cdef-0123-456789abcdef.
bool is_guid(std::string_view text) {
  constexpr std::size_t kSize = 36;
  if (text.size() == kSize + 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, kSize);
  if (text.size() != kSize) return false;
  for (std::size_t i = 0; i < kSize; ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = is_digit(text[i]) || (to_lower(text[i]) >= 'a' && to_lower(text[i]) <= 'f');
    if (hyphen ? text[i] != '-' : !hex) return false;
  }
  return true;
}

}  // namespace

bool is_rounded_number(std::string_view text) {
  const auto e = text.find_first_of("Ee");
  if (e == std::string_view::npos || e + 2 >= text.size() || (text[e + 1] != '+' && text[e + 1] != '-')) return false;
  auto mantissa = text.substr(0, e);
  if (mantissa.size() > 1 && (mantissa[1] == '.' || mantissa[1] == ',')) {
    return is_digit(mantissa[0]) && all_digits(mantissa.substr(2)) && all_digits(text.substr(e + 2));
  }
  return all_digits(mantissa) && all_digits(text.substr(e + 2));
}

std::optional<FieldProblem> problem_of_upn(std::string_view upn) {
  constexpr std::string_view kRemedy =
      "Write the user principal name as the Entra admin center shows it, e.g. name@contoso.com.";
  if (is_plain_upn(upn)) return std::nullopt;
  if (is_guid(upn)) {
    return FieldProblem{"this is the object id of a user (a GUID), and user principal names are read here only",
                        std::string(kRemedy), std::string(kExpectedUpn),
                        "an export with the column id instead of userPrincipalName"};
  }
  bool legal = true, only_high = true;
  std::size_t ats = 0;
  for (const char c : upn) {
    const auto byte = static_cast<unsigned char>(c);
    legal &= kInUpn[byte];
    only_high &= kInUpn[byte] || byte >= 0x80;
    ats += c == '@' ? 1 : 0;
  }
  if (!legal) {
    const auto at = static_cast<std::size_t>(
        std::ranges::find_if(upn, [](char c) { return !kInUpn[static_cast<unsigned char>(c)]; }) - upn.begin());
    if (const auto bad = first_invalid_utf8(upn); bad == at) return not_utf8(upn, at);
    if (has_control_character(upn)) return control_character(upn);
    // The user is somebody all the same, and who must be found out; a blank or a plus may have come from another column.
    const bool somebody = static_cast<unsigned char>(upn[at]) >= 0x80 && only_high && ats == 1;
    if (is_smart_quote(upn.substr(at))) {
      return FieldProblem{fmt::format("{} at position {} is a typographic quotation mark: no user of Entra can have this name",
                                      name_character(upn, at), at + 1),
                          "Write the plain apostrophe (') if the name has one, or remove the mark.", std::string(kExpectedUpn),
                          "the text has been through a word processor or a mail program", somebody};
    }
    if (odd_space(upn.substr(at)) != 0) {
      return FieldProblem{fmt::format("{} at position {} is a character that nobody sees: no user of Entra can have this name",
                                      name_character(upn, at), at + 1),
                          "Type the name anew.", std::string(kExpectedUpn), "the text was copied from a web page or a PDF",
                          somebody};
    }
    FieldProblem problem{fmt::format("{} at position {} cannot be in a user principal name: no user of Entra can have this one",
                                     name_character(upn, at), at + 1),
                         std::string(kRemedy), std::string(kExpectedUpn)};
    if (static_cast<unsigned char>(upn[at]) >= 0x80) {
      problem.cause = "a display name instead of the user principal name, or a mark that a word processor has put in";
      problem.warning = somebody;
    }
    return problem;
  }
  if (ats == 0) {
    return FieldProblem{"there is no @: this is not a user principal name", std::string(kRemedy), std::string(kExpectedUpn),
                        "a short logon name, or a value of another column"};
  }
  if (ats > 1) {
    return FieldProblem{fmt::format("there are {} @: a user principal name has one", ats), std::string(kRemedy),
                        std::string(kExpectedUpn)};
  }
  const auto at = upn.find('@');
  if (at == 0) return FieldProblem{"there is nothing before the @", std::string(kRemedy)};
  const auto domain = upn.substr(at + 1);
  const auto dot = domain.find('.');
  if (dot == std::string_view::npos || dot == 0 || domain.ends_with('.')) {
    return FieldProblem{"what follows the @ is no domain with a dot in it", std::string(kRemedy)};
  }
  if (!is_domain(domain)) {
    return FieldProblem{"what follows the @ is no name of a domain", std::string(kRemedy),
                        "letters, digits and hyphens between single dots"};
  }
  if (upn[at - 1] == '.') {
    return FieldProblem{"a dot stands before the @, where no user principal name has one", std::string(kRemedy)};
  }
  if (upn.size() > kLongestUpn) {
    return FieldProblem{
        fmt::format("{} characters are too many: a user principal name has at most {}", upn.size(), kLongestUpn),
        std::string(kRemedy)};
  }
  return std::nullopt;
}

std::optional<FieldProblem> problem_of_serial(std::string_view serial) {
  constexpr std::string_view kSpreadsheetErrors[] = {"#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"};
  if (std::ranges::find(kSpreadsheetErrors, serial) != std::end(kSpreadsheetErrors)) {
    return FieldProblem{fmt::format("{} is an error value of a spreadsheet: the serial number is lost", serial),
                        "Take it from the vendor's file, or from the token's back."};
  }
  if (serial.empty() || stands_for_nothing(serial))
    return FieldProblem{"there is no serial number", "Fill it in: it is printed on the back of the token.",
                        std::string(kExpectedSerial)};
  if (serial.size() > kLongestSerial) {
    return FieldProblem{fmt::format("{} characters are too many for a serial number", serial.size()),
                        "Check that the columns are in place."};
  }
  unsigned seen = 0;
  for (const char c : serial) seen |= kInSerial[static_cast<unsigned char>(c)];
  if (seen == 0) return std::nullopt;
  if ((seen & kExponent) != 0 && is_rounded_number(serial)) {
    return FieldProblem{
        fmt::format("{} is a number that a spreadsheet has rounded: the serial number's last digits are lost", serial),
        "Take it from the vendor's file, or from the token's back, and open CSV files with the column as text.",
        std::string(kExpectedSerial), "the file was opened and saved in a spreadsheet"};
  }
  if ((seen & kMark) != 0 && is_decimal(serial)) {
    return FieldProblem{fmt::format("{} is a number with decimals, and no serial number", serial),
                        "Take it from the vendor's file, or from the token's back: zeros in front may be lost too.",
                        std::string(kExpectedSerial), "a spreadsheet or a data frame has taken the column for numbers"};
  }
  if ((seen & kMark) != 0 && is_date(serial)) {
    return FieldProblem{fmt::format("{} is a date, and no serial number", serial),
                        "Take it from the vendor's file, or from the token's back.", std::string(kExpectedSerial),
                        "a spreadsheet has taken a serial number such as 1-26 for a date"};
  }
  if ((seen & kAt) != 0 && !problem_of_upn(serial)) {
    return FieldProblem{"it is a user principal name, and no serial number", "Check that the columns are in place.",
                        std::string(kExpectedSerial), "two columns have changed places"};
  }
  if (serial.front() == '#' && serial.find_first_not_of('#') == std::string_view::npos) {
    return FieldProblem{"a spreadsheet has written # signs because its column was too narrow: the serial number is lost",
                        "Take it from the vendor's file, or from the token's back."};
  }
  if ((seen & kUnusual) != 0) {
    if (const auto at = first_invalid_utf8(serial); at != std::string_view::npos) return not_utf8(serial, at);
    if (has_control_character(serial)) return control_character(serial);
    for (std::size_t i = 0; i < serial.size(); ++i) {
      if (const auto quote = serial.substr(i, 3); is_smart_quote(quote)) {
        return FieldProblem{fmt::format("{} at position {} is a typographic quotation mark", name_character(serial, i), i + 1),
                            "Remove it, and put values in plain quotes (\") if at all.", std::string(kExpectedSerial),
                            "the text has been through a word processor or a mail program"};
      }
      if (is_full_width(serial.substr(i))) {
        return FieldProblem{fmt::format("{} at position {} is a full-width character, which no token has on its back",
                                        name_character(serial, i), i + 1),
                            "Type the serial number anew, in plain letters and digits.", std::string(kExpectedSerial),
                            "the text was typed with an East Asian keyboard"};
      }
      if (const auto c = static_cast<unsigned char>(serial[i]); c < 0x20 || c == 0x7f) {
        return FieldProblem{fmt::format("{} at position {} cannot be in a serial number", name_character(serial, i), i + 1),
                            "Copy it again from the vendor's file."};
      }
    }
  }
  return std::nullopt;
}

std::optional<FieldProblem> problem_of_interval(std::string_view interval) {
  if (interval == "30" || interval == "60") return std::nullopt;
  FieldProblem problem = what_is_wrong_with_interval(interval);
  problem.expected = "30 or 60";
  return problem;
}

std::optional<FieldProblem> problem_of_text(std::string_view text) {
  unsigned char high = 0;
  for (const char c : text) high |= static_cast<unsigned char>(c);
  if (high < 0x80) return has_control_character(text) ? std::optional(control_character(text)) : std::nullopt;
  const auto at = first_invalid_utf8(text);
  if (at != std::string_view::npos) return not_utf8(text, at);
  return has_control_character(text) ? std::optional(control_character(text)) : std::nullopt;
}

std::string_view unwrapped_serial(std::string_view serial) {
  if (serial.starts_with("=\"") && serial.ends_with('"') && serial.size() >= 3) return serial.substr(2, serial.size() - 3);
  if (serial.starts_with('\'')) return serial.substr(1);
  return serial;
}

}  // namespace portalkey
