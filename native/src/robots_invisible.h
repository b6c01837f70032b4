// Characters that nobody sees in a robots.txt file, in UTF-8: filters/consent/invisible.ts, which says why they are looked past.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace apertus::robots {

struct Invisible {
  size_t length = 0;  // in octets; 0 where the character can be seen
  bool space = false;
};

// The character outside ASCII at this place.
inline Invisible InvisibleSequence(std::string_view text, size_t at) {
  const auto octet = [&](size_t i) { return at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : uint8_t{0}; };
  const auto between = [](uint8_t low, uint8_t c, uint8_t high) { return low <= c && c <= high; };
  const uint8_t a = octet(0), b = octet(1), c = octet(2);
  if (a == 0xC2 && (b == 0x85 || b == 0xA0)) return {2, true};
  if (a == 0xC2 && (between(0x80, b, 0x9F) || b == 0xAD)) return {2, false};
  if (a == 0xE1 && b == 0x9A && c == 0x80) return {3, true};
  if (a == 0xE1 && b == 0xA0 && c == 0x8E) return {3, false};
  if (a == 0xE2 && b == 0x80 && (between(0x80, c, 0x8A) || c == 0xA8 || c == 0xA9 || c == 0xAF)) return {3, true};
  if (a == 0xE2 && b == 0x80 && (between(0x8B, c, 0x8F) || between(0xAA, c, 0xAE))) return {3, false};
  if (a == 0xE2 && b == 0x81 && between(0x9F, c, 0xAF)) return {3, c == 0x9F};
  if (a == 0xE3 && b == 0x80 && c == 0x80) return {3, true};
  if (a == 0xEF && ((b == 0xB8 && between(0x80, c, 0x8F)) || (b == 0xBB && c == 0xBF))) return {3, false};
  return {};
}

// How many octets the invisible character at this place has, ASCII's own and a lone no-break space of Latin-1 among them; or 0.
inline size_t InvisibleAt(std::string_view text, size_t at) {
  const auto octet = static_cast<uint8_t>(text[at]);
  if (octet <= 0x20 || octet == 0x7F) return 1;
  if (octet < 0x80) return 0;
  // Behind another octet outside ASCII it may be the rest of a letter.
  if (octet == 0xA0) return at == 0 || static_cast<uint8_t>(text[at - 1]) < 0x80 ? 1 : 0;
  return InvisibleSequence(text, at).length;
}

inline std::string_view TrimInvisible(std::string_view text) {
  size_t start = 0;
  while (start < text.size()) {
    const size_t length = InvisibleAt(text, start);
    if (length == 0) break;
    start += length;
  }
  size_t end = text.size();
  const auto before = [&] {
    for (size_t length = 1; length <= 3 && length <= end; length++) {
      if (InvisibleAt(text.substr(0, end), end - length) == length) return length;
    }
    return size_t{0};
  };
  for (size_t length = before(); length > 0 && end - start >= length; length = before()) end -= length;
  return text.substr(start, end - start);
}

// Spaces become blanks, what has no width vanishes; the text itself where it is ASCII, otherwise a view of `scratch`.
inline std::string_view Visible(std::string_view text, std::string& scratch) {
  size_t ascii = 0;
  while (ascii < text.size() && static_cast<uint8_t>(text[ascii]) < 0x80) ascii++;
  if (ascii == text.size()) return text;
  scratch.clear();
  for (size_t i = 0; i < text.size();) {
    const auto [length, space] = InvisibleSequence(text, i);
    if (length == 0) scratch += text[i++];
    else if (space) scratch += ' ';
    i += length;
  }
  return scratch;
}

}  // namespace apertus::robots
