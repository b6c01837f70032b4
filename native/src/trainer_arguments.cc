// See trainer_arguments.h.
#include "trainer_arguments.h"

#include <cmath>
#include <cstring>

namespace apertus::trainer {
namespace {

// More than any model or batch has; products of these stay below 2^63.
constexpr double kMostSide = 1 << 24, kMostLayers = 4096, kMostHeads = 4096, kMostHeadWidth = 512, kMostTokens = 1 << 24;
constexpr double kMostParameters = 1e13;

Napi::Object AsObject(const Napi::Value& value, const char* name) {
  if (!value.IsObject()) throw Napi::TypeError::New(value.Env(), std::string(name) + " must be an object");
  return value.As<Napi::Object>();
}

// The elements of a typed array of this kind.
template <typename T>
std::vector<T> Elements(const Napi::Value& value, napi_typedarray_type type, const char* name) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
    throw Napi::TypeError::New(value.Env(), std::string(name) + " must be a typed array of its kind");
  }
  const auto array = value.As<Napi::TypedArrayOf<T>>();
  const size_t count = array.ElementLength();
  std::vector<T> elements(count);
  if (count > 0) std::memcpy(elements.data(), array.Data(), count * sizeof(T));
  return elements;
}

void CheckIds(Napi::Env env, const std::vector<int32_t>& ids, size_t vocabulary) {
  for (const int32_t id : ids) {
    if (id < 0 || static_cast<size_t>(id) >= vocabulary) throw Napi::RangeError::New(env, "a token is outside the vocabulary");
  }
}

// Where each position's document begins, from boundaries as loaders for packed sequences give them.
std::vector<int32_t> FirstPositions(const Napi::Value& value, size_t rows, size_t length) {
  const auto documents = AsObject(value, "documents");
  const auto boundaries = Elements<int32_t>(documents.Get("boundaries"), napi_int32_array, "documents.boundaries");
  const auto offsets = Elements<int32_t>(documents.Get("offsets"), napi_int32_array, "documents.offsets");
  const auto refuse = [&](const char* why) { throw Napi::RangeError::New(value.Env(), why); };
  if (offsets.size() != rows + 1 || offsets[0] != 0) refuse("documents.offsets must have rows + 1 elements from 0");
  std::vector<int32_t> first(rows * length);
  for (size_t row = 0; row < rows; row++) {
    const int32_t begin = offsets[row], end = offsets[row + 1];
    if (begin < 0 || end < begin + 2 || static_cast<size_t>(end) > boundaries.size()) {
      refuse("documents.offsets must rise by 2 or more a row and end inside the boundaries");
    }
    if (boundaries[static_cast<size_t>(begin)] != 0 || boundaries[static_cast<size_t>(end) - 1] != static_cast<int32_t>(length)) {
      refuse("a row's boundaries must begin with 0 and end with its length");
    }
    for (auto i = static_cast<size_t>(begin); i + 1 < static_cast<size_t>(end); i++) {
      const int32_t from = boundaries[i], to = boundaries[i + 1];
      if (to <= from || static_cast<size_t>(to) > length) refuse("a row's boundaries must rise");
      for (int32_t at = from; at < to; at++) first[row * length + static_cast<size_t>(at)] = from;
    }
  }
  return first;
}

}  // namespace

size_t Whole(const Napi::Value& value, const char* name, double least, double most) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  if (!(number >= least && number <= most) || number != std::floor(number)) {
    throw Napi::RangeError::New(value.Env(), std::string(name) + " must be a whole number from " +
                                                 std::to_string(static_cast<long long>(least)) + " to " +
                                                 std::to_string(static_cast<long long>(most)));
  }
  return static_cast<size_t>(number);
}

double Finite(const Napi::Value& value, const char* name) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  if (!std::isfinite(number)) throw Napi::RangeError::New(value.Env(), std::string(name) + " must be a finite number");
  return number;
}

Shape ReadShape(const Napi::Value& value) {
  const auto env = value.Env();
  const auto from = AsObject(value, "shape");
  Shape shape;
  const auto whole = [&](const char* name, double most) { return Whole(from.Get(name), name, 1, most); };
  shape.vocabulary = whole("vocabulary", kMostSide);
  shape.width = whole("width", kMostSide);
  shape.layers = whole("layers", kMostLayers);
  shape.heads = whole("heads", kMostHeads);
  shape.kv_heads = whole("kvHeads", kMostHeads);
  shape.head_width = whole("headWidth", kMostHeadWidth);
  shape.hidden = whole("hidden", kMostSide);
  shape.epsilon = Finite(from.Get("normEpsilon"), "normEpsilon");
  shape.frequencies = Elements<double>(from.Get("inverseFrequencies"), napi_float64_array, "inverseFrequencies");
  if (shape.heads % shape.kv_heads != 0) throw Napi::RangeError::New(env, "heads must be a multiple of kvHeads");
  if (shape.head_width % 2 != 0) throw Napi::RangeError::New(env, "headWidth must be even");
  if (!(shape.epsilon > 0 && shape.epsilon < 1)) throw Napi::RangeError::New(env, "normEpsilon must lie between 0 and 1");
  if (shape.frequencies.size() * 2 != shape.head_width) {
    throw Napi::RangeError::New(env, "inverseFrequencies must have headWidth / 2 elements");
  }
  for (const double frequency : shape.frequencies) {
    if (!std::isfinite(frequency)) throw Napi::RangeError::New(env, "inverseFrequencies must be finite");
  }
  const auto width = static_cast<double>(shape.width);
  const double layer = width * static_cast<double>(shape.raw() + shape.queries() + 2 * shape.hidden);
  if (2 * width * static_cast<double>(shape.vocabulary) + static_cast<double>(shape.layers) * layer > kMostParameters) {
    throw Napi::RangeError::New(env, "a model of more than 10^13 parameters");
  }
  return shape;
}

Batch ReadBatch(const Napi::Value& value, size_t vocabulary, bool labels) {
  const auto env = value.Env();
  const auto from = AsObject(value, "batch");
  Batch batch;
  batch.rows = Whole(from.Get("rows"), "rows", 1, kMostTokens);
  batch.length = Whole(from.Get("length"), "length", 1, kMostTokens);
  if (static_cast<double>(batch.rows) * static_cast<double>(batch.length) > kMostTokens) {
    throw Napi::RangeError::New(env, "a batch of more than 16,777,216 tokens");
  }
  const auto tokens = Elements<int32_t>(from.Get("tokens"), napi_int32_array, "tokens");
  const size_t stride = batch.length + (labels ? 1 : 0);
  if (tokens.size() != batch.rows * stride) {
    throw Napi::RangeError::New(env, labels ? "tokens must be [rows, length + 1]" : "tokens must be [rows, length]");
  }
  CheckIds(env, tokens, vocabulary);
  for (size_t row = 0; row < batch.rows; row++) {
    const auto begin = tokens.begin() + static_cast<ptrdiff_t>(row * stride), end = begin + static_cast<ptrdiff_t>(batch.length);
    batch.ids.insert(batch.ids.end(), begin, end);
    if (labels) batch.labels.insert(batch.labels.end(), begin + 1, end + 1);
  }
  if (const auto mask = from.Get("mask"); !mask.IsUndefined()) {
    batch.mask = Elements<uint8_t>(mask, napi_uint8_array, "mask");
    if (batch.mask.size() != batch.tokens()) throw Napi::RangeError::New(env, "mask must be [rows, length]");
  }
  if (const auto documents = from.Get("documents"); !documents.IsUndefined()) {
    batch.first = FirstPositions(documents, batch.rows, batch.length);
  }
  return batch;
}

std::vector<int32_t> ReadIds(const Napi::Value& value, size_t vocabulary, size_t most) {
  auto ids = Elements<int32_t>(value, napi_int32_array, "tokens");
  if (ids.empty() || ids.size() > most) {
    throw Napi::RangeError::New(value.Env(), "between 1 and " + std::to_string(most) + " tokens fit here");
  }
  CheckIds(value.Env(), ids, vocabulary);
  return ids;
}

StepScalars ReadScalars(const Napi::Value& value) {
  const auto from = AsObject(value, "options");
  const auto read = [&](const char* name) { return Finite(from.Get(name), name); };
  const StepScalars scalars{read("learningRate"), read("beta1"),       read("beta2"),       read("beta3"),   read("alpha"),
                            read("correction1"),  read("correction2"), read("epsilon"),     read("weightDecay"),
                            read("gradientScale")};
  if (!(scalars.correction1 > 0 && scalars.correction2 > 0)) throw Napi::RangeError::New(value.Env(), "corrections must be above 0");
  return scalars;
}

Kind ReadKind(const Napi::Value& value) {
  static constexpr const char* kNames[kKinds] = {"weight", "gradient", "m1", "m2", "v", "average"};
  const std::string name = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
  for (size_t i = 0; i < kKinds; i++) {
    if (name == kNames[i]) return static_cast<Kind>(i);
  }
  throw Napi::RangeError::New(value.Env(), "a kind is weight, gradient, m1, m2, v or average");
}

}  // namespace apertus::trainer
