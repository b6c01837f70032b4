// What the trainer asks of a device: buffers, and the kernels of one decoder model. The model's graph (trainer_model.cc) is written
// once on top of this, so that another device is another implementation and nothing else. Pointers are device addresses: nothing
// outside of an implementation may read through them. Matrices are row-major float32; a token's row is its position in the batch.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace apertus::trainer {

// Queries and keys of one call of attention. Query i of a row stands at position keys - queries + i of that row; a query head h
// reads key and value head h / (heads / kv_heads).
struct AttentionShape {
  size_t rows, queries, keys, heads, kv_heads, head_width;
};

// Where the heads of a row lie: `stride` floats from token to token.
struct Heads {
  const float* data;
  size_t stride;
};

// Scalars of one step of AdEMAMix (Pagliardini et al. 2024, arXiv:2409.03137) or, without m2, of AdamW (arXiv:1711.05101).
struct StepScalars {
  double rate, beta1, beta2, beta3, alpha, correction1, correction2, epsilon, decay, gradient_scale;
};

// What the loss needs and gives. A position with mask 0 has no gradient; hidden_gradient and weight_gradient are null for
// evaluation, logits for training. Losses are not multiplied by `scale`, gradients are; weight_gradient is added to.
struct LossCall {
  const float* hidden;         // [tokens, width]
  const float* weight;         // [vocabulary, width]
  const int32_t* labels;       // [tokens]
  const uint8_t* mask;         // [tokens], or null: all count
  float* losses;               // [tokens]
  float* hidden_gradient;      // [tokens, width], overwritten
  float* weight_gradient;      // [vocabulary, width]
  float scale;
  size_t tokens, width, vocabulary;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string Name() const = 0;

  // Zeroed memory, or std::bad_alloc.
  virtual void* Allocate(size_t bytes) = 0;
  virtual void Free(void* memory, size_t bytes) noexcept = 0;
  virtual void Upload(void* device, const void* host, size_t bytes) = 0;
  virtual void Download(void* host, const void* device, size_t bytes) = 0;
  virtual void Zero(float* to, size_t count) = 0;
  virtual void Copy(float* to, const float* from, size_t count) = 0;

  // The three products of a linear layer y [tokens, out] = x [tokens, in] weight [out, in]^T; `add` adds to what is there.
  virtual void Linear(const float* x, const float* weight, float* y, size_t tokens, size_t in, size_t out, bool add) = 0;
  virtual void LinearInput(const float* dy, const float* weight, float* dx, size_t tokens, size_t in, size_t out, bool add) = 0;
  virtual void LinearWeight(const float* dy, const float* x, float* dweight, size_t tokens, size_t in, size_t out) = 0;  // adds

  virtual void Embed(const int32_t* ids, const float* table, float* x, size_t tokens, size_t width) = 0;
  virtual void EmbedBackward(const int32_t* ids, const float* dx, float* dtable, size_t tokens, size_t width) = 0;  // adds

  // RMSNorm (Zhang and Sennrich 2019, arXiv:1910.07467): y = weight x / sqrt(mean(x^2) + epsilon). Backward adds to dx and dweight.
  virtual void Norm(const float* x, const float* weight, float* y, size_t tokens, size_t width, float epsilon) = 0;
  virtual void NormBackward(const float* x, const float* weight, const float* dy, float* dx, float* dweight, size_t tokens,
                            size_t width, float epsilon) = 0;

  // RMSNorm of each query and key head, then rotary embedding of its halves (Su et al. 2021, arXiv:2104.09864).
  // raw [tokens, (heads + 2 kv_heads) head_width]: queries, keys, values; rotated [tokens, (heads + kv_heads) head_width].
  // turns [positions, head_width]: cosines, then sines, of the position's head_width / 2 angles. Token t stands at t % length + start.
  struct RotateCall {
    const float* raw;
    const float* query_weight;
    const float* key_weight;
    const float* turns;
    size_t tokens, length, start, heads, kv_heads, head_width;
    float epsilon;
  };
  virtual void Rotate(const RotateCall& call, float* rotated) = 0;
  // gradient: as raw, the part of queries and keys is turned in place from that of `rotated`; the weights' gradients are added to.
  virtual void RotateBackward(const RotateCall& call, float* gradient, float* dquery_weight, float* dkey_weight) = 0;

  // Causal softmax attention, never [queries, keys] at once (Dao et al. 2022, arXiv:2205.14135). first [rows * queries]: the least
  // position that a query sees, or null for 0. out [rows * queries, heads head_width]; sums: log of the sum of exponentials, [.., heads].
  virtual void Attention(const AttentionShape& shape, Heads queries, Heads keys, Heads values, const int32_t* first, float* out,
                         float* sums) = 0;
  // gradient: rows of (heads + 2 kv_heads) head_width, overwritten. queries == keys in number.
  virtual void AttentionBackward(const AttentionShape& shape, Heads queries, Heads keys, Heads values, const int32_t* first,
                                 const float* out, const float* sums, const float* dout, float* gradient) = 0;

  // xIELU (Huang 2024, arXiv:2411.13010), beta 0.5, eps -1e-6. alphas are raw: the slope is softplus(positive) for x > 0 and
  // 0.5 + softplus(negative) elsewhere. Backward turns dy into dx in place, writes y again, and adds to the alphas' gradients.
  virtual void Activate(const float* x, const float* positive, const float* negative, float* y, size_t count) = 0;
  virtual void ActivateBackward(const float* x, const float* positive, const float* negative, float* dy, float* y,
                                float* dpositive, float* dnegative, size_t count) = 0;

  // Linear layer and cross-entropy, never [tokens, vocabulary] at once.
  virtual void Loss(const LossCall& call) = 0;

  virtual double SumSquares(const float* x, size_t count) = 0;
  virtual void Step(float* weight, const float* gradient, float* m1, float* m2, float* v, size_t count,
                    const StepScalars& scalars) = 0;
  virtual void Lerp(float* average, const float* weight, float rate, size_t count) = 0;
};

}  // namespace apertus::trainer
