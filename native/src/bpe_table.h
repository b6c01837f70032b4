// Memory for tables that are read at random places: on pages of 2 MiB where the system has them, since otherwise most reads miss the
// processor's table of pages, too. Pages are asked for before they are first touched.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace apertus::bpe {

template <typename T>
struct LargePages {
  using value_type = T;
  LargePages() = default;
  template <typename U>
  LargePages(const LargePages<U>&) {}

  T* allocate(size_t count) {
    constexpr size_t kPage = size_t{1} << 21;
    if (count > (size_t{1} << 40) / sizeof(T)) throw std::bad_alloc();
    // Smaller tables would waste more of a page than they gain.
    const bool large = count * sizeof(T) >= kPage / 2;
    const size_t alignment = large ? kPage : 64;
    const size_t bytes = (count * sizeof(T) + alignment - 1) / alignment * alignment;
    void* const memory = std::aligned_alloc(alignment, bytes);
    if (memory == nullptr) throw std::bad_alloc();
#ifdef __linux__
    if (large) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, size_t) { std::free(memory); }
  bool operator==(const LargePages&) const { return true; }
};

template <typename T>
using Table = std::vector<T, LargePages<T>>;

}  // namespace apertus::bpe
