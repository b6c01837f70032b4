// Reads a fastText model file into fasttext_model.h's structures. Every count is checked against the bytes that are left before
// anything is allocated for it, so a truncated or forged file is refused at the cost of its own size at most.
#include "fasttext_model.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

namespace apertus::fasttext {

static_assert(std::endian::native == std::endian::little, "fastText's format is the writer's memory; only little endian is read");

MappedFile::MappedFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw NoModel(std::strerror(errno));
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    throw NoModel("not a regular file");
  }
  size_ = static_cast<size_t>(info.st_size);
  void* map = size_ == 0 ? MAP_FAILED : ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
  ::close(fd);
  if (size_ == 0) throw CorruptModel("the file is empty");
  if (map == MAP_FAILED) throw NoModel(std::strerror(errno));
  data_ = static_cast<const uint8_t*>(map);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<uint8_t*>(data_), size_);
}

class Reader {
 public:
  explicit Reader(const MappedFile& file) : at_(file.data()), end_(file.data() + file.size()) {}

  template <typename T>
  T Next() {
    T value;
    std::memcpy(&value, Take(sizeof(T)), sizeof(T));
    return value;
  }
  // A byte that must be 0 or 1.
  bool Flag(const char* what) {
    const auto value = Next<uint8_t>();
    if (value > 1) throw CorruptModel(std::string(what) + " is neither 0 nor 1");
    return value == 1;
  }
  const uint8_t* Take(uint64_t bytes) {
    if (bytes > Left()) throw CorruptModel("the file ends too early");
    const uint8_t* begin = at_;
    at_ += bytes;
    return begin;
  }
  // `count` items of `size` bytes; 0 <= count.
  const uint8_t* TakeItems(int64_t count, uint64_t size) {
    if (count < 0 || static_cast<uint64_t>(count) > Left() / size) throw CorruptModel("a count exceeds the file");
    return Take(static_cast<uint64_t>(count) * size);
  }
  std::string_view String() {
    const void* zero = std::memchr(at_, 0, Left());
    if (zero == nullptr) throw CorruptModel("the file ends inside a word");
    const auto length = static_cast<size_t>(static_cast<const uint8_t*>(zero) - at_);
    return {reinterpret_cast<const char*>(Take(length + 1)), length};
  }
  uint64_t Left() const { return static_cast<uint64_t>(end_ - at_); }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
};

// Pages of the mapping that nobody will read again count as memory of the process until they are given back.
static void ForgetPages(const uint8_t* bytes, size_t size) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(bytes) + page - 1) / page * page;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(bytes) + size) / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

static void Require(bool holds, const char* what) {
  if (!holds) throw CorruptModel(what);
}

static Quantiser ReadQuantiser(Reader& in, int64_t columns) {
  const auto dim = in.Next<int32_t>(), parts = in.Next<int32_t>(), width = in.Next<int32_t>(), last = in.Next<int32_t>();
  Require(dim == columns && width >= 1 && width <= dim && parts == (dim - 1) / width + 1 && last == dim - (parts - 1) * width,
          "the shape of a product quantiser");
  Quantiser result{width, parts, last, std::vector<float>(static_cast<size_t>(dim) * 256)};
  std::memcpy(result.centroids.data(), in.TakeItems(int64_t{dim} * 256, 4), result.centroids.size() * 4);
  return result;
}

void Matrix::ReadDense(Reader& in) {
  rows_ = in.Next<int64_t>();
  columns_ = in.Next<int64_t>();
  Require(rows_ >= 0 && columns_ >= 1 && columns_ <= INT32_MAX, "the shape of a matrix");
  floats_ = in.TakeItems(rows_, static_cast<uint64_t>(columns_) * 4);
}

void Matrix::ReadQuantised(Reader& in) {
  const bool with_norms = in.Flag("the norm flag");
  rows_ = in.Next<int64_t>();
  columns_ = in.Next<int64_t>();
  const auto size = in.Next<int32_t>();
  Require(rows_ >= 0 && columns_ >= 1 && columns_ <= INT32_MAX && size >= 0, "the shape of a matrix");
  codes_ = in.TakeItems(size, 1);
  quantiser_ = ReadQuantiser(in, columns_);
  Require(rows_ <= size && rows_ * quantiser_.parts == size, "the number of codes");
  constexpr int32_t kMostCopied = 64 << 20;
  if (size > 0 && size <= kMostCopied) {
    const auto bytes = static_cast<size_t>(size);
    copied_codes_ = AllocateHugePages<uint8_t>(bytes);
    std::memcpy(copied_codes_.get(), codes_, bytes);
    ForgetPages(codes_, bytes);
    codes_ = copied_codes_.get();
  }
  if (!with_norms) return;
  norm_codes_ = in.TakeItems(rows_, 1);
  norms_ = ReadQuantiser(in, 1).centroids;
}

void Matrix::Prefetch(int64_t row) const {
  if (floats_ != nullptr) {
    __builtin_prefetch(floats_ + row * columns_ * 4);
  } else {
    __builtin_prefetch(codes_ + row * quantiser_.parts);
    if (norm_codes_ != nullptr) __builtin_prefetch(norm_codes_ + row);
  }
}

void Matrix::AddRow(const Sums& sums, int64_t row, float* sum) const {
  if (floats_ != nullptr) return sums.add(floats_ + row * columns_ * 4, static_cast<size_t>(columns_), sum);
  const float norm = norm_codes_ == nullptr ? 1.0f : norms_[norm_codes_[row]];
  const uint8_t* codes = codes_ + row * quantiser_.parts;
  for (int32_t part = 0; part < quantiser_.parts; part++) {
    const float* c = quantiser_.At(part, codes[part]);
    const int32_t width = part == quantiser_.parts - 1 ? quantiser_.last_width : quantiser_.width;
    for (int32_t j = 0; j < width; j++) *sum++ += norm * c[j];
  }
}

void Matrix::SumRows(const Sums& sums, const std::vector<int64_t>& rows, const std::vector<uint32_t>& ends,
                     const std::vector<float*>& out) {
  // Two dimensions a part is the program's default, and the setting that costs least accuracy.
  if (floats_ != nullptr || quantiser_.width != 2 || quantiser_.last_width != 2) {
    for (size_t w = 0, r = 0; w < ends.size(); w++) {
      std::fill_n(out[w], columns_, 0.0f);
      for (; r < ends[w]; r++) AddRow(sums, rows[r], out[w]);
    }
    return;
  }
  asked_codes_.clear();
  asked_norms_.clear();
  for (const int64_t row : rows) {
    asked_codes_.push_back(codes_ + row * quantiser_.parts);
    asked_norms_.push_back(norm_codes_ == nullptr ? 1.0f : norms_[norm_codes_[row]]);
  }
  sums.sum_pairs(quantiser_.centroids.data(), static_cast<size_t>(quantiser_.parts), asked_codes_.data(), asked_norms_.data(),
                 ends.data(), ends.size(), out.data());
}

// Ends the filling of a half-empty hash table that an ordinary file fills with about one probe an entry: a file made to collide
// would take time quadratic in its size.
class Probes {
 public:
  explicit Probes(size_t slots) : left_(slots * 64 + 4096) {}
  void Count() { Require(left_-- > 0, "a dictionary made to collide"); }

 private:
  size_t left_;
};

void Model::ReadDictionary(Reader& in) {
  const auto size = in.Next<int32_t>();
  words = in.Next<int32_t>();
  labels = in.Next<int32_t>();
  in.Next<int64_t>();  // tokens of the training text
  const auto kept = in.Next<int64_t>();
  Require(words >= 0 && labels >= 1 && int64_t{words} + labels == size, "the counts of words and labels");
  // A word is at least its closing zero, a count and a type.
  Require(static_cast<uint64_t>(size) <= in.Left() / 10, "more words than the file can hold");
  entries_.reserve(static_cast<size_t>(size));
  for (int32_t i = 0; i < size; i++) {
    entries_.push_back(in.String());
    const auto count = in.Next<int64_t>();
    const auto type = in.Next<int8_t>();
    Require(type == (i < words ? 0 : 1), "words and labels are not in order");
    if (i >= words) label_counts_.push_back(count);
  }
  slots_.assign(std::bit_ceil(static_cast<size_t>(size) * 2), {});
  const size_t mask = slots_.size() - 1;
  Probes probes(slots_.size());
  for (int32_t i = 0; i < size; i++) {
    const auto word = entries_[static_cast<size_t>(i)];
    const uint32_t hash = Hash(word);
    size_t slot = hash & mask;
    for (; slots_[slot].entry >= 0 && entries_[static_cast<size_t>(slots_[slot].entry)] != word; slot = (slot + 1) & mask) probes.Count();
    slots_[slot] = {hash, i};
  }
  Require(kept >= -1, "a negative count of kept n-grams");
  pruned_ = kept >= 0;
  const uint8_t* pairs = in.TakeItems(std::max<int64_t>(kept, 0), 8);
  kept_.assign(std::bit_ceil(static_cast<size_t>(std::max<int64_t>(kept, 0)) * 2 + 1), {-1, 0});
  const size_t kept_mask = kept_.size() - 1;
  Probes kept_probes(kept_.size());
  for (int64_t i = 0; i < kept; i++) {
    int32_t pair[2];
    std::memcpy(pair, pairs + i * 8, 8);
    Require(pair[0] >= 0 && pair[0] < buckets && pair[1] >= 0 && pair[1] < kept, "a kept n-gram outside the model");
    size_t slot = static_cast<uint32_t>(pair[0]) & kept_mask;
    for (; kept_[slot].first >= 0 && kept_[slot].first != pair[0]; slot = (slot + 1) & kept_mask) kept_probes.Count();
    kept_[slot] = {pair[0], pair[1]};
    kept_rows_ = std::max(kept_rows_, int64_t{pair[1]} + 1);
  }
}

int32_t Model::Find(std::string_view token, uint32_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask; slots_[at].entry >= 0; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.hash == hash && entries_[static_cast<size_t>(slot.entry)] == token) return slot.entry;
  }
  return -1;
}

int64_t Model::NgramRow(uint32_t bucket) const {
  if (!pruned_) return int64_t{words} + bucket;
  const size_t mask = kept_.size() - 1;
  for (size_t slot = bucket & mask; kept_[slot].first >= 0; slot = (slot + 1) & mask) {
    if (static_cast<uint32_t>(kept_[slot].first) == bucket) return int64_t{words} + kept_[slot].second;
  }
  return -1;
}

void Model::BuildOutput(const Matrix& matrix) {
  const size_t blocks = (static_cast<size_t>(labels) + kLanes - 1) / kLanes, width = static_cast<size_t>(dimensions);
  Require(blocks * kLanes * width <= size_t{1} << 26, "more than 256 MB of label weights");
  output.assign(blocks * kLanes * width, 0.0f);
  std::vector<float> row(width);
  for (size_t label = 0; label < static_cast<size_t>(labels); label++) {
    std::fill(row.begin(), row.end(), 0.0f);
    matrix.AddRow(PlainSums(), static_cast<int64_t>(label), row.data());
    float* block = output.data() + label / kLanes * kLanes * width + label % kLanes;
    for (size_t j = 0; j < width; j++) block[j * kLanes] = row[j];
  }
}

// Huffman's tree over the labels' counts, which fastText sorts from the most frequent down, merged exactly as it merges them.
void Model::BuildTree(const std::vector<int64_t>& counts) {
  const size_t leaves = counts.size();
  tree.assign(2 * leaves - 1, {});
  for (size_t i = 0; i < leaves; i++) {
    Require(counts[i] >= 0 && counts[i] < HuffmanNode{}.count, "the count of a label");
    tree[i].count = counts[i];
  }
  auto leaf = static_cast<int64_t>(leaves) - 1;
  size_t node = leaves;
  for (size_t i = leaves; i < tree.size(); i++) {
    const auto rarest = [&]() -> size_t {
      if (leaf >= 0 && tree[static_cast<size_t>(leaf)].count < tree[node].count) return static_cast<size_t>(leaf--);
      Require(node < i, "the counts of the labels");
      return node++;
    };
    const size_t left = rarest(), right = rarest();
    tree[i] = {static_cast<int32_t>(left), static_cast<int32_t>(right), tree[left].count + tree[right].count};
  }
}

Model::Model(const std::string& path) : file_(path) {
  Reader in(file_);
  Require(in.Left() >= 8 && in.Next<int32_t>() == 793712314, "not a fastText model: the first bytes are others");
  const auto version = in.Next<int32_t>();
  Require(version == 11 || version == 12, "a version of the format other than 11 and 12");
  dimensions = in.Next<int32_t>();
  in.Next<int32_t>();  // window
  in.Next<int32_t>();  // epochs
  in.Next<int32_t>();  // least count
  in.Next<int32_t>();  // negatives
  word_ngrams = in.Next<int32_t>();
  const auto loss_number = in.Next<int32_t>();
  const auto kind = in.Next<int32_t>();
  buckets = in.Next<int32_t>();
  shortest = in.Next<int32_t>();
  longest = in.Next<int32_t>();
  in.Next<int32_t>();  // how often the learning rate was updated
  in.Next<double>();   // sampling threshold
  Require(kind == 3, "not a supervised model");
  Require(loss_number >= 1 && loss_number <= 4, "an unknown loss");
  loss = static_cast<Loss>(loss_number);
  // Version 11 wrote character n-grams that it did not use in supervised models.
  if (version == 11) longest = 0;
  Require(dimensions >= 1 && dimensions <= 4096, "dimensions outside 1 to 4096");
  Require(word_ngrams >= 0 && word_ngrams <= 16, "word n-grams outside 0 to 16");
  Require(shortest >= 0 && longest >= 0 && longest <= 64, "character n-grams outside 0 to 64");
  Require(buckets >= 0, "a negative number of buckets");
  const bool hashes = longest > 0 || word_ngrams > 1;
  Require(!hashes || buckets > 0, "n-grams without buckets");

  ReadDictionary(in);
  const bool quantised = in.Flag("the quantisation flag");
  if (quantised) {
    input.ReadQuantised(in);
  } else {
    input.ReadDense(in);
  }
  const int64_t ngram_rows = pruned_ ? kept_rows_ : hashes ? buckets : 0;
  Require(input.columns() == dimensions && input.rows() >= words + ngram_rows, "the shape of the input matrix");
  Matrix output_rows;
  if (in.Flag("the output's quantisation flag") && quantised) {
    output_rows.ReadQuantised(in);
  } else {
    output_rows.ReadDense(in);
  }
  Require(output_rows.columns() == dimensions && output_rows.rows() >= labels, "the shape of the output matrix");
  BuildOutput(output_rows);
  if (loss == Loss::kHierarchicalSoftmax) BuildTree(label_counts_);
}

}  // namespace apertus::fasttext
