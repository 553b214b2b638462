// Every block of heap is overwritten before it is given back, whoever gives it back: libstdc++, libcurl, OpenSSL, Boost. Copies
// of secrets that libraries make thus do not outlive their owner. glibc's own M_PERTURB does not do it: blocks that go into the
// thread's cache (tcache) are not overwritten.
//
// glibc calls free and realloc through symbols that a program may replace, and keeps its own under __libc_ names.

#include <malloc.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

extern "C" {

void __libc_free(void* block);

void free(void* block) {
  if (block == nullptr) return;
  // A block with a mapping of its own (large ones) is unmapped, which wipes it as well. glibc marks it in the size before it.
  constexpr std::size_t kMapped = 2;
  const std::size_t size_and_marks = *(static_cast<const std::size_t*>(block) - 1);
  const int kept = errno;  // free leaves it alone
  if ((size_and_marks & kMapped) == 0) explicit_bzero(block, malloc_usable_size(block));
  __libc_free(block);
  errno = kept;
}

void* realloc(void* block, std::size_t size) {
  if (block == nullptr) return malloc(size);
  if (size == 0) {
    free(block);
    return nullptr;
  }
  const std::size_t usable = malloc_usable_size(block);
  if (size <= usable && size >= usable / 2) return block;
  void* moved = malloc(size);
  if (moved == nullptr) return nullptr;
  memcpy(moved, block, size < usable ? size : usable);
  free(block);
  return moved;
}

}  // extern "C"
