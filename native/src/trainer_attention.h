// Softmax attention by tiles of queries and keys (Dao et al. 2022, arXiv:2205.14135). Scores lie transposed, [keys, queries], so that
// a lane is a query: maxima and sums run down the keys without crossing lanes, and both products of a tile read it as it lies.
// Included inside the namespace of an instruction set, after trainer_products.h and trainer_rows.h.
#pragma once

constexpr size_t kTile = kQueryTile;
static_assert(kTile % kTileColumns == 0);
// Far below any score, yet differences of it stay finite.
constexpr float kLeast = -1e30f, kMasked = -3e38f;

inline size_t PaddedWidth(size_t head_width) { return (head_width + kTileColumns - 1) / kTileColumns * kTileColumns; }

// c [rows, panels kTileColumns] (+)= a b, b in panels `b_panel` floats apart.
template <bool kPanel>
inline void TileProduct(size_t rows, size_t panels, size_t depth, const float* a, size_t a_stride, const float* b, size_t b_stride,
                        size_t b_panel, float* c, size_t stride, bool add) {
  for (size_t p = 0; p < panels; p++, b += b_panel, c += kTileColumns) {
    for (size_t i = 0; i < rows; i += kTileRows) {
      const size_t here = rows - i < kTileRows ? rows - i : kTileRows;
      TileOf<kPanel>(here, depth, kPanel ? a + i : a + i * a_stride, a_stride, b, b_stride, c + i * stride, stride, add);
    }
  }
}

// [rows, padded], zeros behind the head's width.
inline void CopyHead(const float* from, size_t stride, size_t rows, size_t width, size_t padded, float scale, float* to) {
  for (size_t r = 0; r < rows; r++, from += stride, to += padded) {
    for (size_t i = 0; i < width; i++) to[i] = from[i] * scale;
    for (size_t i = width; i < padded; i++) to[i] = 0;
  }
}

// Which keys the queries of a tile see: key j if first <= j <= last, lane by lane.
struct Sight {
  int32_t first[kTile], last[kTile];
  size_t low, high;          // of all queries: the keys [low, high)
  size_t all_from, all_to;   // the keys that every query sees
  Sight(const AttentionCall& call, size_t row, size_t query, size_t count) {
    const size_t before = call.shape.keys - call.shape.queries;
    for (size_t i = 0; i < kTile; i++) {
      const size_t q = query + (i < count ? i : count - 1);
      first[i] = call.first == nullptr ? 0 : call.first[row * call.shape.queries + q];
      last[i] = static_cast<int32_t>(before + q);
    }
    low = static_cast<size_t>(first[0]);
    high = static_cast<size_t>(last[count - 1]) + 1;
    all_from = static_cast<size_t>(first[count - 1]);
    all_to = static_cast<size_t>(last[0]) + 1;
  }
  void Mask(size_t key, size_t keys, size_t lanes, float* scores) const {
    if (key >= all_from && key + keys <= all_to) return;
    for (size_t j = 0; j < keys; j++) {
      const Words at = SplatWord(static_cast<int32_t>(key + j));
      for (size_t i = 0; i < lanes; i += kLanes) {
        Words from, to;
        __builtin_memcpy(&from, first + i, sizeof from);
        __builtin_memcpy(&to, last + i, sizeof to);
        float* s = scores + j * kTile + i;
        Store(s, ((at >= from) & (at <= to)) ? Load(s) : Splat(kMasked));
      }
    }
  }
};

inline size_t AttentionScratch(const AttentionShape& shape) {
  const size_t group = shape.heads / shape.kv_heads, padded = PaddedWidth(shape.head_width);
  return group * kTile * (shape.head_width + padded + 2) + kTile * (3 * padded + kTile + 1);
}

// exp(scores - greatest), with sums and greatest brought forward; factor: by what earlier sums and values shrink.
inline void SoftmaxTile(float* scores, size_t keys, size_t lanes, float* greatest, float* sum, float* factor) {
  for (size_t i = 0; i < lanes; i += kLanes) {
    const Floats before = Load(greatest + i);
    Floats most = before;
    for (size_t j = 0; j < keys; j++) most = Max(Load(scores + j * kTile + i), most);
    Floats more = {};
    for (size_t j = 0; j < keys; j++) {
      const Floats e = Exp(Load(scores + j * kTile + i) - most);
      Store(scores + j * kTile + i, e);
      more += e;
    }
    const Floats shrink = Exp(before - most);
    Store(greatest + i, most);
    Store(factor + i, shrink);
    Store(sum + i, Fma(Load(sum + i), shrink, more));
  }
}

inline void Attention(const AttentionCall& call, size_t row, size_t kv_head, size_t query, size_t count, float* scratch) {
  const AttentionShape& shape = call.shape;
  const size_t width = shape.head_width, padded = PaddedWidth(width), group = shape.heads / shape.kv_heads;
  const size_t panels = (count + kTileColumns - 1) / kTileColumns, lanes = panels * kTileColumns;
  const size_t token = row * shape.queries + query;
  float* queries = scratch;                          // [group][panels][width, kTileColumns], scaled
  float* values_out = queries + group * kTile * width;  // [group][kTile, padded]
  float* greatest = values_out + group * kTile * padded;
  float* sum = greatest + group * kTile;
  float* keys = sum + group * kTile;
  float* values = keys + kTile * padded;
  float* rows = values + kTile * padded;
  float* scores = rows + kTile * padded;
  float* factor = scores + kTile * kTile;
  const float scale = 1.0f / __builtin_sqrtf(static_cast<float>(width));
  for (size_t h = 0; h < group; h++) {
    const float* from = call.queries.data + token * call.queries.stride + (kv_head * group + h) * width;
    CopyHead(from, call.queries.stride, count, width, padded, scale, rows);
    PackTransposed<false>(rows, padded, width, count, kTileColumns, queries + h * kTile * width);
  }
  for (size_t i = 0; i < group * kTile; i++) greatest[i] = kLeast, sum[i] = 0;
  const Sight sight(call, row, query, count);
  for (size_t key = sight.low / kTile * kTile; key < sight.high; key += kTile) {
    const size_t here = sight.high - key < kTile ? sight.high - key : kTile, at = row * shape.keys + key;
    CopyHead(call.keys.data + at * call.keys.stride + kv_head * width, call.keys.stride, here, width, padded, 1, keys);
    CopyHead(call.values.data + at * call.values.stride + kv_head * width, call.values.stride, here, width, padded, 1, values);
    for (size_t h = 0; h < group; h++) {
      TileProduct<false>(here, panels, width, keys, padded, queries + h * kTile * width, kTileColumns, width * kTileColumns,
                         scores, kTile, false);
      sight.Mask(key, here, lanes, scores);
      SoftmaxTile(scores, here, lanes, greatest + h * kTile, sum + h * kTile, factor);
      float* out = values_out + h * kTile * padded;
      const bool earlier = key > sight.low;
      if (earlier) {
        for (size_t q = 0; q < count; q++) {
          for (size_t i = 0; i < padded; i++) out[q * padded + i] *= factor[q];
        }
      }
      TileProduct<true>(count, padded / kTileColumns, here, scores, kTile, values, padded, kTileColumns, out, padded, earlier);
    }
  }
  for (size_t h = 0; h < group; h++) {
    for (size_t q = 0; q < count; q++) {
      const float total = sum[h * kTile + q], inverse = 1 / total;
      const size_t head = (token + q) * shape.heads + kv_head * group + h;
      for (size_t i = 0; i < width; i++) call.out[head * width + i] = values_out[(h * kTile + q) * padded + i] * inverse;
      call.sums[head] = greatest[h * kTile + q] + static_cast<float>(__builtin_log(static_cast<double>(total)));
    }
  }
}

inline size_t AttentionBackwardScratch(const AttentionShape& shape) {
  const size_t padded = PaddedWidth(shape.head_width);
  return 4 * shape.keys * padded + kTile * (3 * padded + 2 * shape.head_width + 2 * kTile + 2);
}

inline void StoreHead(const float* from, size_t rows, size_t width, size_t padded, float scale, float* to, size_t stride) {
  for (size_t r = 0; r < rows; r++, from += padded, to += stride) {
    for (size_t i = 0; i < width; i++) to[i] = from[i] * scale;
  }
}

// scores become probabilities P = exp(scores - sums); slopes, which are dP, become dS = P (dP - means).
inline void ScoreGradients(float* scores, float* slopes, size_t keys, size_t lanes, const float* sums, const float* means) {
  for (size_t i = 0; i < lanes; i += kLanes) {
    const Floats sum = Load(sums + i), mean = Load(means + i);
    for (size_t j = 0; j < keys; j++) {
      float* s = scores + j * kTile + i;
      float* d = slopes + j * kTile + i;
      const Floats p = Exp(Load(s) - sum);
      Store(s, p);
      Store(d, p * (Load(d) - mean));
    }
  }
}

inline void AttentionBackward(const AttentionCall& call, size_t row, size_t kv_head, float* scratch) {
  const AttentionShape& shape = call.shape;
  const size_t width = shape.head_width, padded = PaddedWidth(width), group = shape.heads / shape.kv_heads, length = shape.keys;
  const size_t across = padded / kTileColumns, stride = (shape.heads + 2 * shape.kv_heads) * width, token = row * length;
  float* keys = scratch;
  float* values = keys + length * padded;
  float* dkeys = values + length * padded;
  float* dvalues = dkeys + length * padded;
  float* queries = dvalues + length * padded;
  float* douts = queries + kTile * padded;
  float* dqueries = douts + kTile * padded;
  float* queries_across = dqueries + kTile * padded;
  float* douts_across = queries_across + kTile * width;
  float* scores = douts_across + kTile * width;
  float* slopes = scores + kTile * kTile;
  float* sums = slopes + kTile * kTile;
  float* means = sums + kTile;
  const float scale = 1.0f / __builtin_sqrtf(static_cast<float>(width));
  CopyHead(call.keys.data + token * call.keys.stride + kv_head * width, call.keys.stride, length, width, padded, 1, keys);
  CopyHead(call.values.data + token * call.values.stride + kv_head * width, call.values.stride, length, width, padded, 1, values);
  __builtin_memset(dkeys, 0, 2 * length * padded * sizeof(float));
  for (size_t h = kv_head * group; h < (kv_head + 1) * group; h++) {
    for (size_t query = 0; query < length; query += kTile) {
      const size_t count = length - query < kTile ? length - query : kTile;
      const size_t panels = (count + kTileColumns - 1) / kTileColumns, lanes = panels * kTileColumns;
      const size_t at = token + query, out = (at * shape.heads + h) * width, across_heads = shape.heads * width;
      CopyHead(call.queries.data + at * call.queries.stride + h * width, call.queries.stride, count, width, padded, scale, queries);
      CopyHead(call.dout + out, across_heads, count, width, padded, 1, douts);
      PackTransposed<false>(queries, padded, width, count, kTileColumns, queries_across);
      PackTransposed<false>(douts, padded, width, count, kTileColumns, douts_across);
      for (size_t q = 0; q < kTile; q++) {
        const bool real = q < count;
        sums[q] = real ? call.sums[(at + q) * shape.heads + h] : -kMasked;
        means[q] = real ? Dot(call.out + out + q * across_heads, call.dout + out + q * across_heads, width) : 0;
      }
      const Sight sight(call, row, query, count);
      const size_t start = sight.low / kTile * kTile;
      for (size_t key = start; key < sight.high; key += kTile) {
        const size_t here = sight.high - key < kTile ? sight.high - key : kTile;
        TileProduct<false>(here, panels, width, keys + key * padded, padded, queries_across, kTileColumns, width * kTileColumns,
                           scores, kTile, false);
        TileProduct<false>(here, panels, width, values + key * padded, padded, douts_across, kTileColumns, width * kTileColumns,
                           slopes, kTile, false);
        sight.Mask(key, here, lanes, scores);
        ScoreGradients(scores, slopes, here, lanes, sums, means);
        TileProduct<false>(here, across, count, scores, kTile, douts, padded, kTileColumns, dvalues + key * padded, padded, true);
        TileProduct<false>(here, across, count, slopes, kTile, queries, padded, kTileColumns, dkeys + key * padded, padded, true);
        TileProduct<true>(count, across, here, slopes, kTile, keys + key * padded, padded, kTileColumns, dqueries, padded,
                          key > start);
      }
      StoreHead(dqueries, count, width, padded, scale, call.gradient + at * stride + h * width, stride);
    }
  }
  float* to = call.gradient + token * stride + (shape.heads + kv_head) * width;
  StoreHead(dkeys, length, width, padded, 1, to, stride);
  StoreHead(dvalues, length, width, padded, 1, to + shape.kv_heads * width, stride);
}
