// What kind of character a code point is (UAX #44, UAX #24), and its simple lower case: the tables that text statistics, word
// lists and span scanners share. Generated from V8's Unicode data by native/generate-text-classes.mjs.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "utf8.h"

namespace apertus {

enum TextClass : uint8_t {
  kLetter = 1,         // \p{L}
  kMark = 2,           // \p{M}
  kNumber = 4,         // \p{N}
  kDigit = 8,          // \p{Nd}
  kSpace = 16,         // \p{White_Space} and the Ethiopic word space
  kUnspaced = 32,      // a letter of a script without spaces between words: Han, Kana, Thai, Lao, Khmer, Myanmar, Tibetan, Yi, …
  kSentenceEnd = 64,   // may end a line of prose: sentence terminals, closing quotation marks and brackets
  kEmoji = 128,        // \p{Emoji_Presentation}
};

class TextClasses {
 public:
  // Built once a process at first use and never changed afterwards.
  static const TextClasses& Get();

  uint8_t Of(char32_t point) const { return classes_[point]; }
  char32_t Lower(char32_t point) const {
    return static_cast<char32_t>(static_cast<int32_t>(point) + folds_[static_cast<size_t>(fold_page_[point >> 8]) << 8 | (point & 255)]);
  }

 private:
  TextClasses();

  std::unique_ptr<uint8_t[]> classes_;  // by code point
  uint8_t fold_page_[0x1100] = {};      // page of 256 code points -> page of folds_; page 0 moves nothing
  std::unique_ptr<int32_t[]> folds_;
};

// The character at p, n > 0: an ill-formed byte is one character without a class, so that every kernel is total.
struct Character {
  char32_t point;
  uint32_t length;
  uint8_t kind;
};

inline Character CharacterAt(const TextClasses& classes, const uint8_t* p, size_t n) {
  if (p[0] < 0x80) return {p[0], 1, classes.Of(p[0])};
  const size_t length = SequenceLength(p, n);
  if (length == 0) return {0xFFFD, 1, 0};
  const char32_t point = CodePoint(p, length);
  return {point, static_cast<uint32_t>(length), classes.Of(point)};
}

// The character that ends right before `at`, at > 0.
inline Character CharacterBefore(const TextClasses& classes, const uint8_t* text, size_t at) {
  size_t start = at - 1;
  while (start > 0 && at - start < 4 && (text[start] & 0xC0) == 0x80) start--;
  if (SequenceLength(text + start, at - start) == at - start) return CharacterAt(classes, text + start, at - start);
  return {0xFFFD, 1, 0};
}

}  // namespace apertus
