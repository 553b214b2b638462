#include "oath/xml/line_ends.h"

#include <algorithm>

namespace portalkey {

std::int64_t count_line_ends(std::string_view text) {
  if (text.empty()) return 0;
  const auto is = [&](std::size_t i, char c) { return text[i] == c ? 1U : 0U; };
  std::int64_t lines = is(0, '\n') | is(0, '\r');
  for (std::size_t i = 1; i < text.size();) {  // in pieces whose count fits a byte, which makes it several bytes at a time
    const std::size_t end = std::min(text.size(), i + 255);
    std::uint8_t ends = 0;
    for (; i < end; ++i) ends = static_cast<std::uint8_t>(ends + (is(i, '\r') | (is(i, '\n') & ~is(i - 1, '\r'))));
    lines += ends;
  }
  return lines;
}

}  // namespace portalkey
