// See fasttext_loops.h. Each loop is written once and inlined into one function for each instruction set.
#include "fasttext_loops.h"

#include <cstring>

#if defined(__x86_64__)
#define APERTUS_AVX2 1
#endif

namespace apertus::fasttext {
namespace {

#define APERTUS_INLINE __attribute__((always_inline)) inline

typedef float Floats __attribute__((vector_size(32)));
typedef int32_t Integers __attribute__((vector_size(32)));

APERTUS_INLINE void Load(Floats& value, const float* from) { std::memcpy(&value, from, sizeof value); }

APERTUS_INLINE void AddScaledLoop(float factor, const float* row, size_t width, float* sum) {
  for (size_t j = 0; j < width; j += 8) {
    Floats more, value;
    Load(more, row + j);
    Load(value, sum + j);
    value += more * factor;
    std::memcpy(sum + j, &value, sizeof value);
  }
}

APERTUS_INLINE float Joined(const Floats& v) { return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7])); }

// Four lines by two rows: eight sums in registers, so that each load serves more than one multiplication.
APERTUS_INLINE void ScoresLoop(const float* const* x, size_t width, const float* rows, size_t labels, float* const* scores) {
  for (size_t label = 0; label < labels; label += 2, rows += 2 * width) {
    Floats a0 = {}, a1 = {}, b0 = {}, b1 = {}, c0 = {}, c1 = {}, d0 = {}, d1 = {};
    for (size_t j = 0; j < width; j += 8) {
      Floats w0, w1, v;
      Load(w0, rows + j);
      Load(w1, rows + width + j);
      Load(v, x[0] + j);
      a0 += v * w0;
      a1 += v * w1;
      Load(v, x[1] + j);
      b0 += v * w0;
      b1 += v * w1;
      Load(v, x[2] + j);
      c0 += v * w0;
      c1 += v * w1;
      Load(v, x[3] + j);
      d0 += v * w0;
      d1 += v * w1;
    }
    scores[0][label] = Joined(a0);
    scores[0][label + 1] = Joined(a1);
    scores[1][label] = Joined(b0);
    scores[1][label + 1] = Joined(b1);
    scores[2][label] = Joined(c0);
    scores[2][label + 1] = Joined(c1);
    scores[3][label] = Joined(d0);
    scores[3][label + 1] = Joined(d1);
  }
}

// Lanes lie across centroids; of equals the lowest code wins.
APERTUS_INLINE void NearestLoop(const float* x, size_t n, size_t stride, const float* planes, size_t width, uint8_t* codes) {
  for (size_t i = 0; i < n; i++, x += stride) {
    Floats least = Floats{} + 3e38f;
    Integers where = {};
    const Integers lanes = {0, 1, 2, 3, 4, 5, 6, 7};
    for (int32_t k = 0; k < 256; k += 8) {
      Floats distance = {};
      for (size_t j = 0; j < width; j++) {
        Floats c;
        Load(c, planes + j * 256 + k);
        const Floats away = c - x[j];
        distance += away * away;
      }
      const Integers closer = distance < least;
      least = closer ? distance : least;
      where = closer ? lanes + k : where;
    }
    int best = 0;
    for (int lane = 1; lane < 8; lane++) {
      if (least[lane] < least[best] || (least[lane] == least[best] && where[lane] < where[best])) best = lane;
    }
    codes[i] = static_cast<uint8_t>(where[best]);
  }
}

#define APERTUS_LOOPS(NAME, TARGET)                                                                                         \
  namespace NAME {                                                                                                          \
  TARGET void AddScaled(float factor, const float* row, size_t width, float* sum) { AddScaledLoop(factor, row, width, sum); } \
  TARGET void Scores(const float* const* x, size_t width, const float* rows, size_t labels, float* const* scores) {         \
    ScoresLoop(x, width, rows, labels, scores);                                                                             \
  }                                                                                                                         \
  TARGET void Nearest(const float* x, size_t n, size_t stride, const float* planes, size_t width, uint8_t* codes) {         \
    width == 2 ? NearestLoop(x, n, stride, planes, 2, codes) : NearestLoop(x, n, stride, planes, width, codes);             \
  }                                                                                                                         \
  constexpr TrainingLoops kLoops{AddScaled, Scores, Nearest};                                                               \
  }

APERTUS_LOOPS(plain, )
#ifdef APERTUS_AVX2
APERTUS_LOOPS(avx2, __attribute__((target("avx2"))))
#endif

}  // namespace

const TrainingLoops& PlainTrainingLoops() { return plain::kLoops; }

const TrainingLoops& BestTrainingLoops() {
#ifdef APERTUS_AVX2
  if (__builtin_cpu_supports("avx2")) return avx2::kLoops;
#endif
  return plain::kLoops;
}

}  // namespace apertus::fasttext
