// Prediction as fastText does it (Joulin et al. 2016): the mean of the rows of words, character n-grams and word n-grams, times
// the output matrix, through softmax, sigmoids or a Huffman tree. The same bits on every processor: each sum has one order,
// vectors lie across dimensions or labels, never along a sum, and e^x is the polynomial below, not the C library's.
//
// Where the numbers differ from the program's: it prints p + 0.00001 for softmax and one-vs-all (its logarithm's guard), we give
// p; a word's rows are summed before they join the text's sum, which moves the last bits.
#include "fasttext_predict.h"

#include <algorithm>
#include <bit>

#include "fasttext_features.h"

namespace apertus::fasttext {
namespace {

constexpr size_t kCacheBytes = size_t{16} << 20, kCacheWords = 32768, kRowsAhead = 128, kWordsAhead = 64, kLongestCollected = size_t{1} << 14;

// Keeps the list sorted, best first, at most k long; a later guess must beat an earlier one to stand before it.
void Offer(std::vector<Guess>& best, size_t k, Guess guess) {
  if (best.size() == k && !(guess.score > best.back().score)) return;
  const auto place = std::find_if(best.begin(), best.end(), [&](const Guess& other) { return guess.score > other.score; });
  const auto index = place - best.begin();
  if (best.size() == k) best.pop_back();
  best.insert(best.begin() + index, guess);
}

}  // namespace

Predictor::Predictor(const std::string& path, const Sums& sums) : model_(path), sums_(sums) {
  width_ = static_cast<size_t>(model_.dimensions);
  lanes_ = model_.output.size() / width_;
  hidden_.resize(kTexts * width_);
  scores_.resize(kTexts * lanes_);
  exponentials_.resize(lanes_);
  const size_t words = std::min(kCacheWords, std::bit_floor(std::max<size_t>(kCacheBytes / (width_ * 4), 1)));
  cached_.resize(words);
  slot_waits_.resize(words);
  cached_sums_ = AllocateHugePages<float>(words * width_);
  // The program looks sigmoids up in a table of 512 steps from -8 to 8; so do we, or small differences would show.
  for (int i = 0; i <= 512; i++) {
    const float x = static_cast<float>(i) / 32.0f - 8.0f;
    const float e = Exp(x < 0 ? x : -x);
    sigmoid_.push_back(x < 0 ? e / (1.0f + e) : 1.0f / (1.0f + e));
  }
}

void Predictor::Predict(const std::string_view* texts, size_t count, int32_t k, int32_t* labels, float* probabilities) {
  const auto wanted = static_cast<size_t>(k);
  std::fill(labels, labels + count * wanted, -1);
  std::fill(probabilities, probabilities + count * wanted, 0.0f);
  float* asked[kTexts];
  size_t rows[kTexts], known = 0;
  for (size_t i = 0; i < count; i++) {
    float* hidden = hidden_.data() + known * width_;
    const uint64_t features = SumFeatures(texts[i], hidden);
    if (features == 0) continue;
    const float share = 1.0f / static_cast<float>(features);
    for (size_t j = 0; j < width_; j++) hidden[j] *= share;
    asked[known] = hidden;
    rows[known++] = i;
  }
  // A block of labels stays in the nearest cache while all texts are multiplied with it.
  for (size_t block = 0; block < lanes_ / kLanes; block++) {
    const float* weights = model_.output.data() + block * kLanes * width_;
    float* scores[kTexts];
    for (size_t i = 0; i < known; i++) scores[i] = scores_.data() + i * lanes_ + block * kLanes;
    for (size_t i = 0; i + 2 <= known; i += 2) sums_.score_two(asked + i, width_, weights, 1, scores + i);
    if (known % 2 == 1) sums_.score(asked[known - 1], width_, weights, 1, scores[known - 1]);
  }
  std::vector<Guess> best;
  best.reserve(wanted + 1);
  for (size_t i = 0; i < known; i++) {
    best.clear();
    Choose(scores_.data() + i * lanes_, wanted, best);
    for (size_t j = 0; j < best.size(); j++) {
      labels[rows[i] * wanted + j] = best[j].label;
      probabilities[rows[i] * wanted + j] = std::min(best[j].score, 1.0f);
    }
  }
}

void Predictor::Choose(const float* scores, size_t k, std::vector<Guess>& best) {
  if (model_.loss == Loss::kHierarchicalSoftmax) return Descend(scores, k, best);
  for (int32_t i = 0; i < model_.labels; i++) {
    if (best.size() < k || scores[i] > best.back().score) Offer(best, k, {i, scores[i]});
  }
  model_.loss == Loss::kSoftmax ? Softmax(scores, best) : Sigmoid(best);
}

uint64_t Predictor::SumFeatures(std::string_view text, float* hidden) {
  std::fill(hidden, hidden + width_, 0.0f);
  word_hashes_.clear();
  features_ = 0;
  bool end = false;
  for (size_t at = 0; !end;) {
    const auto [word, hash] = NextWord(text, at);
    end = word == kEnd;
    if (AddWord(word, hash, hidden) && model_.word_ngrams > 1) word_hashes_.push_back(static_cast<int32_t>(hash));
  }
  AddWaiting(hidden);
  return features_ + AddWordNgrams(hidden);
}

template <typename Row>
void Predictor::ForRows(std::string_view word, int32_t id, Row&& row) {
  if (id >= 0) row(int64_t{id});
  if (model_.longest <= 0 || word == kEnd) return;
  bounded_.assign(1, '<').append(word).append(1, '>');
  const auto buckets = static_cast<uint32_t>(model_.buckets);
  ForCharacterNgrams(bounded_, model_.shortest, model_.longest, [&](uint32_t hash) {
    const int64_t index = model_.NgramRow(hash % buckets);
    if (index >= 0) row(index);
  });
}

bool Predictor::AddWord(std::string_view word, uint32_t hash, float* hidden) {
  const size_t slot = hash & (cached_.size() - 1);
  CachedWord& cached = cached_[slot];
  float* sum = cached_sums_.get() + slot * width_;
  if (cached.Holds(word)) {
    for (size_t j = 0; j < width_; j += 16) __builtin_prefetch(sum + j);
  } else {
    const int32_t id = model_.Find(word, hash);
    if (id < 0 ? word.starts_with(kLabelPrefix) : id >= model_.words) return false;
    if (slot_waits_[slot] != 0) AddWaiting(hidden);
    // A word too long to be kept still borrows the slot's sum; the slot is then free.
    const bool fits = word.size() <= CachedWord::kLongest;
    cached.length = fits ? static_cast<uint8_t>(word.size()) : 0;
    if (fits) std::memcpy(cached.bytes, word.data(), word.size());
    cached.rows = 0;
    if (word.size() > kLongestCollected) {
      // Without spaces a text is one word: its rows are not held, however many there are.
      std::fill_n(sum, width_, 0.0f);
      ForRows(word, id, [&](int64_t row) {
        model_.input.AddRow(sums_, row, sum);
        cached.rows++;
      });
    } else {
      ForRows(word, id, [&](int64_t row) {
        model_.input.Prefetch(row);
        rows_.push_back(row);
        cached.rows++;
      });
      ends_.push_back(static_cast<uint32_t>(rows_.size()));
      new_sums_.push_back(sum);
    }
  }
  slot_waits_[slot] = 1;
  waiting_slots_.push_back(static_cast<uint32_t>(slot));
  waiting_.push_back(sum);
  features_ += cached.rows;
  if (rows_.size() >= kRowsAhead || waiting_.size() >= kWordsAhead) AddWaiting(hidden);
  return true;
}

void Predictor::AddWaiting(float* hidden) {
  if (!ends_.empty()) model_.input.SumRows(sums_, rows_, ends_, new_sums_);
  sums_.add_all(waiting_.data(), waiting_.size(), width_, hidden);
  for (const uint32_t slot : waiting_slots_) slot_waits_[slot] = 0;
  rows_.clear();
  ends_.clear();
  new_sums_.clear();
  waiting_.clear();
  waiting_slots_.clear();
}

uint64_t Predictor::AddWordNgrams(float* hidden) {
  uint64_t count = 0;
  if (model_.word_ngrams < 2) return count;
  ForWordNgrams(word_hashes_, model_.word_ngrams, [&](uint64_t hash) {
    const int64_t row = model_.NgramRow(static_cast<uint32_t>(hash % static_cast<uint64_t>(model_.buckets)));
    if (row < 0) return;
    model_.input.AddRow(sums_, row, hidden);
    count++;
  });
  return count;
}

void Predictor::Softmax(const float* scores, std::vector<Guess>& best) {
  const float most = best.front().score;
  const auto labels = static_cast<size_t>(model_.labels);
  sums_.exponentials(scores, lanes_, most, exponentials_.data());
  double total = 0;
  for (size_t i = 0; i < labels; i++) total += static_cast<double>(exponentials_[i]);
  for (Guess& guess : best) guess.score = static_cast<float>(static_cast<double>(Exp(guess.score - most)) / total);
}

void Predictor::Sigmoid(std::vector<Guess>& best) const {
  for (Guess& guess : best) {
    const float x = guess.score;
    guess.score = x < -8.0f ? 0.0f : x > 8.0f ? 1.0f : sigmoid_[static_cast<size_t>((x + 8.0f) * 512.0f / 8.0f / 2.0f)];
  }
}

// Down the tree from the root, a branch at a time, left before right; the program adds its logarithm's guard at each step, and
// which label wins may hang on it.
void Predictor::Descend(const float* scores, size_t k, std::vector<Guess>& best) const {
  std::vector<Guess> open{{static_cast<int32_t>(model_.tree.size()) - 1, 1.0f}};
  while (!open.empty()) {
    const Guess at = open.back();
    open.pop_back();
    if (best.size() == k && !(at.score > best.back().score)) continue;
    const HuffmanNode& node = model_.tree[static_cast<size_t>(at.label)];
    if (node.left < 0) {
      Offer(best, k, at);
      continue;
    }
    const float x = scores[at.label - model_.labels];
    const float e = Exp(x < 0 ? x : -x);
    const float right = x < 0 ? e / (1.0f + e) : 1.0f / (1.0f + e);
    open.push_back({node.right, at.score * (right + 1e-5f)});
    open.push_back({node.left, at.score * ((1.0f - right) + 1e-5f)});
  }
}

}  // namespace apertus::fasttext
