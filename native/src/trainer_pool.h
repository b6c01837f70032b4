// Threads that a model owns. Work is cut into items whose results do not depend on who does them, so that the number of threads
// changes the time and no bit.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <vector>

namespace apertus::trainer {

class Pool {
 public:
  // The thread that calls Each works too; throws std::system_error where a thread cannot be had.
  explicit Pool(unsigned threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  unsigned threads() const { return static_cast<unsigned>(workers_.size()) + 1; }

  // work(item, thread) for each item from 0; returns when all are done. work must not throw.
  template <typename Work>
  void Each(size_t items, const Work& work) {
    if (items <= 1 || workers_.empty()) {
      for (size_t item = 0; item < items; item++) work(item, 0u);
      return;
    }
    Run(items, [](const void* context, size_t item, unsigned thread) { (*static_cast<const Work*>(context))(item, thread); },
        &work);
  }

 private:
  using Call = void (*)(const void*, size_t, unsigned);
  void Run(size_t items, Call call, const void* context);
  void Serve(unsigned thread);
  void Stop();
  void Take(unsigned thread);

  Call call_ = nullptr;
  const void* context_ = nullptr;
  size_t items_ = 0;
  std::atomic<size_t> next_{0};
  std::atomic<uint32_t> round_{0}, busy_{0};
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace apertus::trainer
