#include "jobs/verdict/serial_match.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "seeds/input/key_fields.h"

namespace portalkey {
namespace {

constexpr std::size_t kNamed = 3;
constexpr std::size_t kShortest = 4;  // below it any two differ little

/// Without letter case, blanks, dashes and leading zeros.
std::string bare(std::string_view serial) {
  std::string out;
  for (const char c : serial) {
    if (is_blank(c) || c == '-' || (c == '0' && out.empty())) continue;
    out += to_lower(c);
  }
  return out;
}

/// 0: the same as typed by other hands; 1: nearly; 2: no.
int distance(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  if (std::min(a.size(), b.size()) < kShortest) return 2;
  return one_slip(a, b) || a.ends_with(b) || b.ends_with(a) ? 1 : 2;
}

}  // namespace

bool one_slip(std::string_view a, std::string_view b) {
  if (a.size() < b.size()) std::swap(a, b);
  if (a.size() - b.size() > 1) return false;
  const auto differ = static_cast<std::size_t>(std::ranges::mismatch(a, b).in2 - b.begin());
  if (a.size() > b.size()) return a.substr(differ + 1) == b.substr(differ);
  if (differ == a.size() || a.substr(differ + 1) == b.substr(differ + 1)) return true;
  return differ + 1 < a.size() && a[differ] == b[differ + 1] && a[differ + 1] == b[differ] &&
         a.substr(differ + 2) == b.substr(differ + 2);
}

SerialMatch match_serial(std::string_view asked, std::span<const std::string_view> there) {
  SerialMatch match;
  std::size_t alike = 0;
  for (const auto serial : there) {
    if (serial == asked) return {.serial = std::string(serial), .nearly = {}, .more = 0};
    if (!same_ignoring_case(serial, asked)) continue;
    match.serial = serial;
    ++alike;
  }
  if (alike == 1) return match;
  match.serial.clear();
  const std::string wanted = bare(asked);
  std::vector<std::pair<int, std::string_view>> found;
  for (const auto serial : there) {
    if (const int far = distance(wanted, bare(serial)); far < 2 && may_quote_serial(serial)) found.emplace_back(far, serial);
  }
  std::ranges::sort(found);
  const std::size_t named = std::min(found.size(), kNamed);
  for (std::size_t i = 0; i < named; ++i) match.nearly.emplace_back(found[i].second);
  match.more = found.size() - named;
  return match;
}

std::string nearly_text(const SerialMatch& match) {
  if (match.nearly.empty()) return {};
  std::string text;
  for (std::size_t i = 0; i < match.nearly.size(); ++i) {
    text += i == 0 ? "" : i + 1 == match.nearly.size() && match.more == 0 ? " and " : ", ";
    text += match.nearly[i];
  }
  if (match.more > 0) text += fmt::format(" and {} more", match.more);
  return fmt::format("; it has {}, which differ{} little", text, match.nearly.size() + match.more == 1 ? "s" : "");
}

}  // namespace portalkey
