#pragma once
// JSON that holds secrets. Boost.JSON's own parse() and serialize() work in a buffer on the stack, which nobody wipes.
// Only for .cc files of parts that link Boost::json.

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace portalkey {

/// As boost::json::parse, with all of its memory on the heap, where the program wipes what is freed (base/wiping_free.cc).
inline boost::json::value parse_secret_json(std::string_view text, boost::system::error_code& problem) {
  boost::json::parser parser;
  parser.write(text, problem);
  return problem ? boost::json::value() : parser.release();
}

inline Secret serialize_secret_json(const boost::json::value& value) {
  boost::json::serializer serializer;
  serializer.reset(&value);
  std::string text;
  char buffer[4096];
  while (!serializer.done()) text += serializer.read(buffer);
  explicit_bzero(buffer, sizeof buffer);
  Secret out(text);
  wipe(text);
  return out;
}

}  // namespace portalkey
