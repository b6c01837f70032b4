// The trainer's loops for 64-bit ARM: 32 registers of 4 floats.
#include "trainer_kernels.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define APERTUS_SET neon
#define APERTUS_LANES 4
#define APERTUS_FMA(a, b, c) ((Floats)vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b)))
#define APERTUS_TILE_ROWS 6
#define APERTUS_TILE_VECTORS 4
#include "trainer_kernels_table.h"

namespace apertus::trainer {
const Kernels* NeonKernels() {
  static constexpr Kernels kernels = neon::KernelsOf("neon", neon::ProductsOf<true>(), "rounded");
  return &kernels;
}
}  // namespace apertus::trainer
#else
namespace apertus::trainer {
const Kernels* NeonKernels() { return nullptr; }
}  // namespace apertus::trainer
#endif
