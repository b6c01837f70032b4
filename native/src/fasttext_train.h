// Training of supervised fastText models (Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"): the mean of a
// line's rows, times the labels' rows, through softmax or sigmoids, by stochastic gradient descent with a falling rate.
//
// The program lets threads write the same weights without a lock, so no two runs agree. Here a batch of 16 lines reads the weights
// as the batch before left them, each row is then moved by one thread in the order of the lines: the same bytes for any number of
// threads, and on any processor.
#pragma once
#include <barrier>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "fasttext_lines.h"
#include "fasttext_loops.h"
#include "fasttext_model.h"
#include "fasttext_vocabulary.h"

namespace apertus::fasttext {

struct TrainingSettings {
  int32_t dimensions = 100, epochs = 5, least_count = 1, most_words = 1'000'000, word_ngrams = 1, buckets = 0, shortest = 0,
          longest = 0, threads = 1;
  float rate = 0.1f;
  Loss loss = Loss::kSoftmax;
  uint32_t seed = 1;
  bool plain = false;
  SamplingSettings sampling;
};

// What cannot be trained on; what() says why.
struct Untrainable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Floats on large pages where the system has them: rows are read at random.
class Weights {
 public:
  Weights(size_t rows, size_t width);
  ~Weights();
  Weights(const Weights&) = delete;
  Weights& operator=(const Weights&) = delete;
  float* row(size_t i) { return data_ + i * width_; }
  const float* row(size_t i) const { return data_ + i * width_; }
  size_t rows() const { return rows_; }
  size_t width() const { return width_; }

 private:
  size_t rows_, width_, bytes_;
  float* data_;
};

class Trainer {
 public:
  Trainer(const TrainingSettings& settings, std::vector<std::string> labels);
  ~Trainer();
  // Before the first Run. Throws Untrainable where there is too much.
  void Add(std::string_view text, int32_t label);
  // Reads about so many more lines; the first call counts the words and makes the weights.
  void Run(size_t lines);

  bool done() const { return started_ && epoch_ == settings_.epochs; }
  double share() const { return total_ == 0 ? 0 : static_cast<double>(read_) / static_cast<double>(total_); }
  // Mean loss of the lines of the last Run, natural logarithm.
  double loss() const { return loss_; }
  size_t words() const { return vocabulary_ ? vocabulary_->entries().size() : 0; }
  size_t lines() const { return lines_.size(); }
  // .bin where dsub is 0, otherwise .ftz with parts of dsub dimensions, rows' norms apart where `norms`. Throws std::system_error.
  void Write(const std::string& path, int32_t dsub, bool norms) const;

 private:
  struct Slot;
  void Start();
  void Batch(size_t begin, size_t end, size_t thread, size_t threads);
  void Forward(size_t first, size_t count);
  void Features(Slot& slot, const Draw& draw, size_t position);
  void Errors(Slot& slot);
  void Update(size_t lines, size_t thread, size_t threads);

  TrainingSettings settings_;
  std::vector<std::string> labels_;
  Lines lines_;
  const TrainingLoops& loops_;
  const Sums& sums_;
  size_t width_;
  bool started_ = false;
  int32_t epoch_ = 0;
  size_t position_ = 0;
  uint64_t read_ = 0, total_ = 0;
  double loss_ = 0;
  std::vector<Draw> pass_;
  std::unique_ptr<Vocabulary> vocabulary_;
  std::unique_ptr<Weights> input_, output_;
  std::vector<Slot> slots_;
};

// Product quantisation of rows (Jégou et al. 2011), as the file holds it.
struct Quantised {
  int64_t rows = 0;
  int32_t dimensions = 0, dsub = 0;
  bool with_norms = false;
  std::vector<uint8_t> codes, norm_codes;
  std::vector<float> centroids, norm_centroids;
};
Quantised Quantise(const Weights& rows, int32_t dimensions, int32_t dsub, bool norms, uint32_t seed, const TrainingLoops& loops);

}  // namespace apertus::fasttext
