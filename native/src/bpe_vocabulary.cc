// Builds the two hash tables of a BPE vocabulary: token bytes to rank, and pair of ranks to merge.
#include "bpe_vocabulary.h"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

#include "bpe_hash.h"

namespace apertus::bpe {

// Ids of tokens fit in 20 bits and orders in 24 (FindMerge). The others bound the memory and the time that a file made to do harm
// can cost: no vocabulary in use comes near them.
static constexpr size_t kMostTokens = 1 << 20;
static constexpr size_t kMostMerges = 1 << 22;
static constexpr size_t kLongestToken = 1024;
static constexpr size_t kMostBytes = 1 << 24;
// Slots that are looked at before one is free: keys chosen to collide would make every look-up slow.
static constexpr size_t kMostProbes = 4096;

Vocabulary::Vocabulary(std::string_view packed, MergeOrder order, std::span<const uint32_t> merges) : order_(order) {
  ReadTokens(packed);
  BuildRanks();
  BuildMerges(order == MergeOrder::kListed ? ListMerges(merges) : CutMerges());
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
  const auto refuse = [&](const char* why) {
    throw std::invalid_argument("token " + std::to_string(starts_.size() - 1) + " " + why);
  };
  for (size_t at = 0; at < packed.size();) {
    size_t length = static_cast<uint8_t>(packed[at++]);
    if (length == 0) {
      if (packed.size() - at < 4) refuse("is cut off");
      for (int i = 3; i >= 0; i--) length = length << 8 | static_cast<uint8_t>(packed[at + static_cast<size_t>(i)]);
      at += 4;
    }
    if (length == 0 || length > packed.size() - at) refuse("is empty or cut off");
    if (length > kLongestToken) refuse("has more than 1,024 bytes");
    bytes_.insert(bytes_.end(), packed.begin() + static_cast<ptrdiff_t>(at), packed.begin() + static_cast<ptrdiff_t>(at + length));
    starts_.push_back(static_cast<uint32_t>(bytes_.size()));
    longest_ = std::max(longest_, length);
    at += length;
    if (starts_.size() > kMostTokens) throw std::invalid_argument("more than 2^20 - 1 tokens");
    if (bytes_.size() > kMostBytes) throw std::invalid_argument("tokens of more than 16 MiB");
  }
}

void Vocabulary::BuildRanks() {
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
    for (size_t probes = 0; ranks_[slot] != 0; slot = (slot + 1) & rank_mask_) {
      if (++probes > kMostProbes) throw std::invalid_argument("its tokens are made to collide");
    }
    ranks_[slot] = (hash & 0xFFFFFFFF00000000ULL) | (rank + 1);
  }
  for (int byte = 0; byte < 256; byte++) {
    if (singles_[byte] == kNone) throw std::invalid_argument("byte " + std::to_string(byte) + " has no token");
  }
}

std::vector<Vocabulary::Merge> Vocabulary::CutMerges() const {
  std::vector<Merge> list;
  for (uint32_t rank = 0; rank < size(); rank++) {
    const std::string_view whole = token(rank);
    for (size_t cut = 1; cut < whole.size(); cut++) {
      const uint32_t left = Find(whole.substr(0, cut));
      if (left == kNone) continue;
      const uint32_t right = Find(whole.substr(cut));
      if (right != kNone) list.push_back({left, right, rank});
    }
    if (list.size() > kMostMerges) break;
  }
  return list;
}

std::vector<Vocabulary::Merge> Vocabulary::ListMerges(std::span<const uint32_t> merges) {
  if (merges.size() / 2 > kMostMerges) throw std::invalid_argument("more than 2^22 merges");
  std::vector<Merge> list;
  list.reserve(merges.size() / 2);
  joined_.reserve(merges.size() / 2);
  std::string both;
  for (uint32_t i = 0; i + 1 < merges.size(); i += 2) {
    const uint32_t left = merges[i], right = merges[i + 1];
    const auto refuse = [&](const char* why) { throw std::invalid_argument("merge " + std::to_string(i / 2) + " " + why); };
    if (left >= size() || right >= size()) refuse("names a token that is not there");
    both = token(left);
    both += token(right);
    const uint32_t joined = Find(both);
    if (joined == kNone) refuse("makes what is no token");
    list.push_back({left, right, i / 2});
    joined_.push_back(joined);
  }
  return list;
}

void Vocabulary::BuildMerges(const std::vector<Merge>& list) {
  if (list.size() > kMostMerges) throw std::invalid_argument("more than 2^22 merges");
  // Few slots: the table is read at random, so that its size is its speed.
  merge_slots_ = list.size() * 3 / 2 + 16;
  merges_.assign(merge_slots_ + kMostProbes + 1, kEmptyMerge);
  for (const Merge& merge : list) {
    const uint64_t key = uint64_t{merge.left} << 20 | merge.right;
    size_t slot = MergeSlot(key);
    for (size_t probes = 0; merges_[slot] != kEmptyMerge && merges_[slot] >> 24 != key; slot++) {
      if (++probes == kMostProbes) throw std::invalid_argument("its merges are made to collide");
    }
    // Where a merge is listed twice, the later place counts, as it does for Hugging Face.
    merges_[slot] = key << 24 | merge.what;
  }
  byte_merges_.resize(256 * 256);
  for (size_t pair = 0; pair < byte_merges_.size(); pair++) {
    byte_merges_[pair] = FindMerge(singles_[pair >> 8], singles_[pair & 0xFF]);
  }
}

}  // namespace apertus::bpe
