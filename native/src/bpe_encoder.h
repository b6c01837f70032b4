// Text to tokens: added tokens are cut out first, what lies between is cut into pretokens, and each pretoken is looked up
// whole, in the cache, or merged. One instance belongs to one thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bpe_merge.h"
#include "bpe_vocabulary.h"

namespace apertus::bpe {

// A token that is found in the raw text before it is cut into pretokens (Hugging Face: an added token that is not special).
struct AddedToken {
  std::string text;
  uint32_t id;
};

class Encoder {
 public:
  // A token of rank r has the id first_id + r; added tokens are looked for in text only with find_added. Throws
  // std::invalid_argument as Vocabulary does, and for an empty added token.
  Encoder(std::string_view packed, uint32_t first_id, std::vector<AddedToken> added, bool find_added);
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  const Vocabulary& vocabulary() const { return vocabulary_; }
  uint32_t first_id() const { return first_id_; }
  const std::vector<AddedToken>& added() const { return added_; }

  // Appends the tokens of one stretch of text, which is cut into pretokens by itself.
  void Append(std::string_view text, std::vector<uint32_t>& out);

 private:
  // Pretokens of up to 32 bytes that became up to 7 tokens, by hash, the newest in its place: one cache line each.
  struct alignas(64) CacheEntry {
    uint64_t key[4] = {};
    uint8_t length = 0;
    uint8_t count = 0;
    uint32_t ids[7] = {};
  };
  static constexpr size_t kCacheEntries = 1 << 15;

  void AppendOrdinary(std::string_view text, std::vector<uint32_t>& out);
  // `readable` counts the bytes from the pretoken's first that may be read.
  size_t AppendPretoken(std::string_view pretoken, size_t readable, uint32_t* out);
  size_t SplitPretoken(std::string_view pretoken, uint32_t* out);
  // The first place from `at` on where an added token may start, or the end.
  size_t NextStart(std::string_view text, size_t at) const;
  // The added token at `at`, the longest where several fit; nullptr where there is none.
  const AddedToken* AddedAt(std::string_view text, size_t at) const;

  const Vocabulary vocabulary_;
  const uint32_t first_id_;
  const std::vector<AddedToken> added_;
  const bool find_added_;
  // The distinct first bytes of the added tokens.
  std::string added_starts_;
  Merger merger_;
  std::vector<CacheEntry> cache_;
};

}  // namespace apertus::bpe
