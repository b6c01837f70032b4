// Products of bfloat16 numbers as processors with instructions for them take them: two neighbours in depth lie in one word, the first in
// the low half, and one instruction adds both of their products to a float32 sum (APERTUS_PAIR_DOT). Included inside the namespace
// of an instruction set, after trainer_products.h.
#pragma once

// Pairs of a depth, filled up with zeros to whole tiles of AMX.
inline size_t PairsOf(size_t depth) { return (depth + 31) / 32 * 16; }
// From row to row of a packed left matrix, in words.
inline size_t PairStride(size_t depth) { return PairsOf(depth) + 16; }

// The bits of the nearest bfloat16, ties to even; what is no number stays so.
inline uint32_t HalfBits(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return x == x ? (bits + 0x7fff + (bits >> 16 & 1)) >> 16 : bits >> 16 | 0x40;
}
inline uint32_t Pair(float first, float second) { return HalfBits(first) | HalfBits(second) << 16; }

inline size_t PairPanel(size_t depth) { return PairsOf(depth) * kTileColumns; }
inline size_t PairBlock(size_t count, size_t depth) { return (count + 31) / 32 * 32 * PairStride(depth); }

// to[p step] = pair p of `depth` numbers that lie `stride` apart.
inline void PackPairs(const float* from, size_t stride, size_t depth, uint32_t* to, size_t step) {
  size_t p = 0;
  for (; 2 * p + 1 < depth; p++) to[p * step] = Pair(from[2 * p * stride], from[(2 * p + 1) * stride]);
  if (depth % 2 != 0) to[p++ * step] = Pair(from[(depth - 1) * stride], 0);
  for (; p < PairsOf(depth); p++) to[p * step] = 0;
}

inline void PackLeftPairs(Operand a, size_t count, size_t depth, float* packed) {
  auto* words = reinterpret_cast<uint32_t*>(packed);
  const size_t stride = PairStride(depth);
  if (!LeftIsPanels(a)) {
    for (size_t i = 0; i < count; i++) PackPairs(a.data + i * a.row_stride, 1, depth, words + i * stride, 1);
    return;
  }
  // Sixteen rows at a time: as many lines of the cache are written to, and read again for the next pair.
  for (size_t i = 0; i < count; i += 16) {
    const size_t rows = count - i < 16 ? count - i : 16;
    for (size_t p = 0; p < PairsOf(depth); p++) {
      const float* first = a.data + i + 2 * p * a.column_stride;
      const bool has_first = 2 * p < depth, has_second = 2 * p + 1 < depth;
      for (size_t r = 0; r < rows; r++) {
        words[(i + r) * stride + p] = has_first ? Pair(first[r], has_second ? first[r + a.column_stride] : 0) : 0;
      }
    }
  }
}

// Panels [pairs, kTileColumns].
inline void PackRightPairs(Operand b, size_t depth, size_t count, float* packed) {
  auto* words = reinterpret_cast<uint32_t*>(packed);
  for (size_t n = 0; n < count; n += kTileColumns, words += PairPanel(depth)) {
    const size_t here = count - n < kTileColumns ? count - n : kTileColumns;
    if (b.column_stride == 1) {
      for (size_t p = 0; p < PairsOf(depth); p++) {
        const float* first = b.data + n + 2 * p * b.row_stride;
        uint32_t* to = words + p * kTileColumns;
        if (2 * p + 1 < depth) {
          for (size_t i = 0; i < here; i++) to[i] = Pair(first[i], first[i + b.row_stride]);
        } else {
          for (size_t i = 0; i < here; i++) to[i] = 2 * p < depth ? Pair(first[i], 0) : 0;
        }
      }
    } else {
      for (size_t i = 0; i < here; i++) PackPairs(b.data + (n + i) * b.column_stride, b.row_stride, depth, words + i, kTileColumns);
    }
    for (size_t i = here; i < kTileColumns; i++) {
      for (size_t p = 0; p < PairsOf(depth); p++) words[p * kTileColumns + i] = 0;
    }
  }
}

template <size_t kRows>
inline void PairTile(size_t pairs, const int32_t* a, size_t a_stride, const int32_t* b, float* c, size_t stride, bool add) {
  Floats sums[kRows][kTileVectors] = {};
  for (size_t p = 0; p < pairs; p++, b += kTileColumns) {
    Words right[kTileVectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < kTileVectors; v++) __builtin_memcpy(&right[v], b + v * kLanes, sizeof right[v]);
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; i++) {
      const Words left = SplatWord(a[i * a_stride + p]);
#pragma GCC unroll 4
      for (size_t v = 0; v < kTileVectors; v++) sums[i][v] = APERTUS_PAIR_DOT(sums[i][v], left, right[v]);
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

template <size_t kRows = kTileRows>
inline void PairTileOf(size_t rows, size_t pairs, const int32_t* a, size_t a_stride, const int32_t* b, float* c, size_t stride,
                       bool add) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return PairTileOf<kRows - 1>(rows, pairs, a, a_stride, b, c, stride, add);
  }
  PairTile<kRows>(pairs, a, a_stride, b, c, stride, add);
}

inline void MultiplyPairs(const float* a, bool, const float* b, size_t count, size_t columns, size_t depth, float* c, size_t stride,
                          bool add) {
  const auto* left = reinterpret_cast<const int32_t*>(a);
  const auto* right = reinterpret_cast<const int32_t*>(b);
  const size_t pairs = PairsOf(depth), a_stride = PairStride(depth);
  EachTile<kTileRows>(count, columns, c, stride, add, [&](size_t i, size_t j, size_t rows, float* to, size_t to_stride, bool more) {
    PairTileOf(rows, pairs, left + i * a_stride, a_stride, right + j * pairs, to, to_stride, more);
  });
}

constexpr Products kPairProducts{kTileRows, kTileColumns, PairPanel, PairBlock, PackRightPairs, PackLeftPairs, MultiplyPairs,
                                 nullptr};
