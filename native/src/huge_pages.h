// Memory that is read at random: in huge pages where the system has them, because looking up an address that is in no table of the
// processor costs more than the load itself.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

namespace apertus {

struct FreeBytes {
  void operator()(void* bytes) const { std::free(bytes); }
};
template <typename T>
using HugePages = std::unique_ptr<T[], FreeBytes>;

// Room for `count` items, uninitialised: pages are taken as they are written. Throws std::bad_alloc.
template <typename T>
HugePages<T> AllocateHugePages(size_t count) {
  constexpr size_t kPage = size_t{2} << 20;
  if (count > SIZE_MAX / sizeof(T) - kPage) throw std::bad_alloc();
  const size_t size = (count * sizeof(T) + kPage - 1) / kPage * kPage;
  auto* bytes = static_cast<T*>(std::aligned_alloc(kPage, size == 0 ? kPage : size));
  if (bytes == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  madvise(bytes, size, MADV_HUGEPAGE);  // a wish: without it everything works the same
#endif
  return HugePages<T>(bytes);
}

}  // namespace apertus
