// The two ways of merging one pretoken; both give the same tokens.
#include "bpe_merge.h"

#include <algorithm>
#include <functional>

namespace apertus::bpe {

size_t Merger::Split(std::string_view pretoken, uint32_t* out) {
  switch (vocabulary_.order()) {
    case MergeOrder::kRanks: return SplitIn<MergeOrder::kRanks>(pretoken, out);
    case MergeOrder::kDerived: return SplitIn<MergeOrder::kDerived>(pretoken, out);
    case MergeOrder::kListed: return SplitIn<MergeOrder::kListed>(pretoken, out);
  }
  return 0;
}

template <MergeOrder kOrder>
size_t Merger::SplitIn(std::string_view pretoken, uint32_t* out) {
  return pretoken.size() <= kShort ? SplitShort<kOrder>(pretoken, out) : SplitLong<kOrder>(pretoken, out);
}

template <MergeOrder kOrder>
size_t Merger::SplitShort(std::string_view pretoken, uint32_t* out) const {
  uint64_t merges[kShort];
  size_t count = pretoken.size();
  for (size_t i = 0; i < count; i++) out[i] = vocabulary_.rank_of_byte(static_cast<uint8_t>(pretoken[i]));
  for (size_t i = 0; i + 1 < count; i++) {
    const uint32_t merge = vocabulary_.FindByteMerge(static_cast<uint8_t>(pretoken[i]), static_cast<uint8_t>(pretoken[i + 1]));
    merges[i] = Priority<kOrder>(merge, out[i]);
  }
  while (count > 1) {
    size_t best = 0;
    uint64_t least = merges[0];
    for (size_t i = 1; i + 1 < count; i++) {
      const bool less = merges[i] < least;
      best = less ? i : best;
      least = less ? merges[i] : least;
    }
    if (least == kNever) break;
    const uint32_t joined = Joined<kOrder>(least);
    out[best] = joined;
    count--;
    // Both look-ups miss the caches, so that the first is not waited for before the second is asked for.
    if (best > 0) vocabulary_.Prefetch(out[best - 1], joined);
    if (best + 1 < count) vocabulary_.Prefetch(joined, out[best + 2]);
    for (size_t i = best + 1; i < count; i++) out[i] = out[i + 1];
    for (size_t i = best + 1; i + 1 < count; i++) merges[i] = merges[i + 1];
    if (best + 1 < count) merges[best] = Priority<kOrder>(vocabulary_.FindMerge(joined, out[best + 1]), joined);
    if (best > 0) merges[best - 1] = Priority<kOrder>(vocabulary_.FindMerge(out[best - 1], joined), out[best - 1]);
  }
  return count;
}

template <MergeOrder kOrder>
size_t Merger::SplitLong(std::string_view pretoken, uint32_t* out) {
  const size_t count = pretoken.size();
  parts_.resize(count);
  heap_.clear();
  for (size_t i = 0; i < count; i++) {
    const auto at = static_cast<uint32_t>(i);
    parts_[i] = {vocabulary_.rank_of_byte(static_cast<uint8_t>(pretoken[i])), at + 1, at - 1, kNever};
  }
  const auto later = std::greater<Candidate>();
  // A candidate is out of date where the priority of its left part has changed since.
  const auto find = [&](uint32_t left) {
    Part& part = parts_[left];
    part.priority =
        part.next < count ? Priority<kOrder>(vocabulary_.FindMerge(part.rank, parts_[part.next].rank), part.rank) : kNever;
    return part.priority != kNever;
  };
  for (uint32_t i = 0; i < count; i++) {
    if (find(i)) heap_.push_back({parts_[i].priority, i});
  }
  std::make_heap(heap_.begin(), heap_.end(), later);
  const auto push = [&](uint32_t left) {
    if (!find(left)) return;
    heap_.push_back({parts_[left].priority, left});
    std::push_heap(heap_.begin(), heap_.end(), later);
  };
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Candidate next = heap_.back();
    heap_.pop_back();
    Part& part = parts_[next.left];
    if (part.priority != next.priority) continue;
    Part& right = parts_[part.next];
    right.priority = kNever;
    part.rank = Joined<kOrder>(next.priority);
    part.next = right.next;
    if (part.next < count) parts_[part.next].previous = next.left;
    push(next.left);
    if (next.left > 0) push(part.previous);
  }
  size_t written = 0;
  for (uint32_t i = 0; i < count; i = parts_[i].next) out[written++] = parts_[i].rank;
  // One huge pretoken must not hold its scratch for the life of the instance.
  constexpr size_t kKept = 1 << 16;
  if (count > kKept) {
    parts_ = {};
    heap_ = {};
  }
  return written;
}

}  // namespace apertus::bpe
