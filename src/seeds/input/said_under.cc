// What the name of a column or member says of its values.

#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "seeds/input/kinds_of_tokens.h"
#include "seeds/input/said.h"
#include "seeds/input/words.h"

namespace portalkey {
namespace {

/// Of a name such as `HOTP`, `isHotp`, `event based`, whose values are yes and no.
SaidUnder kind_asked_by(std::string_view name) {
  const bool asks = name.size() > 2 && same_ignoring_case(name.substr(0, 2), "is");
  const Words words(asks ? name.substr(2) : name);
  const Kinds kinds = kinds_in(words);
  const bool based = std::ranges::any_of(words, [](auto word) { return word.contains("bas") || word.contains("gesteuert"); });
  if (words.size() == 0 || words.size() > 3 || !kinds.pure || !(kinds.strong || based)) return SaidUnder::unknown;
  if (kinds.totp == kinds.hotp) return kinds.ocra && !kinds.totp ? SaidUnder::is_ocra : SaidUnder::unknown;
  return kinds.totp ? SaidUnder::is_totp : SaidUnder::is_hotp;
}

}  // namespace

SaidUnder said_under(std::string_view name) {
  constexpr std::size_t kLongestName = 64;
  std::string plain;
  for (const char c : name.substr(0, kLongestName)) {
    if (is_word_character(c)) plain += to_lower(c);
  }
  const auto has = [&](std::string_view part) { return plain.find(part) != std::string::npos; };
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, std::string_view(plain)) != names.end();
  };
  if (plain.empty()) return SaidUnder::unknown;
  if (has("counter") || has("movingfactor") || has("zaehler") || has("z\u00E4hler") || has("compteur") || has("contador"))
    return SaidUnder::counter;
  if (has("digit") || has("stellen") || has("ziffer") || has("chiffres") || has("otplen") || has("codelen") || has("pwlen") ||
      is({"length", "len", "laenge", "l\u00E4nge", "passwordlength", "passcodelength", "tokenlength", "longueur"}))
    return SaidUnder::digits;
  if (has("algo") || has("hash") || has("digest") || has("hmac") || is({"suite", "ocrasuite", "otpsuite"}))
    return SaidUnder::hash;
  if (has("interval") || has("timestep") || has("stepsize") || has("zeitschritt") || has("zeitintervall") || has("timedrift") ||
      is({"step", "period", "otpperiod", "totpperiod", "tokenperiod", "refresh", "refreshrate", "seconds", "secs", "sekunden",
          "tick", "timewindow", "zeitfenster", "cycle", "takt"}))
    return has("timedrift") ? SaidUnder::unknown : SaidUnder::interval;
  if (const auto kind = kind_asked_by(name); kind != SaidUnder::unknown) return kind;
  if (is({"type", "typ", "tipo", "art", "mode", "modus", "kind", "method", "encoder"}) || has("tokentyp") || has("otptyp") ||
      has("oathtyp") || has("keytyp") || has("tokenart") || has("otpmode") || has("tokenkind"))
    return SaidUnder::type;
  if (has("model") || has("product") || has("device") || has("descri") || has("beschreibung") || has("bezeichnung") ||
      has("hardware") || has("article") || has("artikel"))
    return SaidUnder::product;
  if (has("name") || has("department") || has("abteilung") || has("team") || has("group") || has("gruppe") || has("office") ||
      has("location") || has("standort") || has("city") || has("ort") || has("note") || has("comment") || has("remark") ||
      has("bemerkung") || has("kommentar") || has("title") || has("company") || has("firma") || has("subject") ||
      has("event") || has("project") || has("projekt") || has("manufacturer") || has("hersteller") || has("vendor") ||
      has("tag"))
    return SaidUnder::person;
  return SaidUnder::unknown;
}

}  // namespace portalkey
