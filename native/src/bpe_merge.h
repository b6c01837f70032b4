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
  static constexpr uint64_t kNever = UINT64_MAX;

  template <MergeOrder kOrder>
  size_t SplitIn(std::string_view pretoken, uint32_t* out);
  template <MergeOrder kOrder>
  size_t SplitShort(std::string_view pretoken, uint32_t* out) const;
  template <MergeOrder kOrder>
  size_t SplitLong(std::string_view pretoken, uint32_t* out);
  // What decides which merge comes first: the lower one, of what FindMerge gives and the rank of the left part.
  template <MergeOrder kOrder>
  static uint64_t Priority(uint32_t merge, uint32_t left) {
    if (merge == kNone) return kNever;
    return kOrder == MergeOrder::kDerived ? uint64_t{merge} << 20 | left : merge;
  }
  template <MergeOrder kOrder>
  uint32_t Joined(uint64_t priority) const {
    if constexpr (kOrder == MergeOrder::kListed) return vocabulary_.joined(static_cast<uint32_t>(priority));
    return static_cast<uint32_t>(kOrder == MergeOrder::kDerived ? priority >> 20 : priority);
  }

  const Vocabulary& vocabulary_;
  struct Part {
    uint32_t rank;
    uint32_t next, previous;
    // Of the merge with the next part; kNever where there is none, and where this part has been joined to the one before it.
    uint64_t priority;
  };
  struct Candidate {
    uint64_t priority;
    uint32_t left;
    bool operator>(const Candidate& other) const {
      return priority != other.priority ? priority > other.priority : left > other.left;
    }
  };
  // Scratch of SplitLong.
  std::vector<Part> parts_;
  std::vector<Candidate> heap_;
};

}  // namespace apertus::bpe
