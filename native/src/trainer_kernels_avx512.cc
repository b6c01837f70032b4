// The trainer's loops for x86-64 with AVX-512: 32 registers of 16 floats.
#include "trainer_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
#define APERTUS_SET avx512
#define APERTUS_LANES 16
#define APERTUS_FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define APERTUS_TILE_ROWS 14
#define APERTUS_TILE_VECTORS 2
#include "trainer_kernels_table.h"
#pragma GCC pop_options

namespace apertus::trainer {
const Kernels* Avx512Kernels() {
  static const Kernels kernels = [] {
    if (const Products* tiles = AmxProducts()) return avx512::KernelsOf("avx512", *tiles, "amx");
    if (const Products* pairs = Avx512PairProducts()) return avx512::KernelsOf("avx512", *pairs, "avx512_bf16");
    return avx512::KernelsOf("avx512", avx512::ProductsOf<true>(), "rounded");
  }();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                 __builtin_cpu_supports("avx512vl")
             ? &kernels
             : nullptr;
}
}  // namespace apertus::trainer
#else
namespace apertus::trainer {
const Kernels* Avx512Kernels() { return nullptr; }
}  // namespace apertus::trainer
#endif
