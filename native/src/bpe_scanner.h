// Cuts UTF-8 text into the pretokens of the tekken pattern (mistral-common, tekken_240718.json) without a regular expression:
//
//   [^\r\n\p{L}\p{N}]? [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]* [\p{Ll}\p{Lm}\p{Lo}\p{M}]+      word in which a lower-case part ends
// | [^\r\n\p{L}\p{N}]? [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+ [\p{Ll}\p{Lm}\p{Lo}\p{M}]*      word of capitals
// | \p{N} | ?[^\s\p{L}\p{N}]+[\r\n/]* | \s*[\r\n]+ | \s+(?!\S) | \s+
//
// Each function below is the closed form of what a backtracking matcher, first alternative first, would find. A symbol is one
// well-formed UTF-8 sequence, or one ill-formed byte, which counts as "other". Every byte is looked at a bounded number of times.
#pragma once
#include "generated/bpe_tables.h"
#include "utf8.h"

namespace apertus::bpe {

struct Symbol {
  Class kind;
  uint8_t length;
};

inline Symbol SymbolAt(const uint8_t* p, const uint8_t* end) {
  if (*p < 0x80) return {static_cast<Class>(kClasses[kBlocks[0] << kBlockBits | *p]), 1};
  const size_t length = SequenceLength(p, static_cast<size_t>(end - p));
  if (length == 0) return {kOther, 1};
  const char32_t c = CodePoint(p, length);
  return {static_cast<Class>(kClasses[kBlocks[c >> kBlockBits] << kBlockBits | (c & ((1 << kBlockBits) - 1))]),
          static_cast<uint8_t>(length)};
}

// The end of the word whose letters start at p, where p lies behind an optional prefix; p itself where there is no word.
// The capitals' run takes marks and caseless letters too, so the first alternative can give some of them back: it ends behind
// the last symbol of the run that may also stand in lower case, unless a lower-case letter follows the run.
inline const uint8_t* WordEnd(const uint8_t* p, const uint8_t* end, bool marked_prefix) {
  const uint8_t* at = p;
  const uint8_t* both = nullptr;
  while (at < end) {
    const Symbol symbol = SymbolAt(at, end);
    if (symbol.kind == kLower) {
      do {
        at += SymbolAt(at, end).length;
      } while (at < end && [&] {
        const Class kind = SymbolAt(at, end).kind;
        return kind == kLower || kind == kLetter || kind == kMark;
      }());
      return at;
    }
    if (symbol.kind != kUpper && symbol.kind != kLetter && symbol.kind != kMark) break;
    at += symbol.length;
    if (symbol.kind != kUpper) both = at;
  }
  if (both != nullptr) return both;
  // A mark is a possible prefix and a possible word: without lower case behind it, the first alternative takes the mark alone.
  return marked_prefix ? p : at;
}

// The end of a run of punctuation that starts at p, with the line ends and slashes that follow it.
inline const uint8_t* PunctuationEnd(const uint8_t* p, const uint8_t* end) {
  while (p < end) {
    const Symbol symbol = SymbolAt(p, end);
    if (symbol.kind != kOther && symbol.kind != kMark) break;
    p += symbol.length;
  }
  while (p < end && (*p == '\r' || *p == '\n' || *p == '/')) p++;
  return p;
}

// The end of the white space at p: up to its last line end; else, where something follows, all but its last symbol.
inline const uint8_t* SpaceEnd(const uint8_t* p, const uint8_t* end) {
  const uint8_t* at = p;
  const uint8_t* last = p;
  const uint8_t* line_end = nullptr;
  while (at < end) {
    const Symbol symbol = SymbolAt(at, end);
    if (symbol.kind != kSpace && symbol.kind != kNewline) break;
    last = at;
    at += symbol.length;
    if (symbol.kind == kNewline) line_end = at;
  }
  if (line_end != nullptr) return line_end;
  return at == end || last == p ? at : last;
}

// The end of the pretoken that starts at p; p < end.
inline const uint8_t* PretokenEnd(const uint8_t* p, const uint8_t* end) {
  const Symbol first = SymbolAt(p, end);
  const uint8_t* second = p + first.length;
  switch (first.kind) {
    case kNumber:
      return second;
    case kNewline:
      return SpaceEnd(p, end);
    case kUpper:
    case kLower:
    case kLetter:
      return WordEnd(p, end, false);
    case kMark:
      return WordEnd(second, end, true);
    case kOther: {
      const uint8_t* word = WordEnd(second, end, false);
      return word > second ? word : PunctuationEnd(second, end);
    }
    case kSpace: {
      const uint8_t* word = WordEnd(second, end, false);
      if (word > second) return word;
      if (*p == ' ' && second < end && SymbolAt(second, end).kind == kOther) return PunctuationEnd(second, end);
      return SpaceEnd(p, end);
    }
  }
  return second;
}

}  // namespace apertus::bpe
