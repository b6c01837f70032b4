// Compiles every loop for one instruction set: a file sets APERTUS_SET, APERTUS_LANES, APERTUS_FMA, APERTUS_TILE_ROWS and
// APERTUS_TILE_VECTORS and includes this. The namespaces keep the sets apart: no set's code can stand in for another's.
#pragma once

namespace apertus::trainer::APERTUS_SET {
namespace {

// Each of these needs what the one before it defines.
#include "trainer_simd.h"
// clang-format off
#include "trainer_products.h"
#include "trainer_rows.h"
#include "trainer_attention.h"
#ifdef APERTUS_PAIR_DOT
#include "trainer_pairs.h"
#endif
// clang-format on

// float32 products, of numbers rounded to bfloat16 first where asked.
template <bool kHalf>
constexpr Products ProductsOf() {
  return {kTileRows, kTileColumns, RightPanel, LeftBlock, PackRight<kHalf>, PackLeft<kHalf>, Multiply,
          kHalf ? nullptr : Dot};
}

constexpr Kernels KernelsOf(const char* name, Products half, const char* half_name) {
  return {name, ProductsOf<false>(), half, half_name, 2 * kChains * kLanes, Peak, Norm, NormBackward, Rotate, RotateBackward,
          Activate, ActivateBackward, LossRow, AttentionScratch, Attention, AttentionBackwardScratch, AttentionBackward, Add,
          SumSquares, Step, Lerp};
}

}  // namespace
}  // namespace apertus::trainer::APERTUS_SET
