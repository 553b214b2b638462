#pragma once
// Whether a field is of the kind that nearly every row has. True: nothing is wrong with it. False: it must be looked at
// closely, and nothing may be wrong with it either (entra_fields.h, secret_key.h).

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace portalkey {

namespace detail {
template <class Word>
Word word_at(const char* text) {
  Word word;
  std::memcpy(&word, text, sizeof word);
  return word;
}
/// All bytes of a text of 4 to 16, some of them twice, in words that overlap.
inline std::pair<std::uint64_t, std::uint64_t> words_of(std::string_view text) {
  const char* const end = text.data() + text.size();
  if (text.size() >= 8) return {word_at<std::uint64_t>(text.data()), word_at<std::uint64_t>(end - 8)};
  const std::uint64_t word = word_at<std::uint32_t>(text.data()) | std::uint64_t{word_at<std::uint32_t>(end - 4)} << 32;
  return {word, word};
}
}  // namespace detail

/// ASCII without control characters.
inline bool is_plain_text(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101, kHigh = 0x80 * kOnes;
  // A byte's high bit is set here if it is not ASCII, if it is DEL (0x7f), or if it is less than a space (0x20).
  const auto odd = [](std::uint64_t word) { return word | (word + kOnes) | ~(word + 0x60 * kOnes); };
  if (text.size() >= 4 && text.size() <= 16) {
    const auto [first, last] = detail::words_of(text);
    return ((odd(first) | odd(last)) & kHigh) == 0;
  }
  std::uint64_t seen = 0;
  std::size_t i = 0;
  for (; i + sizeof seen <= text.size(); i += sizeof seen) seen |= odd(detail::word_at<std::uint64_t>(text.data() + i));
  for (; i < text.size(); ++i) seen |= odd(static_cast<unsigned char>(text[i]) * kOnes);
  return (seen & kHigh) == 0;
}

/// Up to 64 decimal digits.
inline bool is_plain_serial(std::string_view serial) {
  if (serial.size() >= 4 && serial.size() <= 16) {
    const auto [first, last] = detail::words_of(serial);
    constexpr std::uint64_t kHigh = 0x8080'8080'8080'8080, kBelowZero = 0x3030'3030'3030'3030,
                            kAboveNine = 0x4646'4646'4646'4646;
    return (((first + kAboveNine) | (first - kBelowZero) | (last + kAboveNine) | (last - kBelowZero)) & kHigh) == 0;
  }
  if (serial.empty() || serial.size() > 64) return false;
  unsigned worst = 0;
  for (const char c : serial) {
    const unsigned value = static_cast<unsigned char>(c) - unsigned{'0'};
    worst = value > worst ? value : worst;  // what is less than 0 is very large
  }
  return worst <= 9;
}

#ifdef __SSE2__
namespace detail {
inline __m128i bytes_at(const char* text) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(text)); }
/// Of each byte whether it is in [low, high]; ASCII only.
inline __m128i in_range(__m128i bytes, char low, char high) {
  return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(static_cast<char>(low - 1))),
                       _mm_cmpgt_epi8(_mm_set1_epi8(static_cast<char>(high + 1)), bytes));
}
inline std::uint64_t mask_of(__m128i bytes) { return static_cast<unsigned>(_mm_movemask_epi8(bytes)); }
}  // namespace detail

/// 16 to 64 letters, digits, `.`, `-` and `_`, one @ and a domain with a dot.
inline bool is_plain_upn(std::string_view upn) {
  constexpr std::size_t kBlock = 16;
  const std::size_t size = upn.size();
  if (size < kBlock || size > 64) return false;
  std::uint64_t ats = 0, dots = 0, other = 0;
  for (std::size_t i = 0; i < size; i += kBlock) {
    const std::size_t from = i + kBlock <= size ? i : size - kBlock;  // the last block overlaps the one before it
    const __m128i c = detail::bytes_at(upn.data() + from);
    const __m128i at = _mm_cmpeq_epi8(c, _mm_set1_epi8('@'));
    const __m128i dot = _mm_cmpeq_epi8(c, _mm_set1_epi8('.'));
    const __m128i legal = _mm_or_si128(
        _mm_or_si128(_mm_or_si128(at, dot),
                     _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('-')), _mm_cmpeq_epi8(c, _mm_set1_epi8('_')))),
        _mm_or_si128(detail::in_range(c, '0', '9'), detail::in_range(_mm_or_si128(c, _mm_set1_epi8(0x20)), 'a', 'z')));
    ats |= detail::mask_of(at) << from;
    dots |= detail::mask_of(dot) << from;
    other |= detail::mask_of(legal) ^ 0xffff;
  }
  if (other != 0 || ats == 0 || (ats & (ats - 1)) != 0 || (ats & 1) != 0) return false;
  const std::uint64_t dots_of_domain = dots & ~(ats | (ats - 1));
  return dots_of_domain != 0 && (dots_of_domain & (ats << 1)) == 0 && (dots >> (size - 1)) == 0;
}

/// Upper-case base32 throughout with a letter that hex does not have; lengths that are a multiple of 16.
inline bool is_plain_base32(std::string_view key) {
  constexpr std::size_t kBlock = 16;
  if (key.empty() || key.size() % kBlock != 0) return false;
  __m128i fits = _mm_set1_epi8(-1), beyond_hex = _mm_setzero_si128();
  for (std::size_t i = 0; i < key.size(); i += kBlock) {
    const __m128i c = detail::bytes_at(key.data() + i);
    fits = _mm_and_si128(fits, _mm_or_si128(detail::in_range(c, 'A', 'Z'), detail::in_range(c, '2', '7')));
    beyond_hex = _mm_or_si128(beyond_hex, _mm_cmpgt_epi8(c, _mm_set1_epi8('F')));
  }
  return detail::mask_of(fits) == 0xffff && detail::mask_of(beyond_hex) != 0;
}
#else
inline bool is_plain_upn(std::string_view) { return false; }
inline bool is_plain_base32(std::string_view) { return false; }
#endif

}  // namespace portalkey
