// Writes a trained model as the fastText program writes and reads it, version 12, little endian: settings, dictionary, input
// matrix (floats or product-quantised), output matrix.
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "fasttext_train.h"

namespace apertus::fasttext {
namespace {

class Writer {
 public:
  explicit Writer(const std::string& path) : file_(std::fopen(path.c_str(), "wb")) {
    if (file_ == nullptr) Fail();
  }
  ~Writer() {
    if (file_ != nullptr) std::fclose(file_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  void Bytes(const void* from, size_t size) {
    if (size > 0 && std::fwrite(from, 1, size, file_) != size) Fail();
  }
  template <typename T>
  void Put(T value) {
    Bytes(&value, sizeof value);
  }
  void Entry(std::string_view word, int64_t count, int8_t type) {
    Bytes(word.data(), word.size());
    Put<uint8_t>(0);
    Put(count);
    Put(type);
  }
  void Close() {
    std::FILE* file = file_;
    file_ = nullptr;
    if (std::fclose(file) != 0) Fail();
  }

 private:
  [[noreturn]] static void Fail() { throw std::system_error(errno, std::generic_category()); }
  std::FILE* file_;
};

void PutQuantiser(Writer& out, int32_t dimensions, int32_t dsub, const std::vector<float>& centroids) {
  const int32_t parts = (dimensions - 1) / dsub + 1;
  out.Put(dimensions);
  out.Put(parts);
  out.Put(dsub);
  out.Put(dimensions - (parts - 1) * dsub);
  out.Bytes(centroids.data(), centroids.size() * 4);
}

void PutRows(Writer& out, const Weights& weights, size_t rows, size_t dimensions) {
  out.Put(static_cast<int64_t>(rows));
  out.Put(static_cast<int64_t>(dimensions));
  for (size_t i = 0; i < rows; i++) out.Bytes(weights.row(i), dimensions * 4);
}

}  // namespace

void Trainer::Write(const std::string& path, int32_t dsub, bool norms) const {
  if (!done()) throw Untrainable("a model that is not trained to its end");
  Writer out(path);
  const TrainingSettings& s = settings_;
  constexpr int32_t kWindow = 5, kNegatives = 5, kSupervised = 3, kRateUpdates = 100;
  out.Put<int32_t>(793712314);
  out.Put<int32_t>(12);
  for (const int32_t value : {s.dimensions, kWindow, s.epochs, s.least_count, kNegatives, s.word_ngrams, static_cast<int32_t>(s.loss),
                              kSupervised, s.buckets, s.shortest, s.longest, kRateUpdates}) {
    out.Put(value);
  }
  out.Put<double>(1e-4);

  out.Put(static_cast<int32_t>(words() + labels_.size()));
  out.Put(static_cast<int32_t>(words()));
  out.Put(static_cast<int32_t>(labels_.size()));
  out.Put(vocabulary_->tokens());
  out.Put<int64_t>(-1);  // not pruned
  for (const auto& [word, count] : vocabulary_->entries()) out.Entry(word, count, 0);
  for (size_t label = 0; label < labels_.size(); label++) {
    const auto lines = static_cast<int64_t>(lines_.LinesOf(static_cast<int32_t>(label)));
    out.Entry(std::string(kLabelPrefix) + labels_[label], s.sampling.lines_per_label > 0 ? s.sampling.lines_per_label : lines, 1);
  }

  const auto dimensions = static_cast<size_t>(s.dimensions);
  out.Put<uint8_t>(dsub > 0);
  if (dsub > 0) {
    const Quantised q = Quantise(*input_, s.dimensions, dsub, norms, s.seed, loops_);
    out.Put<uint8_t>(q.with_norms);
    out.Put(q.rows);
    out.Put(static_cast<int64_t>(q.dimensions));
    if (q.codes.size() > INT32_MAX) throw Untrainable("more codes than the format can count");
    out.Put(static_cast<int32_t>(q.codes.size()));
    out.Bytes(q.codes.data(), q.codes.size());
    PutQuantiser(out, q.dimensions, q.dsub, q.centroids);
    if (q.with_norms) {
      out.Bytes(q.norm_codes.data(), q.norm_codes.size());
      PutQuantiser(out, 1, 1, q.norm_centroids);
    }
  } else {
    PutRows(out, *input_, input_->rows(), dimensions);
  }
  out.Put<uint8_t>(0);  // the output is not quantised
  PutRows(out, *output_, labels_.size(), dimensions);
  out.Close();
}

}  // namespace apertus::fasttext
