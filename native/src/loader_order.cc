// The order of a training run: stages, mixtures, epochs, shuffles (loader_order.h).
#include "loader_order.h"

#include <algorithm>
#include <utility>

namespace apertus::loader {

namespace {

uint64_t KeyOf(uint64_t seed, uint64_t use, uint64_t a, uint64_t b) { return Mix(Mix(Mix(seed + use) + a) + b); }

constexpr uint64_t kSlots = 1;
constexpr uint64_t kEpoch = 2;

}  // namespace

Order::Order(uint64_t seed, std::vector<uint64_t> sizes, std::vector<Stage> stages)
    : seed_(seed), sizes_(std::move(sizes)), stages_(std::move(stages)) {
  std::vector<uint64_t> given(sizes_.size(), 0);
  uint64_t end = 0;
  for (const auto& stage : stages_) {
    given_.push_back(given);
    const auto shares = Shares(stage, stage.sequences);
    for (size_t i = 0; i < given.size(); i++) given[i] += shares[i];
    ends_.push_back(end += stage.sequences);
  }
}

std::vector<uint64_t> Order::Shares(const Stage& stage, uint64_t x) {
  using Wide = unsigned __int128;
  std::vector<uint64_t> shares(stage.weights.size(), 0);
  uint64_t weight_left = 0;
  for (const auto weight : stage.weights) weight_left += weight;
  // Each source takes its part of what those before it left: the part, and what is left, grow with x alike.
  for (size_t i = 0; i < shares.size() && weight_left > 0; i++) {
    shares[i] = static_cast<uint64_t>(Wide{x} * stage.weights[i] / weight_left);
    x -= shares[i];
    weight_left -= stage.weights[i];
  }
  return shares;
}

void Order::EnterBlock(size_t stage, uint64_t block) {
  const uint64_t first = block * kBlock;
  const uint64_t last = std::min(stages_[stage].sequences, first + kBlock);
  before_ = Shares(stages_[stage], first);
  slots_ = Shares(stages_[stage], last);
  uint64_t slot = 0;
  for (size_t i = 0; i < slots_.size(); i++) {
    slots_[i] = slot += slots_[i] - before_[i];
    before_[i] += given_[stage][i];
  }
  slot_order_ = Permutation(KeyOf(seed_, kSlots, stage, block), last - first);
  stage_ = stage;
  block_ = block;
}

Place Order::At(uint64_t step) {
  const auto stage = static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), step) - ends_.begin());
  const uint64_t x = step - (stage == 0 ? 0 : ends_[stage - 1]);
  if (stage != stage_ || x / kBlock != block_) EnterBlock(stage, x / kBlock);
  const uint64_t slot = slot_order_(x % kBlock);
  const auto source = static_cast<size_t>(std::upper_bound(slots_.begin(), slots_.end(), slot) - slots_.begin());
  const uint64_t nth = before_[source] + slot - (source == 0 ? 0 : slots_[source - 1]);
  const uint64_t size = sizes_[source];
  const uint64_t epoch = nth / size;
  const Permutation sequences(KeyOf(seed_, kEpoch, source, epoch), size);
  return {static_cast<uint32_t>(source), epoch, sequences(nth % size)};
}

}  // namespace apertus::loader
