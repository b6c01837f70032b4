// Which sequence of which source stands at which place of a training run, as a pure function: nothing is stored that grows with the
// data, so any place can be asked for at any time, by any number of readers, and all of them agree.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace apertus::loader {

// Finaliser of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
inline uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

// A keyed permutation of [0, size): an alternating Feistel network over the smallest power of two that holds the range, walked
// until it falls into the range again (Black and Rogaway 2002, "Ciphers with arbitrary finite domains"). Fewer than two walks
// on average.
class Permutation {
 public:
  Permutation(uint64_t key, uint64_t size) : size_(size) {
    const int bits = std::max(2, static_cast<int>(std::bit_width(size == 0 ? 0 : size - 1)));
    low_ = bits / 2;
    low_mask_ = (uint64_t{1} << low_) - 1;
    high_mask_ = (uint64_t{1} << (bits - low_)) - 1;
    for (auto& round : keys_) round = key = Mix(key);
  }

  // index < size
  uint64_t operator()(uint64_t index) const {
    do {
      uint64_t high = index >> low_;
      uint64_t low = index & low_mask_;
      for (int round = 0; round < kRounds; round += 2) {
        high ^= Mix(low ^ keys_[round]) & high_mask_;
        low ^= Mix(high ^ keys_[round + 1]) & low_mask_;
      }
      index = high << low_ | low;
    } while (index >= size_);
    return index;
  }

 private:
  static constexpr int kRounds = 8;
  uint64_t size_;
  int low_;
  uint64_t low_mask_;
  uint64_t high_mask_;
  uint64_t keys_[kRounds];
};

struct Stage {
  uint64_t sequences;
  // One for each source; at least one is not 0, and none is where the source has no sequence. Their sum is below 2^64.
  std::vector<uint64_t> weights;
};

struct Place {
  uint32_t source;
  uint64_t epoch;
  // Of the source, after its shuffle.
  uint64_t sequence;
};

class Order {
 public:
  // `sizes`: sequences of each source. Stages have one weight for each.
  Order(uint64_t seed, std::vector<uint64_t> sizes, std::vector<Stage> stages);

  uint64_t sequences() const { return ends_.empty() ? 0 : ends_.back(); }
  // step < sequences()
  Place At(uint64_t step);

 private:
  // Sequences that each source gives of the first `x` of a stage. They add up to x, none ever falls as x grows, and each is within
  // the number of sources of its share.
  static std::vector<uint64_t> Shares(const Stage& stage, uint64_t x);
  void EnterBlock(size_t stage, uint64_t block);

  // Places that are mixed among each other: a source that is read several times is read to its end, but for this many, before it
  // begins again.
  static constexpr uint64_t kBlock = 1 << 10;

  uint64_t seed_;
  std::vector<uint64_t> sizes_;
  std::vector<Stage> stages_;
  std::vector<uint64_t> ends_;
  // For each stage, what each source gave before it.
  std::vector<std::vector<uint64_t>> given_;

  // The block that was asked for last.
  size_t stage_ = SIZE_MAX;
  uint64_t block_ = 0;
  // Of each source: what it gave before the block, and the slots of the block up to its last.
  std::vector<uint64_t> before_;
  std::vector<uint64_t> slots_;
  Permutation slot_order_{0, 0};
};

}  // namespace apertus::loader
