#pragma once
// A row whose serial number, user, manufacturer or model is, or holds, its own secret key: columns that were mixed up, or a
// label that repeats the key. Such fields are printed, uploaded and kept, which the key must not be.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "seeds/input/secret_key.h"
#include "seeds/model/token_seed.h"

namespace portalkey {

/// The beginnings of a key's spellings: as base32, and the hexadecimal digits and base64 of its bytes and of its base32 text.
/// Letter case, grouping blanks and dashes make no difference.
class OwnKey {
 public:
  /// `base32`: normalised. Cheap: it is made for every row.
  explicit OwnKey(std::string_view base32);
  ~OwnKey();
  OwnKey(const OwnKey&) = delete;
  OwnKey& operator=(const OwnKey&) = delete;

  bool in(std::string_view field) const;
  bool in_one_of(std::initializer_list<std::string_view> fields) const;

 private:
  static constexpr std::size_t kBeginning = 10;
  struct Beginning {
    std::array<char, kBeginning> letters{};
    std::size_t size = 0;
    std::uint64_t used = 0;  ///< which letters and digits, a bit each
    void spell(std::string_view text);
    void spell_hex(std::string_view bytes);
    void spell_base64(std::string_view bytes);
    std::string_view text() const { return {letters.data(), size}; }
  };
  bool in_letters_of(std::string_view field) const;

  std::array<Beginning, 5> spellings_;
};

/// What is wrong with a field that holds the row's key.
FieldProblem own_key_problem();

/// The column of the token's text that holds its key, which is emptied with every other that does; empty: none does.
std::string_view take_own_key_out(TokenSeed& token);

}  // namespace portalkey
