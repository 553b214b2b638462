#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace portalkey {

/// Fields as bytes to be sealed: each with its kind and length in front, so that other fields never give the same bytes.
class BoundFields {
 public:
  /// `of`: what the fields are those of.
  explicit BoundFields(std::string_view of) {
    bytes_.reserve(256);
    add(of);
  }
  BoundFields& add(std::string_view text) {
    bytes_ += 't';
    put(text.size());
    bytes_ += text;
    return *this;
  }
  BoundFields& add(std::integral auto number) {
    bytes_ += 'n';
    put(static_cast<std::uint64_t>(number));
    return *this;
  }
  template <class T>
  BoundFields& add(const std::optional<T>& number) {
    if (number) return add(static_cast<std::int64_t>(*number));
    bytes_ += '-';
    return *this;
  }
  std::string_view bytes() const { return bytes_; }

 private:
  void put(std::uint64_t value) {
    char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
    bytes_.append(bytes, sizeof bytes);
  }
  std::string bytes_;
};

}  // namespace portalkey
