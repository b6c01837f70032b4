// A 64-bit hash of bytes for counting equal lines, words and n-grams inside one document: multiply and fold (the wide product's
// halves xored), with fixed seeds, so that every machine agrees.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>

namespace apertus {

inline constexpr uint64_t kHashSeed = 0x9E3779B97F4A7C15ULL;    // 2^64 / golden ratio
inline constexpr uint64_t kHashFactor = 0xD6E8FEB86659FD93ULL;  // odd, high avalanche

inline uint64_t MixHash(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a ^ kHashSeed) * (b ^ kHashFactor);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// The n bytes at p, 1 to 8, as a number; `available` bytes may be read there.
inline uint64_t LoadBytes(const uint8_t* p, size_t n, size_t available) {
  uint64_t word = 0;
  if (std::endian::native == std::endian::little && available >= 8) {
    std::memcpy(&word, p, 8);
    return word & (~uint64_t{0} >> (64 - 8 * n));
  }
  std::memcpy(&word, p, n);
  return word;
}

// The hash of the n bytes at p. `available`, at least n, says how many bytes may be read there: it makes short keys fast and
// does not change the hash.
inline uint64_t HashBytes(const uint8_t* p, size_t n, size_t available) {
  uint64_t hash = (n + 1) * kHashFactor;
  for (; n > 8; p += 8, n -= 8, available -= 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    hash = MixHash(hash, word);
  }
  return n == 0 ? hash : MixHash(hash, LoadBytes(p, n, available));
}

// Where a hash lies in a table of 2^bits slots, 0 < bits < 64. The hash is known to everyone, so a page could be written whose
// lines all fall on one slot; a factor drawn anew in each process (multiply-shift hashing, Dietzfelbinger et al. 1997) keeps
// look-ups short. Which slot it is never shows in a result.
inline uint64_t SlotFactor() {
  static const uint64_t factor = [] {
    std::random_device source;
    return (static_cast<uint64_t>(source()) << 32 | source()) | 1;
  }();
  return factor;
}
inline size_t SlotOf(uint64_t hash, uint64_t factor, unsigned bits) { return static_cast<size_t>(hash * factor >> (64 - bits)); }

}  // namespace apertus
