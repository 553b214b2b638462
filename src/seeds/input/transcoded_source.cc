#include "seeds/input/transcoded_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace portalkey {
namespace {

constexpr char32_t kMark = 0xFEFF;

unsigned unit_at(const char* bytes, ByteOrder order) {
  const unsigned a = static_cast<unsigned char>(bytes[0]), b = static_cast<unsigned char>(bytes[1]);
  return order == ByteOrder::little ? b << 8 | a : a << 8 | b;
}

bool is_high_half(unsigned unit) { return (unit & 0xFC00) == 0xD800; }
bool is_low_half(unsigned unit) { return (unit & 0xFC00) == 0xDC00; }
char32_t joined(unsigned high, unsigned low) { return 0x10000 + ((high & 0x3FF) << 10 | (low & 0x3FF)); }

std::size_t encode_utf8(char32_t c, char* out) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = static_cast<char>(0xC0 | c >> 6);
    out[1] = tail(0);
    return 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<char>(0xE0 | c >> 12);
    out[1] = tail(6);
    out[2] = tail(0);
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | c >> 18);
  out[1] = tail(12);
  out[2] = tail(6);
  out[3] = tail(0);
  return 4;
}

}  // namespace

std::optional<ByteOrder> utf16_order(std::string_view start) {
  if (start.starts_with("\xFF\xFE")) return ByteOrder::little;
  if (start.starts_with("\xFE\xFF")) return ByteOrder::big;
  const auto sample = start.substr(0, 64);
  if (sample.size() < 8) return std::nullopt;
  std::size_t nuls[2] = {0, 0};
  for (std::size_t i = 0; i < sample.size(); ++i) nuls[i % 2] += sample[i] == '\0' ? 1 : 0;
  if (std::max(nuls[0], nuls[1]) < sample.size() * 3 / 8 || std::min(nuls[0], nuls[1]) != 0) return std::nullopt;
  return nuls[0] == 0 ? ByteOrder::little : ByteOrder::big;
}

std::string utf8_of_start(std::string_view utf16, ByteOrder order) {
  std::string out;
  out.reserve(utf16.size() * 2);  // so that nothing is left behind by growing
  for (std::size_t i = 0; i + 2 <= utf16.size(); i += 2) {
    const unsigned unit = unit_at(utf16.data() + i, order);
    char32_t c = unit;
    if (is_low_half(unit)) break;
    if (is_high_half(unit)) {
      if (i + 4 > utf16.size()) break;
      const unsigned low = unit_at(utf16.data() + i + 2, order);
      if (!is_low_half(low)) break;
      c = joined(unit, low);
      i += 2;
    }
    if (c == kMark && i == 0) continue;
    char character[4];
    out.append(character, encode_utf8(c, character));
  }
  return out;
}

TranscodedSource::~TranscodedSource() { explicit_bzero(in_.data(), most_filled_); }

/// Makes four bytes available if the source has them. False at its end.
Result<bool> TranscodedSource::fill() {
  while (filled_ - at_ < 4 && !ended_) {
    if (at_ > 0) {
      std::memmove(in_.data(), in_.data() + at_, filled_ - at_);
      filled_ -= at_;
      at_ = 0;
    }
    const auto n = source_.read({in_.data() + filled_, in_.size() - filled_});
    if (!n) return std::unexpected(n.error());
    filled_ += *n;
    most_filled_ = std::max(most_filled_, filled_);
    ended_ = *n == 0;
  }
  return filled_ > at_;
}

Result<void> TranscodedSource::decode_next() {
  const auto broken = [&] {
    return fail(Errc::invalid_input, fmt::format("the file is UTF-16, and half a character stands at byte {}", offset_ + 1),
                "It is damaged or cut off: save it again as \"CSV UTF-8 (comma delimited)\".");
  };
  if (filled_ - at_ < 2) return broken();
  const unsigned unit = unit_at(in_.data() + at_, order_);
  char32_t c = unit;
  std::size_t size = 2;
  if (is_low_half(unit)) return broken();
  if (is_high_half(unit)) {
    const unsigned low = filled_ - at_ >= 4 ? unit_at(in_.data() + at_ + 2, order_) : 0;
    if (!is_low_half(low)) return broken();
    c = joined(unit, low);
    size = 4;
  }
  character_at_ = 0;
  character_size_ = c == kMark && offset_ == 0 ? 0 : encode_utf8(c, character_.data());
  at_ += size;
  offset_ += size;
  return {};
}

Result<std::size_t> TranscodedSource::read(std::span<char> room) {
  std::size_t given = 0;
  while (given < room.size()) {
    if (character_at_ < character_size_) {
      room[given++] = character_[character_at_++];
      continue;
    }
    if (filled_ - at_ < 4) {
      const auto there = fill();
      if (!there) return std::unexpected(there.error());
      if (!*there) break;
    }
    if (auto done = decode_next(); !done) return pass(done);
  }
  return given;
}

std::optional<std::string> utf8_of_windows_1252(std::string_view text) {
  // What 80 to 9F mean; 0 is nothing. The rest is Latin-1.
  constexpr std::array<char32_t, 32> kHigh{0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                           0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                           0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                           0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
  std::string out;
  out.reserve(text.size() * 3);
  for (const char byte : text) {
    const auto c = static_cast<unsigned char>(byte);
    const char32_t meant = c >= 0x80 && c < 0xA0 ? kHigh[c - 0x80] : c;
    if (meant == 0 && c != 0) return std::nullopt;
    char character[4];
    out.append(character, encode_utf8(meant, character));
  }
  return out;
}

}  // namespace portalkey
