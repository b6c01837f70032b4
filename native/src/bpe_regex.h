// Regular expressions for the pre-tokenisation patterns that the scanner does not know, in the syntax that Hugging Face (Oniguruma)
// and tiktoken (fancy-regex) share. A match is the one that a backtracking matcher, first alternative first, would find, but it is
// found by Thompson's simulation (Pike's virtual machine; Cox 2009), so that no pattern is exponential. What the two dialects read
// differently, or what the simulation cannot do, is refused by name.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bpe_code_set.h"

namespace apertus::bpe {

// A part of a pattern or of a tokenizer that is not implemented; what() names it.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A text on which a pattern needs far more than linear time.
struct TooSlow : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Instruction {
  enum Kind : uint8_t { kTake, kAhead, kNotAhead, kSplit, kJump, kMatch };
  Kind kind;
  // A set; or where to go on, relative to the instruction: `first` before `second`.
  int32_t first = 0;
  int32_t second = 0;
};

struct Program {
  std::vector<Instruction> instructions;
  // At most 64.
  std::vector<CodeSet> sets;
};

// Throws std::invalid_argument where the pattern is none, Unsupported where it has a part that is not implemented.
Program ParsePattern(std::string_view pattern);

class Regex {
 public:
  explicit Regex(std::string_view pattern) : Regex(ParsePattern(pattern)) {}
  explicit Regex(Program program);

  struct Match {
    size_t start, end;
  };
  // The first match from `from` on; start == text.size() where there is none. Throws TooSlow where `steps`, which it counts down,
  // are used up.
  Match Find(std::string_view text, size_t from, uint64_t& steps);
  // The steps that a text of this size may take.
  uint64_t Allowance(size_t size) const { return (uint64_t{size} + 1024) * 64 * program_.instructions.size(); }

 private:
  struct Threads {
    std::vector<uint32_t> list;
    // Where an instruction stands in the list; whatever it holds where it is not in it.
    std::vector<uint32_t> place;
    bool Has(uint32_t at) const { return place[at] < list.size() && list[place[at]] == at; }
    void Add(uint32_t at) {
      place[at] = static_cast<uint32_t>(list.size());
      list.push_back(at);
    }
  };

  // The sets that the symbol at p is in, as bits, and its length; 0 and 0 at the end.
  std::pair<uint64_t, size_t> SymbolAt(std::string_view text, size_t at);
  uint64_t SetsOf(char32_t c) const;
  // The end of the match that starts at `start`, or npos.
  size_t MatchEnd(std::string_view text, size_t start, uint64_t& steps);
  void Follow(uint32_t at, uint64_t ahead, bool at_end, Threads& threads, uint64_t& steps);

  Program program_;
  // Sets that a match can begin with.
  uint64_t begins_ = 0;
  // By code point >> 8, made when first asked for.
  std::vector<std::unique_ptr<std::array<uint64_t, 256>>> pages_;
  Threads now_, next_;
  std::vector<uint32_t> stack_;
};

}  // namespace apertus::bpe
