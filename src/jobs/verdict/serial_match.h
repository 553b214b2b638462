#pragma once
// A serial number that a person typed or a list has, beside those that are there. Spreadsheets drop leading zeros, people
// letter case, blanks and digits; some type only what is printed large on the device.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace portalkey {

struct SerialMatch {
  std::string serial;  ///< as it is there: the same text, or the only one that differs in letter case alone; or empty
  std::vector<std::string> nearly;  ///< where there is none: a few that differ little. None that may be a secret key
  std::size_t more = 0;             ///< how many others differ as little
};

SerialMatch match_serial(std::string_view asked, std::span<const std::string_view> there);

/// One character is another, too many, missing, or two are swapped; or none differs.
bool one_slip(std::string_view a, std::string_view b);

/// `; it has 0012 and ab12, which differ little`; empty if there are none.
std::string nearly_text(const SerialMatch& match);

}  // namespace portalkey
