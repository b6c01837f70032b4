// A 64-bit hash of bytes for counting equal lines, words and n-grams inside one document: multiply and fold (the wide product's
// halves xored), with fixed seeds, so that every machine agrees. Not for untrusted keys in long-lived tables.
#pragma once
#include <cstdint>
#include <cstring>

namespace apertus {

inline constexpr uint64_t kHashSeed = 0x9E3779B97F4A7C15ULL;    // 2^64 / golden ratio
inline constexpr uint64_t kHashFactor = 0xD6E8FEB86659FD93ULL;  // odd, high avalanche

inline uint64_t MixHash(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a ^ kHashSeed) * (b ^ kHashFactor);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Reads exactly n bytes.
inline uint64_t HashBytes(const uint8_t* p, size_t n) {
  uint64_t hash = kHashSeed ^ n;
  while (n >= 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    hash = MixHash(hash, word);
    p += 8;
    n -= 8;
  }
  uint64_t tail = 0;
  if (n >= 4) {
    uint32_t low, high;
    std::memcpy(&low, p, 4);
    std::memcpy(&high, p + n - 4, 4);
    tail = static_cast<uint64_t>(high) << 32 | low;
  } else if (n > 0) {
    tail = static_cast<uint64_t>(p[0]) << 16 | static_cast<uint64_t>(p[n >> 1]) << 8 | p[n - 1];
  }
  return MixHash(hash, tail);
}

}  // namespace apertus
