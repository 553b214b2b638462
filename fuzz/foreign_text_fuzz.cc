// A secret that was sent, and what a service says afterwards, which may quote it: separated by a line feed. Whatever goes in,
// what comes out is one bounded line of valid UTF-8 that steers nothing, without any spelling of the secret.

#include <cstdlib>

#include "answer.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "base/foreign_text.h"
#include "base/key_like.h"
#include "base/percent_encoding.h"
#include "base/sent_secrets.h"
#include "base/spreadsheet_text.h"
#include "base/utf8.h"
#include "base/visible_text.h"

namespace {

using namespace portalkey;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_line(std::string_view text, std::size_t most) {
  require(text.size() <= most);
  for (; !text.empty();) {
    const auto [code, size] = utf8_character(text);
    require(size != 0 && !is_control(code) && !is_unseen(code));
    text.remove_prefix(size);
  }
}

/// As SentSecrets compares: letters and digits.
std::string letters_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if ((c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z')) out += to_lower(c);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = text_of(data, size);
  const auto end = std::min(bytes.find('\n'), bytes.size());
  const auto secret = bytes.substr(0, end);
  const auto said = bytes.substr(std::min(end + 1, bytes.size()));

  check_line(foreign_text(said), kForeignText);
  check_line(foreign_text(said, 20), 20);
  check_line(foreign_code(said), 64);
  check_line(foreign_id(said), 100);
  check_line(visible_text(said), 3 * said.size());
  const auto json = escaped_json(said);
  require(visible_text(json, ' ', LineEnds::kept).size() <= json.size());
  require(!looks_like_key(foreign_code(said)) && !looks_like_key(foreign_id(said)));
  require(!has_formula(without_formulas(said)));

  SentSecrets sent;
  sent.add(Secret(secret));
  const auto letters = letters_of(secret);
  if (letters.size() < 10) {
    (void)sent.without(said);
    return 0;
  }
  for (const auto& spelled : {std::string(secret), base64(secret), base64url(secret), percent_encode(secret)}) {
    const auto quoted = std::string(said) + "'" + spelled + "'";
    const auto left = sent.without(quoted);
    for (std::string_view rest = left; !rest.empty();) {  // what is hidden keeps apart what stands around it
      const auto hidden = std::min(rest.find("***"), rest.size());
      require(!letters_of(rest.substr(0, hidden)).contains(letters));
      rest.remove_prefix(std::min(hidden + 3, rest.size()));
    }
    require(!left.contains(spelled));
  }
  return 0;
}
