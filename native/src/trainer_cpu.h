// The trainer's backend on the processor: it cuts each kernel into items for a pool of threads. Items and the order in which their
// sums are joined depend on shapes only, so the number of threads changes no bit.
#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "trainer_backend.h"
#include "trainer_kernels.h"
#include "trainer_pool.h"

namespace apertus::trainer {

// Working memory that grows to the most that was asked for, aligned to a line of the cache.
class Workspace {
 public:
  Workspace() = default;
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  float* Of(size_t floats);  // what was in it is lost where it grows; throws std::bad_alloc

 private:
  void* memory_ = nullptr;
  size_t bytes_ = 0;
};

// Zeroed pages, large ones where the system has them; std::bad_alloc where there are none.
void* MapPages(size_t bytes);
void UnmapPages(void* memory, size_t bytes) noexcept;

// The instruction set of this name, or the best that the processor has for an empty one; null where it is missing here.
const Kernels* FindKernels(const std::string& name);

// c [rows, columns] (+)= a b with a [rows, depth] and b [depth, columns].
class Multiplier {
 public:
  Multiplier(Pool& pool, const Products& products) : pool_(pool), products_(products) {}
  void Multiply(Operand a, Operand b, float* c, size_t rows, size_t columns, size_t depth, bool add);

 private:
  Pool& pool_;
  const Products& products_;
  Workspace right_, left_;
};

class CpuBackend final : public Backend {
 public:
  CpuBackend(const Kernels& kernels, unsigned threads, bool half);
  std::string Name() const override;

  void* Allocate(size_t bytes) override;
  void Free(void* memory, size_t bytes) noexcept override;
  void Upload(void* device, const void* host, size_t bytes) override;
  void Download(void* host, const void* device, size_t bytes) override;
  void Zero(float* to, size_t count) override;
  void Copy(float* to, const float* from, size_t count) override;
  void Linear(const float* x, const float* weight, float* y, size_t tokens, size_t in, size_t out, bool add) override;
  void LinearInput(const float* dy, const float* weight, float* dx, size_t tokens, size_t in, size_t out, bool add) override;
  void LinearWeight(const float* dy, const float* x, float* dweight, size_t tokens, size_t in, size_t out) override;
  void Embed(const int32_t* ids, const float* table, float* x, size_t tokens, size_t width) override;
  void EmbedBackward(const int32_t* ids, const float* dx, float* dtable, size_t tokens, size_t width) override;
  void Norm(const float* x, const float* weight, float* y, size_t tokens, size_t width, float epsilon) override;
  void NormBackward(const float* x, const float* weight, const float* dy, float* dx, float* dweight, size_t tokens, size_t width,
                    float epsilon) override;
  void Rotate(const RotateCall& call, float* rotated) override;
  void RotateBackward(const RotateCall& call, float* gradient, float* dquery_weight, float* dkey_weight) override;
  void Attention(const AttentionShape& shape, Heads queries, Heads keys, Heads values, const int32_t* first, float* out,
                 float* sums) override;
  void AttentionBackward(const AttentionShape& shape, Heads queries, Heads keys, Heads values, const int32_t* first,
                         const float* out, const float* sums, const float* dout, float* gradient) override;
  void Activate(const float* x, const float* positive, const float* negative, float* y, size_t count) override;
  void ActivateBackward(const float* x, const float* positive, const float* negative, float* dy, float* y, float* dpositive,
                        float* dnegative, size_t count) override;
  void Loss(const LossCall& call) override;
  double SumSquares(const float* x, size_t count) override;
  void Step(float* weight, const float* gradient, float* m1, float* m2, float* v, size_t count,
            const StepScalars& scalars) override;
  void Lerp(float* average, const float* weight, float rate, size_t count) override;

 private:
  // work(begin, end, item) for pieces of at most `step`.
  template <typename Work>
  void Pieces(size_t count, size_t step, const Work& work) {
    pool_.Each((count + step - 1) / step, [&](size_t item, unsigned) {
      const size_t begin = item * step;
      work(begin, count - begin < step ? count : begin + step, item);
    });
  }

  const Kernels& kernels_;
  const bool half_;
  Pool pool_;
  Multiplier multiplier_;
  Workspace parts_, logits_;
  size_t allocated_ = 0;
};

}  // namespace apertus::trainer
