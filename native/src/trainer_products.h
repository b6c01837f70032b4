// Blocks of matrix products as Goto and van de Geijn 2008 (doi:10.1145/1356052.1356053) cut them: a tile of the result stays in
// registers while a panel of the right matrix, from the first-level cache, and rows of the left one, from the second, run past.
// Included inside the namespace of an instruction set, after trainer_simd.h.
#pragma once

constexpr size_t kTileRows = APERTUS_TILE_ROWS, kTileVectors = APERTUS_TILE_VECTORS, kTileColumns = kTileVectors * kLanes;

// From row to row of a packed left matrix: beyond the depth, so that rows do not fall on the same sets of a cache.
inline size_t LeftStride(size_t depth) { return (depth + 31) / 16 * 16; }

inline size_t RightPanel(size_t depth) { return depth * kTileColumns; }
// From panel to panel of a packed left matrix, and for the same reason.
inline size_t LeftPanel(size_t depth) { return depth * kTileRows + 16; }
inline size_t LeftBlock(size_t count, size_t depth) { return (count / kTileRows + 1) * kTileRows * LeftStride(depth); }

// to[i] = from[i], rounded where asked.
template <bool kHalf>
inline void CopyRow(const float* from, size_t count, float* to) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Floats x = Load(from + i);
    Store(to + i, kHalf ? RoundToHalf(x) : x);
  }
  for (; i < count; i++) to[i] = kHalf ? RoundToHalf(from[i]) : from[i];
}

// Panels [depth, kWidth], `stride_out` floats apart, of a matrix whose columns are contiguous; the last panel is filled up with zeros.
// Rows are read whole, one after the other: those of a wide matrix would push each other out of the cache.
template <bool kHalf, size_t kWidth>
void PackColumns(const float* from, size_t stride, size_t depth, size_t count, float* packed, size_t stride_out) {
  const size_t whole = count / kWidth * kWidth;
  for (size_t k = 0; k < depth; k++, from += stride, packed += kWidth) {
    float* to = packed;
    for (size_t n = 0; n < whole; n += kWidth, to += stride_out) {
      if (kHalf) {
        CopyRow<kHalf>(from + n, kWidth, to);
      } else {
        __builtin_memcpy(to, from + n, kWidth * sizeof(float));
      }
    }
    if (whole == count) continue;
    CopyRow<kHalf>(from + whole, count - whole, to);
    for (size_t i = count - whole; i < kWidth; i++) to[i] = 0;
  }
}

typedef float Four __attribute__((vector_size(16)));

// to[k width + i] = row i [k] for four rows and four k.
inline void TransposeFour(const float* from, size_t stride, float* to, size_t width) {
  Four r0, r1, r2, r3;
  __builtin_memcpy(&r0, from, 16);
  __builtin_memcpy(&r1, from + stride, 16);
  __builtin_memcpy(&r2, from + 2 * stride, 16);
  __builtin_memcpy(&r3, from + 3 * stride, 16);
  const Four low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
  const Four low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
  const Four columns[4] = {
      __builtin_shufflevector(low01, low23, 0, 1, 4, 5), __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
      __builtin_shufflevector(high01, high23, 0, 1, 4, 5), __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
  for (size_t k = 0; k < 4; k++) __builtin_memcpy(to + k * width, &columns[k], 16);
}

// The same of a matrix whose rows (of depth) are contiguous, column n at from + n stride.
template <bool kHalf>
void PackTransposed(const float* from, size_t stride, size_t depth, size_t count, size_t width, float* packed) {
  for (size_t n = 0; n < count; n += width, packed += depth * width) {
    const size_t here = count - n < width ? count - n : width, fours = here / 4 * 4, deep = depth / 4 * 4;
    for (size_t k = 0; k < deep; k += 4) {
      for (size_t i = 0; i < fours; i += 4) TransposeFour(from + (n + i) * stride + k, stride, packed + k * width + i, width);
    }
    for (size_t i = 0; i < here; i++) {
      for (size_t k = i < fours ? deep : 0; k < depth; k++) packed[k * width + i] = from[(n + i) * stride + k];
    }
    for (size_t i = here; i < width; i++) {
      for (size_t k = 0; k < depth; k++) packed[k * width + i] = 0;
    }
    if (kHalf) CopyRow<kHalf>(packed, depth * width, packed);
  }
}

template <bool kHalf>
void PackRight(Operand b, size_t depth, size_t count, float* packed) {
  if (b.column_stride == 1) {
    PackColumns<kHalf, kTileColumns>(b.data, b.row_stride, depth, count, packed, RightPanel(depth));
  } else {
    PackTransposed<kHalf>(b.data, b.column_stride, depth, count, kTileColumns, packed);
  }
}

template <bool kHalf>
void PackLeft(Operand a, size_t count, size_t depth, float* packed) {
  if (LeftIsPanels(a)) {
    PackColumns<kHalf, kTileRows>(a.data, a.column_stride, depth, count, packed, LeftPanel(depth));
  } else {
    for (size_t i = 0; i < count; i++) CopyRow<kHalf>(a.data + i * a.row_stride, depth, packed + i * LeftStride(depth));
  }
}

// c [kRows, kTileColumns] (+)= a b, b [depth, kTileColumns] with `b_stride` floats from depth to depth. a(i, k) lies at
// a[k a_stride + i] of a panel, else at a[i a_stride + k].
template <size_t kRows, bool kPanel>
inline void Tile(size_t depth, const float* a, size_t a_stride, const float* b, size_t b_stride, float* c, size_t stride, bool add) {
  for (size_t i = 0; i < kRows; i++) __builtin_prefetch(c + i * stride, 1);
  Floats sums[kRows][kTileVectors] = {};
#pragma GCC unroll 8
  for (size_t k = 0; k < depth; k++, b += b_stride) {
    Floats right[kTileVectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < kTileVectors; v++) right[v] = Load(b + v * kLanes);
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; i++) {
      const Floats left = Splat(kPanel ? a[k * a_stride + i] : a[i * a_stride + k]);
#pragma GCC unroll 4
      for (size_t v = 0; v < kTileVectors; v++) sums[i][v] = Fma(left, right[v], sums[i][v]);
    }
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; i++) {
#pragma GCC unroll 4
    for (size_t v = 0; v < kTileVectors; v++) {
      float* to = c + i * stride + v * kLanes;
      Store(to, add ? Load(to) + sums[i][v] : sums[i][v]);
    }
  }
}

// The same for a number of rows that is known only now, 1 to kTileRows.
template <bool kPanel, size_t kRows = kTileRows>
inline void TileOf(size_t rows, size_t depth, const float* a, size_t a_stride, const float* b, size_t b_stride, float* c,
                   size_t stride, bool add) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return TileOf<kPanel, kRows - 1>(rows, depth, a, a_stride, b, b_stride, c, stride, add);
  }
  Tile<kRows, kPanel>(depth, a, a_stride, b, b_stride, c, stride, add);
}

// Calls tile(row, column, rows, c, stride, add) for every tile of c, rows from 1 to kStep and kTileColumns columns. A tile that would
// reach beyond the last column is made beside the matrix.
template <size_t kStep, typename MakeTile>
inline void EachTile(size_t count, size_t columns, float* c, size_t stride, bool add, const MakeTile& tile) {
  for (size_t j = 0; j < columns; j += kTileColumns) {
    for (size_t i = 0; i < count; i += kStep) {
      const size_t rows = count - i < kStep ? count - i : kStep;
      if (columns - j >= kTileColumns) {
        tile(i, j, rows, c + i * stride + j, stride, add);
        continue;
      }
      float edge[kStep * kTileColumns];
      tile(i, j, rows, edge, kTileColumns, false);
      for (size_t r = 0; r < rows; r++) {
        float* to = c + (i + r) * stride + j;
        for (size_t x = 0; x < columns - j; x++) to[x] = edge[r * kTileColumns + x] + (add ? to[x] : 0);
      }
    }
  }
}

template <bool kPanel>
void MultiplyBlock(const float* a, const float* b, size_t count, size_t columns, size_t depth, float* c, size_t stride, bool add) {
  const size_t a_stride = kPanel ? kTileRows : LeftStride(depth), tile_stride = kPanel ? LeftPanel(depth) : kTileRows * a_stride;
  EachTile<kTileRows>(count, columns, c, stride, add, [&](size_t i, size_t j, size_t rows, float* to, size_t to_stride, bool more) {
    TileOf<kPanel>(rows, depth, a + i / kTileRows * tile_stride, a_stride, b + j * depth, kTileColumns, to, to_stride, more);
  });
}

inline void Multiply(const float* a, bool left_is_panels, const float* b, size_t count, size_t columns, size_t depth, float* c,
                     size_t stride, bool add) {
  left_is_panels ? MultiplyBlock<true>(a, b, count, columns, depth, c, stride, add)
                 : MultiplyBlock<false>(a, b, count, columns, depth, c, stride, add);
}

// Chains of multiplications and additions, enough of them that none waits: the machine's peak.
constexpr size_t kChains = kTileRows * kTileVectors;
inline float Peak(size_t rounds) {
  Floats chains[kChains];
#pragma GCC unroll 32
  for (size_t i = 0; i < kChains; i++) chains[i] = Splat(static_cast<float>(i));
  const Floats factor = Splat(0.999f), more = Splat(0.5f);
  for (size_t round = 0; round < rounds; round++) {
#pragma GCC unroll 32
    for (size_t i = 0; i < kChains; i++) chains[i] = Fma(chains[i], factor, more);
  }
#pragma GCC unroll 32
  for (size_t i = 1; i < kChains; i++) chains[0] += chains[i];
  return Total(chains[0]);
}
