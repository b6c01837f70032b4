// The trainer's loops in the instructions that every processor of the architecture has, without fused multiply-add. bfloat16 products take
// the numbers in pairs, as the instructions of other processors do.
#include "trainer_kernels.h"

#define APERTUS_SET plain
#define APERTUS_LANES 4
#define APERTUS_FMA(a, b, c) ((a) * (b) + (c))
#define APERTUS_PAIR_DOT(sum, a, b) \
  ((sum) + (Floats)((a) << 16) * (Floats)((b) << 16) + (Floats)((a) >> 16 << 16) * (Floats)((b) >> 16 << 16))
#define APERTUS_TILE_ROWS 6
#define APERTUS_TILE_VECTORS 2
#include "trainer_kernels_table.h"

namespace apertus::trainer {
const Kernels& PlainKernels() {
  static constexpr Kernels kernels = plain::KernelsOf("plain", plain::kPairProducts, "emulated");
  return kernels;
}
}  // namespace apertus::trainer
