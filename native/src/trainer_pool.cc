// See trainer_pool.h. Rounds come close after one another while a step runs: a thread looks for the next one for some microseconds
// before it sleeps.
#include "trainer_pool.h"

namespace apertus::trainer {
namespace {

constexpr int kLooks = 4000;

inline void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Returns once `value` is no longer `old`.
void WaitChange(const std::atomic<uint32_t>& value, uint32_t old) {
  for (int look = 0; look < kLooks; look++) {
    if (value.load(std::memory_order_acquire) != old) return;
    Pause();
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

Pool::Pool(unsigned threads) {
  try {
    for (unsigned thread = 1; thread < threads; thread++) workers_.emplace_back([this, thread] { Serve(thread); });
  } catch (...) {
    Stop();
    throw;
  }
}

Pool::~Pool() { Stop(); }

void Pool::Stop() {
  stop_ = true;
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void Pool::Run(size_t items, Call call, const void* context) {
  call_ = call;
  context_ = context;
  items_ = items;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<uint32_t>(workers_.size()), std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  Take(0);
  for (uint32_t busy = busy_.load(std::memory_order_acquire); busy > 0; busy = busy_.load(std::memory_order_acquire)) {
    WaitChange(busy_, busy);
  }
}

void Pool::Serve(unsigned thread) {
  for (uint32_t seen = 0;; seen++) {
    WaitChange(round_, seen);
    if (stop_) return;
    Take(thread);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
  }
}

void Pool::Take(unsigned thread) {
  for (size_t item = next_.fetch_add(1, std::memory_order_relaxed); item < items_;
       item = next_.fetch_add(1, std::memory_order_relaxed)) {
    call_(context_, item, thread);
  }
}

}  // namespace apertus::trainer
