// How fastText cuts a line into features (Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information"): one reading,
// shared by training and prediction, so that a model is asked exactly what it was taught.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fasttext_model.h"

namespace apertus::fasttext {

inline constexpr std::string_view kEnd = "</s>", kLabelPrefix = "__label__";

inline bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0'; }

struct Word {
  std::string_view text;
  uint32_t hash;
};

// The word at or behind `at`, which moves behind it. A line ends with the word </s>; written out in the text it ends the reading,
// for the program too.
inline Word NextWord(std::string_view text, size_t& at) {
  uint32_t hash = kHashStart;
  while (at < text.size() && IsSpace(text[at])) at++;
  const size_t begin = at;
  for (; at < text.size() && !IsSpace(text[at]); at++) hash = Hash(hash, text[at]);
  return at == begin ? Word{kEnd, Hash(kEnd)} : Word{text.substr(begin, at - begin), hash};
}

// row(hash) for each character n-gram of <word>, given with its bounds, in the order of the program. A byte that continues a
// UTF-8 sequence belongs to the character before it, whatever that is.
template <typename Row>
inline void ForCharacterNgrams(std::string_view bounded, int32_t shortest, int32_t longest, Row&& row) {
  const size_t size = bounded.size();
  const auto tail = [&](size_t i) { return (bounded[i] & 0xC0) == 0x80; };
  for (size_t i = 0; i < size; i++) {
    if (tail(i)) continue;
    uint32_t hash = kHashStart;
    size_t j = i;
    for (int32_t n = 1; j < size && n <= longest; n++) {
      do {
        hash = Hash(hash, bounded[j++]);
      } while (j < size && tail(j));
      if (n < shortest || (n == 1 && (i == 0 || j == size))) continue;
      row(hash);
    }
  }
}

// row(hash) for each run of 2 to `order` words, from the hashes of the words; sign-extended to 64 bits, as the program's types do.
template <typename Hashes, typename Row>
inline void ForWordNgrams(const Hashes& words, int32_t order, Row&& row) {
  for (size_t i = 0; i < words.size(); i++) {
    auto hash = static_cast<uint64_t>(int64_t{words[i]});
    for (size_t j = i + 1; j < words.size() && j < i + static_cast<size_t>(order); j++) {
      hash = hash * 116049371u + static_cast<uint64_t>(int64_t{words[j]});
      row(hash);
    }
  }
}

}  // namespace apertus::fasttext
