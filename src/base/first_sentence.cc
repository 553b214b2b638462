#include "base/first_sentence.h"

#include <algorithm>

#include "base/ascii.h"

namespace portalkey {
namespace {

bool is_code(std::string_view word) {
  return (word.starts_with("AADSTS") || word.starts_with("AKV")) && std::ranges::none_of(word, [](char c) { return c == ' '; });
}

}  // namespace

std::string_view first_sentence(std::string_view message) {
  message = trimmed(message);
  if (const auto colon = message.find(": "); colon != std::string_view::npos && is_code(message.substr(0, colon)))
    message.remove_prefix(colon + 2);
  if (const auto end = message.find("] "); message.starts_with('[') && end != std::string_view::npos)
    message.remove_prefix(end + 2);
  for (const std::string_view end : {". ", "\r", "\n", " Trace ID:"}) message = message.substr(0, message.find(end));
  message = trimmed(message);
  return message.ends_with('.') ? message.substr(0, message.size() - 1) : message;
}

}  // namespace portalkey
