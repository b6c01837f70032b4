// Cuts UTF-8 text into pretokens without a regular expression, for the patterns of GPT-2, cl100k, Llama 3, Qwen, o200k and
// tekken. They are one pattern with a few properties (Pattern below):
//
//   contraction | word | digits | ?[^\s\p{L}\p{N}]+ tail | \s*[\r\n]+ | \s+(?!\S) | \s+
//
// Each function is the closed form of what a backtracking matcher, first alternative first, would find. A symbol is one
// well-formed UTF-8 sequence, or one ill-formed byte, which counts as "other". Every byte is looked at a bounded number of times.
#pragma once
#include "generated/bpe_tables.h"
#include "utf8.h"

namespace apertus::bpe {

// 's 't 're 've 'm 'll 'd: none; as written; in capitals too; in whatever Unicode folds to them, which adds U+017F for s.
enum class Contractions : uint8_t { kNone, kLower, kAscii, kFolded };

enum class Words : uint8_t {
  // ?\p{L}+  (the optional prefix is a space)
  kSpaced,
  // [^\r\n\p{L}\p{N}]?\p{L}+
  kPrefixed,
  // [^\r\n\p{L}\p{N}]? [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]* [\p{Ll}\p{Lm}\p{Lo}\p{M}]+ contraction?
  // | [^\r\n\p{L}\p{N}]? [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+ [\p{Ll}\p{Lm}\p{Lo}\p{M}]* contraction?
  kCased,
};

// What follows a run of punctuation: nothing, [\r\n]*, [\r\n/]*.
enum class Tail : uint8_t { kNone, kLineEnds, kLineEndsAndSlashes };

struct Pattern {
  // In front of all else; behind words where these are kCased.
  Contractions contractions;
  Words words;
  // The most digits of one pretoken: \p{N}, \p{N}{1,3}; 0 for ?\p{N}+ with an optional space.
  int digits;
  Tail tail;
  // Whether there is \s*[\r\n]+.
  bool line_ends;
  // Whether white space at the end of the text is one pretoken before that: \s++$.
  bool whole_end;
};

inline constexpr Pattern kTekken{Contractions::kNone, Words::kCased, 1, Tail::kLineEndsAndSlashes, true, false};
inline constexpr Pattern kGpt2{Contractions::kLower, Words::kSpaced, 0, Tail::kNone, false, false};
// With the contractions spelled out, as js-tiktoken has them; folded, as Llama 3 has them; as tiktoken has them since 0.8.
inline constexpr Pattern kCl100k{Contractions::kAscii, Words::kPrefixed, 3, Tail::kLineEnds, true, false};
inline constexpr Pattern kLlama3{Contractions::kFolded, Words::kPrefixed, 3, Tail::kLineEnds, true, false};
inline constexpr Pattern kCl100kEnd{Contractions::kFolded, Words::kPrefixed, 3, Tail::kLineEnds, true, true};
inline constexpr Pattern kQwen2{Contractions::kFolded, Words::kPrefixed, 1, Tail::kLineEnds, true, false};
inline constexpr Pattern kO200k{Contractions::kFolded, Words::kCased, 3, Tail::kLineEndsAndSlashes, true, false};
inline constexpr Pattern kO200kAscii{Contractions::kAscii, Words::kCased, 3, Tail::kLineEndsAndSlashes, true, false};

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

inline bool IsLetter(Class kind) { return kind == kUpper || kind == kLower || kind == kLetter; }

// The end of the run of letters that starts at p.
inline const uint8_t* LettersEnd(const uint8_t* p, const uint8_t* end) {
  while (p < end) {
    const Symbol symbol = SymbolAt(p, end);
    if (!IsLetter(symbol.kind)) break;
    p += symbol.length;
  }
  return p;
}

// The end of the word of Words::kCased whose letters start at p, where p lies behind an optional prefix; p itself where there is
// no word. The capitals' run takes marks and caseless letters too, so the first alternative can give some of them back: it ends
// behind the last symbol of the run that may also stand in lower case, unless a lower-case letter follows the run.
inline const uint8_t* CasedEnd(const uint8_t* p, const uint8_t* end, bool marked_prefix) {
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

// The end of the contraction that starts at p, or p.
template <Contractions kSet>
inline const uint8_t* ContractionEnd(const uint8_t* p, const uint8_t* end) {
  if (kSet == Contractions::kNone || end - p < 2 || *p != '\'') return p;
  const auto lower = [](uint8_t c) -> uint8_t {
    return kSet != Contractions::kLower && c >= 'A' && c <= 'Z' ? static_cast<uint8_t>(c | 0x20) : c;
  };
  const uint8_t first = lower(p[1]);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return p + 2;
  if (end - p < 3) return p;
  if (kSet == Contractions::kFolded && p[1] == 0xC5 && p[2] == 0xBF) return p + 3;
  const uint8_t second = lower(p[2]);
  return (first == 'l' && second == 'l') || ((first == 'r' || first == 'v') && second == 'e') ? p + 3 : p;
}

// The end of the word whose letters start at p, with its contraction where it takes one.
template <Pattern kPattern>
inline const uint8_t* WordEnd(const uint8_t* p, const uint8_t* end, bool marked_prefix) {
  if constexpr (kPattern.words == Words::kCased) {
    const uint8_t* const word = CasedEnd(p, end, marked_prefix);
    // Behind a mark as prefix that is the whole word there is a contraction, too.
    return word > p || marked_prefix ? ContractionEnd<kPattern.contractions>(word, end) : p;
  } else {
    return LettersEnd(p, end);
  }
}

// The end of the digits that start at p.
template <Pattern kPattern>
inline const uint8_t* DigitsEnd(const uint8_t* p, const uint8_t* end) {
  for (int count = 0; p < end && (kPattern.digits == 0 || count < kPattern.digits); count++) {
    const Symbol symbol = SymbolAt(p, end);
    if (symbol.kind != kNumber) break;
    p += symbol.length;
  }
  return p;
}

// The end of a run of punctuation that starts at p, with its tail.
template <Pattern kPattern>
inline const uint8_t* PunctuationEnd(const uint8_t* p, const uint8_t* end) {
  while (p < end) {
    const Symbol symbol = SymbolAt(p, end);
    if (symbol.kind != kOther && symbol.kind != kMark) break;
    p += symbol.length;
  }
  if constexpr (kPattern.tail != Tail::kNone) {
    while (p < end && (*p == '\r' || *p == '\n' || (kPattern.tail == Tail::kLineEndsAndSlashes && *p == '/'))) p++;
  }
  return p;
}

// The end of the white space at p: up to its last line end where line ends count; else, where something follows, all but its last
// symbol.
template <Pattern kPattern>
inline const uint8_t* SpaceEnd(const uint8_t* p, const uint8_t* end) {
  const uint8_t* at = p;
  const uint8_t* last = p;
  const uint8_t* line_end = nullptr;
  while (at < end) {
    const Symbol symbol = SymbolAt(at, end);
    if (symbol.kind != kSpace && symbol.kind != kNewline) break;
    last = at;
    at += symbol.length;
    if (kPattern.line_ends && symbol.kind == kNewline) line_end = at;
  }
  if (kPattern.whole_end && at == end) return at;
  if (line_end != nullptr) return line_end;
  return at == end || last == p ? at : last;
}

// The end of the pretoken that starts at p; p < end.
template <Pattern kPattern>
inline const uint8_t* PretokenEnd(const uint8_t* p, const uint8_t* end) {
  const Symbol first = SymbolAt(p, end);
  const uint8_t* const second = p + first.length;
  // Marks are letters of a word for kCased alone, where one may stand in front of it, too.
  const auto word_behind_prefix = [&](bool marked) -> const uint8_t* {
    if constexpr (kPattern.words == Words::kSpaced) {
      return *p == ' ' ? LettersEnd(second, end) : second;
    } else {
      return WordEnd<kPattern>(second, end, marked);
    }
  };
  switch (first.kind) {
    case kNumber:
      return DigitsEnd<kPattern>(p, end);
    case kNewline:
      return SpaceEnd<kPattern>(p, end);
    case kUpper:
    case kLower:
    case kLetter:
      return WordEnd<kPattern>(p, end, false);
    case kMark:
      if constexpr (kPattern.words == Words::kCased) return word_behind_prefix(true);
      [[fallthrough]];
    case kOther: {
      if constexpr (kPattern.words != Words::kCased) {
        const uint8_t* const contraction = ContractionEnd<kPattern.contractions>(p, end);
        if (contraction > p) return contraction;
      }
      const uint8_t* const word = word_behind_prefix(false);
      return word > second ? word : PunctuationEnd<kPattern>(second, end);
    }
    case kSpace: {
      const uint8_t* const word = word_behind_prefix(false);
      if (word > second) return word;
      if (*p != ' ' || second == end) return SpaceEnd<kPattern>(p, end);
      const Class kind = SymbolAt(second, end).kind;
      if (kPattern.digits == 0 && kind == kNumber) return DigitsEnd<kPattern>(second, end);
      if (kind == kOther || kind == kMark) return PunctuationEnd<kPattern>(second, end);
      return SpaceEnd<kPattern>(p, end);
    }
  }
  return second;
}

}  // namespace apertus::bpe
