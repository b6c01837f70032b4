// The loops that a prediction spends its time in, compiled for each width of vectors that pays. Vectors lie across
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
  // sum[j] += rows[0][j], then rows[1][j] and so on, j < n, for `count` rows.
  void (*add_all)(const float* const* rows, size_t count, size_t n, float* sum);
  // For each word w < words: sums[w][2 p + i] = the sum over its rows r, in their order, of norms[r] * centroids[p][codes[r][p]][i],
  // p < pairs; centroids is [pairs][256][2], and the rows of w end before ends[w]. Eight pairs are summed for all words before the
  // next eight, so that their centroids stay in the nearest cache.
  void (*sum_pairs)(const float* centroids, size_t pairs, const uint8_t* const* codes, const float* norms, const uint32_t* ends,
                    size_t words, float* const* sums);
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
