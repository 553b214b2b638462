// Words that stand for nothing, as spreadsheets, databases and people write them.

#include <algorithm>
#include <array>
#include <span>

#include "base/ascii.h"
#include "seeds/input/said.h"
#include "seeds/input/utf8.h"
#include "seeds/input/words.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestNothing = 24;
/// By size: every value of a file is compared with them.
constexpr auto kNothing = [] {
  auto words = std::to_array<std::string_view>({"null",
                                                "nul",
                                                "none",
                                                "nil",
                                                "nill",
                                                "n/a",
                                                "n.a.",
                                                "n.a",
                                                "n\\a",
                                                "na",
                                                "#n/a",
                                                "#nv",
                                                "#wert!",
                                                "#bezug!",
                                                "#zahl!",
                                                "#div/0!",
                                                "#num!",
                                                "#spill!",
                                                "#calc!",
                                                "\\n",
                                                "n.v.",
                                                "n. v.",
                                                "n.n.",
                                                "ohne",
                                                "no serial",
                                                "no serial number",
                                                "no key",
                                                "no secret",
                                                "no user",
                                                "no owner",
                                                "not yet assigned",
                                                "not issued",
                                                "not provided",
                                                "noch nicht vergeben",
                                                "redacted",
                                                "withheld",
                                                "see label",
                                                "see attachment",
                                                "siehe anlage",
                                                "siehe etikett",
                                                "#null!",
                                                "#value!",
                                                "#ref!",
                                                "#name?",
                                                "undefined",
                                                "undef",
                                                "unknown",
                                                "tbd",
                                                "tba",
                                                "tbc",
                                                "todo",
                                                "nan",
                                                "empty",
                                                "blank",
                                                "void",
                                                "missing",
                                                "pending",
                                                "unassigned",
                                                "not assigned",
                                                "not set",
                                                "notset",
                                                "not available",
                                                "not applicable",
                                                "not known",
                                                "no value",
                                                "nothing",
                                                "nobody",
                                                "no one",
                                                "placeholder",
                                                "changeme",
                                                "change me",
                                                "replaceme",
                                                "replace me",
                                                "replace_me",
                                                "xxx",
                                                "xxxx",
                                                "xxxxx",
                                                "xxxxxxxx",
                                                "leer",
                                                "kein",
                                                "keine",
                                                "keiner",
                                                "keines",
                                                "nichts",
                                                "niemand",
                                                "unbekannt",
                                                "fehlt",
                                                "offen",
                                                "k.a.",
                                                "k. a.",
                                                "keine angabe",
                                                "entf\u00E4llt",
                                                "entfaellt",
                                                "nicht zugewiesen",
                                                "nicht vergeben",
                                                "frei",
                                                "aucun",
                                                "aucune",
                                                "vide",
                                                "inconnu",
                                                "ninguno",
                                                "ninguna",
                                                "vacio",
                                                "vac\u00EDo",
                                                "nessuno",
                                                "vuoto",
                                                "geen",
                                                "onbekend",
                                                "leeg"});
  std::ranges::sort(words, {}, [](std::string_view word) { return word.size(); });
  return words;
}();
/// Where the words of a size begin.
constexpr auto kNothingOfSize = [] {
  std::array<std::size_t, kLongestNothing + 2> begin{};
  for (std::size_t size = 0; size < begin.size(); ++size) {
    while (begin[size] < kNothing.size() && kNothing[begin[size]].size() < size) ++begin[size];
  }
  return begin;
}();
static_assert(kNothing.back().size() <= kLongestNothing);

bool is_nothing_word(std::string_view value) {
  if (value.size() > kLongestNothing) return false;
  const auto of_size = std::span(kNothing).subspan(kNothingOfSize[value.size()],
                                                   kNothingOfSize[value.size() + 1] - kNothingOfSize[value.size()]);
  return std::ranges::any_of(of_size, [&](std::string_view word) { return same_ignoring_case(word, value); });
}

}  // namespace

bool stands_for_nothing(std::string_view value) {
  value = trimmed_unicode(value);
  if (!value.empty() && is_word_character(value.front()) && static_cast<unsigned char>(value.front()) < 0x80)
    return is_nothing_word(value);  // what begins so is in no brackets, and is not made of marks
  while (value.size() >= 2) {       // (null), <none>, "n/a"
    constexpr std::string_view kOpen = "(<[{\"'`", kClose = ")>]}\"'`";
    const auto pair = kOpen.find(value.front());
    if (pair == std::string_view::npos || value.back() != kClose[pair]) break;
    value = trimmed_unicode(value.substr(1, value.size() - 2));
    if (value.empty()) return true;
  }
  if (value.empty() || value.size() > kLongestNothing) return false;
  // Only marks: `-`, `--`, `?`, `...`, and dashes as word processors have them.
  bool marks = true;
  for (std::size_t i = 0; i < value.size() && marks;) {
    if (std::string_view("-?._*/~!").find(value[i]) != std::string_view::npos) {
      ++i;
    } else if (const auto three = value.substr(i, 3); three >= "\u2010" && three <= "\u2015") {
      i += 3;
    } else if (three == "\u2026") {
      i += 3;
    } else {
      marks = false;
    }
  }
  return marks || is_nothing_word(value);
}

std::string_view value_or_nothing(std::string_view text) {
  text = trimmed_unicode(text);
  return stands_for_nothing(text) ? std::string_view() : text;
}

}  // namespace portalkey
