// The trainer's loops for x86-64 with AVX2 and FMA: 16 registers of 8 floats.
#include "trainer_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define APERTUS_SET avx2
#define APERTUS_LANES 8
#define APERTUS_FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define APERTUS_TILE_ROWS 6
#define APERTUS_TILE_VECTORS 2
#include "trainer_kernels_table.h"
#pragma GCC pop_options

namespace apertus::trainer {
const Kernels* Avx2Kernels() {
  static constexpr Kernels kernels = avx2::KernelsOf("avx2", avx2::ProductsOf<true>(), "rounded");
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kernels : nullptr;
}
}  // namespace apertus::trainer
#else
namespace apertus::trainer {
const Kernels* Avx2Kernels() { return nullptr; }
}  // namespace apertus::trainer
#endif
