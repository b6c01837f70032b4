// The loops that training spends its time in, compiled for each width of vectors that pays. A sum along a row has eight lanes on
// every processor, which are joined in one order, and nothing is contracted, so all widths give the same bits.
#pragma once
#include <cstddef>
#include <cstdint>

namespace apertus::fasttext {

// Widths of rows are multiples of this; what lies behind the dimensions stays 0.
inline constexpr size_t kRowStep = 8;
// Lines that are multiplied by the labels' rows at once.
inline constexpr size_t kTile = 4;

struct TrainingLoops {
  // sum[j] += factor * row[j], j < width.
  void (*add_scaled)(float factor, const float* row, size_t width, float* sum);
  // scores[t][l] = rows[l] . x[t], t < kTile, l < labels; labels is even.
  void (*scores)(const float* const* x, size_t width, const float* rows, size_t labels, float* const* scores);
  // The code of the nearest of 256 centroids to each of n sub-vectors: x is [n][stride], of which width count; planes is [width][256].
  void (*nearest)(const float* x, size_t n, size_t stride, const float* planes, size_t width, uint8_t* codes);
};

const TrainingLoops& BestTrainingLoops();
const TrainingLoops& PlainTrainingLoops();

}  // namespace apertus::fasttext
