#include "base/remedy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace portalkey {
namespace {

constexpr std::string_view kBegin = "[[", kEnd = "]]";

bool is_code(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

/// What as_parameter had.
std::string bare(std::string_view parameter) {
  std::string out;
  for (std::size_t i = 0; i < parameter.size(); ++i) {
    unsigned char byte = 0;
    const bool escaped = parameter[i] == '%' && i + 2 < parameter.size() &&
                         std::from_chars(parameter.data() + i + 1, parameter.data() + i + 3, byte, 16).ec == std::errc();
    out += escaped ? static_cast<char>(byte) : parameter[i];
    if (escaped) i += 2;
  }
  return out;
}

std::optional<Reference> reference_in(std::string_view inside) {
  Reference reference;
  for (bool first = true; first || !inside.empty(); first = false) {
    const auto bar = std::min(inside.find('|'), inside.size());
    if (first) {
      if (!is_code(inside.substr(0, bar))) return std::nullopt;
      reference.code = inside.substr(0, bar);
    } else {
      reference.parameters.push_back(bare(inside.substr(0, bar)));
    }
    inside.remove_prefix(std::min(bar + 1, inside.size()));
  }
  return reference;
}

}  // namespace

std::string as_parameter(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '|' || c == '[' || c == ']') {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string with_words(std::string_view text, const std::function<std::optional<std::string>(const Reference&)>& words) {
  std::string out;
  for (;;) {
    const auto begin = text.find(kBegin);
    const auto end = begin == std::string_view::npos ? begin : text.find(kEnd, begin);
    if (end == std::string_view::npos) return out += text;
    const auto reference = reference_in(text.substr(begin + kBegin.size(), end - begin - kBegin.size()));
    const auto said = reference ? words(*reference) : std::nullopt;
    const auto done = said ? end + kEnd.size() : begin + kBegin.size();
    out += said ? std::string(text.substr(0, begin)) + *said : std::string(text.substr(0, done));
    text.remove_prefix(done);
  }
}

}  // namespace portalkey
