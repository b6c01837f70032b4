// Hashing of short byte strings for tables inside one process: multiply and fold the 128-bit product, eight bytes at a time
// (the mixing step of wyhash, Wang Yi 2019). Never stored, so it may change.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace apertus::bpe {

inline uint64_t Mix(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

template <typename Word>
inline Word Load(const char* p) {
  Word word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

inline uint64_t HashBytes(std::string_view bytes) {
  const char* p = bytes.data();
  const size_t size = bytes.size();
  uint64_t hash = 0x9E3779B97F4A7C15ULL ^ size;
  for (size_t at = 0; at + 8 < size; at += 8) hash = Mix(hash ^ Load<uint64_t>(p + at), 0xD6E8FEB86659FD93ULL);
  // The last one to eight bytes; loads may overlap what has been read.
  uint64_t rest = 0;
  if (size >= 8) {
    rest = Load<uint64_t>(p + size - 8);
  } else if (size >= 4) {
    rest = uint64_t{Load<uint32_t>(p)} << 32 | Load<uint32_t>(p + size - 4);
  } else if (size > 0) {
    rest = uint64_t{Load<uint8_t>(p)} << 16 | uint64_t{Load<uint8_t>(p + size / 2)} << 8 | Load<uint8_t>(p + size - 1);
  }
  return Mix(hash ^ rest, 0xA0761D6478BD642FULL);
}

}  // namespace apertus::bpe
