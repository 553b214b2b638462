#pragma once
// Text that is not UTF-8, as UTF-8: UTF-16 in either byte order (RFC 2781; what Excel calls "Unicode Text", and PowerShell's
// redirection writes), and single values in Windows-1252.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "seeds/input/byte_source.h"

namespace portalkey {

enum class ByteOrder { little, big };

/// By the byte order mark, or by the NUL that every other byte of ASCII text is; nullopt if it is no UTF-16.
std::optional<ByteOrder> utf16_order(std::string_view start);

/// The beginning of UTF-16 text, without its mark, up to what is cut off or wrong. It may hold keys: the caller wipes it.
std::string utf8_of_start(std::string_view utf16, ByteOrder order);

/// UTF-16 read through, a byte order mark left out. Half a character is an Error that names its offset: nothing is replaced.
class TranscodedSource final : public ByteSource {
 public:
  /// `source` is kept by reference.
  TranscodedSource(ByteSource& source, ByteOrder order) : source_(source), order_(order) {}
  TranscodedSource(const TranscodedSource&) = delete;
  TranscodedSource& operator=(const TranscodedSource&) = delete;
  ~TranscodedSource() override;
  Result<std::size_t> read(std::span<char> room) override;

 private:
  Result<bool> fill();
  Result<void> decode_next();

  ByteSource& source_;
  const ByteOrder order_;
  std::array<char, std::size_t{16} << 10> in_;
  std::size_t at_ = 0, filled_ = 0, most_filled_ = 0;
  std::uint64_t offset_ = 0;  // of in_[at_]
  bool ended_ = false;
  std::array<char, 4> character_{};  // in UTF-8, as far as it has not been handed out
  std::size_t character_at_ = 0, character_size_ = 0;
};

/// nullopt if a byte has no meaning in Windows-1252 (81, 8D, 8F, 90, 9D).
std::optional<std::string> utf8_of_windows_1252(std::string_view text);

}  // namespace portalkey
