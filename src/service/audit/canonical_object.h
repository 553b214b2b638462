#pragma once
// Objects of JSON in their canonical form (RFC 8785), of which hashes and signatures are made: texts and whole numbers below
// 2^53, no blanks, members in the order of their names.

#include <cstdint>
#include <string>
#include <string_view>

namespace portalkey {

/// A string of JSON as §3.2.2.2 writes it; `text` is UTF-8.
void append_json_string(std::string& out, std::string_view text);

class CanonicalObject {
 public:
  explicit CanonicalObject(std::string& out) : out_(out) { out_ += '{'; }
  // In the order of the names, which are ASCII.
  void text(std::string_view name, std::string_view value);  ///< left out if it is empty
  void number(std::string_view name, std::int64_t value);
  void end() { out_ += '}'; }

 private:
  void begin(std::string_view name);
  std::string& out_;
};

}  // namespace portalkey
