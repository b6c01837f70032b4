// Unfolds the generated runs (src/generated/text_classes.h) into tables that answer with one load.
#include "text_classes.h"

#include <algorithm>
#include <iterator>

#include "generated/text_classes.h"

namespace apertus {

static constexpr size_t kCodePoints = 0x110000;

const TextClasses& TextClasses::Get() {
  static const TextClasses classes;
  return classes;
}

TextClasses::TextClasses() : classes_(std::make_unique<uint8_t[]>(kCodePoints)) {
  const auto& runs = generated::kClassRuns;
  for (size_t i = 0; i < std::size(runs); i++) {
    const size_t end = i + 1 < std::size(runs) ? runs[i + 1] >> 8 : kCodePoints;
    std::fill(classes_.get() + (runs[i] >> 8), classes_.get() + end, static_cast<uint8_t>(runs[i]));
  }
  uint8_t pages = 1;
  for (const auto& run : generated::kFoldRuns) {
    for (size_t page = run.from >> 8; page <= run.to >> 8; page++) {
      if (fold_page_[page] == 0) fold_page_[page] = pages++;
    }
  }
  folds_ = std::make_unique<int32_t[]>(static_cast<size_t>(pages) << 8);
  for (const auto& run : generated::kFoldRuns) {
    for (size_t point = run.from; point <= run.to; point += run.stride) {
      folds_[static_cast<size_t>(fold_page_[point >> 8]) << 8 | (point & 255)] = run.delta;
    }
  }
}

}  // namespace apertus
