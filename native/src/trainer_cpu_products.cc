// Matrix products and memory of the CPU backend. The right matrix is packed once for all threads, a depth of some hundred at a time;
// then each item packs some rows of the left one for itself and multiplies them with some columns.
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "trainer_cpu.h"

namespace apertus::trainer {
namespace {

// Depth of a block: a panel of it fits the first-level cache, rows of the left matrix the second-level one.
constexpr size_t kDepth = 384, kRows = 144, kSharedColumns = 4096, kPanelsAtOnce = 4;
// So that no thread waits long for the last item.
constexpr size_t kItemsPerThread = 6;
// As many rows as a generator has that continues token by token: packing would cost more than it spares.
constexpr size_t kFewRows = 2, kDotsAtOnce = 128;

size_t Parts(size_t count, size_t most) { return (count + most - 1) / most; }

// The size of each of `parts` parts of `count`, whole multiples of `step`.
size_t PartOf(size_t count, size_t parts, size_t step) { return Parts(Parts(count, parts), step) * step; }

}  // namespace

void* MapPages(size_t bytes) {
  void* map = ::mmap(nullptr, std::max<size_t>(bytes, 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  ::madvise(map, bytes, MADV_HUGEPAGE);
#endif
  return map;
}

void UnmapPages(void* memory, size_t bytes) noexcept { ::munmap(memory, std::max<size_t>(bytes, 1)); }

Workspace::~Workspace() {
  if (memory_ != nullptr) UnmapPages(memory_, bytes_);
}

float* Workspace::Of(size_t floats) {
  if (memory_ == nullptr || floats * sizeof(float) > bytes_) {
    void* more = MapPages(floats * sizeof(float));
    if (memory_ != nullptr) UnmapPages(memory_, bytes_);
    memory_ = more;
    bytes_ = floats * sizeof(float);
  }
  return static_cast<float*>(memory_);
}

void Multiplier::Multiply(Operand a, Operand b, float* c, size_t rows, size_t columns, size_t depth, bool add) {
  if (rows <= kFewRows && a.column_stride == 1 && b.row_stride == 1 && products_.dot != nullptr) {
    pool_.Each(Parts(columns, kDotsAtOnce), [&](size_t item, unsigned) {
      for (size_t n = item * kDotsAtOnce; n < std::min(columns, (item + 1) * kDotsAtOnce); n++) {
        for (size_t i = 0; i < rows; i++) {
          const float dot = products_.dot(a.data + i * a.row_stride, b.data + n * b.column_stride, depth);
          c[i * columns + n] = add ? c[i * columns + n] + dot : dot;
        }
      }
    });
    return;
  }
  const size_t panel_columns = products_.columns;
  const size_t shared = std::min(columns, kSharedColumns);
  const size_t step = PartOf(depth, Parts(depth, kDepth), 32);
  const size_t panel = products_.right_panel(step);
  const size_t row_step = PartOf(rows, Parts(rows, kRows), products_.rows);
  const size_t row_parts = Parts(rows, row_step);
  const size_t wanted = pool_.threads() == 1 ? 1 : Parts(kItemsPerThread * pool_.threads(), row_parts);
  const size_t column_step = PartOf(shared, wanted, panel_columns);
  float* right = right_.Of(Parts(shared, panel_columns) * panel);
  const size_t left_size = Parts(products_.left_block(row_step, step), 16) * 16;
  float* left = left_.Of(left_size * pool_.threads());
  for (size_t column = 0; column < columns; column += shared) {
    const size_t here = std::min(shared, columns - column);
    for (size_t k = 0; k < depth; k += step) {
      const size_t deep = std::min(step, depth - k);
      const size_t panel_here = products_.right_panel(deep);
      const Operand b_here{b.data + k * b.row_stride + column * b.column_stride, b.row_stride, b.column_stride};
      const size_t pack = kPanelsAtOnce * panel_columns;
      pool_.Each(Parts(here, pack), [&](size_t item, unsigned) {
        const size_t n = item * pack;
        products_.pack_right({b_here.data + n * b.column_stride, b.row_stride, b.column_stride}, deep, std::min(pack, here - n),
                             right + n / panel_columns * panel_here);
      });
      const size_t column_parts = Parts(here, column_step);
      pool_.Each(row_parts * column_parts, [&](size_t item, unsigned thread) {
        const size_t i = item / column_parts * row_step, n = item % column_parts * column_step;
        const size_t count = std::min(row_step, rows - i);
        const Operand a_here{a.data + i * a.row_stride + k * a.column_stride, a.row_stride, a.column_stride};
        float* block = left + thread * left_size;
        products_.pack_left(a_here, count, deep, block);
        products_.multiply(block, LeftIsPanels(a), right + n / panel_columns * panel_here, count, std::min(column_step, here - n),
                           deep, c + i * columns + column + n, columns, add || k > 0);
      });
    }
  }
}

}  // namespace apertus::trainer
