#pragma once
// What people call the kinds of tokens, in the languages of vendors and their customers.

#include <array>
#include <string_view>

#include "seeds/input/words.h"

namespace portalkey {

/// What a value's words call the token. A value that names several kinds says nothing.
struct Kinds {
  bool totp = false, hotp = false, ocra = false;
  std::string_view other;  ///< its name for messages
  bool strong = false;     ///< by names that nothing else has
  bool pure = true;        ///< and there is nothing else in the value
};
Kinds kinds_in(const Words& words);

/// What a column for the type may also say; empty: nothing that is known.
std::string_view other_type(const Words& words);

/// What counts presses, if it is all that a value says of the kind.
inline constexpr auto kCounterWords = std::to_array<std::string_view>(
    {"counter", "z\u00E4hler", "zaehler", "compteur", "contador", "contatore", "teller", "evt"});

}  // namespace portalkey
