#pragma once
// Bytes that must not be seen: refresh tokens, access tokens, client secrets, passphrases, seeds.

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace portalkey {

/// Move-only bytes, wiped when dropped. They cannot be printed, compared or copied by accident; `reveal` is the one word
/// to look for in a review, and its callers are codecs, cryptography and the authorization header.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes) : size_(bytes.size()), data_(std::make_unique<char[]>(bytes.size())) {
    std::ranges::copy(bytes, data_.get());
  }
  Secret(Secret&& o) noexcept : size_(std::exchange(o.size_, 0)), data_(std::move(o.data_)) {}
  Secret& operator=(Secret&& o) noexcept {
    if (this != &o) {
      wipe();
      size_ = std::exchange(o.size_, 0);
      data_ = std::move(o.data_);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  /// Becomes other bytes, in the same memory if they are as many.
  void assign(std::string_view bytes) {
    if (bytes.size() != size_) {
      *this = Secret(bytes);
    } else {
      std::ranges::copy(bytes, data_.get());
    }
  }

  /// Calls `use` with a view of the bytes, valid during the call only, and returns what it returns.
  template <class F>
  decltype(auto) reveal(F&& use) const {
    return std::forward<F>(use)(std::string_view(data_.get(), size_));
  }

  Secret clone() const { return Secret(std::string_view(data_.get(), size_)); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  void wipe() noexcept {
    if (data_) explicit_bzero(data_.get(), size_);  // a memset of a dying buffer is dropped at -O2
  }
  std::size_t size_ = 0;
  std::unique_ptr<char[]> data_;
};
static_assert(!std::is_copy_constructible_v<Secret>);

/// Wipes a string that held a secret on its way to or from a library that insists on std::string.
inline void wipe(std::string& text) {
  explicit_bzero(text.data(), text.capacity());
  text.clear();
}

}  // namespace portalkey
