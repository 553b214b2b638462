#pragma once
// Services quote what they refuse: "The value '…' of secretKey is not valid". This takes out of their words what was just sent
// to them in secret, however they spell it.
//
// Both sides are reduced to what all spellings have in common: letters without their case, and digits. So grouping blanks and
// dashes, base64 and base64url, and padding make no difference. Escapes (\u0041, %41, &#65;) are undone, three deep. What is
// looked for is each stretch of ten letters of the secret, of its hexadecimal digits and of its base64 at each of its three
// alignments, so that a part of the secret, and the secret within a longer text that was encoded as a whole, are found too. A
// text that is base32 is a key: the same of its bytes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace portalkey {

class SentSecrets {
 public:
  /// One of fewer than ten letters and digits (a code) is only found as a word of its own; of fewer than four, not at all.
  void add(const Secret& secret);
  bool empty() const { return fragments_.empty() && short_ones_.empty(); }

  /// `text` with `***` in the secrets' places. Quotes, brackets, commas and colons stay, so that JSON remains JSON.
  std::string without(std::string_view text);

 private:
  void add_fragments(std::string_view spelling);

  std::vector<std::uint64_t> fragments_;  ///< ten letters or digits each, in base 36
  bool sorted_ = false;
  std::vector<std::string> short_ones_;
};

}  // namespace portalkey
