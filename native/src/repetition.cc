// Repeated n-grams of words inside one document (repetition.h).
#include "repetition.h"

#include <algorithm>
#include <bit>

namespace apertus {

static constexpr size_t kLongest = 10;
static constexpr uint64_t kField = (1 << 20) - 1;  // positions fit: kMostWords is smaller

NgramCounter::Ngram& NgramCounter::Slot(uint64_t hash) {
  size_t at = SlotOf(hash, factor_, bits_);
  while (table_[at].count != 0 && table_[at].hash != hash) at = (at + 1) & mask_;
  return table_[at];
}

void NgramCounter::Grow() {
  std::vector<Ngram> old(2 * (mask_ + 1), Ngram{});
  old.swap(table_);
  const size_t size = mask_ + 1;
  mask_ = 2 * size - 1;
  bits_++;
  for (size_t i = 0; i < size; i++) {
    if (old[i].count != 0) Slot(old[i].hash) = old[i];
  }
}

NgramRepetition NgramCounter::Count(const std::vector<uint64_t>& hashes, const std::vector<uint64_t>& characters) {
  NgramRepetition result;
  const size_t words = hashes.size();
  const size_t size = std::bit_ceil(std::max<size_t>(64, 3 * words / 2));
  if (table_.size() < size) table_.resize(size);
  std::fill_n(table_.begin(), size, Ngram{});
  mask_ = size - 1;
  bits_ = static_cast<unsigned>(std::countr_zero(size));
  used_ = 0;

  std::array<uint64_t, 3> most{};
  std::array<size_t, 6> covered{};  // words before this one are counted for this n already
  for (size_t i = 0; i + 2 <= words; i++) {
    uint64_t hash = hashes[i];
    for (size_t n = 2; n <= kLongest && i + n <= words; n++) {
      hash = MixHash(hash + n, hashes[i + n - 1]);
      if (4 * (used_ + 2) > 3 * (mask_ + 1)) Grow();
      Ngram& ngram = Slot(hash);
      if (ngram.count == 0) {
        ngram = {hash, i & kField, (i + n) & kField, 1, 0};
        used_++;
        break;
      }
      if (i >= ngram.end) {
        ngram.count++;
        ngram.end = (i + n) & kField;
        if (n <= 4 && ngram.count >= most[n - 2]) {
          const uint64_t inside = ngram.count * (characters[i + n] - characters[i]);
          if (ngram.count > most[n - 2] || inside > result.top[n - 2]) result.top[n - 2] = inside;
          most[n - 2] = ngram.count;
        }
      }
      if (n >= 5) {
        const size_t from = std::max(covered[n - 5], i);
        result.repeated[n - 5] += characters[i + n] - characters[from];
        covered[n - 5] = i + n;
      }
      if (ngram.extended == 0 && n < kLongest) {
        ngram.extended = 1;
        const size_t first = ngram.first;  // first + n <= i + n - 1, so the word behind it exists
        const uint64_t longer = MixHash(hash + n + 1, hashes[first + n]);
        Ngram& child = Slot(longer);
        if (child.count == 0) {
          child = {longer, first & kField, (first + n + 1) & kField, 1, 0};
          used_++;
        }
      }
    }
  }
  return result;
}

}  // namespace apertus
