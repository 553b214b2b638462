#pragma once
// The words of a value, in small letters.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/ascii.h"

namespace portalkey {

inline bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// The words of a value in small letters; wiped, as the value may be a secret in the wrong place.
class Words {
 public:
  static constexpr std::size_t kMostBytes = 256;  ///< of a value that is looked at; what is longer is no single statement
  static constexpr std::size_t kMost = 24;

  explicit Words(std::string_view value) {
    size_ = std::min(value.size(), text_.size());
    std::ranges::transform(value.substr(0, size_), text_.begin(), to_lower);
    const std::string_view text(text_.data(), size_);
    for (std::size_t i = 0; i < size_ && count_ < kMost;) {
      if (!is_word_character(text[i])) {
        ++i;
        continue;
      }
      const std::size_t from = i;
      while (i < size_ && is_word_character(text[i])) ++i;
      words_[count_++] = text.substr(from, i - from);
    }
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  ~Words() { explicit_bzero(text_.data(), size_); }

  std::size_t size() const { return count_; }
  std::string_view operator[](std::size_t i) const { return i < count_ ? words_[i] : std::string_view(); }
  const std::string_view* begin() const { return words_.data(); }
  const std::string_view* end() const { return words_.data() + count_; }

 private:
  std::array<char, kMostBytes> text_;
  std::array<std::string_view, kMost> words_;
  std::size_t size_ = 0, count_ = 0;
};

/// A decimal number of at most `most`.
inline std::optional<int> number(std::string_view text, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > most) return std::nullopt;
  return value;
}

}  // namespace portalkey
