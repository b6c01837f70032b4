// The encoder's loop and its cache of pretokens.
#include "bpe_encoder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "bpe_hash.h"
#include "bpe_scanner.h"

namespace apertus::bpe {

Encoder::Encoder(std::string_view packed, uint32_t first_id, std::vector<AddedToken> added, bool find_added)
    : vocabulary_(packed),
      first_id_(first_id),
      added_(std::move(added)),
      find_added_(find_added),
      merger_(vocabulary_),
      cache_(kCacheEntries) {
  for (const AddedToken& token : added_) {
    if (token.text.empty()) throw std::invalid_argument("an added token is empty");
    if (added_starts_.find(token.text[0]) == std::string::npos) added_starts_ += token.text[0];
  }
}

void Encoder::Append(std::string_view text, std::vector<uint32_t>& out) {
  if (!find_added_) return AppendOrdinary(text, out);
  size_t done = 0;
  for (size_t at = NextStart(text, 0); at < text.size(); at = NextStart(text, at)) {
    const AddedToken* token = AddedAt(text, at);
    if (token == nullptr) {
      at++;
      continue;
    }
    AppendOrdinary(text.substr(done, at - done), out);
    out.push_back(token->id);
    at += token->text.size();
    done = at;
  }
  AppendOrdinary(text.substr(done), out);
}

size_t Encoder::NextStart(std::string_view text, size_t at) const {
  if (added_starts_.size() == 1) return std::min(text.find(added_starts_[0], at), text.size());
  while (at < text.size() && added_starts_.find(text[at]) == std::string::npos) at++;
  return at;
}

const AddedToken* Encoder::AddedAt(std::string_view text, size_t at) const {
  const AddedToken* found = nullptr;
  for (const AddedToken& token : added_) {
    if (text.substr(at).starts_with(token.text) && (found == nullptr || token.text.size() > found->text.size())) found = &token;
  }
  return found;
}

void Encoder::AppendOrdinary(std::string_view text, std::vector<uint32_t>& out) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* const end = p + text.size();
  // `out` is kept larger than what is written, so that a pretoken is written without growing it a token at a time.
  size_t written = out.size();
  while (p < end) {
    const uint8_t* const next = PretokenEnd(p, end);
    const auto length = static_cast<size_t>(next - p);
    if (written + length > out.size()) out.resize(written + length + static_cast<size_t>(end - next) / 3 + 64);
    written += AppendPretoken({reinterpret_cast<const char*>(p), length}, static_cast<size_t>(end - p), out.data() + written);
    p = next;
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

size_t Encoder::AppendPretoken(std::string_view pretoken, size_t readable, uint32_t* out) {
  if (pretoken.size() > sizeof(CacheEntry::key)) return SplitPretoken(pretoken, out);
  uint64_t key[4] = {};
  LoadKey(pretoken, readable, key);
  const uint64_t hash = Mix(Mix(key[0] ^ pretoken.size(), 0xD6E8FEB86659FD93ULL) ^ key[1], 0xA0761D6478BD642FULL) ^
                        Mix(key[2] ^ 0x9E3779B97F4A7C15ULL, key[3] ^ 0xE7037ED1A0B428DBULL);
  CacheEntry& entry = cache_[hash & (kCacheEntries - 1)];
  const uint64_t difference = (entry.key[0] ^ key[0]) | (entry.key[1] ^ key[1]) | (entry.key[2] ^ key[2]) | (entry.key[3] ^ key[3]);
  if (entry.length == pretoken.size() && difference == 0) {
    for (size_t i = 0; i < entry.count; i++) out[i] = entry.ids[i];
    return entry.count;
  }
  const size_t count = SplitPretoken(pretoken, out);
  if (count <= std::size(entry.ids)) {
    std::memcpy(entry.key, key, sizeof key);
    entry.length = static_cast<uint8_t>(pretoken.size());
    entry.count = static_cast<uint8_t>(count);
    for (size_t i = 0; i < count; i++) entry.ids[i] = out[i];
  }
  return count;
}

size_t Encoder::SplitPretoken(std::string_view pretoken, uint32_t* out) {
  // A pretoken that is a token is that token, whether or not the merges lead to it (Hugging Face: ignore_merges).
  const uint32_t whole = vocabulary_.Find(pretoken);
  if (whole != kNone) {
    out[0] = first_id_ + whole;
    return 1;
  }
  const size_t count = merger_.Split(pretoken, out);
  for (size_t i = 0; i < count; i++) out[i] += first_id_;
  return count;
}

}  // namespace apertus::bpe
