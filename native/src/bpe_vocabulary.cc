// Builds the two hash tables of a BPE vocabulary: token bytes to rank, and pair of ranks to merge.
#include "bpe_vocabulary.h"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

#include "bpe_hash.h"

namespace apertus::bpe {

static constexpr size_t kMostTokens = 1 << 20;
static constexpr size_t kMostMerges = 1 << 24;

Vocabulary::Vocabulary(std::string_view packed) {
  ReadTokens(packed);
  BuildMerges();
}

uint32_t Vocabulary::Find(std::string_view token) const {
  if (token.size() > longest_ || token.empty()) return kNone;
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(token[i]); };
  if (token.size() == 1) return singles_[byte(0)];
  if (token.size() == 2) return doubles_[size_t{byte(0)} << 8 | byte(1)];
  const uint64_t hash = HashBytes(token);
  for (size_t slot = hash & rank_mask_;; slot = (slot + 1) & rank_mask_) {
    const uint64_t entry = ranks_[slot];
    if (entry == 0) return kNone;
    if (entry >> 32 != hash >> 32) continue;
    const uint32_t rank = static_cast<uint32_t>(entry) - 1;
    if (this->token(rank) == token) return rank;
  }
}

void Vocabulary::ReadTokens(std::string_view packed) {
  starts_.push_back(0);
  for (size_t at = 0; at < packed.size();) {
    const size_t length = static_cast<uint8_t>(packed[at++]);
    if (length == 0 || length > packed.size() - at) {
      throw std::invalid_argument("token " + std::to_string(starts_.size() - 1) + " is empty or cut off");
    }
    bytes_.insert(bytes_.end(), packed.begin() + static_cast<ptrdiff_t>(at), packed.begin() + static_cast<ptrdiff_t>(at + length));
    starts_.push_back(static_cast<uint32_t>(bytes_.size()));
    longest_ = std::max(longest_, length);
    at += length;
    if (starts_.size() > kMostTokens) throw std::invalid_argument("more than 2^20 - 1 tokens");
  }
  const size_t slots = std::bit_ceil(std::max<size_t>(size_t{size()} * 2, 16));
  ranks_.assign(slots, 0);
  rank_mask_ = slots - 1;
  std::fill(std::begin(singles_), std::end(singles_), kNone);
  doubles_.assign(256 * 256, kNone);
  for (uint32_t rank = 0; rank < size(); rank++) {
    if (Find(token(rank)) != kNone) throw std::invalid_argument("token " + std::to_string(rank) + " is given twice");
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(token(rank)[i]); };
    if (token(rank).size() == 1) {
      singles_[byte(0)] = rank;
      continue;
    }
    if (token(rank).size() == 2) {
      doubles_[size_t{byte(0)} << 8 | byte(1)] = rank;
      continue;
    }
    const uint64_t hash = HashBytes(token(rank));
    size_t slot = hash & rank_mask_;
    while (ranks_[slot] != 0) slot = (slot + 1) & rank_mask_;
    ranks_[slot] = (hash & 0xFFFFFFFF00000000ULL) | (rank + 1);
  }
  for (int byte = 0; byte < 256; byte++) {
    if (singles_[byte] == kNone) throw std::invalid_argument("byte " + std::to_string(byte) + " has no token");
  }
}

void Vocabulary::BuildMerges() {
  struct Cut {
    uint32_t left, right;
  };
  std::vector<Cut> list;
  for (uint32_t rank = 0; rank < size(); rank++) {
    const std::string_view whole = token(rank);
    const size_t first = list.size();
    for (size_t cut = 1; cut < whole.size(); cut++) {
      const uint32_t left = Find(whole.substr(0, cut));
      if (left == kNone) continue;
      const uint32_t right = Find(whole.substr(cut));
      if (right == kNone) continue;
      list.push_back({left, right});
      joined_.push_back(rank);
    }
    // Left parts of one token differ in length, hence in rank: no ties.
    std::sort(list.begin() + static_cast<ptrdiff_t>(first), list.end(),
              [](const Cut& a, const Cut& b) { return a.left < b.left; });
  }
  if (list.size() >= kMostMerges) throw std::invalid_argument("more than 2^24 - 1 merges");
  const size_t slots = std::bit_ceil(std::max<size_t>(list.size() * 3 / 2, 16));
  merges_.assign(slots, kEmptyMerge);
  merge_mask_ = slots - 1;
  merge_shift_ = 64 - std::countr_zero(slots);
  for (size_t order = 0; order < list.size(); order++) {
    const uint64_t key = uint64_t{list[order].left} << 20 | list[order].right;
    size_t slot = MergeSlot(key);
    while (merges_[slot] != kEmptyMerge) slot = (slot + 1) & merge_mask_;
    merges_[slot] = key << 24 | order;
  }
  byte_merges_.resize(256 * 256);
  for (size_t pair = 0; pair < byte_merges_.size(); pair++) {
    byte_merges_[pair] = FindMerge(singles_[pair >> 8], singles_[pair & 0xFF]);
  }
}

}  // namespace apertus::bpe
