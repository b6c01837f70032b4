// The simulation: all threads of a pattern go over the text together, in the order in which a backtracking matcher would try them.
#include "bpe_regex.h"

#include <algorithm>
#include <utility>

#include "utf8.h"

namespace apertus::bpe {

Regex::Regex(Program program) : program_(std::move(program)), pages_((kIllFormed >> 8) + 1) {
  for (Threads* threads : {&now_, &next_}) threads->place.resize(program_.instructions.size());
  // What the first symbol may be, whatever stands ahead.
  std::vector<bool> seen(program_.instructions.size());
  for (stack_ = {0}; !stack_.empty();) {
    const uint32_t at = stack_.back();
    stack_.pop_back();
    if (seen[at]) continue;
    seen[at] = true;
    const Instruction& instruction = program_.instructions[at];
    const auto go = [&](int32_t by) { stack_.push_back(static_cast<uint32_t>(static_cast<int32_t>(at) + by)); };
    if (instruction.kind == Instruction::kTake) begins_ |= uint64_t{1} << instruction.first;
    if (instruction.kind == Instruction::kSplit) go(instruction.second);
    if (instruction.kind == Instruction::kSplit || instruction.kind == Instruction::kJump) go(instruction.first);
    if (instruction.kind == Instruction::kAhead || instruction.kind == Instruction::kNotAhead) go(1);
  }
}

uint64_t Regex::SetsOf(char32_t c) const {
  uint64_t bits = 0;
  for (size_t i = 0; i < program_.sets.size(); i++) {
    const CodeSet& set = program_.sets[i];
    const auto above = std::upper_bound(set.begin(), set.end(), c, [](char32_t point, const auto& range) { return point < range.first; });
    if (above != set.begin() && std::prev(above)->second >= c) bits |= uint64_t{1} << i;
  }
  return bits;
}

std::pair<uint64_t, size_t> Regex::SymbolAt(std::string_view text, size_t at) {
  if (at == text.size()) return {0, 0};
  const auto* p = reinterpret_cast<const uint8_t*>(text.data()) + at;
  const size_t length = SequenceLength(p, text.size() - at);
  const char32_t c = length == 0 ? kIllFormed : CodePoint(p, length);
  auto& page = pages_[c >> 8];
  if (page == nullptr) {
    page = std::make_unique<std::array<uint64_t, 256>>();
    for (char32_t i = 0; i < 256; i++) (*page)[i] = SetsOf((c & ~char32_t{0xFF}) | i);
  }
  return {(*page)[c & 0xFF], std::max<size_t>(length, 1)};
}

// Adds the thread at `at` and what it leads to without taking a symbol, in order of preference.
void Regex::Follow(uint32_t at, uint64_t ahead, bool at_end, Threads& threads, uint64_t& steps) {
  stack_.assign(1, at);
  while (!stack_.empty()) {
    const uint32_t here = stack_.back();
    stack_.pop_back();
    if (threads.Has(here)) continue;
    threads.Add(here);
    if (steps-- == 0) throw TooSlow("a pattern takes more than linear time on this text");
    const Instruction& instruction = program_.instructions[here];
    const auto go = [&](int32_t by) { stack_.push_back(static_cast<uint32_t>(static_cast<int32_t>(here) + by)); };
    const auto is_ahead = [&] { return !at_end && (ahead >> instruction.first & 1) != 0; };
    switch (instruction.kind) {
      case Instruction::kTake:
      case Instruction::kMatch:
        break;
      case Instruction::kJump:
        go(instruction.first);
        break;
      case Instruction::kSplit:
        go(instruction.second);
        go(instruction.first);
        break;
      case Instruction::kAhead:
        if (is_ahead()) go(1);
        break;
      case Instruction::kNotAhead:
        if (!is_ahead()) go(1);
        break;
    }
  }
}

size_t Regex::MatchEnd(std::string_view text, size_t start, uint64_t& steps) {
  size_t found = std::string_view::npos;
  size_t at = start;
  auto [sets, length] = SymbolAt(text, at);
  now_.list.clear();
  Follow(0, sets, length == 0, now_, steps);
  while (!now_.list.empty()) {
    const auto [next_sets, next_length] = length == 0 ? std::pair<uint64_t, size_t>{0, 0} : SymbolAt(text, at + length);
    next_.list.clear();
    for (const uint32_t thread : now_.list) {
      const Instruction& instruction = program_.instructions[thread];
      if (instruction.kind == Instruction::kMatch) {
        // Whatever comes later in the list would have been tried later.
        found = at;
        break;
      }
      if (instruction.kind != Instruction::kTake || length == 0 || (sets >> instruction.first & 1) == 0) continue;
      Follow(thread + 1, next_sets, next_length == 0, next_, steps);
    }
    std::swap(now_, next_);
    at += length;
    sets = next_sets;
    length = next_length;
  }
  return found;
}

Regex::Match Regex::Find(std::string_view text, size_t from, uint64_t& steps) {
  for (size_t at = from; at < text.size();) {
    const auto [sets, length] = SymbolAt(text, at);
    if ((sets & begins_) != 0) {
      const size_t end = MatchEnd(text, at, steps);
      if (end != std::string_view::npos) return {at, end};
    }
    at += length;
  }
  return {text.size(), text.size()};
}

}  // namespace apertus::bpe
