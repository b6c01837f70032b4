// See fasttext_vocabulary.h.
#include "fasttext_vocabulary.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

#include "hash.h"

namespace apertus::fasttext {
namespace {

// The text is anyone's: the standard library's table, keyed by fastText's hash, could be made to collide.
struct Keyed {
  size_t operator()(std::string_view word) const {
    return static_cast<size_t>(
        HashBytes(reinterpret_cast<const uint8_t*>(word.data()), word.size(), word.size()) * SlotFactor() >> 8);
  }
};

struct Seen {
  double count = 0;
  uint32_t first = 0;
};

}  // namespace

Vocabulary::Vocabulary(const Lines& lines, const SamplingSettings& sampling, double least_count, size_t most) {
  std::unordered_map<std::string_view, Seen, Keyed> seen;
  double tokens = 0;
  for (size_t line = 0; line < lines.size(); line++) {
    const double weight = lines.Weight(lines.label(line), sampling);
    bool end = false;
    for (size_t at = 0; !end;) {
      const Word word = NextWord(lines.text(line), at);
      end = word.text == kEnd;
      tokens += weight;
      if (word.text.starts_with(kLabelPrefix)) continue;
      Seen& entry = seen[end ? kEnd : word.text];
      if (entry.count == 0) entry.first = static_cast<uint32_t>(seen.size());
      entry.count += weight;
    }
    tokens += weight;  // the label, which fastText counts too
  }
  tokens_ = static_cast<int64_t>(tokens);
  struct Candidate {
    std::string_view word;
    Seen seen;
  };
  std::vector<Candidate> candidates;
  for (const auto& [word, entry] : seen) {
    if (entry.count >= least_count) candidates.push_back({word, entry});
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.seen.count != b.seen.count ? a.seen.count > b.seen.count : a.seen.first < b.seen.first;
  });
  if (candidates.size() > most) candidates.resize(most);
  slots_.assign(std::bit_ceil(candidates.size() * 2 + 1), {});
  const size_t mask = slots_.size() - 1;
  for (const auto& [word, entry] : candidates) {
    const uint32_t hash = Hash(word);
    size_t slot = hash & mask;
    while (slots_[slot].entry >= 0) slot = (slot + 1) & mask;
    slots_[slot] = {hash, static_cast<int32_t>(entries_.size())};
    entries_.push_back({word, std::max<int64_t>(1, std::llround(entry.count))});
  }
}

int32_t Vocabulary::Find(const Word& word) const {
  const size_t mask = slots_.size() - 1;
  for (size_t at = word.hash & mask; slots_[at].entry >= 0; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.hash == word.hash && entries_[static_cast<size_t>(slot.entry)].word == word.text) return slot.entry;
  }
  return -1;
}

}  // namespace apertus::fasttext
