#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <utility>

namespace portalkey {

/// A large block of zeroes straight from the kernel. A page costs nothing until it is used.
class ZeroedPages {
 public:
  enum class Size {
    usual,
    huge,  ///< where the kernel has such: for memory of which all is used, now here and now there
  };

  ZeroedPages() = default;
  ZeroedPages(std::size_t bytes, Size size) : bytes_(bytes) {
    void* const got = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<unsigned char*>(got);
    if (size == Size::huge) ::madvise(data_, bytes, MADV_HUGEPAGE);  // a wish
  }
  ZeroedPages(ZeroedPages&& o) noexcept : data_(std::exchange(o.data_, nullptr)), bytes_(std::exchange(o.bytes_, 0)) {}
  ZeroedPages& operator=(ZeroedPages&& o) noexcept {
    std::swap(data_, o.data_);
    std::swap(bytes_, o.bytes_);
    return *this;
  }
  ~ZeroedPages() {
    if (data_ != nullptr) ::munmap(data_, bytes_);
  }

  unsigned char* data() const { return data_; }

 private:
  unsigned char* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace portalkey
