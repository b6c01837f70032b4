// The vocabulary of a byte-level BPE tokenizer (Sennrich et al. 2016; byte-level as in GPT-2): byte strings by rank, and the
// merges with the order in which they are applied. Immutable once built.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bpe_table.h"

namespace apertus::bpe {

inline constexpr uint32_t kNone = UINT32_MAX;

// Which of the merges that fit comes first; among equals it is always the leftmost.
enum class MergeOrder : uint8_t {
  // The one whose token has the lowest rank, whatever it is joined from (tiktoken).
  kRanks,
  // As Hugging Face's converter lists the merges of a vocabulary that has only ranks: for each token by rank, every cut into two
  // tokens, by (rank of the left part, rank of the right part).
  kDerived,
  // The place in a list of merges (Hugging Face).
  kListed,
};

class Vocabulary {
 public:
  // Ranks in order, each as one byte of length and its bytes; a length of 0 stands in front of a longer one in four bytes, the
  // lowest first. `merges` holds left and right rank of each merge for kListed. Throws std::invalid_argument with what is wrong:
  // a token that is cut off, empty or given twice, a missing single byte, a merge of or to what is no token, or a number or size
  // beyond the limits in bpe_vocabulary.cc.
  Vocabulary(std::string_view packed, MergeOrder order, std::span<const uint32_t> merges);

  uint32_t size() const { return static_cast<uint32_t>(starts_.size() - 1); }
  std::string_view token(uint32_t rank) const {
    return {bytes_.data() + starts_[rank], starts_[rank + 1] - starts_[rank]};
  }
  // Bytes of the longest token.
  size_t longest() const { return longest_; }
  uint32_t rank_of_byte(uint8_t byte) const { return singles_[byte]; }

  // The rank of a token, or kNone.
  uint32_t Find(std::string_view token) const;
  MergeOrder order() const { return order_; }
  // What is known of the merge of two adjacent tokens, or kNone: its place in the list for kListed, else the rank of its token.
  uint32_t FindMerge(uint32_t left, uint32_t right) const {
    const uint64_t key = uint64_t{left} << 20 | right;
    for (size_t slot = MergeSlot(key);; slot++) {
      const uint64_t entry = merges_[slot];
      if (entry == kEmptyMerge) return kNone;
      if (entry >> 24 == key) return static_cast<uint32_t>(entry & 0xFFFFFF);
    }
  }
  // Asks for the memory that FindMerge will read.
  void Prefetch(uint32_t left, uint32_t right) const { __builtin_prefetch(&merges_[MergeSlot(uint64_t{left} << 20 | right)]); }
  // The same for two bytes: where every pretoken starts.
  uint32_t FindByteMerge(uint8_t left, uint8_t right) const { return byte_merges_[size_t{left} << 8 | right]; }
  // The rank of the token that a merge of kListed makes.
  uint32_t joined(uint32_t place) const { return joined_[place]; }

 private:
  static constexpr uint64_t kEmptyMerge = UINT64_MAX;

  const MergeOrder order_;

  size_t MergeSlot(uint64_t key) const {
    const uint64_t hash = key * 0x9E3779B97F4A7C15ULL;
    return static_cast<size_t>((hash >> 32) * merge_slots_ >> 32);
  }
  struct Merge {
    uint32_t left, right;
    uint32_t what;
  };

  void ReadTokens(std::string_view packed);
  void BuildRanks();
  std::vector<Merge> CutMerges() const;
  std::vector<Merge> ListMerges(std::span<const uint32_t> merges);
  void BuildMerges(const std::vector<Merge>& list);

  Table<char> bytes_;
  Table<uint32_t> starts_;
  size_t longest_ = 0;
  uint32_t singles_[256];
  // Ranks of the two-byte tokens, by first byte << 8 | second byte.
  std::vector<uint32_t> doubles_;
  // Open addressing; a slot is (upper half of the hash) << 32 | rank + 1, or 0.
  Table<uint64_t> ranks_;
  size_t rank_mask_ = 0;
  // Open addressing; a slot is left rank << 44 | right rank << 24 | what FindMerge gives. Behind the slots that keys fall on there is
  // room for those that are pushed on, and the last is empty.
  Table<uint64_t> merges_;
  uint64_t merge_slots_ = 0;
  Table<uint32_t> joined_;
  std::vector<uint32_t> byte_merges_;
};

}  // namespace apertus::bpe
