// See trainer_cpu.h.
#include "trainer_cpu.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

namespace apertus::trainer {
namespace {

// Items: rows of a norm, floats of an elementwise loop. Partial sums are joined in the order of the items.
constexpr size_t kTokensAtOnce = 32, kFloatsAtOnce = size_t{1} << 14;
// Logits are made for so many floats at a time, and for at most so many tokens.
constexpr size_t kLogits = size_t{1} << 24, kLogitTokens = 1024, kLeastLogitTokens = 64;

double Softplus(double x) { return x > 20 ? x : std::log1p(std::exp(x)); }
double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

float PositiveSlope(const float* raw) { return static_cast<float>(Softplus(*raw)); }
float NegativeSlope(const float* raw) { return static_cast<float>(0.5 + Softplus(*raw)); }

}  // namespace

const Kernels* FindKernels(const std::string& name) {
  const Kernels* const sets[] = {Avx512Kernels(), Avx2Kernels(), NeonKernels(), &PlainKernels()};
  for (const Kernels* set : sets) {
    if (set != nullptr && (name.empty() || name == set->name)) return set;
  }
  return nullptr;
}

CpuBackend::CpuBackend(const Kernels& kernels, unsigned threads, bool half)
    : kernels_(kernels), half_(half), pool_(threads), multiplier_(pool_, half ? kernels.half : kernels.single) {}

std::string CpuBackend::Name() const {
  return std::string("cpu ") + kernels_.name + ", " + std::to_string(pool_.threads()) + (pool_.threads() == 1 ? " thread, " : " threads, ") +
         (half_ ? std::string("bfloat16 ") + kernels_.half_name : std::string("float32"));
}

// Pages are only claimed when they are written to, far too late to refuse: what exceeds the machine's memory is refused here.
void* CpuBackend::Allocate(size_t bytes) {
  static const auto physical = static_cast<size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  if (bytes > physical || allocated_ > physical - bytes) throw std::bad_alloc();
  void* memory = MapPages(bytes);
  allocated_ += bytes;
  return memory;
}

void CpuBackend::Free(void* memory, size_t bytes) noexcept {
  allocated_ -= bytes;
  UnmapPages(memory, bytes);
}

void CpuBackend::Upload(void* device, const void* host, size_t bytes) { std::memcpy(device, host, bytes); }
void CpuBackend::Download(void* host, const void* device, size_t bytes) { std::memcpy(host, device, bytes); }

void CpuBackend::Zero(float* to, size_t count) {
  Pieces(count, kFloatsAtOnce, [&](size_t begin, size_t end, size_t) { std::memset(to + begin, 0, (end - begin) * sizeof(float)); });
}

void CpuBackend::Copy(float* to, const float* from, size_t count) {
  Pieces(count, kFloatsAtOnce,
         [&](size_t begin, size_t end, size_t) { std::memcpy(to + begin, from + begin, (end - begin) * sizeof(float)); });
}

void CpuBackend::Linear(const float* x, const float* weight, float* y, size_t tokens, size_t in, size_t out, bool add) {
  multiplier_.Multiply({x, in, 1}, {weight, 1, in}, y, tokens, out, in, add);
}

void CpuBackend::LinearInput(const float* dy, const float* weight, float* dx, size_t tokens, size_t in, size_t out, bool add) {
  multiplier_.Multiply({dy, out, 1}, {weight, in, 1}, dx, tokens, in, out, add);
}

void CpuBackend::LinearWeight(const float* dy, const float* x, float* dweight, size_t tokens, size_t in, size_t out) {
  multiplier_.Multiply({dy, 1, out}, {x, in, 1}, dweight, out, in, tokens, true);
}

void CpuBackend::Embed(const int32_t* ids, const float* table, float* x, size_t tokens, size_t width) {
  Pieces(tokens, kTokensAtOnce, [&](size_t begin, size_t end, size_t) {
    for (size_t t = begin; t < end; t++) {
      std::memcpy(x + t * width, table + static_cast<size_t>(ids[t]) * width, width * sizeof(float));
    }
  });
}

// A token may come twice: items are columns, and tokens are added in their order.
void CpuBackend::EmbedBackward(const int32_t* ids, const float* dx, float* dtable, size_t tokens, size_t width) {
  Pieces(width, 64, [&](size_t begin, size_t end, size_t) {
    for (size_t t = 0; t < tokens; t++) {
      kernels_.add(dx + t * width + begin, dtable + static_cast<size_t>(ids[t]) * width + begin, end - begin);
    }
  });
}

void CpuBackend::Norm(const float* x, const float* weight, float* y, size_t tokens, size_t width, float epsilon) {
  Pieces(tokens, kTokensAtOnce, [&](size_t begin, size_t end, size_t) {
    kernels_.norm(x + begin * width, weight, y + begin * width, end - begin, width, epsilon);
  });
}

void CpuBackend::NormBackward(const float* x, const float* weight, const float* dy, float* dx, float* dweight, size_t tokens,
                              size_t width, float epsilon) {
  const size_t items = (tokens + kTokensAtOnce - 1) / kTokensAtOnce;
  float* parts = parts_.Of(items * width);
  Pieces(tokens, kTokensAtOnce, [&](size_t begin, size_t end, size_t item) {
    float* part = parts + item * width;
    std::memset(part, 0, width * sizeof(float));
    kernels_.norm_backward(x + begin * width, weight, dy + begin * width, dx + begin * width, part, end - begin, width, epsilon);
  });
  for (size_t item = 0; item < items; item++) kernels_.add(parts + item * width, dweight, width);
}

void CpuBackend::Rotate(const RotateCall& call, float* rotated) {
  const RotaryRow row{call.heads, call.kv_heads, call.head_width, call.epsilon};
  const size_t heads = call.heads + call.kv_heads, from = (heads + call.kv_heads) * call.head_width, to = heads * call.head_width;
  Pieces(call.tokens, kTokensAtOnce, [&](size_t begin, size_t end, size_t) {
    for (size_t t = begin; t < end; t++) {
      kernels_.rotate(row, call.raw + t * from, call.query_weight, call.key_weight,
                      call.turns + (t % call.length + call.start) * call.head_width, rotated + t * to);
    }
  });
}

void CpuBackend::RotateBackward(const RotateCall& call, float* gradient, float* dquery_weight, float* dkey_weight) {
  const RotaryRow row{call.heads, call.kv_heads, call.head_width, call.epsilon};
  const size_t width = call.head_width, stride = (call.heads + 2 * call.kv_heads) * width;
  const size_t items = (call.tokens + kTokensAtOnce - 1) / kTokensAtOnce;
  float* parts = parts_.Of(items * 2 * width);
  Pieces(call.tokens, kTokensAtOnce, [&](size_t begin, size_t end, size_t item) {
    float* part = parts + item * 2 * width;
    std::memset(part, 0, 2 * width * sizeof(float));
    for (size_t t = begin; t < end; t++) {
      kernels_.rotate_backward(row, call.raw + t * stride, call.query_weight, call.key_weight,
                               call.turns + (t % call.length + call.start) * width, gradient + t * stride, part, part + width);
    }
  });
  for (size_t item = 0; item < items; item++) {
    kernels_.add(parts + item * 2 * width, dquery_weight, width);
    kernels_.add(parts + item * 2 * width + width, dkey_weight, width);
  }
}

void CpuBackend::Attention(const AttentionShape& shape, Heads queries, Heads keys, Heads values, const int32_t* first, float* out,
                           float* sums) {
  const AttentionCall call{shape, queries, keys, values, first, out, sums, nullptr, nullptr};
  const size_t tiles = (shape.queries + kQueryTile - 1) / kQueryTile;
  const size_t scratch = (kernels_.attention_scratch(shape) + 15) / 16 * 16;
  float* parts = parts_.Of(scratch * pool_.threads());
  pool_.Each(shape.rows * shape.kv_heads * tiles, [&](size_t item, unsigned thread) {
    // The last tiles see the most keys: they go first, so that no thread waits long at the end.
    const size_t tile = tiles - 1 - item / (shape.rows * shape.kv_heads), rest = item % (shape.rows * shape.kv_heads);
    const size_t query = tile * kQueryTile;
    kernels_.attention(call, rest / shape.kv_heads, rest % shape.kv_heads, query, std::min(kQueryTile, shape.queries - query),
                       parts + thread * scratch);
  });
}

void CpuBackend::AttentionBackward(const AttentionShape& shape, Heads queries, Heads keys, Heads values, const int32_t* first,
                                   const float* out, const float* sums, const float* dout, float* gradient) {
  // `out` and `sums` are only read by this kernel.
  const AttentionCall call{shape, queries, keys, values, first, const_cast<float*>(out), const_cast<float*>(sums), dout, gradient};
  const size_t scratch = (kernels_.attention_backward_scratch(shape) + 15) / 16 * 16;
  float* parts = parts_.Of(scratch * pool_.threads());
  pool_.Each(shape.rows * shape.kv_heads, [&](size_t item, unsigned thread) {
    kernels_.attention_backward(call, item / shape.kv_heads, item % shape.kv_heads, parts + thread * scratch);
  });
}

void CpuBackend::Activate(const float* x, const float* positive, const float* negative, float* y, size_t count) {
  const float up = PositiveSlope(positive), down = NegativeSlope(negative);
  Pieces(count, kFloatsAtOnce, [&](size_t begin, size_t end, size_t) { kernels_.activate(x + begin, up, down, y + begin, end - begin); });
}

void CpuBackend::ActivateBackward(const float* x, const float* positive, const float* negative, float* dy, float* y,
                                  float* dpositive, float* dnegative, size_t count) {
  const float up = PositiveSlope(positive), down = NegativeSlope(negative);
  // In pieces of 1,024 within an item: the lanes' float32 sums stay short.
  constexpr size_t kStep = 1024;
  const size_t items = (count + kFloatsAtOnce - 1) / kFloatsAtOnce;
  auto* parts = reinterpret_cast<double*>(parts_.Of(items * 4));
  Pieces(count, kFloatsAtOnce, [&](size_t begin, size_t end, size_t item) {
    double sums[2] = {0, 0};
    for (size_t at = begin; at < end; at += kStep) {
      kernels_.activate_backward(x + at, up, down, dy + at, y + at, sums, std::min(kStep, end - at));
    }
    parts[2 * item] = sums[0];
    parts[2 * item + 1] = sums[1];
  });
  double sums[2] = {0, 0};
  for (size_t item = 0; item < items; item++) sums[0] += parts[2 * item], sums[1] += parts[2 * item + 1];
  *dpositive += static_cast<float>(sums[0] * Sigmoid(*positive));
  *dnegative += static_cast<float>(sums[1] * Sigmoid(*negative));
}

void CpuBackend::Loss(const LossCall& call) {
  const size_t most = std::clamp(kLogits / call.vocabulary, kLeastLogitTokens, kLogitTokens);
  float* logits = logits_.Of(std::min(most, call.tokens) * call.vocabulary);
  const bool gradient = call.hidden_gradient != nullptr;
  for (size_t begin = 0; begin < call.tokens; begin += most) {
    const size_t count = std::min(most, call.tokens - begin);
    const float* hidden = call.hidden + begin * call.width;
    Linear(hidden, call.weight, logits, count, call.width, call.vocabulary, false);
    pool_.Each(count, [&](size_t i, unsigned) {
      const size_t t = begin + i;
      const bool counted = call.mask == nullptr || call.mask[t] != 0;
      float* row = logits + i * call.vocabulary;
      call.losses[t] = kernels_.loss_row(row, call.vocabulary, static_cast<size_t>(call.labels[t]), gradient && counted, call.scale);
      if (gradient && !counted) std::memset(row, 0, call.vocabulary * sizeof(float));
    });
    if (!gradient) continue;
    LinearInput(logits, call.weight, call.hidden_gradient + begin * call.width, count, call.width, call.vocabulary, false);
    LinearWeight(logits, hidden, call.weight_gradient, count, call.width, call.vocabulary);
  }
}

double CpuBackend::SumSquares(const float* x, size_t count) {
  auto* parts = reinterpret_cast<double*>(parts_.Of((count / kFloatsAtOnce + 1) * 2));
  Pieces(count, kFloatsAtOnce, [&](size_t begin, size_t end, size_t item) { parts[item] = kernels_.sum_squares(x + begin, end - begin); });
  double sum = 0;
  for (size_t item = 0; item * kFloatsAtOnce < count; item++) sum += parts[item];
  return sum;
}

void CpuBackend::Step(float* weight, const float* gradient, float* m1, float* m2, float* v, size_t count,
                      const StepScalars& scalars) {
  Pieces(count, kFloatsAtOnce, [&](size_t begin, size_t end, size_t) {
    kernels_.step(weight + begin, gradient + begin, m1 + begin, m2 == nullptr ? nullptr : m2 + begin, v + begin, end - begin, scalars);
  });
}

void CpuBackend::Lerp(float* average, const float* weight, float rate, size_t count) {
  if (rate == 1) return Copy(average, weight, count);
  Pieces(count, kFloatsAtOnce, [&](size_t begin, size_t end, size_t) { kernels_.lerp(average + begin, weight + begin, rate, end - begin); });
}

}  // namespace apertus::trainer
