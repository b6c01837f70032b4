// See fasttext_train.h.
#include "fasttext_train.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <new>
#include <thread>

namespace apertus::fasttext {
namespace {

constexpr size_t kBatch = 16, kRowsAhead = 6;
constexpr uint64_t kMostWeightBytes = uint64_t{32} << 30;
// A label that is this improbable is not pushed further away: it spares most of the work, and no answer depends on it.
constexpr float kNegligible = 1e-5f;
// As the program reads lines.
constexpr size_t kMostWords = 1024;

size_t Rounded(size_t n, size_t step) { return (n + step - 1) / step * step; }

}  // namespace

Weights::Weights(size_t rows, size_t width) : rows_(rows), width_(width), bytes_(std::max<size_t>(rows * width * 4, 1)) {
  if (rows > 0 && width * 4 > kMostWeightBytes / rows) throw Untrainable("more than 32 GB of weights");
  void* map = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  ::madvise(map, bytes_, MADV_HUGEPAGE);
#endif
  data_ = static_cast<float*>(map);
}

Weights::~Weights() { ::munmap(data_, bytes_); }

// One line of a batch.
struct Trainer::Slot {
  struct Error {
    int32_t label;
    float step;  // rate times (wanted - given)
  };
  std::vector<uint32_t> rows;
  std::vector<int32_t> word_hashes;
  std::string bounded;
  std::vector<float> hidden, gradient, scores, exponentials;
  std::vector<Error> errors;
  int32_t label = 0;
  float rate = 0;
  double loss = 0;
};

Trainer::Trainer(const TrainingSettings& settings, std::vector<std::string> labels)
    : settings_(settings),
      labels_(std::move(labels)),
      lines_(static_cast<int32_t>(labels_.size())),
      loops_(settings.plain ? PlainTrainingLoops() : BestTrainingLoops()),
      sums_(settings.plain ? PlainSums() : BestSums()),
      width_(Rounded(static_cast<size_t>(settings.dimensions), kRowStep)) {}

Trainer::~Trainer() = default;

void Trainer::Add(std::string_view text, int32_t label) {
  if (started_) throw Untrainable("lines that come after training began");
  if (!lines_.Add(text, label)) throw Untrainable("more than 4,294,967,295 lines");
}

void Trainer::Start() {
  size_t taught = 0;
  for (size_t label = 0; label < labels_.size(); label++) taught += lines_.LinesOf(static_cast<int32_t>(label)) > 0 ? 1 : 0;
  if (taught < 2) throw Untrainable("fewer than two labels with a line");
  if (taught < labels_.size()) throw Untrainable("a label without a line");
  started_ = true;
  vocabulary_ = std::make_unique<Vocabulary>(lines_, settings_.sampling, settings_.least_count,
                                             static_cast<size_t>(settings_.most_words));
  const size_t rows = words() + static_cast<size_t>(settings_.buckets);
  if (rows == 0) throw Untrainable("no word is frequent enough, and there are no n-grams");
  if (rows >= UINT32_MAX) throw Untrainable("more than 4,294,967,294 rows");
  input_ = std::make_unique<Weights>(rows, width_);
  output_ = std::make_unique<Weights>(Rounded(labels_.size(), kLanes), width_);
  const float bound = 1.0f / static_cast<float>(settings_.dimensions);
  for (size_t row = 0; row < rows; row++) {
    Random random(settings_.seed ^ (row * 0xD6E8FEB86659FD93ULL));
    float* weights = input_->row(row);
    for (size_t j = 0; j < static_cast<size_t>(settings_.dimensions); j++) weights[j] = (random.Share() * 2.0f - 1.0f) * bound;
  }
  slots_.resize(kBatch);
  for (Slot& slot : slots_) {
    slot.hidden.resize(width_);
    slot.gradient.resize(width_);
    slot.scores.resize(output_->rows());
    slot.exponentials.resize(output_->rows());
    slot.errors.reserve(labels_.size());
  }
  pass_ = lines_.Pass(settings_.sampling, settings_.seed, 0);
  total_ = pass_.size() * static_cast<uint64_t>(settings_.epochs);
}

void Trainer::Run(size_t wanted) {
  if (!started_) Start();
  double loss = 0;
  uint64_t learnt = 0;
  for (size_t left = wanted; left > 0 && !done();) {
    const size_t begin = position_, end = std::min(pass_.size(), begin + Rounded(std::min(left, pass_.size()), kBatch));
    const auto threads = std::min<size_t>(static_cast<size_t>(settings_.threads), kBatch / kTile);
    std::atomic<bool> failed = false;
    std::barrier together(static_cast<std::ptrdiff_t>(threads));
    const auto work = [&](size_t thread) {
      for (size_t at = begin; at < end; at += kBatch) {
        const size_t count = std::min(kBatch, end - at);
        try {
          Batch(at, at + count, thread, threads);
        } catch (const std::bad_alloc&) {
          failed = true;
        }
        together.arrive_and_wait();
        if (failed) return;
        Update(count, thread, threads);
        together.arrive_and_wait();
        if (thread == 0) {
          for (size_t i = 0; i < count; i++) {
            loss += slots_[i].loss;
            learnt += slots_[i].rows.empty() ? 0 : 1;
          }
          read_ += count;
        }
        // The slots are read above and written by the next batch.
        if (threads > 1) together.arrive_and_wait();
      }
    };
    std::vector<std::thread> others;
    for (size_t thread = 1; thread < threads; thread++) others.emplace_back(work, thread);
    work(0);
    for (std::thread& other : others) other.join();
    if (failed) throw std::bad_alloc();
    position_ = end;
    left -= std::min(left, end - begin);
    if (position_ == pass_.size()) {
      epoch_++;
      position_ = 0;
      if (!done()) pass_ = lines_.Pass(settings_.sampling, settings_.seed, static_cast<uint32_t>(epoch_));
    }
  }
  loss_ = learnt == 0 ? 0 : loss / static_cast<double>(learnt);
}

// The thread's tiles of the lines [begin, end) of the pass.
void Trainer::Batch(size_t begin, size_t end, size_t thread, size_t threads) {
  for (size_t first = thread * kTile; first < end - begin; first += threads * kTile) {
    const size_t count = std::min(kTile, end - begin - first);
    for (size_t i = 0; i < count; i++) {
      Slot& slot = slots_[first + i];
      const size_t position = begin + first + i;
      slot.rate = settings_.rate * (1.0f - static_cast<float>(static_cast<double>(read_ + first + i) / static_cast<double>(total_)));
      Features(slot, pass_[position], position);
    }
    Forward(first, count);
  }
}

void Trainer::Features(Slot& slot, const Draw& draw, size_t position) {
  slot.label = lines_.label(draw.line);
  std::string_view text = lines_.text(draw.line);
  const SamplingSettings& sampling = settings_.sampling;
  Random random(settings_.seed ^ (static_cast<uint64_t>(epoch_) << 40) ^ (position * 0xD6E8FEB86659FD93ULL));
  if (sampling.cut > 0) {
    if (random.Share() < sampling.cut || draw.repetition >= 2) text = Cut(text, sampling, random);
  }
  slot.rows.clear();
  slot.word_hashes.clear();
  const auto words_known = static_cast<uint32_t>(words());
  const auto buckets = static_cast<uint32_t>(settings_.buckets);
  bool end = false;
  size_t words = 0;
  for (size_t at = 0; !end;) {
    Word word = NextWord(text, at);
    if (++words == kMostWords) word = {kEnd, Hash(kEnd)};
    end = word.text == kEnd;
    const int32_t id = vocabulary_->Find(word);
    if (id < 0 && word.text.starts_with(kLabelPrefix)) continue;
    if (id >= 0) slot.rows.push_back(static_cast<uint32_t>(id));
    if (settings_.longest > 0 && !end) {
      slot.bounded.assign(1, '<').append(word.text).append(1, '>');
      ForCharacterNgrams(slot.bounded, settings_.shortest, settings_.longest,
                         [&](uint32_t hash) { slot.rows.push_back(words_known + hash % buckets); });
    }
    if (settings_.word_ngrams > 1) slot.word_hashes.push_back(static_cast<int32_t>(word.hash));
  }
  if (settings_.word_ngrams > 1) {
    ForWordNgrams(slot.word_hashes, settings_.word_ngrams,
                  [&](uint64_t hash) { slot.rows.push_back(words_known + static_cast<uint32_t>(hash % buckets)); });
  }
  if (sampling.dropout > 0) std::erase_if(slot.rows, [&](uint32_t) { return random.Share() < sampling.dropout; });
}

// From rows to errors and the rows' gradient, for a tile of lines.
void Trainer::Forward(size_t first, size_t count) {
  const float* hidden[kTile];
  float* scores[kTile];
  const auto fetch = [&](uint32_t row) {
    const auto* at = reinterpret_cast<const char*>(input_->row(row));
    for (size_t byte = 0; byte < width_ * 4; byte += 64) __builtin_prefetch(at + byte);
  };
  for (size_t i = 0; i < kTile; i++) {
    // A tile that is not full computes its first line again, and nobody reads it.
    Slot& slot = slots_[first + (i < count ? i : 0)];
    hidden[i] = slot.hidden.data();
    scores[i] = slot.scores.data();
    if (i >= count) continue;
    std::fill(slot.hidden.begin(), slot.hidden.end(), 0.0f);
    for (size_t k = 0; k < slot.rows.size(); k++) {
      if (k + kRowsAhead < slot.rows.size()) fetch(slot.rows[k + kRowsAhead]);
      sums_.add(reinterpret_cast<const uint8_t*>(input_->row(slot.rows[k])), width_, slot.hidden.data());
    }
    const float share = slot.rows.empty() ? 0.0f : 1.0f / static_cast<float>(slot.rows.size());
    for (float& x : slot.hidden) x *= share;
  }
  loops_.scores(hidden, width_, output_->row(0), Rounded(labels_.size(), 2), scores);
  for (size_t i = 0; i < count; i++) {
    Slot& slot = slots_[first + i];
    slot.errors.clear();
    slot.loss = 0;
    if (slot.rows.empty()) continue;
    Errors(slot);
    std::fill(slot.gradient.begin(), slot.gradient.end(), 0.0f);
    for (const auto& [label, step] : slot.errors) {
      loops_.add_scaled(step, output_->row(static_cast<size_t>(label)), width_, slot.gradient.data());
    }
    const float share = 1.0f / static_cast<float>(slot.rows.size());
    for (float& x : slot.gradient) x *= share;
  }
}

void Trainer::Errors(Slot& slot) {
  const auto labels = static_cast<int32_t>(labels_.size());
  const auto wanted = static_cast<size_t>(slot.label);
  if (settings_.loss == Loss::kOneVsAll) {
    for (int32_t label = 0; label < labels; label++) {
      const float x = slot.scores[static_cast<size_t>(label)];
      const float e = Exp(x < 0 ? x : -x);
      const float p = x < 0 ? e / (1.0f + e) : 1.0f / (1.0f + e);
      const float error = (label == slot.label ? 1.0f : 0.0f) - p;
      if (std::abs(error) >= kNegligible) slot.errors.push_back({label, slot.rate * error});
      slot.loss -= std::log(std::max(1.0 - static_cast<double>(std::abs(error)), 1e-10));
    }
    return;
  }
  const float most = *std::max_element(slot.scores.begin(), slot.scores.begin() + labels);
  sums_.exponentials(slot.scores.data(), slot.scores.size(), most, slot.exponentials.data());
  double total = 0;
  for (int32_t label = 0; label < labels; label++) total += static_cast<double>(slot.exponentials[static_cast<size_t>(label)]);
  const auto scale = static_cast<float>(1.0 / total);
  for (int32_t label = 0; label < labels; label++) {
    const float p = slot.exponentials[static_cast<size_t>(label)] * scale;
    if (label == slot.label) {
      slot.errors.push_back({label, slot.rate * (1.0f - p)});
    } else if (p >= kNegligible) {
      slot.errors.push_back({label, slot.rate * -p});
    }
  }
  slot.loss = -std::log(std::max(static_cast<double>(slot.exponentials[wanted]) / total, 1e-10));
}

// The rows that belong to this thread, moved in the order of the lines.
void Trainer::Update(size_t lines, size_t thread, size_t threads) {
  for (size_t i = 0; i < lines; i++) {
    const Slot& slot = slots_[i];
    for (const auto& [label, step] : slot.errors) {
      if (static_cast<size_t>(label) % threads == thread) {
        loops_.add_scaled(step, slot.hidden.data(), width_, output_->row(static_cast<size_t>(label)));
      }
    }
    if (slot.errors.empty()) continue;
    for (const uint32_t row : slot.rows) {
      if (row % threads == thread) {
        sums_.add(reinterpret_cast<const uint8_t*>(slot.gradient.data()), width_, input_->row(row));
      }
    }
  }
}

}  // namespace apertus::fasttext
