#pragma once
// What the values beside a secret key say of its token, wherever they stand: in a column, an attribute or a member, under a
// known name, an unknown one or none. Readers assume TOTP, SHA-1, six digits and the interval that somebody gave; with a token
// that is something else no code is ever right. So every value is asked, and what it says decides the token or is an error.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "seeds/model/seed_file.h"
#include "seeds/model/token_seed.h"

namespace portalkey {

struct FieldProblem;

inline constexpr std::string_view kExpectedInterval = "30 or 60";

/// Whether a value is a word that stands for nothing: `null`, `n/a`, `-`, `?`, `TBD`, `leer`, …, in any letter case.
bool stands_for_nothing(std::string_view value);
/// Without blanks around it; empty if it stands for nothing.
std::string_view value_or_nothing(std::string_view text);

/// What a column's or member's name says of its values. `product` is a model or description; `person` is about somebody or is
/// free text, in which an `event` is no event-based token.
/// `is_totp` and the like: whether it is one, yes or no (`HOTP`, `event based`).
enum class SaidUnder { unknown, type, hash, digits, interval, counter, product, person, is_totp, is_hotp, is_ocra };
SaidUnder said_under(std::string_view name);

/// A decimal number of at most `most`, perhaps with a unit of time behind it: `30`, `60 s`, `30 seconds`.
std::optional<int> seconds_of_text(std::string_view text, int most);

class SaidOfToken {
 public:
  template <class T>
  struct Claim {
    T value;
    std::string place;
  };

  /// `place` names the value for messages, such as `column 5 (type)`. The value itself is quoted nowhere. False: it says
  /// nothing.
  bool look_at(SaidUnder under, std::string_view value, std::string_view place);
  /// What another text has been read as, such as an otpauth URI beside columns.
  void take(const TokenSeed& token, std::string_view place);

  /// Whether anything has been said that `decide` has to do with, or that must be looked at.
  bool any() const { return count_ != 0 || unclear; }

  std::optional<Claim<OtpType>> type;
  std::string algorithm;  ///< of the type `other`
  std::optional<Claim<Hash>> hash;
  std::optional<Claim<int>> digits, interval;
  std::optional<Claim<std::int64_t>> counter;
  std::optional<Claim<SecretEncoding>> encoding;
  std::string unknown_hash;  ///< the place that names one that OATH tokens do not have, or that is not known
  bool unclear = false;      ///< a value says nothing where its name says that it does; set by the caller
  std::string mentions;      ///< the place of a longer text in which another kind of token is mentioned

  /// What two places, or a place and the interval that the token has, say differently; else what is said is written into the
  /// token. An interval that only the caller assumes (`assumed`) gives way. A counter makes a token whose type and interval the
  /// file does not say an event-based one's: a problem.
  std::optional<FieldProblem> decide(TokenSeed& token, bool assumed_interval) const;

  /// The warning about `mentions`.
  FieldProblem mentioned() const;

 private:
  template <class T>
  void claim(std::optional<Claim<T>>& to, T value, std::string_view what, std::string_view place, std::string& contradiction);

  std::string about_type_, about_others_;  // two places that contradict each other
  int count_ = 0;
};

/// Words of a value that name a kind of token; empty: none. For telling what a column without a name holds.
bool names_a_type(std::string_view value);

}  // namespace portalkey
