#pragma once
// JSON that holds secrets. Boost.JSON's own parse() and serialize() work in a buffer on the stack, which nobody wipes.
// Only for .cc files of parts that link Boost::json.

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/wipe_stack.h"

namespace portalkey {

/// As boost::json::parse, with its memory on the heap, where the program wipes what is freed (program/wiping_free.cc). A text
/// with an escape in it goes through a buffer on the stack all the same; so does what is parsed in vain.
inline boost::json::value parse_secret_json(std::string_view text, boost::system::error_code& problem) {
  boost::json::parser parser;
  parser.write(text, problem);
  wipe_stack_below();
  return problem ? boost::json::value() : parser.release();
}

/// `value` is a boost::json::value, object or array. The caller wipes `to`.
template <class Json>
void append_secret_json(const Json& value, std::string& to) {
  boost::json::serializer serializer;
  serializer.reset(&value);
  char buffer[4096];
  std::size_t most = 0;
  while (!serializer.done()) {
    const auto piece = serializer.read(buffer);
    to += piece;
    most = std::max(most, piece.size());
  }
  explicit_bzero(buffer, most);
}

inline Secret serialize_secret_json(const boost::json::value& value) {
  std::string text;
  append_secret_json(value, text);
  Secret out(text);
  wipe(text);
  return out;
}

}  // namespace portalkey
