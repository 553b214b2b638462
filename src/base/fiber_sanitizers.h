#pragma once
// Tells AddressSanitizer and ThreadSanitizer which stack is in use; nothing in an ordinary build.
// Source: sanitizer/common_interface_defs.h, sanitizer/tsan_interface.h.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#elif defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace portalkey {

/// One per fiber. The loop calls entering() and back() around the switch, the fiber the others.
class FiberSanitizers {
 public:
#if defined(__SANITIZE_ADDRESS__)
  FiberSanitizers(const void* bottom, std::size_t size) : bottom_(bottom), size_(size) {}
  FiberSanitizers(const FiberSanitizers&) = delete;
  FiberSanitizers& operator=(const FiberSanitizers&) = delete;
  /// The stack is given back; whoever gets the addresses next (a file that SQLite maps) must not find its marks there.
  ~FiberSanitizers() { __asan_unpoison_memory_region(bottom_, size_); }
  void entering() { __sanitizer_start_switch_fiber(&loop_fake_, bottom_, size_); }
  void back() { __sanitizer_finish_switch_fiber(loop_fake_, nullptr, nullptr); }
  void arrived() { __sanitizer_finish_switch_fiber(fake_, &loop_bottom_, &loop_size_); }
  void leaving() { __sanitizer_start_switch_fiber(&fake_, loop_bottom_, loop_size_); }
  void leaving_for_good() { __sanitizer_start_switch_fiber(nullptr, loop_bottom_, loop_size_); }

 private:
  const void* bottom_;
  std::size_t size_;
  void* loop_fake_ = nullptr;
  void* fake_ = nullptr;
  const void* loop_bottom_ = nullptr;
  std::size_t loop_size_ = 0;
#elif defined(__SANITIZE_THREAD__)
  FiberSanitizers(const void*, std::size_t) : fiber_(__tsan_create_fiber(0)) {}
  FiberSanitizers(const FiberSanitizers&) = delete;
  FiberSanitizers& operator=(const FiberSanitizers&) = delete;
  ~FiberSanitizers() { __tsan_destroy_fiber(fiber_); }
  void entering() {
    loop_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(fiber_, 0);
  }
  void back() {}
  void arrived() {}
  void leaving() { __tsan_switch_to_fiber(loop_, 0); }
  void leaving_for_good() { leaving(); }

 private:
  void* fiber_;
  void* loop_ = nullptr;
#else
  FiberSanitizers(const void*, std::size_t) {}
  void entering() {}
  void back() {}
  void arrived() {}
  void leaving() {}
  void leaving_for_good() {}
#endif
};

}  // namespace portalkey
