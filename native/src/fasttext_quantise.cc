// Product quantisation of the input rows (Jégou et al. 2011; for classifiers Joulin et al. 2016, "FastText.zip"): each run of
// `dsub` dimensions becomes the number of the nearest of 256 centroids, found by k-means over a sample of the rows; with norms,
// rows are brought to length 1 first and their lengths quantised by themselves.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "fasttext_train.h"

namespace apertus::fasttext {
namespace {

constexpr size_t kCentroids = 256, kSample = 65536, kRounds = 25;

// planes [width][256] of k-means over n points, [n][width]; n >= 1.
std::vector<float> Cluster(const std::vector<float>& points, size_t n, size_t width, Random& random, const TrainingLoops& loops) {
  std::vector<float> planes(width * kCentroids);
  std::vector<uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  for (size_t k = 0; k < kCentroids; k++) {
    std::swap(order[k % n], order[k % n + random.Below(n - k % n)]);
    for (size_t j = 0; j < width; j++) planes[j * kCentroids + k] = points[order[k % n] * width + j];
  }
  std::vector<uint8_t> codes(n);
  std::vector<double> sums(width * kCentroids);
  std::vector<size_t> counts(kCentroids);
  for (size_t round = 0; round < kRounds; round++) {
    loops.nearest(points.data(), n, width, planes.data(), width, codes.data());
    std::fill(sums.begin(), sums.end(), 0.0);
    std::fill(counts.begin(), counts.end(), 0);
    for (size_t i = 0; i < n; i++) {
      counts[codes[i]]++;
      for (size_t j = 0; j < width; j++) sums[j * kCentroids + codes[i]] += static_cast<double>(points[i * width + j]);
    }
    for (size_t k = 0; k < kCentroids; k++) {
      for (size_t j = 0; j < width; j++) {
        // A centroid that nothing is near to takes a random point and stays in the race.
        planes[j * kCentroids + k] = counts[k] > 0 ? static_cast<float>(sums[j * kCentroids + k] / static_cast<double>(counts[k]))
                                                   : points[random.Below(n) * width + j];
      }
    }
  }
  return planes;
}

// As the file holds centroids: [256][width].
void AppendCentroids(std::vector<float>& out, const std::vector<float>& planes, size_t width) {
  for (size_t k = 0; k < kCentroids; k++) {
    for (size_t j = 0; j < width; j++) out.push_back(planes[j * kCentroids + k]);
  }
}

}  // namespace

Quantised Quantise(const Weights& rows, int32_t dimensions, int32_t dsub, bool norms, uint32_t seed, const TrainingLoops& loops) {
  const size_t n = rows.rows(), dim = static_cast<size_t>(dimensions), step = static_cast<size_t>(dsub);
  const size_t parts = (dim - 1) / step + 1;
  Quantised result{static_cast<int64_t>(n), dimensions, dsub, norms, {}, {}, {}, {}};
  result.codes.resize(n * parts);
  Random random(seed);

  // Rows that nothing ever moved still have a length; only one of zeros has none.
  std::vector<float> lengths(n, 1.0f);
  if (norms) {
    for (size_t i = 0; i < n; i++) {
      double sum = 0;
      for (size_t j = 0; j < dim; j++) sum += static_cast<double>(rows.row(i)[j]) * static_cast<double>(rows.row(i)[j]);
      lengths[i] = static_cast<float>(std::sqrt(sum));
    }
  }
  std::vector<uint32_t> sample(n);
  std::iota(sample.begin(), sample.end(), 0u);
  const size_t sampled = std::min(n, kSample);
  for (size_t i = 0; i < sampled; i++) std::swap(sample[i], sample[i + random.Below(n - i)]);
  sample.resize(sampled);

  std::vector<float> points, all(n * step);
  std::vector<uint8_t> codes(n);
  for (size_t part = 0; part < parts; part++) {
    const size_t begin = part * step, width = std::min(step, dim - begin);
    for (size_t i = 0; i < n; i++) {
      const float factor = lengths[i] > 0 ? 1.0f / lengths[i] : 0.0f;
      for (size_t j = 0; j < width; j++) all[i * width + j] = rows.row(i)[begin + j] * factor;
    }
    points.resize(sampled * width);
    for (size_t i = 0; i < sampled; i++) std::copy_n(&all[sample[i] * width], width, &points[i * width]);
    const std::vector<float> planes = Cluster(points, sampled, width, random, loops);
    loops.nearest(all.data(), n, width, planes.data(), width, codes.data());
    for (size_t i = 0; i < n; i++) result.codes[i * parts + part] = codes[i];
    AppendCentroids(result.centroids, planes, width);
  }
  if (!norms) return result;
  points.resize(sampled);
  for (size_t i = 0; i < sampled; i++) points[i] = lengths[sample[i]];
  const std::vector<float> planes = Cluster(points, sampled, 1, random, loops);
  result.norm_codes.resize(n);
  loops.nearest(lengths.data(), n, 1, planes.data(), 1, result.norm_codes.data());
  result.norm_centroids = planes;
  return result;
}

}  // namespace apertus::fasttext
