#include "seeds/input/date_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/ascii.h"

namespace portalkey {
namespace {

/// Whether `text` begins as `form` does, in which 0 stands for a digit.
bool is_like(std::string_view text, std::string_view form) {
  return text.size() >= form.size() && std::equal(form.begin(), form.end(), text.begin(),
                                                  [](char f, char c) { return f == '0' ? c >= '0' && c <= '9' : c == f; });
}

int number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

std::string date_of_text(std::string_view text) {
  text = trimmed(text);
  int year = 0, month = 0, day = 1;
  std::string_view rest;
  if (is_like(text, "0000-00-00") || is_like(text, "0000/00/00")) {
    year = number(text.substr(0, 4)), month = number(text.substr(5, 2)), day = number(text.substr(8, 2));
    rest = text.substr(10);
  } else if (is_like(text, "00.00.0000")) {
    day = number(text.substr(0, 2)), month = number(text.substr(3, 2)), year = number(text.substr(6, 4));
    rest = text.substr(10);
  } else if (text.size() == 7 && is_like(text, "0000-00")) {
    year = number(text.substr(0, 4)), month = number(text.substr(5, 2));
  } else {
    return {};
  }
  if (!rest.empty() && rest[0] != 'T' && rest[0] != ' ') return {};
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  return date.ok() && year >= 1990 ? fmt::format("{:04}-{:02}-{:02}", year, month, day) : std::string();
}

}  // namespace portalkey
