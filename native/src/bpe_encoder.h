// Text to tokens: added tokens are cut out first, what lies between is cut into pretokens, and each pretoken is looked up
// whole, in the cache, or merged. One instance belongs to one thread.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bpe_added.h"
#include "bpe_merge.h"
#include "bpe_scanner.h"
#include "bpe_split.h"
#include "bpe_table.h"
#include "bpe_vocabulary.h"

namespace apertus::bpe {

struct EncoderSettings {
  std::string_view packed;
  MergeOrder order = MergeOrder::kDerived;
  std::span<const uint32_t> merges;
  // The id of each rank; where empty, a token of rank r has the id first_id + r.
  std::vector<uint32_t> ids;
  uint32_t first_id = 0;
  // A pretoken that is a token is that token, whether or not the merges lead to it (Hugging Face: ignore_merges; tiktoken).
  bool whole_first = true;
  std::vector<Stage> stages;
  // Looked for in the text as it is, and in the text as it is normalised.
  std::vector<AddedToken> raw, normalised;
  // Whether whoever calls cuts the raw ones, since it normalises what lies between them.
  bool normalises = false;
};

class Encoder {
 public:
  // Throws std::invalid_argument as Vocabulary and AddedTokens do, and for ids that are given twice or too many.
  explicit Encoder(EncoderSettings settings);
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  const AddedTokens& raw() const { return raw_; }

  // Appends the tokens of one stretch of text, which is cut into pretokens by itself. Throws TooSlow.
  void Append(std::string_view text, std::vector<uint32_t>& out);
  // The bytes of an ordinary or added token; nothing for other ids.
  std::string_view TextOf(uint32_t id) const;
  void ReleaseLarge() { splitter_.ReleaseLarge(); }

 private:
  // Pretokens of up to 32 bytes that became up to 7 tokens, by hash, the newest in its place: one cache line each.
  struct alignas(64) CacheEntry {
    uint64_t key[4] = {};
    uint8_t length = 0;
    uint8_t count = 0;
    uint32_t ids[7] = {};
  };
  static constexpr size_t kCacheEntries = 1 << 16;

  static constexpr size_t kAhead = 16;
  // A pretoken and where the cache has it, if it is short enough for that.
  struct Key {
    std::string_view pretoken;
    uint64_t words[4] = {};
    size_t slot = 0;
  };

  void AppendOrdinary(std::string_view text, std::vector<uint32_t>& out);
  // The same with a pattern that is known when this is compiled.
  template <Pattern kPattern>
  void AppendScanned(std::string_view text, std::vector<uint32_t>& out);
  // `readable` counts the bytes from the pretoken's first that may be read.
  static Key KeyOf(std::string_view pretoken, size_t readable);
  size_t AppendPretoken(const Key& key, uint32_t* out);
  size_t SplitPretoken(std::string_view pretoken, uint32_t* out);
  uint32_t IdOf(uint32_t rank) const { return ids_.empty() ? first_id_ + rank : ids_[rank]; }

  const Vocabulary vocabulary_;
  const std::vector<uint32_t> ids_;
  const uint32_t first_id_;
  const bool whole_first_;
  const bool normalises_;
  // By id: rank + 1; or, with the highest bit set, the place of an added token, raw ones first; 0 for no token.
  std::vector<uint32_t> by_id_;
  const AddedTokens raw_, normalised_;
  Splitter splitter_;
  Merger merger_;
  Table<CacheEntry> cache_;
};

}  // namespace apertus::bpe
