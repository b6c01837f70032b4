// The encoder's loop and its cache of pretokens.
#include "bpe_encoder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "bpe_hash.h"

namespace apertus::bpe {

// Ids above are those of no vocabulary in use, and cost memory.
static constexpr uint32_t kMostIds = 1 << 22;
static constexpr uint32_t kAdded = uint32_t{1} << 31;

Encoder::Encoder(EncoderSettings settings)
    : vocabulary_(settings.packed, settings.order, settings.merges),
      ids_(std::move(settings.ids)),
      first_id_(settings.first_id),
      whole_first_(settings.whole_first),
      normalises_(settings.normalises),
      raw_(std::move(settings.raw)),
      normalised_(std::move(settings.normalised)),
      splitter_(std::move(settings.stages)),
      merger_(vocabulary_),
      cache_(kCacheEntries) {
  if (!ids_.empty() && ids_.size() != vocabulary_.size()) throw std::invalid_argument("there are not as many ids as tokens");
  const auto name = [&](uint32_t id, uint32_t what) {
    if (id >= kMostIds) throw std::invalid_argument("id " + std::to_string(id) + " is above 2^22");
    if (id >= by_id_.size()) by_id_.resize(id + 1);
    if (by_id_[id] != 0) throw std::invalid_argument("id " + std::to_string(id) + " is given twice");
    by_id_[id] = what;
  };
  if (first_id_ >= kMostIds) throw std::invalid_argument("the first id is above 2^22");
  for (uint32_t rank = 0; rank < vocabulary_.size(); rank++) name(IdOf(rank), rank + 1);
  uint32_t place = 0;
  for (const AddedTokens* added : {&raw_, &normalised_}) {
    for (const AddedToken& token : added->tokens()) {
      const uint32_t what = kAdded | place++;
      // An added token may be an ordinary one, too.
      const bool ordinary = token.id < by_id_.size() && by_id_[token.id] != 0 && (by_id_[token.id] & kAdded) == 0;
      if (!ordinary) name(token.id, what);
    }
  }
}

void Encoder::Append(std::string_view text, std::vector<uint32_t>& out) {
  const auto token = [&](uint32_t id, size_t, size_t) { out.push_back(id); };
  const auto normalised = [&](std::string_view part) {
    normalised_.Cut(part, [&](std::string_view ordinary) { AppendOrdinary(ordinary, out); }, token);
  };
  if (normalises_) return normalised(text);
  raw_.Cut(text, normalised, token);
}

std::string_view Encoder::TextOf(uint32_t id) const {
  if (id >= by_id_.size() || by_id_[id] == 0) return {};
  const uint32_t what = by_id_[id];
  if ((what & kAdded) == 0) return vocabulary_.token(what - 1);
  const uint32_t place = what & ~kAdded;
  const auto& raw = raw_.tokens();
  return place < raw.size() ? raw[place].text : normalised_.tokens()[place - raw.size()].text;
}

void Encoder::AppendOrdinary(std::string_view text, std::vector<uint32_t>& out) {
  const auto only = splitter_.only();
  if (only) {
    switch (*only) {
      case KnownPattern::kTekken: return AppendScanned<kTekken>(text, out);
      case KnownPattern::kGpt2: return AppendScanned<kGpt2>(text, out);
      case KnownPattern::kCl100k: return AppendScanned<kCl100k>(text, out);
      case KnownPattern::kLlama3: return AppendScanned<kLlama3>(text, out);
      case KnownPattern::kCl100kEnd: return AppendScanned<kCl100kEnd>(text, out);
      case KnownPattern::kQwen2: return AppendScanned<kQwen2>(text, out);
      case KnownPattern::kO200k: return AppendScanned<kO200k>(text, out);
      case KnownPattern::kO200kAscii: return AppendScanned<kO200kAscii>(text, out);
    }
  }
  for (const std::string_view pretoken : splitter_.Split(text)) {
    const size_t written = out.size();
    out.resize(written + pretoken.size());
    out.resize(written + AppendPretoken(KeyOf(pretoken, pretoken.size()), out.data() + written));
  }
}

template <Pattern kPattern>
void Encoder::AppendScanned(std::string_view text, std::vector<uint32_t>& out) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* const end = p + text.size();
  // `out` is kept larger than what is written, so that a pretoken is written without growing it a token at a time.
  size_t written = out.size();
  // A few pretokens at a time, so that their places in the cache are on their way while the next are cut.
  Key keys[kAhead];
  while (p < end) {
    size_t count = 0;
    size_t bytes = 0;
    for (; count < kAhead && p < end; count++) {
      const uint8_t* const next = PretokenEnd<kPattern>(p, end);
      const auto length = static_cast<size_t>(next - p);
      keys[count] = KeyOf({reinterpret_cast<const char*>(p), length}, static_cast<size_t>(end - p));
      __builtin_prefetch(&cache_[keys[count].slot]);
      bytes += length;
      p = next;
    }
    if (written + bytes > out.size()) out.resize(written + bytes + static_cast<size_t>(end - p) / 3 + 64);
    for (size_t i = 0; i < count; i++) written += AppendPretoken(keys[i], out.data() + written);
  }
  out.resize(written);
}

// The pretoken's bytes, padded with zeros.
static void LoadKey(std::string_view pretoken, size_t readable, uint64_t (&key)[4]) {
  if (readable < sizeof key) {
    std::memcpy(key, pretoken.data(), pretoken.size());
    return;
  }
  constexpr uint64_t kAll = UINT64_MAX;
  for (size_t i = 0; i * 8 < pretoken.size(); i++) {
    std::memcpy(&key[i], pretoken.data() + i * 8, 8);
    const size_t rest = pretoken.size() - i * 8;
    if (rest < 8) key[i] &= std::endian::native == std::endian::little ? kAll >> (8 - rest) * 8 : kAll << (8 - rest) * 8;
  }
}

Encoder::Key Encoder::KeyOf(std::string_view pretoken, size_t readable) {
  Key key;
  key.pretoken = pretoken;
  if (pretoken.size() > sizeof key.words) return key;
  auto& words = key.words;
  LoadKey(pretoken, readable, words);
  const uint64_t hash = Mix(Mix(words[0] ^ pretoken.size(), 0xD6E8FEB86659FD93ULL) ^ words[1], 0xA0761D6478BD642FULL) ^
                        Mix(words[2] ^ 0x9E3779B97F4A7C15ULL, words[3] ^ 0xE7037ED1A0B428DBULL);
  key.slot = hash & (kCacheEntries - 1);
  return key;
}

size_t Encoder::AppendPretoken(const Key& key, uint32_t* out) {
  const std::string_view pretoken = key.pretoken;
  if (pretoken.size() > sizeof key.words) return SplitPretoken(pretoken, out);
  CacheEntry& entry = cache_[key.slot];
  uint64_t difference = 0;
  for (size_t i = 0; i < std::size(key.words); i++) difference |= entry.key[i] ^ key.words[i];
  if (entry.length == pretoken.size() && difference == 0) {
    for (size_t i = 0; i < entry.count; i++) out[i] = entry.ids[i];
    return entry.count;
  }
  const size_t count = SplitPretoken(pretoken, out);
  if (count <= std::size(entry.ids)) {
    std::memcpy(entry.key, key.words, sizeof key.words);
    entry.length = static_cast<uint8_t>(pretoken.size());
    entry.count = static_cast<uint8_t>(count);
    for (size_t i = 0; i < count; i++) entry.ids[i] = out[i];
  }
  return count;
}

size_t Encoder::SplitPretoken(std::string_view pretoken, uint32_t* out) {
  if (whole_first_) {
    const uint32_t whole = vocabulary_.Find(pretoken);
    if (whole != kNone) {
      out[0] = IdOf(whole);
      return 1;
    }
  }
  const size_t count = merger_.Split(pretoken, out);
  for (size_t i = 0; i < count; i++) out[i] = IdOf(out[i]);
  return count;
}

}  // namespace apertus::bpe
