// The five loops that a prediction spends its time in, compiled for each width of vectors that pays. Vectors lie across
// dimensions or labels, never along a sum, and nothing is contracted, so all widths give the same bits.
#pragma once
#include <cstddef>
#include <cstdint>

namespace apertus::fasttext {

// Labels whose weights lie side by side: [block][dimension][lane].
inline constexpr size_t kLanes = 32;

struct Sums {
  // sum[j] += row[j], j < n; the row need not be aligned.
  void (*add)(const uint8_t* row, size_t n, float* sum);
  // sum[2 p + i] += norm * centroids[p][codes[p]][i], p < pairs; centroids is [pairs][256][2].
  void (*add_pairs)(const float* centroids, const uint8_t* codes, float norm, size_t pairs, float* sum);
  // scores[b * kLanes + l] = the sum over j < n of x[j] * weights[b][j][l], in the order of j; made finite.
  void (*score)(const float* x, size_t n, const float* weights, size_t blocks, float* scores);
  // The same for two vectors at once, with the same bits: twice as many sums are under way, and each weight is loaded once.
  void (*score_two)(const float* const* x, size_t n, const float* weights, size_t blocks, float* const* scores);
  // out[i] = e^(scores[i] - most), i < n, a multiple of 8; most is the largest score that counts.
  void (*exponentials)(const float* scores, size_t n, float most, float* out);
};

// The widest that this processor runs, or the plainest.
const Sums& BestSums();
const Sums& PlainSums();

// e^x for x <= 0, within 2 units of the last place; 0 below -80.
float Exp(float x);

}  // namespace apertus::fasttext
