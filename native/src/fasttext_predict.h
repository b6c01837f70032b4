// From text to labels with probabilities, by a model of fasttext_model.h.
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fasttext_model.h"

namespace apertus::fasttext {

struct Guess {
  int32_t label;
  float score;
};

class Predictor {
 public:
  // The sums change the speed, never a bit of the answers.
  Predictor(const std::string& path, const Sums& sums);
  const Model& model() const { return model_; }

  // Texts that are asked about at once, at most: the labels' weights are read once for all of them.
  static constexpr size_t kTexts = 8;
  // Writes the k most probable labels of each text and their probabilities, the most probable first, of equals the lower label
  // first; label -1 with probability 0 where the text has no feature that the model knows. 1 <= k <= labels; count <= kTexts.
  void Predict(const std::string_view* texts, size_t count, int32_t k, int32_t* labels, float* probabilities);

 private:
  // The sum of a word's rows, kept for the next time it occurs: words repeat, and a row costs more than a look here.
  struct CachedWord {
    static constexpr size_t kLongest = 43;
    uint32_t rows = 0;
    uint8_t length = 0;  // 0 is free
    char bytes[kLongest];
    bool Holds(std::string_view word) const {
      return length == word.size() && std::memcmp(bytes, word.data(), word.size()) == 0;
    }
  };

  // Sums the features of the text into `hidden`; returns how many there were.
  uint64_t SumFeatures(std::string_view text, float* hidden);
  // False where the token is a label, which adds nothing; otherwise its sum waits to be added to `hidden`.
  bool AddWord(std::string_view word, uint32_t hash, float* hidden);
  // row(index) for the word itself, then for its character n-grams with < and > around it, in the order of the program.
  template <typename Row>
  void ForRows(std::string_view word, int32_t id, Row&& row);
  // Sums the rows of the words that are new, and adds those of all that wait to `hidden`, in the order of the text.
  void AddWaiting(float* hidden);
  uint64_t AddWordNgrams(float* hidden);
  // From one text's scores to its best guesses.
  void Choose(const float* scores, size_t k, std::vector<Guess>& best);
  void Softmax(const float* scores, std::vector<Guess>& best);
  void Sigmoid(std::vector<Guess>& best) const;
  void Descend(const float* scores, size_t k, std::vector<Guess>& best) const;

  Model model_;
  const Sums& sums_;
  size_t width_, lanes_;                // floats of a hidden vector, and of a text's scores
  std::vector<float> hidden_, scores_;  // [kTexts][width_], [kTexts][lanes_]
  std::vector<float> exponentials_;
  std::vector<int32_t> word_hashes_;
  std::vector<int64_t> rows_;     // of the words that wait and are new
  std::vector<uint32_t> ends_;    // where the rows of each end
  std::vector<float*> new_sums_;  // and where their sum belongs
  std::vector<const float*> waiting_;
  std::vector<uint8_t> slot_waits_;  // [slot]: its sum must not change before it is added
  std::vector<uint32_t> waiting_slots_;
  uint64_t features_ = 0;
  std::string bounded_;
  std::vector<float> sigmoid_;
  std::vector<CachedWord> cached_;
  HugePages<float> cached_sums_;  // [slot][width_], uninitialised: pages are taken as words come
};

}  // namespace apertus::fasttext
