// See trainer_model.h: the buffers and what is done to them; forward and backward are in trainer_graph.cc.
#include "trainer_model.h"

#include <cmath>
#include <new>
#include <utility>

namespace apertus::trainer {
namespace {

// Tensors begin at lines of the cache.
constexpr size_t kAlignment = 16;

}  // namespace

Model::Model(Shape shape, std::unique_ptr<Backend> backend) : shape_(std::move(shape)), backend_(std::move(backend)) {
  PlaceTensors();
  flats_[static_cast<size_t>(Kind::kWeight)] = Buffer(*backend_, floats_ * sizeof(float));
}

size_t Model::Place(const std::string& name, std::vector<size_t> shape, bool aligned) {
  size_t count = 1;
  for (const size_t side : shape) count *= side;
  if (aligned) floats_ = (floats_ + kAlignment - 1) / kAlignment * kAlignment;
  const size_t at = floats_;
  tensors_.push_back({name, std::move(shape), at, count});
  floats_ += count;
  return at;
}

// Names and order are those of Hugging Face's ApertusForCausalLM.
void Model::PlaceTensors() {
  const size_t width = shape_.width, head = shape_.head_width;
  embedding_ = Place("model.embed_tokens.weight", {shape_.vocabulary, width});
  for (size_t layer = 0; layer < shape_.layers; layer++) {
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    Layer at;
    at.projections = Place(prefix + "self_attn.q_proj.weight", {shape_.queries(), width});
    Place(prefix + "self_attn.k_proj.weight", {shape_.keys(), width}, false);
    Place(prefix + "self_attn.v_proj.weight", {shape_.keys(), width}, false);
    at.out = Place(prefix + "self_attn.o_proj.weight", {width, shape_.queries()});
    at.query_norm = Place(prefix + "self_attn.q_norm.weight", {head});
    at.key_norm = Place(prefix + "self_attn.k_norm.weight", {head});
    at.up = Place(prefix + "mlp.up_proj.weight", {shape_.hidden, width});
    at.down = Place(prefix + "mlp.down_proj.weight", {width, shape_.hidden});
    at.positive = Place(prefix + "mlp.act_fn.alpha_p", {1});
    at.negative = Place(prefix + "mlp.act_fn.alpha_n", {1});
    at.attention_norm = Place(prefix + "attention_layernorm.weight", {width});
    at.network_norm = Place(prefix + "feedforward_layernorm.weight", {width});
    layers_.push_back(at);
  }
  norm_ = Place("model.norm.weight", {width});
  head_ = Place("lm_head.weight", {shape_.vocabulary, width});
}

float* Model::Flat(Kind kind) {
  Buffer& buffer = flats_[static_cast<size_t>(kind)];
  if (!buffer) buffer = Buffer(*backend_, floats_ * sizeof(float));
  return buffer.as();
}

// As published: normal(0, deviation), projections into the residual stream narrower by sqrt(2 layers), norms 1, both slopes of xIELU 0.8.
void Model::Initialise(uint64_t seed, double deviation) {
  const auto ends_with = [](const std::string& name, const char* end) { return name.ends_with(end); };
  const double into_residual = deviation / std::sqrt(2.0 * static_cast<double>(shape_.layers));
  std::vector<float> values;
  for (size_t i = 0; i < tensors_.size(); i++) {
    const Tensor& tensor = tensors_[i];
    values.resize(tensor.count);
    if (ends_with(tensor.name, "alpha_p")) {
      values[0] = 0.20338231f;  // ln(e^0.8 - 1)
    } else if (ends_with(tensor.name, "alpha_n")) {
      values[0] = -1.0502256f;  // ln(e^0.3 - 1)
    } else if (tensor.shape.size() == 1) {
      values.assign(tensor.count, 1.0f);
    } else {
      const bool residual = ends_with(tensor.name, "o_proj.weight") || ends_with(tensor.name, "down_proj.weight");
      FillNormal(seed, i, residual ? into_residual : deviation, values.data(), tensor.count);
    }
    Write(Kind::kWeight, tensor, values.data());
  }
}

void Model::Read(Kind kind, const Tensor& tensor, float* to) {
  const Buffer& buffer = flats_[static_cast<size_t>(kind)];
  if (buffer) return backend_->Download(to, buffer.as() + tensor.at, tensor.count * sizeof(float));
  if (kind == Kind::kAverage) throw std::logic_error("there is no average yet");
  for (size_t i = 0; i < tensor.count; i++) to[i] = 0;
}

void Model::Write(Kind kind, const Tensor& tensor, const float* from) {
  backend_->Upload(Flat(kind) + tensor.at, from, tensor.count * sizeof(float));
}

void Model::ZeroGradients() { backend_->Zero(Flat(Kind::kGradient), floats_); }

double Model::GradientNorm() {
  const float* gradient = Flat(Kind::kGradient);
  double sum = 0;
  for (const Tensor& tensor : tensors_) sum += backend_->SumSquares(gradient + tensor.at, tensor.count);
  return std::sqrt(sum);
}

void Model::Step(const StepScalars& scalars, bool slow) {
  float* const weight = Flat(Kind::kWeight);
  const float* const gradient = Flat(Kind::kGradient);
  float* const m1 = Flat(Kind::kM1);
  float* const v = Flat(Kind::kV);
  float* const m2 = slow ? Flat(Kind::kM2) : nullptr;
  StepScalars bare = scalars;
  bare.decay = 0;
  for (const Tensor& tensor : tensors_) {
    const size_t at = tensor.at;
    backend_->Step(weight + at, gradient + at, m1 + at, slow ? m2 + at : nullptr, v + at, tensor.count,
                   tensor.shape.size() > 1 ? scalars : bare);
  }
}

void Model::Average(double rate) {
  const bool first = !flats_[static_cast<size_t>(Kind::kAverage)];
  float* const average = Flat(Kind::kAverage);
  backend_->Lerp(average, Flat(Kind::kWeight), first ? 1.0f : static_cast<float>(rate), floats_);
}

void Model::SwapAverage() {
  Buffer& average = flats_[static_cast<size_t>(Kind::kAverage)];
  if (!average) throw std::logic_error("there is no average yet");
  average.Swap(flats_[static_cast<size_t>(Kind::kWeight)]);
}

// [positions, head_width]: cosines and sines in float64, stored as float32.
void Model::Turns(size_t positions) {
  if (positions <= positions_) return;
  const size_t half = shape_.head_width / 2;
  std::vector<float> turns(positions * shape_.head_width);
  for (size_t p = 0; p < positions; p++) {
    for (size_t i = 0; i < half; i++) {
      const double angle = static_cast<double>(p) * shape_.frequencies[i];
      turns[p * shape_.head_width + i] = static_cast<float>(std::cos(angle));
      turns[p * shape_.head_width + half + i] = static_cast<float>(std::sin(angle));
    }
  }
  turns_.Need(*backend_, turns.size() * sizeof(float));
  backend_->Upload(turns_.as(), turns.data(), turns.size() * sizeof(float));
  positions_ = positions;
}

}  // namespace apertus::trainer
