// Repeated n-grams of words inside one document, after the measures of Rae et al. 2021 (arXiv 2112.11446, appendix A.1.2):
// characters in the most frequent 2-, 3- and 4-gram, and characters covered by 5- to 10-grams that occurred before.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hash.h"

namespace apertus {

struct NgramRepetition {
  // [n - 2]: occurrences of the most frequent n-gram (the longest of equals) that do not overlap, times its characters;
  // 0 where no n-gram occurs twice.
  std::array<uint64_t, 3> top{};
  // [n - 5]: characters of the words that lie in an n-gram which started earlier in the document already, each word once.
  std::array<uint64_t, 6> repeated{};
};

// Counts in one pass over the words. An (n + 1)-gram can only repeat where its first n words do, so it enters the table when
// they have: most positions of ordinary text cost one look-up instead of nine. Memory is reused between documents.
class NgramCounter {
 public:
  // Bounds memory for any document: 32 MB in the worst case.
  static constexpr size_t kMostWords = size_t{1} << 17;

  // At most kMostWords words. hashes[i] of word i; characters[i] before word i (words + 1 ascending numbers).
  NgramRepetition Count(const std::vector<uint64_t>& hashes, const std::vector<uint64_t>& characters);

 private:
  struct Ngram {
    uint64_t hash;
    uint64_t first : 20;    // word where it occurred first
    uint64_t end : 20;      // behind the last occurrence that was counted
    uint64_t count : 20;    // occurrences without overlap; 0 marks a free slot
    uint64_t extended : 1;  // whether the first occurrence was entered one word longer as well
  };

  Ngram& Slot(uint64_t hash);
  void Grow();

  const uint64_t factor_ = SlotFactor();
  std::vector<Ngram> table_;  // open addressing, a power of two
  size_t mask_ = 0, used_ = 0;
  unsigned bits_ = 0;  // of mask_
};

}  // namespace apertus
