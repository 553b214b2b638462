#pragma once
// A token as `tokens validate -o json` and `tokens convert --to json` show it.

#include <string>

#include "base/remedy.h"
#include "seeds/model/token_seed.h"

namespace portalkey {

struct TokenJson {
  bool secret = false;  ///< with `secretBase32`; then the caller wipes the text
  bool place = true;    ///< with `line` and `key`: where in the file it is
};

/// Appends a JSON object; `words` are the face's, for why Entra would not take the token. Members that the file says nothing
/// about are null or, where few formats have them, left out.
void append_token_json(const TokenSeed& token, TokenJson shown, const Words& words, std::string& to);

}  // namespace portalkey
