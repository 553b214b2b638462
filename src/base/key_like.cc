#include "base/key_like.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/ascii.h"
#include "base/guid.h"

namespace portalkey {
namespace {

constexpr std::size_t kBase32 = 16, kHex = 32, kBase64 = 20, kMixed = 24;
constexpr std::size_t kUnreadable = 64;  // letters and digits without anything between them: nothing that people read
constexpr std::size_t kPiece = 10;       // of base64 between its signs: shorter pieces say nothing
constexpr auto npos = std::string_view::npos;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_lower(c) || is_upper(c); }
bool is_plain(char c) { return is_letter(c) || is_digit(c); }
bool is_hex(char c) { return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f'); }
bool is_base32(char c) { return is_letter(c) || (c >= '2' && c <= '7'); }
bool in_base64(char c) { return is_plain(c) || std::string_view("+/=_-%").contains(c); }
bool in_token(char c) { return is_plain(c) || std::string_view("._-~").contains(c); }

template <class Of>
std::size_t end_of(std::string_view text, std::size_t begin, Of of) {
  while (begin < text.size() && of(text[begin])) ++begin;
  return begin;
}

/// What letters and digits without anything between them look like.
struct Shape {
  std::size_t digits = 0, lower = 0, upper = 0, changes = 0;
  bool hex = true, base32 = true;

  explicit Shape(std::string_view text) {
    char last = 0;
    for (const char c : text) {
      const char kind = is_digit(c) ? 'd' : is_lower(c) ? 'l' : 'u';
      ++(kind == 'd' ? digits : kind == 'l' ? lower : upper);
      changes += last != 0 && kind != last;
      last = kind;
      hex = hex && is_hex(c);
      base32 = base32 && is_base32(c);
    }
  }
  void add(const Shape& other) {
    digits += other.digits;
    lower += other.lower;
    upper += other.upper;
    changes += other.changes;
  }
  std::size_t letters() const { return lower + upper; }
  bool one_case() const { return lower == 0 || upper == 0; }
};

/// Base32 in one case. Words are in lower case too, and names that end with a number: more than that must change.
bool is_base32_key(const Shape& shape) {
  if (!shape.base32 || !shape.one_case() || shape.letters() == 0) return false;
  return shape.upper > 0 || (shape.digits > 0 && shape.changes >= 3);
}

/// Chance changes between digits, capitals and small letters at two of three places; words and numbers seldom.
bool is_random(const Shape& shape, std::size_t size) {
  if (size < kPiece) return false;
  if (shape.lower > 0 && shape.upper > 0) return shape.digits > 0 && shape.changes * 100 >= size * 36;
  return size >= kMixed && shape.digits > 0 && shape.letters() > 0 && shape.changes * 100 >= size * 30;
}

bool is_key(std::string_view piece) {
  const Shape shape(piece);
  if (piece.size() >= kHex && shape.hex) return true;
  if (piece.size() >= kUnreadable && shape.digits > 0 && shape.letters() > 0) return true;
  return (piece.size() >= kBase32 && is_base32_key(shape)) || (piece.size() >= kMixed && is_random(shape, piece.size()));
}

class Keys {
 public:
  explicit Keys(std::string_view text) : text_(text), hidden_(text.size()) {}

  std::vector<bool> find() && {
    labelled();
    tokens();
    runs();
    groups();
    escapes();
    return std::move(hidden_);
  }

 private:
  void hide(std::size_t begin, std::size_t end) {
    for (; begin < end; ++begin) hidden_[begin] = true;
  }

  bool said_at(std::size_t at, std::string_view lower_case) const {
    return text_.size() - at >= lower_case.size() && same_ignoring_case(text_.substr(at, lower_case.size()), lower_case);
  }

  /// `name: value`, `"name":"value"`, `name=value`, `Bearer value`.
  void labelled() {
    struct Label {
      std::string_view name;
      bool blank_is_enough = false;
      bool whole_line = false;
    };
    static constexpr std::array kLabels{Label{"authorization", false, true},
                                        Label{"bearer", true},
                                        Label{"basic", true},
                                        Label{"client_secret"},
                                        Label{"client_assertion"},
                                        Label{"refresh_token"},
                                        Label{"refreshtoken"},
                                        Label{"access_token"},
                                        Label{"accesstoken"},
                                        Label{"id_token"},
                                        Label{"code_verifier"},
                                        Label{"device_code"},
                                        Label{"password"},
                                        Label{"passphrase"},
                                        Label{"secret key"},
                                        Label{"secret_key"},
                                        Label{"secretkey"},
                                        Label{"secrettext"},
                                        Label{"secret"},
                                        Label{"sharedaccesssignature"},
                                        Label{"accountkey"}};
    for (std::size_t at = 0; at < text_.size(); ++at) {
      if (!is_letter(text_[at]) || (at > 0 && is_letter(text_[at - 1]))) continue;
      for (const auto& label : kLabels) {
        if (!said_at(at, label.name)) continue;
        std::size_t begin = at + label.name.size();
        const auto skip = [&](std::string_view these) {
          const auto from = begin;
          while (begin < text_.size() && these.contains(text_[begin])) ++begin;
          return begin != from;
        };
        skip("\"'\\");
        const bool blank = skip(" ");
        const bool sign = skip(":=");
        if (!sign && !(blank && label.blank_is_enough)) continue;
        const bool assigned = text_[begin - 1] == '=';
        const bool quoted = skip(" \"'\\`") && std::string_view("\"'\\`").contains(text_[begin - 1]);
        const auto end =
            std::min(text_.find_first_of(label.whole_line ? "\"'\r\n,;" : "\"'\r\n,; &<>}])\\`", begin), text_.size());
        const auto value = text_.substr(begin, end - begin);
        if (value.starts_with("***")) continue;  // hidden before
        const bool word = std::ranges::all_of(value, [](char c) { return is_letter(c) || c == '.' || c == ' '; });
        const bool secret = label.whole_line ? sign : (assigned && !value.empty()) || (value.size() >= 6 && (!word || quoted));
        if (secret) hide(begin, end);
        break;
      }
    }
  }

  /// Tokens that their beginning, or a mark in them, gives away.
  void tokens() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const bool begins = at == 0 || !is_plain(text_[at - 1]);
      if (said_at(at, "eyj") && begins) {  // in another letter case it is still nearly all of one
        const auto end = end_of(text_, at, in_token);
        if (end - at >= (text_.substr(at).starts_with("eyJ") ? kPiece : kUnreadable)) hide(at, end);
      }
      if (begins && (text_[at] == '0' || text_[at] == '1') && text_.substr(at + 1).starts_with(".A")) {
        const auto end = end_of(text_, at, in_token);
        if (end - at >= kPiece) hide(at, end);
      }
      if (text_.substr(at).starts_with("Q~")) {
        const auto end = end_of(text_, at, in_token);
        auto begin = at;
        while (begin > 0 && in_token(text_[begin - 1])) --begin;
        if (end - at >= kPiece && at - begin >= 2) hide(begin, end);
      }
    }
  }

  void runs() {
    for (std::size_t at = 0; at < text_.size();) {
      const auto end = end_of(text_, at, in_base64);
      if (end - at >= kBase32) run(at, end);
      at = std::max(end, at + 1);
    }
  }

  /// Between GUIDs, which stay.
  void run(std::size_t begin, std::size_t end) {
    for (auto at = begin; at + 36 <= end; ++at) {
      const bool alone = (at == begin || !is_plain(text_[at - 1])) && (at + 36 == end || !is_plain(text_[at + 36]));
      if (!alone || !is_guid(text_.substr(at, 36))) continue;
      part(begin, at);
      begin = at + 36;
      at = begin - 1;
    }
    part(begin, end);
  }

  void part(std::size_t begin, std::size_t end) {
    const auto whole = text_.substr(begin, end - begin);
    bool random = false, key = false;
    std::size_t words = 0;
    Shape all("");
    for (std::size_t at = 0; at < whole.size();) {
      const auto piece_end = end_of(whole, at, is_plain);
      const auto piece = whole.substr(at, piece_end - at);
      if (is_key(piece)) {
        key = true;
        hide(begin + at, begin + piece_end);
      }
      const Shape shape(piece);
      random = random || is_random(shape, piece.size());
      all.add(shape);
      words += piece.size() >= 4 && std::ranges::all_of(piece, is_letter);
      at = std::max(piece_end, at + 1);
    }
    // Base64 whose signs lie so that no piece is long.
    const bool mixed = all.lower > 0 && all.upper > 0;
    const bool sign = whole.contains('+') || whole.ends_with('=');
    random = random || (mixed && sign && (all.digits > 0 || whole.ends_with("=="))) ||
             (mixed && all.digits > 1 && is_random(all, all.digits + all.letters()));
    const bool path = whole.contains('/') && words >= 2;  // /subscriptions/…/resourceGroups/…
    if (whole.size() >= kBase64 && !path && (random || (key && whole.find_first_of("+/=") != npos))) hide(begin, end);
  }

  /// `JBSW Y3DP EHPK 3PXP`, `48:65:6c:6c:…`
  void groups() {
    for (std::size_t at = 0; at < text_.size();) {
      const auto begin = at;
      auto end = end_of(text_, begin, is_plain);
      const std::size_t size = end - begin;
      at = std::max(end, at + 1);
      if (size < 2 || size > 8 || end + size >= text_.size() || !std::string_view(" -:.").contains(text_[end])) continue;
      const char between = text_[end];
      std::string letters(text_.substr(begin, size));
      std::size_t count = 1;
      while (end < text_.size() && text_[end] == between) {
        const auto next = end_of(text_, end + 1, is_plain);
        const std::size_t next_size = next - end - 1;
        if (next_size == 0 || next_size > size) break;
        letters += text_.substr(end + 1, next_size);
        end = next;
        ++count;
        if (next_size < size) break;
      }
      const Shape shape(letters);
      const bool address = between == ':' && count == 8 && size == 4;  // IPv6
      const bool hex = letters.size() >= kHex && shape.hex && shape.digits > 0 && !address;
      const bool base32 = size >= 4 && count >= 3 && letters.size() >= kBase32 && is_base32_key(shape) && shape.digits > 0;
      if (hex || base32) {
        hide(begin, end);
        at = end;
      }
    }
  }

  /// The size of the escape at `at`: `%41`, `\x41`, `\u0041`, `&#65;`, `&#x41;`; 0 if there is none.
  std::size_t escape_size(std::size_t at) const {
    const auto digits = [&](std::size_t begin, bool hexadecimal) {
      return std::min(end_of(text_, begin, hexadecimal ? is_hex : is_digit), text_.size()) - begin;
    };
    const auto rest = text_.substr(at);
    if (rest.starts_with('%')) return digits(at + 1, true) >= 2 ? 3 : 0;
    if (rest.starts_with("\\x")) return digits(at + 2, true) >= 2 ? 4 : 0;
    if (rest.starts_with("\\u")) return digits(at + 2, true) >= 4 ? 6 : 0;
    if (!rest.starts_with("&#")) return 0;
    const bool hexadecimal = rest.size() > 2 && to_lower(rest[2]) == 'x';
    const std::size_t begin = at + (hexadecimal ? 3 : 2), count = digits(begin, hexadecimal);
    return count != 0 && begin + count < text_.size() && text_[begin + count] == ';' ? begin + count + 1 - at : 0;
  }

  /// A key every character of which is escaped; what is readable has no such row of them, other scripts have one beyond ASCII.
  void escapes() {
    for (std::size_t at = 0; at < text_.size();) {
      const auto begin = at;
      std::size_t count = 0, ascii = 0;
      for (std::size_t size = escape_size(at); size != 0; size = escape_size(at), ++count) {
        const auto first = text_.find_first_of("0123456789abcdefABCDEF", at);
        const auto value = text_.substr(first, at + size - first);
        ascii += value.starts_with("00") || (size <= 4 && value.front() < '8') || text_[at] == '&';
        at += size;
      }
      if (count >= kBase32 && ascii * 2 > count) hide(begin, at);
      at = std::max(at, begin + 1);
    }
  }

  std::string_view text_;
  std::vector<bool> hidden_;
};

}  // namespace

std::string without_keys(std::string_view text) {
  const auto hidden = Keys(text).find();
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!hidden[i]) {
      out += text[i];
    } else if (i == 0 || !hidden[i - 1]) {
      out += "***";
    }
  }
  return out;
}

bool looks_like_key(std::string_view text) { return std::ranges::count(Keys(text).find(), true) != 0; }

}  // namespace portalkey
