// See fasttext_sums.h. Each loop is written once, as a template that is inlined into one function for each instruction set.
#include "fasttext_sums.h"

#include <cstring>

#if defined(__x86_64__)
#define APERTUS_AVX2 1
#endif

namespace apertus::fasttext {
namespace {

#define APERTUS_INLINE __attribute__((always_inline)) inline

// Eight floats; the compiler makes two or one register of it.
typedef float Floats __attribute__((vector_size(32)));
typedef int32_t Integers __attribute__((vector_size(32)));
typedef uint64_t Pairs __attribute__((vector_size(32)));

APERTUS_INLINE void Load(Floats& value, const void* from) { std::memcpy(&value, from, sizeof value); }

APERTUS_INLINE void AddTo(float* sum, const Floats& more) {
  Floats value;
  Load(value, sum);
  value += more;
  std::memcpy(sum, &value, sizeof value);
}

APERTUS_INLINE void AddLoop(const uint8_t* row, size_t n, float* sum) {
  size_t j = 0;
  for (; j + 8 <= n; j += 8) {
    Floats value;
    Load(value, row + j * 4);
    AddTo(sum + j, value);
  }
  for (; j < n; j++) {
    float value;
    std::memcpy(&value, row + j * 4, 4);
    sum[j] += value;
  }
}

APERTUS_INLINE void AddAllLoop(const float* const* rows, size_t count, size_t n, float* sum) {
  constexpr size_t kHeld = 8;
  size_t j = 0;
  for (; j + kHeld * 8 <= n; j += kHeld * 8) {
    Floats held[kHeld];
    for (size_t i = 0; i < kHeld; i++) Load(held[i], sum + j + i * 8);
    for (size_t r = 0; r < count; r++) {
      for (size_t i = 0; i < kHeld; i++) {
        Floats value;
        Load(value, rows[r] + j + i * 8);
        held[i] += value;
      }
    }
    for (size_t i = 0; i < kHeld; i++) std::memcpy(sum + j + i * 8, &held[i], 32);
  }
  for (size_t r = 0; j < n && r < count; r++) AddLoop(reinterpret_cast<const uint8_t*>(rows[r] + j), n - j, sum + j);
}

APERTUS_INLINE void SumPairsLoop(const float* centroids, size_t pairs, const uint8_t* const* codes, const float* norms,
                                 const uint32_t* ends, size_t words, float* const* sums) {
  size_t p = 0;
  for (; p + 8 <= pairs; p += 8) {
    const float* block = centroids + p * 512;
    const auto pair = [&](size_t part, uint64_t code) {
      uint64_t two;
      std::memcpy(&two, block + (part * 256 + code) * 2, 8);
      return two;
    };
    for (size_t w = 0, r = 0; w < words; w++) {
      Floats low = {}, high = {};
      for (; r < ends[w]; r++) {
        uint64_t c;
        std::memcpy(&c, codes[r] + p, 8);
        const Pairs first = {pair(0, c & 255), pair(1, c >> 8 & 255), pair(2, c >> 16 & 255), pair(3, c >> 24 & 255)};
        const Pairs second = {pair(4, c >> 32 & 255), pair(5, c >> 40 & 255), pair(6, c >> 48 & 255), pair(7, c >> 56)};
        low += (Floats)first * norms[r];
        high += (Floats)second * norms[r];
      }
      std::memcpy(sums[w] + p * 2, &low, sizeof low);
      std::memcpy(sums[w] + p * 2 + 8, &high, sizeof high);
    }
  }
  for (; p < pairs; p++) {
    for (size_t w = 0, r = 0; w < words; w++) {
      float one = 0, two = 0;
      for (; r < ends[w]; r++) {
        const float* c = centroids + (p * 256 + codes[r][p]) * 2;
        one += c[0] * norms[r];
        two += c[1] * norms[r];
      }
      sums[w][p * 2] = one;
      sums[w][p * 2 + 1] = two;
    }
  }
}

// Finite whatever the weights of a forged model are.
APERTUS_INLINE float Bounded(float x) { return x > 1e30f ? 1e30f : x >= -1e30f ? x : -1e30f; }

APERTUS_INLINE void ScoreLoop(const float* x, size_t n, const float* weights, size_t blocks, float* scores) {
  for (size_t block = 0; block < blocks; block++) {
    Floats a = {}, b = {}, c = {}, d = {};
    for (size_t j = 0; j < n; j++, weights += kLanes) {
      Floats w0, w1, w2, w3;
      Load(w0, weights);
      Load(w1, weights + 8);
      Load(w2, weights + 16);
      Load(w3, weights + 24);
      a += w0 * x[j];
      b += w1 * x[j];
      c += w2 * x[j];
      d += w3 * x[j];
    }
    float* out = scores + block * kLanes;
    std::memcpy(out, &a, 32);
    std::memcpy(out + 8, &b, 32);
    std::memcpy(out + 16, &c, 32);
    std::memcpy(out + 24, &d, 32);
    for (size_t lane = 0; lane < kLanes; lane++) out[lane] = Bounded(out[lane]);
  }
}

APERTUS_INLINE void ScoreTwoLoop(const float* const* x, size_t n, const float* weights, size_t blocks, float* const* scores) {
  const float* x0 = x[0];
  const float* x1 = x[1];
  for (size_t block = 0; block < blocks; block++) {
    Floats a0 = {}, b0 = {}, c0 = {}, d0 = {}, a1 = {}, b1 = {}, c1 = {}, d1 = {};
    for (size_t j = 0; j < n; j++, weights += kLanes) {
      Floats w;
      Load(w, weights);
      a0 += w * x0[j];
      a1 += w * x1[j];
      Load(w, weights + 8);
      b0 += w * x0[j];
      b1 += w * x1[j];
      Load(w, weights + 16);
      c0 += w * x0[j];
      c1 += w * x1[j];
      Load(w, weights + 24);
      d0 += w * x0[j];
      d1 += w * x1[j];
    }
    const Floats* const sums[2][4] = {{&a0, &b0, &c0, &d0}, {&a1, &b1, &c1, &d1}};
    for (size_t i = 0; i < 2; i++) {
      float* out = scores[i] + block * kLanes;
      for (size_t k = 0; k < 4; k++) std::memcpy(out + k * 8, sums[i][k], 32);
      for (size_t lane = 0; lane < kLanes; lane++) out[lane] = Bounded(out[lane]);
    }
  }
}

// x = n ln 2 + r with |r| <= ln 2 / 2, and Taylor's polynomial for r. In place, because vectors are not passed by value between
// functions of different instruction sets.
APERTUS_INLINE void ExpInPlace(Floats& x) {
  const Floats least = Floats{} - 80.0f;
  const Floats low = x < least ? least : x;
  const Floats t = low > Floats{} ? Floats{} : low;  // a vector's unused lanes may hold anything
  const Floats n = (t * 1.44269504f + 12582912.0f) - 12582912.0f;  // 1.5 * 2^23: the sum's last bits are the nearest integer
  const Floats r = (t - n * 0.693359375f) + n * 2.12194440e-4f;    // ln 2 in two parts
  Floats p = r * (1.0f / 720.0f) + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const Integers power = (__builtin_convertvector(n, Integers) + 127) << 23;
  x = x < least ? Floats{} : p * (Floats)power;
}

APERTUS_INLINE void ExponentialsLoop(const float* scores, size_t n, float most, float* out) {
  for (size_t i = 0; i < n; i += 8) {
    Floats x;
    Load(x, scores + i);
    x -= most;
    ExpInPlace(x);
    std::memcpy(out + i, &x, sizeof x);
  }
}

#define APERTUS_SUMS(NAME, TARGET)                                                                                        \
  namespace NAME {                                                                                                        \
  TARGET void Add(const uint8_t* row, size_t n, float* sum) { AddLoop(row, n, sum); }                                     \
  TARGET void AddAll(const float* const* rows, size_t count, size_t n, float* sum) { AddAllLoop(rows, count, n, sum); }   \
  TARGET void SumPairs(const float* centroids, size_t pairs, const uint8_t* const* codes, const float* norms,             \
                       const uint32_t* ends, size_t words, float* const* sums) {                                          \
    SumPairsLoop(centroids, pairs, codes, norms, ends, words, sums);                                                      \
  }                                                                                                                       \
  TARGET void Score(const float* x, size_t n, const float* weights, size_t blocks, float* scores) {                       \
    ScoreLoop(x, n, weights, blocks, scores);                                                                             \
  }                                                                                                                       \
  TARGET void ScoreTwo(const float* const* x, size_t n, const float* weights, size_t blocks, float* const* scores) {      \
    ScoreTwoLoop(x, n, weights, blocks, scores);                                                                          \
  }                                                                                                                       \
  TARGET void Exponentials(const float* scores, size_t n, float most, float* out) { ExponentialsLoop(scores, n, most, out); } \
  constexpr Sums kSums{Add, AddAll, SumPairs, Score, ScoreTwo, Exponentials};                                             \
  }

APERTUS_SUMS(plain, )
#ifdef APERTUS_AVX2
APERTUS_SUMS(avx2, __attribute__((target("avx2"))))
#endif

}  // namespace

const Sums& PlainSums() { return plain::kSums; }

const Sums& BestSums() {
#ifdef APERTUS_AVX2
  if (__builtin_cpu_supports("avx2")) return avx2::kSums;
#endif
  return plain::kSums;
}

float Exp(float x) {
  Floats lanes = Floats{} + x;
  ExpInPlace(lanes);
  return lanes[0];
}

}  // namespace apertus::fasttext
