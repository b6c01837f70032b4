// The two ways of merging one pretoken; both give the same tokens.
#include "bpe_merge.h"

#include <algorithm>
#include <functional>

namespace apertus::bpe {

size_t Merger::Split(std::string_view pretoken, uint32_t* out) {
  return pretoken.size() <= kShort ? SplitShort(pretoken, out) : SplitLong(pretoken, out);
}

size_t Merger::SplitShort(std::string_view pretoken, uint32_t* out) const {
  uint32_t merges[kShort];
  size_t count = pretoken.size();
  for (size_t i = 0; i < count; i++) out[i] = vocabulary_.rank_of_byte(static_cast<uint8_t>(pretoken[i]));
  for (size_t i = 0; i + 1 < count; i++) {
    merges[i] = vocabulary_.FindByteMerge(static_cast<uint8_t>(pretoken[i]), static_cast<uint8_t>(pretoken[i + 1]));
  }
  while (count > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < count; i++) {
      if (merges[i] < merges[best]) best = i;
    }
    if (merges[best] == kNone) break;
    out[best] = vocabulary_.joined(merges[best]);
    count--;
    for (size_t i = best + 1; i < count; i++) out[i] = out[i + 1];
    for (size_t i = best + 1; i + 1 < count; i++) merges[i] = merges[i + 1];
    if (best + 1 < count) merges[best] = vocabulary_.FindMerge(out[best], out[best + 1]);
    if (best > 0) merges[best - 1] = vocabulary_.FindMerge(out[best - 1], out[best]);
  }
  return count;
}

size_t Merger::SplitLong(std::string_view pretoken, uint32_t* out) {
  const size_t count = pretoken.size();
  parts_.resize(count);
  heap_.clear();
  for (size_t i = 0; i < count; i++) {
    const auto at = static_cast<uint32_t>(i);
    parts_[i] = {vocabulary_.rank_of_byte(static_cast<uint8_t>(pretoken[i])), kNone, at + 1, at - 1};
  }
  const auto later = std::greater<uint64_t>();
  // A heap entry is order << 32 | position of the left part. It is out of date where that part's merge has changed since.
  const auto find = [&](uint32_t left) {
    Part& part = parts_[left];
    part.merge = part.next < count ? vocabulary_.FindMerge(part.rank, parts_[part.next].rank) : kNone;
    return part.merge != kNone;
  };
  for (uint32_t i = 0; i < count; i++) {
    if (find(i)) heap_.push_back(uint64_t{parts_[i].merge} << 32 | i);
  }
  std::make_heap(heap_.begin(), heap_.end(), later);
  const auto push = [&](uint32_t left) {
    if (!find(left)) return;
    heap_.push_back(uint64_t{parts_[left].merge} << 32 | left);
    std::push_heap(heap_.begin(), heap_.end(), later);
  };
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const uint64_t entry = heap_.back();
    heap_.pop_back();
    const auto left = static_cast<uint32_t>(entry);
    Part& part = parts_[left];
    if (part.merge != entry >> 32) continue;
    Part& right = parts_[part.next];
    right.merge = kNone;
    part.rank = vocabulary_.joined(part.merge);
    part.next = right.next;
    if (part.next < count) parts_[part.next].previous = left;
    push(left);
    if (left > 0) push(part.previous);
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
