// A supervised fastText model (Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"; quantised: Joulin et al.
// 2016, "FastText.zip"), mapped from its file: the format that the fastText program writes, version 11 and 12, little endian.
// Weights stay in the mapping; what is built beside them is bounded by the size of the file.
#pragma once
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttext_sums.h"
#include "huge_pages.h"

namespace apertus::fasttext {

// The bytes are not a model that can be used; what() says why.
struct CorruptModel : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// The file cannot be opened.
struct NoModel : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

class Reader;

// Product quantisation (Jégou et al. 2011): each run of `width` dimensions is one of 256 centroids.
struct Quantiser {
  int32_t width = 0, parts = 0, last_width = 0;
  std::vector<float> centroids;
  // Where the part's centroid with this code begins; the last part may be narrower.
  const float* At(int32_t part, uint8_t code) const {
    return centroids.data() + (part == parts - 1 ? int64_t{part} * 256 * width + int64_t{code} * last_width
                                                 : (int64_t{part} * 256 + code) * width);
  }
};

// rows x columns, row-major: floats in the mapping (not aligned), or one byte a part, which are copied out of it unless they are many.
class Matrix {
 public:
  void ReadDense(Reader& in);
  void ReadQuantised(Reader& in);
  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }
  // sum[j] += row[j] for each column; row < rows().
  void AddRow(const Sums& sums, int64_t row, float* sum) const;
  // out[w] = the sum of the rows of word w, in their order, which end before ends[w], for each word; each row < rows().
  void SumRows(const Sums& sums, const std::vector<int64_t>& rows, const std::vector<uint32_t>& ends,
               const std::vector<float*>& out);
  // Asks for the row's first cache line, so that a later AddRow need not wait for memory.
  void Prefetch(int64_t row) const;

 private:
  int64_t rows_ = 0, columns_ = 0;
  const uint8_t* floats_ = nullptr;
  const uint8_t* codes_ = nullptr;
  const uint8_t* norm_codes_ = nullptr;
  HugePages<uint8_t> copied_codes_;
  Quantiser quantiser_;
  std::vector<float> norms_;
  // Of the rows that are being summed.
  std::vector<const uint8_t*> asked_codes_;
  std::vector<float> asked_norms_;
};

enum class Loss { kHierarchicalSoftmax = 1, kNegativeSampling = 2, kSoftmax = 3, kOneVsAll = 4 };

struct HuffmanNode {
  int32_t left = -1, right = -1;
  int64_t count = 1'000'000'000'000'000;
};

class Model {
 public:
  explicit Model(const std::string& path);

  int32_t dimensions = 0, word_ngrams = 0, buckets = 0, shortest = 0, longest = 0;
  Loss loss = Loss::kSoftmax;
  int32_t words = 0, labels = 0;
  Matrix input;
  // Output rows as Sums::score takes them; lanes behind the last label are 0.
  std::vector<float> output;
  // Leaves are labels 0 .. labels - 1, the root is last; empty unless the loss is hierarchical.
  std::vector<HuffmanNode> tree;

  std::string_view LabelName(int32_t label) const { return entries_[static_cast<size_t>(words + label)]; }
  // Index of a word (below `words`) or label (from `words` on), or -1.
  int32_t Find(std::string_view token, uint32_t hash) const;
  // Row of the input matrix for a hashed n-gram, or -1 where the model was pruned of it; bucket < buckets.
  int64_t NgramRow(uint32_t bucket) const;

 private:
  void ReadDictionary(Reader& in);
  void BuildOutput(const Matrix& matrix);
  void BuildTree(const std::vector<int64_t>& counts);

  MappedFile file_;
  bool pruned_ = false;
  int64_t kept_rows_ = 0;  // rows behind the words that a pruned model may name
  std::vector<std::string_view> entries_;
  std::vector<int64_t> label_counts_;
  struct Slot {
    uint32_t hash = 0;
    int32_t entry = -1;  // -1 is free
  };
  std::vector<Slot> slots_;                        // open addressing over entries_
  std::vector<std::pair<int32_t, int32_t>> kept_;  // open addressing: bucket to pruned row, {-1, 0} is free
};

// FNV-1a, 32 bits, as fastText computes it: each byte is sign-extended first.
inline uint32_t Hash(uint32_t hash, char byte) {
  return (hash ^ static_cast<uint32_t>(static_cast<int32_t>(static_cast<int8_t>(byte)))) * 16777619u;
}
inline constexpr uint32_t kHashStart = 2166136261u;
inline uint32_t Hash(std::string_view text) {
  uint32_t hash = kHashStart;
  for (const char byte : text) hash = Hash(hash, byte);
  return hash;
}

}  // namespace apertus::fasttext
