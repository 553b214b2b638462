#pragma once
// The text of one secret key as vendors write it: base32 in any case, in groups, padded; or hex, plain, in bytes, with 0x.
//
// Some texts are both: 32 characters of a-f and 2-7 are 20 bytes of base32 or 16 bytes of hex. A wrong guess is uploaded
// happily and never activates, so such a text is `either`, and the file's other rows decide. Text of which only the length
// tells (26 characters are 16 bytes of base32, but no key has 13 bytes) is read as base32: a hex key of whole words has a
// multiple of 8 digits, from 32 (128 bits, the least RFC 4226 allows) to 128 (SHA-512's size).

#include <array>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// What is wrong with a field, for a RowProblem.
struct FieldProblem {
  std::string what;
  std::string remedy;
  std::string expected = {};
  std::string cause = {};
  bool warning = false;  ///< the field can be used all the same
};

/// Holds one normalised secret key at a time, in place; wiped at the end.
class SecretKeyText {
 public:
  enum class Reading { base32, hex, either };

  SecretKeyText() = default;
  SecretKeyText(const SecretKeyText&) = delete;
  SecretKeyText& operator=(const SecretKeyText&) = delete;
  ~SecretKeyText();

  /// Base64 is kept as base32. A word that stands for nothing is no key. A problem never holds more of the key than the one
  /// character that may not be there, and its position.
  std::expected<Reading, FieldProblem> read(std::string_view field, SecretEncoding encoding);

  /// The letters and digits of the last key that was read, in upper case.
  std::string_view text() const { return {text_.data() + begin_, size_ - begin_}; }
  /// Whether the letters of the last key show that it is what it was read as. The length alone does not.
  bool decisive() const { return decisive_; }

  static constexpr std::size_t kMostCharacters = 1024;

 private:
  std::expected<Reading, FieldProblem> read_as(std::string_view field, SecretEncoding encoding);
  std::expected<Reading, FieldProblem> read_base64(std::string_view field);
  std::expected<Reading, FieldProblem> explain(std::string_view field, unsigned seen);
  std::expected<Reading, FieldProblem> read_without_odd_spaces(std::string_view field, SecretEncoding encoding);

  std::array<char, kMostCharacters> text_{};
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
  bool decisive_ = false;
};

/// Whether a text has 16, 20, 32 or 64 bytes as base64, which is a length that no base32 and no hex of a usual key has.
bool has_base64_key_size(std::string_view key);
/// Where a character stands that neither base32 nor hex has, or one that only hex has in a key that cannot be hex; npos:
/// nowhere.
std::size_t only_base64(std::string_view key);

/// Why a key is none that protects anything: less than 80 bits, unless that is allowed, or one character again and again.
std::optional<FieldProblem> why_no_secret(std::string_view base32, bool allow_short_keys);

/// The warning about a key whose bytes are the text of a key: it was encoded twice, it seems, and makes other codes than the
/// device.
std::optional<FieldProblem> warning_of_key_in_key(std::string_view base32);

/// From an even number of hex digits in upper case.
Secret base32_from_hex(std::string_view digits);

/// How many bytes a key has.
constexpr std::size_t bytes_of_base32(std::size_t characters) { return characters * 5 / 8; }

}  // namespace portalkey
