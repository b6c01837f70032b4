// Forward, backward and continuation of a model (trainer_model.h) over a backend's kernels.
#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "trainer_model.h"

namespace apertus::trainer {

void Model::Prepare(const Batch& batch, bool backward) {
  const size_t tokens = batch.tokens(), width = shape_.width;
  const auto need = [&](Buffer& buffer, size_t floats) { buffer.Need(*backend_, floats * sizeof(float)); };
  Turns(batch.length);
  need(ids_, tokens);
  need(labels_, tokens);
  need(first_, tokens);
  need(losses_, tokens);
  mask_.Need(*backend_, tokens);
  need(x_, tokens * width);
  need(normed_, tokens * width);
  need(rotated_, tokens * (shape_.queries() + shape_.keys()));
  need(active_, tokens * shape_.hidden);
  // Without backward one set of buffers serves all layers in turn.
  const size_t sets = backward ? shape_.layers : 1;
  if (kept_.size() < sets) kept_.resize(sets);
  for (size_t i = 0; i < sets; i++) {
    Kept& kept = kept_[i];
    need(kept.input, tokens * width);
    need(kept.raw, tokens * shape_.raw());
    need(kept.attended, tokens * shape_.queries());
    need(kept.sums, tokens * shape_.heads);
    need(kept.between, tokens * width);
    need(kept.hidden, tokens * shape_.hidden);
  }
  if (!backward) return;
  need(dnormed_, tokens * width);
  need(draw_, tokens * shape_.raw());
  need(dattended_, tokens * shape_.queries());
  need(dactive_, tokens * shape_.hidden);
}

void Model::ReadTokens(const Batch& batch) {
  backend_->Upload(ids_.as(), batch.ids.data(), batch.ids.size() * sizeof(int32_t));
  if (!batch.labels.empty()) backend_->Upload(labels_.as(), batch.labels.data(), batch.labels.size() * sizeof(int32_t));
  if (!batch.mask.empty()) backend_->Upload(mask_.as(), batch.mask.data(), batch.mask.size());
  if (!batch.first.empty()) backend_->Upload(first_.as(), batch.first.data(), batch.first.size() * sizeof(int32_t));
}

AttentionShape Model::AttentionOf(const Batch& batch) const {
  return {batch.rows, batch.length, batch.length, shape_.heads, shape_.kv_heads, shape_.head_width};
}

Backend::RotateCall Model::RotateOf(const Layer& layer, const float* raw, size_t tokens, size_t length, size_t start) const {
  const float* weight = flats_[static_cast<size_t>(Kind::kWeight)].as();
  return {raw,    weight + layer.query_norm, weight + layer.key_norm, turns_.as(),       tokens,
          length, start,                     shape_.heads,            shape_.kv_heads, shape_.head_width, static_cast<float>(shape_.epsilon)};
}

void Model::Forward(const Batch& batch, bool keep) {
  Prepare(batch, keep);
  ReadTokens(batch);
  backend_->Embed(ids_.as<int32_t>(), Flat(Kind::kWeight) + embedding_, x_.as(), batch.tokens(), shape_.width);
  for (size_t layer = 0; layer < shape_.layers; layer++) ForwardLayer(layer, batch, kept_[keep ? layer : 0]);
}

void Model::ForwardLayer(size_t index, const Batch& batch, const Kept& kept) {
  const Layer& layer = layers_[index];
  const float* weight = Flat(Kind::kWeight);
  const size_t tokens = batch.tokens(), width = shape_.width, rotated_stride = shape_.queries() + shape_.keys();
  const auto epsilon = static_cast<float>(shape_.epsilon);
  float* x = x_.as();
  float* rotated = rotated_.as();
  backend_->Copy(kept.input.as(), x, tokens * width);
  backend_->Norm(x, weight + layer.attention_norm, normed_.as(), tokens, width, epsilon);
  backend_->Linear(normed_.as(), weight + layer.projections, kept.raw.as(), tokens, width, shape_.raw(), false);
  backend_->Rotate(RotateOf(layer, kept.raw.as(), tokens, batch.length, 0), rotated);
  backend_->Attention(AttentionOf(batch), {rotated, rotated_stride}, {rotated + shape_.queries(), rotated_stride},
                      {kept.raw.as() + rotated_stride, shape_.raw()}, batch.first.empty() ? nullptr : first_.as<int32_t>(),
                      kept.attended.as(), kept.sums.as());
  backend_->Linear(kept.attended.as(), weight + layer.out, x, tokens, shape_.queries(), width, true);
  backend_->Copy(kept.between.as(), x, tokens * width);
  backend_->Norm(x, weight + layer.network_norm, normed_.as(), tokens, width, epsilon);
  backend_->Linear(normed_.as(), weight + layer.up, kept.hidden.as(), tokens, width, shape_.hidden, false);
  backend_->Activate(kept.hidden.as(), weight + layer.positive, weight + layer.negative, active_.as(), tokens * shape_.hidden);
  backend_->Linear(active_.as(), weight + layer.down, x, tokens, shape_.hidden, width, true);
}

// x holds the gradient of the layer's output and then that of its input.
void Model::BackwardLayer(size_t index, const Batch& batch, const Kept& kept) {
  const Layer& layer = layers_[index];
  const float* weight = Flat(Kind::kWeight);
  float* gradient = Flat(Kind::kGradient);
  const size_t tokens = batch.tokens(), width = shape_.width, rotated_stride = shape_.queries() + shape_.keys();
  const auto epsilon = static_cast<float>(shape_.epsilon);
  float* dx = x_.as();
  float* rotated = rotated_.as();

  backend_->LinearInput(dx, weight + layer.down, dactive_.as(), tokens, shape_.hidden, width, false);
  backend_->ActivateBackward(kept.hidden.as(), weight + layer.positive, weight + layer.negative, dactive_.as(), active_.as(),
                             gradient + layer.positive, gradient + layer.negative, tokens * shape_.hidden);
  backend_->LinearWeight(dx, active_.as(), gradient + layer.down, tokens, shape_.hidden, width);
  backend_->Norm(kept.between.as(), weight + layer.network_norm, normed_.as(), tokens, width, epsilon);
  backend_->LinearWeight(dactive_.as(), normed_.as(), gradient + layer.up, tokens, width, shape_.hidden);
  backend_->LinearInput(dactive_.as(), weight + layer.up, dnormed_.as(), tokens, width, shape_.hidden, false);
  backend_->NormBackward(kept.between.as(), weight + layer.network_norm, dnormed_.as(), dx, gradient + layer.network_norm, tokens,
                         width, epsilon);

  backend_->LinearInput(dx, weight + layer.out, dattended_.as(), tokens, shape_.queries(), width, false);
  backend_->LinearWeight(dx, kept.attended.as(), gradient + layer.out, tokens, shape_.queries(), width);
  const Backend::RotateCall rotation = RotateOf(layer, kept.raw.as(), tokens, batch.length, 0);
  backend_->Rotate(rotation, rotated);
  backend_->AttentionBackward(AttentionOf(batch), {rotated, rotated_stride}, {rotated + shape_.queries(), rotated_stride},
                              {kept.raw.as() + rotated_stride, shape_.raw()},
                              batch.first.empty() ? nullptr : first_.as<int32_t>(), kept.attended.as(), kept.sums.as(),
                              dattended_.as(), draw_.as());
  backend_->RotateBackward(rotation, draw_.as(), gradient + layer.query_norm, gradient + layer.key_norm);
  backend_->Norm(kept.input.as(), weight + layer.attention_norm, normed_.as(), tokens, width, epsilon);
  backend_->LinearWeight(draw_.as(), normed_.as(), gradient + layer.projections, tokens, width, shape_.raw());
  backend_->LinearInput(draw_.as(), weight + layer.projections, dnormed_.as(), tokens, width, shape_.raw(), false);
  backend_->NormBackward(kept.input.as(), weight + layer.attention_norm, dnormed_.as(), dx, gradient + layer.attention_norm,
                         tokens, width, epsilon);
}

// In the order of the tokens, in float64.
LossSums Model::Sum(const Batch& batch) {
  std::vector<float> losses(batch.tokens());
  backend_->Download(losses.data(), losses_.as(), losses.size() * sizeof(float));
  LossSums sums;
  for (size_t t = 0; t < losses.size(); t++) {
    sums.all_loss += losses[t];
    sums.all++;
    if (!batch.mask.empty() && batch.mask[t] == 0) continue;
    sums.loss += losses[t];
    sums.counted++;
  }
  return sums;
}

LossSums Model::Accumulate(const Batch& batch, double scale) {
  const float* weight = Flat(Kind::kWeight);
  float* gradient = Flat(Kind::kGradient);
  const size_t tokens = batch.tokens(), width = shape_.width;
  const auto epsilon = static_cast<float>(shape_.epsilon);
  Forward(batch, true);
  backend_->Norm(x_.as(), weight + norm_, normed_.as(), tokens, width, epsilon);
  backend_->Loss({normed_.as(), weight + head_, labels_.as<int32_t>(), batch.mask.empty() ? nullptr : mask_.as<uint8_t>(),
                  losses_.as(), dnormed_.as(), gradient + head_, static_cast<float>(scale), tokens, width, shape_.vocabulary});
  // The last layer's output is not needed again but for the norm's backward: its place takes the gradient.
  backend_->Copy(normed_.as(), x_.as(), tokens * width);
  backend_->Zero(x_.as(), tokens * width);
  backend_->NormBackward(normed_.as(), weight + norm_, dnormed_.as(), x_.as(), gradient + norm_, tokens, width, epsilon);
  for (size_t layer = shape_.layers; layer-- > 0;) BackwardLayer(layer, batch, kept_[layer]);
  backend_->EmbedBackward(ids_.as<int32_t>(), x_.as(), gradient + embedding_, tokens, width);
  return Sum(batch);
}

LossSums Model::Evaluate(const Batch& batch) {
  const float* weight = Flat(Kind::kWeight);
  Forward(batch, false);
  backend_->Norm(x_.as(), weight + norm_, normed_.as(), batch.tokens(), shape_.width, static_cast<float>(shape_.epsilon));
  backend_->Loss({normed_.as(), weight + head_, labels_.as<int32_t>(), nullptr, losses_.as(), nullptr, nullptr, 0, batch.tokens(),
                  shape_.width, shape_.vocabulary});
  return Sum(batch);
}

std::vector<float> Model::Losses(const Batch& batch) {
  Evaluate(batch);
  std::vector<float> losses(batch.tokens());
  backend_->Download(losses.data(), losses_.as(), losses.size() * sizeof(float));
  return losses;
}

std::vector<float> Model::Logits(const Batch& batch) {
  const float* weight = Flat(Kind::kWeight);
  Forward(batch, false);
  const size_t tokens = batch.tokens();
  backend_->Norm(x_.as(), weight + norm_, normed_.as(), tokens, shape_.width, static_cast<float>(shape_.epsilon));
  std::vector<float> logits(tokens * shape_.vocabulary);
  Buffer device(*backend_, logits.size() * sizeof(float));
  backend_->Linear(normed_.as(), weight + head_, device.as(), tokens, shape_.width, shape_.vocabulary, false);
  backend_->Download(logits.data(), device.as(), logits.size() * sizeof(float));
  return logits;
}

Cache Model::MakeCache(size_t most) {
  const size_t bytes = shape_.layers * most * shape_.keys() * sizeof(float);
  return {Buffer(*backend_, bytes), Buffer(*backend_, bytes), most, 0};
}

std::vector<float> Model::Continue(Cache& cache, const std::vector<int32_t>& ids) {
  const size_t tokens = ids.size(), width = shape_.width, keys = shape_.keys(), stride = shape_.queries() + keys;
  Batch batch;
  batch.ids = ids;
  batch.rows = 1;
  batch.length = tokens;
  Turns(cache.length + tokens);
  Prepare(batch, false);
  ReadTokens(batch);
  const float* weight = Flat(Kind::kWeight);
  const auto epsilon = static_cast<float>(shape_.epsilon);
  const Kept& kept = kept_[0];
  float* x = x_.as();
  float* raw = kept.raw.as();
  float* rotated = rotated_.as();
  const AttentionShape attention{1, tokens, cache.length + tokens, shape_.heads, shape_.kv_heads, shape_.head_width};
  backend_->Embed(ids_.as<int32_t>(), weight + embedding_, x, tokens, width);
  for (size_t index = 0; index < shape_.layers; index++) {
    const Layer& layer = layers_[index];
    float* const all_keys = cache.keys.as() + index * cache.most * keys;
    float* const all_values = cache.values.as() + index * cache.most * keys;
    backend_->Norm(x, weight + layer.attention_norm, normed_.as(), tokens, width, epsilon);
    backend_->Linear(normed_.as(), weight + layer.projections, raw, tokens, width, shape_.raw(), false);
    backend_->Rotate(RotateOf(layer, raw, tokens, tokens, cache.length), rotated);
    for (size_t t = 0; t < tokens; t++) {
      backend_->Copy(all_keys + (cache.length + t) * keys, rotated + t * stride + shape_.queries(), keys);
      backend_->Copy(all_values + (cache.length + t) * keys, raw + t * shape_.raw() + stride, keys);
    }
    backend_->Attention(attention, {rotated, stride}, {all_keys, keys}, {all_values, keys}, nullptr, kept.attended.as(),
                        kept.sums.as());
    backend_->Linear(kept.attended.as(), weight + layer.out, x, tokens, shape_.queries(), width, true);
    backend_->Norm(x, weight + layer.network_norm, normed_.as(), tokens, width, epsilon);
    backend_->Linear(normed_.as(), weight + layer.up, kept.hidden.as(), tokens, width, shape_.hidden, false);
    backend_->Activate(kept.hidden.as(), weight + layer.positive, weight + layer.negative, active_.as(), tokens * shape_.hidden);
    backend_->Linear(active_.as(), weight + layer.down, x, tokens, shape_.hidden, width, true);
  }
  cache.length += tokens;
  backend_->Norm(x + (tokens - 1) * width, weight + norm_, normed_.as(), 1, width, epsilon);
  std::vector<float> logits(shape_.vocabulary);
  Buffer device(*backend_, logits.size() * sizeof(float));
  backend_->Linear(normed_.as(), weight + head_, device.as(), 1, width, shape_.vocabulary, false);
  backend_->Download(logits.data(), device.as(), logits.size() * sizeof(float));
  return logits;
}

}  // namespace apertus::trainer
