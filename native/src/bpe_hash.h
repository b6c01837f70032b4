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

inline uint64_t HashBytes(std::string_view bytes) {
  uint64_t hash = 0x9E3779B97F4A7C15ULL ^ bytes.size();
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + at, 8);
    hash = Mix(hash ^ word, 0xD6E8FEB86659FD93ULL);
  }
  uint64_t rest = 0;
  for (size_t i = at; i < bytes.size(); i++) rest = rest << 8 | static_cast<uint8_t>(bytes[i]);
  return Mix(hash ^ rest, 0xA0761D6478BD642FULL);
}

}  // namespace apertus::bpe
