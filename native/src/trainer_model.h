// An Apertus model in training (Apertus technical report 2025, section 2): pre-norm decoder layers with norms on queries and keys before
// rotary embedding, grouped-query attention, an xIELU network without gate, untied embeddings. The graph and the buffers; the
// arithmetic is a backend's. Between forward and backward a layer keeps, for each token, its input, the projections before the norms,
// the attention's output, the input of the network and its hidden layer before the activation:
// 4 (2 width + (2 heads + 2 kvHeads) headWidth + hidden + heads) bytes; everything else is made again.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "trainer_backend.h"

namespace apertus::trainer {

struct Shape {
  size_t vocabulary, width, layers, heads, kv_heads, head_width, hidden;
  double epsilon;
  std::vector<double> frequencies;  // radians a position, head_width / 2 of them
  size_t queries() const { return heads * head_width; }
  size_t keys() const { return kv_heads * head_width; }
  size_t raw() const { return queries() + 2 * keys(); }
};

struct Tensor {
  std::string name;
  std::vector<size_t> shape;
  size_t at, count;  // place in the flat buffer
};

// What a parameter's buffers are called at the door.
enum class Kind { kWeight, kGradient, kM1, kM2, kV, kAverage };
constexpr size_t kKinds = 6;

struct Batch {
  std::vector<int32_t> ids;     // [rows, length]: what the model reads
  std::vector<int32_t> labels;  // the same, one position on; empty for logits
  std::vector<uint8_t> mask;    // [rows, length] or empty: all count
  std::vector<int32_t> first;   // [rows, length] or empty: where each position's document begins in its row
  size_t rows = 0, length = 0;
  size_t tokens() const { return rows * length; }
};

struct LossSums {
  double loss = 0, all_loss = 0;
  size_t counted = 0, all = 0;
};

// Device memory of one model.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Backend& backend, size_t bytes) : backend_(&backend), memory_(backend.Allocate(bytes)), bytes_(bytes) {}
  Buffer(Buffer&& other) noexcept { Swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    Swap(other);
    return *this;
  }
  ~Buffer() {
    if (memory_ != nullptr) backend_->Free(memory_, bytes_);
  }
  void Swap(Buffer& other) noexcept {
    std::swap(backend_, other.backend_);
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
  }
  // At least so many bytes; what was in it is lost where it grows.
  void Need(Backend& backend, size_t bytes) {
    if (bytes <= bytes_) return;
    *this = Buffer();
    *this = Buffer(backend, bytes);
  }
  template <typename T = float>
  T* as() const {
    return static_cast<T*>(memory_);
  }
  explicit operator bool() const { return memory_ != nullptr; }

 private:
  Backend* backend_ = nullptr;
  void* memory_ = nullptr;
  size_t bytes_ = 0;
};

// Keys and values of the positions that a generator has read, each [layers, most, keys()].
struct Cache {
  Buffer keys, values;
  size_t most = 0, length = 0;
};

class Model {
 public:
  Model(Shape shape, std::unique_ptr<Backend> backend);

  const Shape& shape() const { return shape_; }
  const std::vector<Tensor>& tensors() const { return tensors_; }
  Backend& backend() { return *backend_; }

  void Initialise(uint64_t seed, double deviation);
  // Moments and gradients that do not exist yet are zeros; an average that does not exist throws std::logic_error.
  void Read(Kind kind, const Tensor& tensor, float* to);
  void Write(Kind kind, const Tensor& tensor, const float* from);

  LossSums Accumulate(const Batch& batch, double scale);
  LossSums Evaluate(const Batch& batch);
  std::vector<float> Losses(const Batch& batch);
  std::vector<float> Logits(const Batch& batch);
  void ZeroGradients();
  double GradientNorm();
  void Step(const StepScalars& scalars, bool slow);
  void Average(double rate);
  void SwapAverage();

  Cache MakeCache(size_t most);
  // Logits behind the last of these tokens, which stand behind what the cache holds.
  std::vector<float> Continue(Cache& cache, const std::vector<int32_t>& ids);

 private:
  // Where a layer's tensors lie in the flat buffer; queries, keys and values lie together.
  struct Layer {
    size_t projections, out, query_norm, key_norm, up, down, positive, negative, attention_norm, network_norm;
  };
  struct Kept {
    Buffer input, raw, attended, sums, between, hidden;
  };

  size_t Place(const std::string& name, std::vector<size_t> shape, bool aligned = true);
  void PlaceTensors();
  float* Flat(Kind kind);
  void Turns(size_t positions);
  void Prepare(const Batch& batch, bool backward);
  void ReadTokens(const Batch& batch);
  // Fills x with the residual stream behind the last layer; keeps what backward needs where `keep`.
  void Forward(const Batch& batch, bool keep);
  void ForwardLayer(size_t layer, const Batch& batch, const Kept& kept);
  void BackwardLayer(size_t layer, const Batch& batch, const Kept& kept);
  AttentionShape AttentionOf(const Batch& batch) const;
  Backend::RotateCall RotateOf(const Layer& layer, const float* raw, size_t tokens, size_t length, size_t start) const;
  LossSums Sum(const Batch& batch);

  Shape shape_;
  std::unique_ptr<Backend> backend_;
  std::vector<Tensor> tensors_;
  std::vector<Layer> layers_;
  size_t embedding_ = 0, norm_ = 0, head_ = 0, floats_ = 0;
  Buffer flats_[kKinds];

  // Of the batch in work, grown to the largest so far.
  std::vector<Kept> kept_;
  Buffer ids_, labels_, mask_, first_, losses_, turns_;
  Buffer x_, normed_, dnormed_, rotated_, draw_, dattended_, active_, dactive_;
  size_t positions_ = 0;
};

// Fills a tensor with normal(0, deviation), bits that depend on seed, stream and place alone (trainer_initialise.cc).
void FillNormal(uint64_t seed, uint64_t stream, double deviation, float* to, size_t count);

}  // namespace apertus::trainer
