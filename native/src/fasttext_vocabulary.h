// The words that have a row of their own, and the labels, as fastText's dictionary keeps them: the most frequent first.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "fasttext_features.h"
#include "fasttext_lines.h"

namespace apertus::fasttext {

class Vocabulary {
 public:
  struct Entry {
    std::string_view word;  // lies in the lines that were counted
    int64_t count;
  };
  // Words that a pass reads at least `least_count` times, at most `most`, counted as often as a pass reads their line.
  Vocabulary(const Lines& lines, const SamplingSettings& sampling, double least_count, size_t most);
  int32_t Find(const Word& word) const;
  const std::vector<Entry>& entries() const { return entries_; }
  int64_t tokens() const { return tokens_; }

 private:
  std::vector<Entry> entries_;
  int64_t tokens_ = 0;
  struct Slot {
    uint32_t hash = 0;
    int32_t entry = -1;
  };
  std::vector<Slot> slots_;
};

}  // namespace apertus::fasttext
