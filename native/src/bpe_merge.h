// Applies the merges of a vocabulary to one pretoken (Sennrich et al. 2016, in the order of Hugging Face tokenizers: the merge
// that comes first in the list, and among equals the leftmost). Short pretokens by repeated scanning, which is quadratic but
// stays in the first-level cache; long ones by a linked list and a heap, n log n.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "bpe_vocabulary.h"

namespace apertus::bpe {

class Merger {
 public:
  explicit Merger(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  // Writes the ranks of a non-empty pretoken to `out`, which has room for one a byte, and returns how many they are.
  size_t Split(std::string_view pretoken, uint32_t* out);

 private:
  static constexpr size_t kShort = 48;

  size_t SplitShort(std::string_view pretoken, uint32_t* out) const;
  size_t SplitLong(std::string_view pretoken, uint32_t* out);

  const Vocabulary& vocabulary_;
  struct Part {
    uint32_t rank;
    // The merge with the next part; kNone where there is none, and where this part has been joined to the one before it.
    uint32_t merge;
    uint32_t next, previous;
  };
  // Scratch of SplitLong.
  std::vector<Part> parts_;
  std::vector<uint64_t> heap_;
};

}  // namespace apertus::bpe
