// The trainer's loops in the instructions that every processor of the architecture has, without fused multiply-add.
#include "trainer_kernels.h"

#define APERTUS_SET plain
#define APERTUS_LANES 4
#define APERTUS_FMA(a, b, c) ((a) * (b) + (c))
#define APERTUS_TILE_ROWS 6
#define APERTUS_TILE_VECTORS 2
#include "trainer_kernels_table.h"

namespace apertus::trainer {
const Kernels& PlainKernels() {
  static constexpr Kernels kernels = plain::KernelsOf("plain", plain::ProductsOf<true>(), "rounded");
  return kernels;
}
}  // namespace apertus::trainer
