// One UTF-8 sequence at a time; shared by all kernels that read text.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace apertus {

// Length in bytes of the well-formed sequence at p (1 to 4), or 0 where the bytes are ill-formed or cut off. n > 0.
inline size_t SequenceLength(const uint8_t* p, size_t n) {
  const uint8_t a = p[0];
  const auto tail = [](uint8_t b) { return (b & 0xC0) == 0x80; };
  if (a < 0x80) return 1;
  if (a < 0xC2) return 0;
  if (a < 0xE0) return n >= 2 && tail(p[1]) ? 2 : 0;
  if (a < 0xF0) {
    if (n < 3 || !tail(p[1]) || !tail(p[2])) return 0;
    if (a == 0xE0 && p[1] < 0xA0) return 0;
    if (a == 0xED && p[1] > 0x9F) return 0;
    return 3;
  }
  if (a > 0xF4 || n < 4 || !tail(p[1]) || !tail(p[2]) || !tail(p[3])) return 0;
  if (a == 0xF0 && p[1] < 0x90) return 0;
  if (a == 0xF4 && p[1] > 0x8F) return 0;
  return 4;
}

// The code point of a well-formed sequence of the given length.
inline char32_t CodePoint(const uint8_t* p, size_t length) {
  switch (length) {
    case 1: return p[0];
    case 2: return (p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    case 3: return (p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    default: return (p[0] & 0x07) << 18 | (p[1] & 0x3F) << 12 | (p[2] & 0x3F) << 6 | (p[3] & 0x3F);
  }
}

// Number of leading bytes that are well-formed UTF-8.
size_t WellFormedPrefix(std::string_view text);

// Appends the text to `out`, each maximal ill-formed subpart as U+FFFD: the same answer as the WHATWG decoder's.
void AppendRepaired(std::string_view text, std::string& out);

}  // namespace apertus
