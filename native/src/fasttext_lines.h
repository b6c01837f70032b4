// The labelled lines that a classifier is trained on, and which of them each pass reads: as many of each label as the settings say,
// because uneven numbers shift what the model expects, and half of them cut short, because crawled text often is.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apertus::fasttext {

// SplitMix64 (Steele et al. 2014): small, and the same everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  // Below n, n >= 1.
  size_t Below(size_t n) { return static_cast<size_t>((static_cast<uint64_t>(Next() >> 32) * n) >> 32); }
  // 0 <= x < 1, in steps of 2^-24.
  float Share() { return static_cast<float>(Next() >> 40) * 0x1p-24f; }

 private:
  uint64_t state_;
};

struct SamplingSettings {
  // Lines of each label in a pass, the cap and, by repetition, the floor; 0 reads every line once.
  uint32_t lines_per_label = 0;
  // Share of the lines that are cut to `shortest_cut` to `longest_cut` characters at words' bounds; of a label with too few lines
  // every repetition behind the second is.
  float cut = 0;
  uint32_t shortest_cut = 0, longest_cut = 0;
  // Share of a line's features that is left out at random, anew each time (dropout, Srivastava et al. 2014): what is left has to be
  // enough, as it has to in text unlike the training text.
  float dropout = 0;
};

struct Draw {
  uint32_t line;
  uint32_t repetition;
};

class Lines {
 public:
  explicit Lines(int32_t labels) : of_label_(static_cast<size_t>(labels)) {}
  // False where no more fits: 2^32 - 1 lines.
  bool Add(std::string_view text, int32_t label);
  size_t size() const { return labels_.size(); }
  size_t bytes() const { return text_.size(); }
  std::string_view text(size_t line) const {
    return std::string_view(text_).substr(starts_[line], starts_[line + 1] - starts_[line]);
  }
  int32_t label(size_t line) const { return labels_[line]; }
  // How often a pass reads a line of this label, on average.
  double Weight(int32_t label, const SamplingSettings& settings) const;
  size_t LinesOf(int32_t label) const { return of_label_[static_cast<size_t>(label)].size(); }
  // The lines of one pass, in a random order. Passes are to be asked for one after the other from 0: a label with more lines than
  // a pass reads goes on where the last pass ended.
  std::vector<Draw> Pass(const SamplingSettings& settings, uint64_t seed, uint32_t pass);

 private:
  std::string text_;
  std::vector<uint64_t> starts_{0};
  std::vector<int32_t> labels_;
  std::vector<std::vector<uint32_t>> of_label_;
};

// A run of the text's words, 15 to 60 characters, say; the text itself where it is shorter or the run has fewer than 8.
std::string_view Cut(std::string_view text, const SamplingSettings& settings, Random& random);

}  // namespace apertus::fasttext
