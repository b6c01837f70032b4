// See fasttext_lines.h.
#include "fasttext_lines.h"

#include <algorithm>
#include <utility>

#include "fasttext_features.h"

namespace apertus::fasttext {
namespace {

template <typename T>
void Shuffle(std::vector<T>& items, Random& random) {
  for (size_t i = items.size(); i > 1; i--) std::swap(items[i - 1], items[random.Below(i)]);
}

size_t Characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

bool Lines::Add(std::string_view text, int32_t label) {
  if (labels_.size() >= UINT32_MAX) return false;
  of_label_[static_cast<size_t>(label)].push_back(static_cast<uint32_t>(labels_.size()));
  text_.append(text);
  starts_.push_back(text_.size());
  labels_.push_back(label);
  return true;
}

double Lines::Weight(int32_t label, const SamplingSettings& settings) const {
  if (settings.lines_per_label == 0) return 1;
  return static_cast<double>(settings.lines_per_label) / static_cast<double>(LinesOf(label));
}

std::vector<Draw> Lines::Pass(const SamplingSettings& settings, uint64_t seed, uint32_t pass) {
  std::vector<Draw> draws;
  Random order(seed * 0x9E3779B97F4A7C15ULL + pass);
  if (settings.lines_per_label == 0) {
    draws.reserve(size());
    for (size_t line = 0; line < size(); line++) draws.push_back({static_cast<uint32_t>(line), 0});
  } else {
    for (size_t label = 0; label < of_label_.size(); label++) {
      auto& lines = of_label_[label];
      if (lines.empty()) continue;
      const uint64_t first = uint64_t{pass} * settings.lines_per_label;
      for (uint64_t i = first; i < first + settings.lines_per_label; i++) {
        const size_t at = static_cast<size_t>(i % lines.size());
        if (at == 0) {
          Random mix(seed ^ (label * 0xD6E8FEB86659FD93ULL) ^ i);
          Shuffle(lines, mix);
        }
        draws.push_back({lines[at], static_cast<uint32_t>((i - first) / lines.size())});
      }
    }
  }
  Shuffle(draws, order);
  return draws;
}

std::string_view Cut(std::string_view text, const SamplingSettings& settings, Random& random) {
  const size_t wanted = settings.shortest_cut + random.Below(settings.longest_cut - settings.shortest_cut + 1);
  if (Characters(text) <= wanted) return text;
  // Where words begin, without a list of them: one of as many as there are spaces.
  size_t words = 1;
  for (const char c : text) words += IsSpace(c) ? 1 : 0;
  size_t skip = random.Below(words), begin = 0;
  for (; skip > 0; begin++) skip -= IsSpace(text[begin]) ? 1 : 0;
  size_t end = begin, characters = 0;
  while (end < text.size() && !(characters >= wanted && IsSpace(text[end]))) {
    if ((text[end] & 0xC0) != 0x80) characters++;
    end++;
  }
  return characters < 8 ? text : text.substr(begin, end - begin);
}

}  // namespace apertus::fasttext
