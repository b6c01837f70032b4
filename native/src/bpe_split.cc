// Stages over pieces: matches of a pattern and what lies between them, joined as the stage says.
#include "bpe_split.h"

#include <algorithm>

#include "bpe_scanner.h"

namespace apertus::bpe {

const uint8_t* KnownEnd(KnownPattern pattern, const uint8_t* p, const uint8_t* end) {
  switch (pattern) {
    case KnownPattern::kTekken: return PretokenEnd<kTekken>(p, end);
    case KnownPattern::kGpt2: return PretokenEnd<kGpt2>(p, end);
    case KnownPattern::kCl100k: return PretokenEnd<kCl100k>(p, end);
    case KnownPattern::kLlama3: return PretokenEnd<kLlama3>(p, end);
    case KnownPattern::kCl100kEnd: return PretokenEnd<kCl100kEnd>(p, end);
    case KnownPattern::kQwen2: return PretokenEnd<kQwen2>(p, end);
    case KnownPattern::kO200k: return PretokenEnd<kO200k>(p, end);
    case KnownPattern::kO200kAscii: return PretokenEnd<kO200kAscii>(p, end);
  }
  return end;
}

const std::vector<std::string_view>& Splitter::Split(std::string_view text) {
  made_.clear();
  pieces_.clear();
  if (!text.empty()) pieces_.push_back(text);
  for (Stage& stage : stages_) {
    next_.clear();
    for (const std::string_view piece : pieces_) Cut(stage, piece, next_);
    std::swap(pieces_, next_);
  }
  return pieces_;
}

void Splitter::Cut(Stage& stage, std::string_view piece, std::vector<std::string_view>& out) {
  if (stage.prefix_space) {
    if (piece[0] == ' ') return out.push_back(piece);
    std::string& made = made_.emplace_back();
    made.reserve(piece.size() + 1);
    made += ' ';
    made += piece;
    return out.push_back(made);
  }
  if (stage.known) {
    const auto* p = reinterpret_cast<const uint8_t*>(piece.data());
    const auto* const end = p + piece.size();
    while (p < end) {
      const uint8_t* const next = KnownEnd(*stage.known, p, end);
      out.emplace_back(reinterpret_cast<const char*>(p), static_cast<size_t>(next - p));
      p = next;
    }
    return;
  }
  parts_.clear();
  uint64_t steps = stage.regex->Allowance(piece.size());
  for (size_t at = 0; at < piece.size();) {
    const auto [start, end] = stage.regex->Find(piece, at, steps);
    if (start > at) parts_.push_back({at, start, stage.invert});
    if (start == piece.size()) break;
    parts_.push_back({start, end, !stage.invert});
    at = end;
  }
  const bool backwards = stage.behaviour == Behaviour::kMergedWithNext;
  if (backwards) std::reverse(parts_.begin(), parts_.end());
  merged_.clear();
  bool before = false;
  for (const Part& part : parts_) {
    bool join = false;
    switch (stage.behaviour) {
      case Behaviour::kRemoved:
        if (!part.matched) merged_.push_back(part);
        continue;
      case Behaviour::kIsolated:
        break;
      case Behaviour::kMergedWithPrevious:
      case Behaviour::kMergedWithNext:
        join = part.matched && !before;
        break;
      case Behaviour::kContiguous:
        join = part.matched == before;
        break;
    }
    before = part.matched;
    if (!join || merged_.empty()) {
      merged_.push_back(part);
    } else if (backwards) {
      merged_.back().start = part.start;
    } else {
      merged_.back().end = part.end;
    }
  }
  if (backwards) std::reverse(merged_.begin(), merged_.end());
  for (const Part& part : merged_) out.push_back(piece.substr(part.start, part.end - part.start));
}

void Splitter::ReleaseLarge() {
  constexpr size_t kKept = 1 << 16;
  if (pieces_.capacity() > kKept) pieces_ = {};
  if (next_.capacity() > kKept) next_ = {};
  if (parts_.capacity() > kKept) parts_ = {};
  if (merged_.capacity() > kKept) merged_ = {};
  made_.clear();
}

}  // namespace apertus::bpe
