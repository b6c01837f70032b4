// The pre-tokenisation of a tokenizer: stages, each of which cuts every piece of the stage before it (Hugging Face: a Sequence of
// pre-tokenizers). A text that has a single stage of a known pattern does not come this way (bpe_encoder.cc).
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bpe_regex.h"

namespace apertus::bpe {

enum class KnownPattern : uint8_t { kTekken, kGpt2, kCl100k, kLlama3, kCl100kEnd, kQwen2, kO200k, kO200kAscii };

// What becomes of a match (Hugging Face: SplitDelimiterBehavior).
enum class Behaviour : uint8_t { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

struct Stage {
  // One of these three.
  std::optional<KnownPattern> known;
  std::optional<Regex> regex;
  // A space in front of each piece that does not begin with one.
  bool prefix_space = false;

  Behaviour behaviour = Behaviour::kIsolated;
  // Matches and what lies between them change places.
  bool invert = false;
};

// The end of the pretoken at p, p < end, for a pattern that is named at run time.
const uint8_t* KnownEnd(KnownPattern pattern, const uint8_t* p, const uint8_t* end);

class Splitter {
 public:
  explicit Splitter(std::vector<Stage> stages) : stages_(std::move(stages)) {}

  // The single known pattern that cuts all text, where the stages are that.
  std::optional<KnownPattern> only() const {
    return stages_.size() == 1 ? stages_[0].known : std::nullopt;
  }
  // The pieces of a text, none empty; they stay until the next call. Throws TooSlow.
  const std::vector<std::string_view>& Split(std::string_view text);
  // Gives back what a large text needed.
  void ReleaseLarge();

 private:
  struct Part {
    size_t start, end;
    bool matched;
  };

  void Cut(Stage& stage, std::string_view piece, std::vector<std::string_view>& out);

  std::vector<Stage> stages_;
  std::vector<std::string_view> pieces_, next_;
  std::vector<Part> parts_, merged_;
  // Pieces that got a space in front.
  std::deque<std::string> made_;
};

}  // namespace apertus::bpe
