// bfloat16 products of x86-64 processors: AVX512_BF16 (pairs in vectors) and AMX (tiles of 16 rows of 16 pairs). Both read the order of
// trainer_pairs.h.
#include "trainer_kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <cmath>
#include <vector>

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma,amx-tile,amx-bf16")

namespace apertus::trainer::bf16 {
namespace {

#define APERTUS_LANES 16
#define APERTUS_FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define APERTUS_PAIR_DOT(sum, a, b) ((Floats)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(a), (__m512bh)(b)))
#define APERTUS_TILE_ROWS 14
#define APERTUS_TILE_VECTORS 2
// clang-format off
#include "trainer_simd.h"
#include "trainer_products.h"
#include "trainer_pairs.h"
// clang-format on

// Two by two tiles of sums (0 to 3), two of the left matrix (4, 5), two of the right one (6, 7).
constexpr size_t kSide = 16, kAmxRows = 2 * kSide;
static_assert(kTileColumns == 2 * kSide);

struct alignas(64) TileConfig {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t bytes_a_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

void MultiplyAmx(const float* a, bool, const float* b, size_t count, size_t columns, size_t depth, float* c, size_t stride,
                 bool add) {
  const TileConfig config;
  _tile_loadconfig(&config);
  const size_t pairs = PairsOf(depth), a_stride = PairStride(depth);
  EachTile<kAmxRows>(count, columns, c, stride, add, [&](size_t i, size_t j, size_t rows, float* to, size_t to_stride, bool more) {
    const float* left = a + i * a_stride;
    const float* right = b + j * pairs;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (size_t p = 0; p < pairs; p += kSide) {
      _tile_loadd(4, left + p, a_stride * 4);
      _tile_loadd(5, left + kSide * a_stride + p, a_stride * 4);
      _tile_loadd(6, right + p * kTileColumns, kTileColumns * 4);
      _tile_loadd(7, right + p * kTileColumns + kSide, kTileColumns * 4);
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    float sums[kAmxRows * kTileColumns];
    _tile_stored(0, sums, kTileColumns * 4);
    _tile_stored(1, sums + kSide, kTileColumns * 4);
    _tile_stored(2, sums + kSide * kTileColumns, kTileColumns * 4);
    _tile_stored(3, sums + kSide * kTileColumns + kSide, kTileColumns * 4);
    for (size_t r = 0; r < rows; r++) {
      for (size_t x = 0; x < kTileColumns; x += kLanes) {
        const Floats sum = Load(sums + r * kTileColumns + x);
        Store(to + r * to_stride + x, more ? Load(to + r * to_stride + x) + sum : sum);
      }
    }
  });
  _tile_release();
}

constexpr Products kAmxProducts{kAmxRows, kTileColumns, PairPanel, PairBlock, PackRightPairs, PackLeftPairs, MultiplyAmx,
                                 nullptr};

}  // namespace
}  // namespace apertus::trainer::bf16

#pragma GCC pop_options

namespace apertus::trainer {
namespace {

bool HasPairs() { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512bf16"); }

// The processor's bits, and the kernel's leave to use the tiles' state.
bool HasTiles() {
#if defined(__linux__)
  unsigned a, b, c, d;
  constexpr unsigned kBf16 = 1u << 22, kTile = 1u << 24;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & kBf16) == 0 || (d & kTile) == 0) return false;
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

// Whether both ways give the same product, up to the order of their sums.
bool Agree(const Products& x, const Products& y) {
  constexpr size_t kCount = 37, kColumns = 41, kDepth = 75;
  std::vector<float> a(kCount * kDepth), b(kDepth * kColumns), sums[2];
  for (size_t i = 0; i < a.size(); i++) a[i] = static_cast<float>(i * 37 % 101) / 64 - 0.75f;
  for (size_t i = 0; i < b.size(); i++) b[i] = static_cast<float>(i * 53 % 89) / 64 - 0.5f;
  for (size_t way = 0; way < 2; way++) {
    const Products& products = way == 0 ? x : y;
    std::vector<float> left(products.left_block(64, kDepth)), right(2 * products.right_panel(kDepth));
    sums[way].assign(kCount * kColumns, 1.0f);
    products.pack_left({a.data(), kDepth, 1}, kCount, kDepth, left.data());
    products.pack_right({b.data(), kColumns, 1}, kDepth, kColumns, right.data());
    products.multiply(left.data(), false, right.data(), kCount, kColumns, kDepth, sums[way].data(), kColumns, true);
  }
  for (size_t i = 0; i < sums[0].size(); i++) {
    if (!(std::fabs(sums[0][i] - sums[1][i]) < 1e-3f)) return false;
  }
  return true;
}

}  // namespace

const Products* Avx512PairProducts() { return HasPairs() ? &bf16::kPairProducts : nullptr; }

// Some virtual machines name the tiles and do not run them as they should: they are used where they agree with the vectors.
const Products* AmxProducts() { return HasPairs() && HasTiles() && Agree(bf16::kAmxProducts, bf16::kPairProducts) ? &bf16::kAmxProducts : nullptr; }

}  // namespace apertus::trainer
#else
namespace apertus::trainer {
const Products* Avx512PairProducts() { return nullptr; }
const Products* AmxProducts() { return nullptr; }
}  // namespace apertus::trainer
#endif
