// The class Bpe of the addon: a byte-level BPE tokenizer over batches. Its state lives in the instance, so that any number of
// them may work side by side in worker threads.
#include <napi.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>

#include "batch.h"
#include "bpe_encoder.h"
#include "kernels.h"

namespace apertus {

namespace {

Napi::TypedArray TypedArrayOf(const Napi::Value& value, napi_typedarray_type type, const char* what) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
    throw Napi::TypeError::New(value.Env(), what);
  }
  return value.As<Napi::TypedArray>();
}

std::string_view BytesOf(const Napi::Value& value, const char* what) {
  const auto bytes = TypedArrayOf(value, napi_uint8_array, what).As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()};
}

// Spans of each row that become one token each (corpus/verdict.ts, Redactions), checked before any is used.
class Spans {
 public:
  Spans(const Napi::Object& from, const BytesColumn& text) {
    const auto env = from.Env();
    const auto rows = TypedArrayOf(from.Get("rows"), napi_int32_array, "redactions.rows must be an Int32Array");
    const auto start = TypedArrayOf(from.Get("start"), napi_int32_array, "redactions.start must be an Int32Array");
    const auto length = TypedArrayOf(from.Get("length"), napi_int32_array, "redactions.length must be an Int32Array");
    const auto ids = TypedArrayOf(from.Get("ids"), napi_uint32_array, "redactions.ids must be a Uint32Array");
    rows_ = rows.As<Napi::Int32Array>().Data();
    start_ = start.As<Napi::Int32Array>().Data();
    length_ = length.As<Napi::Int32Array>().Data();
    ids_ = ids.As<Napi::Uint32Array>().Data();
    const size_t spans = std::min({start.ElementLength(), length.ElementLength(), ids.ElementLength()});
    if (rows.ElementLength() != text.rows() + 1) throw Napi::RangeError::New(env, "redactions do not have the text's rows");
    if (rows_[0] < 0) throw Napi::RangeError::New(env, "redactions start below 0");
    for (size_t row = 0; row < text.rows(); row++) {
      if (rows_[row + 1] < rows_[row]) throw Napi::RangeError::New(env, "the rows of redactions fall");
      if (static_cast<size_t>(rows_[row + 1]) > spans) throw Napi::RangeError::New(env, "redactions end behind their spans");
      int64_t free_from = 0;
      for (int32_t i = rows_[row]; i < rows_[row + 1]; i++) {
        if (start_[i] < free_from || length_[i] < 1) throw Napi::RangeError::New(env, "redactions overlap, fall or are empty");
        free_from = int64_t{start_[i]} + length_[i];
      }
      if (free_from > static_cast<int64_t>(text.row(row).size())) {
        throw Napi::RangeError::New(env, "a redaction ends behind its text");
      }
    }
  }

  void Append(std::string_view text, size_t row, bpe::Encoder& encoder, std::vector<uint32_t>& out) const {
    size_t done = 0;
    for (int32_t i = rows_[row]; i < rows_[row + 1]; i++) {
      const auto start = static_cast<size_t>(start_[i]);
      encoder.Append(text.substr(done, start - done), out);
      out.push_back(ids_[i]);
      done = start + static_cast<size_t>(length_[i]);
    }
    encoder.Append(text.substr(done), out);
  }

 private:
  const int32_t* rows_;
  const int32_t* start_;
  const int32_t* length_;
  const uint32_t* ids_;
};

uint32_t NumberOf(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsNumber()) throw Napi::TypeError::New(from.Env(), std::string(name) + " must be a number");
  return value.As<Napi::Number>().Uint32Value();
}

Napi::Array ListOf(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsArray()) throw Napi::TypeError::New(from.Env(), std::string(name) + " must be an array");
  return value.As<Napi::Array>();
}

Napi::Object ItemOf(const Napi::Array& list, uint32_t i) {
  const Napi::Value item = list[i];
  if (!item.IsObject()) throw Napi::TypeError::New(list.Env(), "an array of objects has something else in it");
  return item.As<Napi::Object>();
}

std::span<const uint32_t> NumbersOf(const Napi::Object& from, const char* name) {
  const auto numbers = TypedArrayOf(from.Get(name), napi_uint32_array, "merges and ids must be Uint32Arrays").As<Napi::Uint32Array>();
  return {numbers.Data(), numbers.ElementLength()};
}

std::vector<bpe::AddedToken> AddedOf(const Napi::Array& list) {
  std::vector<bpe::AddedToken> tokens;
  for (uint32_t i = 0; i < list.Length(); i++) {
    const auto token = ItemOf(list, i);
    const auto is = [&](const char* name) { return token.Get(name).ToBoolean().Value(); };
    tokens.push_back({std::string(BytesOf(token.Get("text"), "an added token's text must be a Uint8Array")), NumberOf(token, "id"),
                      is("find"), is("leftStrip"), is("rightStrip"), is("singleWord")});
  }
  return tokens;
}

std::vector<bpe::Stage> StagesOf(const Napi::Array& list) {
  static constexpr const char* kKnown[] = {"tekken", "gpt2", "cl100k", "llama3", "cl100k-end", "qwen2", "o200k", "o200k-ascii"};
  static constexpr const char* kBehaviours[] = {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"};
  const auto index = [&](const auto& names, const Napi::Value& value) {
    const std::string name = value.ToString().Utf8Value();
    const auto found = std::find(std::begin(names), std::end(names), name);
    if (found == std::end(names)) throw Napi::TypeError::New(list.Env(), "a stage is called " + name);
    return found - std::begin(names);
  };
  std::vector<bpe::Stage> stages;
  for (uint32_t i = 0; i < list.Length(); i++) {
    const auto from = ItemOf(list, i);
    bpe::Stage& stage = stages.emplace_back();
    if (from.Has("known")) {
      stage.known = static_cast<bpe::KnownPattern>(index(kKnown, from.Get("known")));
    } else if (from.Has("pattern")) {
      stage.regex.emplace(BytesOf(from.Get("pattern"), "a pattern must be a Uint8Array"));
      stage.behaviour = static_cast<bpe::Behaviour>(index(kBehaviours, from.Get("behaviour")));
      stage.invert = from.Get("invert").ToBoolean().Value();
    } else {
      stage.prefix_space = true;
    }
  }
  return stages;
}

// Faults of a vocabulary and of its use, with a code that native/bpe.ts knows.
template <typename Work>
auto Coded(Napi::Env env, Work work) {
  const auto fail = [&](const std::exception& fault, const char* code) {
    auto error = Napi::Error::New(env, fault.what());
    error.Set("code", code);
    return error;
  };
  try {
    return work();
  } catch (const bpe::Unsupported& fault) {
    throw fail(fault, "UNSUPPORTED");
  } catch (const bpe::TooSlow& fault) {
    throw fail(fault, "TOO_SLOW");
  } catch (const std::invalid_argument& fault) {
    throw fail(fault, "INVALID");
  }
}

class Bpe : public Napi::ObjectWrap<Bpe> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Bpe",
                       {InstanceMethod<&Bpe::EncodeBatch>("encodeBatch"), InstanceMethod<&Bpe::Count>("count"),
                        InstanceMethod<&Bpe::Decode>("decode"), InstanceMethod<&Bpe::Offsets>("offsets"),
                        InstanceMethod<&Bpe::FindRaw>("findRaw")});
  }

  // new Bpe(settings): native/bpe.ts, BpeSettings
  explicit Bpe(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Bpe>(info) {
    const auto env = info.Env();
    if (!info[0].IsObject()) throw Napi::TypeError::New(env, "Bpe takes its settings");
    const auto from = info[0].As<Napi::Object>();
    const auto order = NumberOf(from, "order");
    if (order > 2) throw Napi::RangeError::New(env, "there are three orders of merges");
    const auto ids = NumbersOf(from, "ids");
    Coded(env, [&] {
      encoder_.emplace(bpe::EncoderSettings{
          .packed = BytesOf(from.Get("packed"), "the vocabulary must be a Uint8Array"),
          .order = static_cast<bpe::MergeOrder>(order),
          .merges = NumbersOf(from, "merges"),
          .ids = {ids.begin(), ids.end()},
          .first_id = NumberOf(from, "firstId"),
          .whole_first = from.Get("wholeFirst").ToBoolean().Value(),
          .stages = StagesOf(ListOf(from, "stages")),
          .raw = AddedOf(ListOf(from, "raw")),
          .normalised = AddedOf(ListOf(from, "normalised")),
          .normalises = from.Get("normalises").ToBoolean().Value(),
      });
    });
  }

 private:
  // encodeBatch(values, offsets, bos: number, eos: number, redactions | undefined): {values, offsets}; bos and eos below 0: none.
  Napi::Value EncodeBatch(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    if (info.Length() < 5 || !info[2].IsNumber() || !info[3].IsNumber()) {
      throw Napi::TypeError::New(env, "encodeBatch takes values, offsets, bos, eos and redactions");
    }
    const BytesColumn text(info[0], info[1]);
    const int64_t bos = info[2].As<Napi::Number>().Int64Value();
    const int64_t eos = info[3].As<Napi::Number>().Int64Value();
    std::optional<Spans> spans;
    if (info[4].IsObject()) spans.emplace(info[4].As<Napi::Object>(), text);
    auto offsets = Napi::Int32Array::New(env, text.rows() + 1);
    out_.clear();
    offsets[0] = 0;
    Coded(env, [&] { Encode(text, spans, bos, eos, offsets); });
    auto values = Napi::Uint32Array::New(env, out_.size());
    if (!out_.empty()) std::memcpy(values.Data(), out_.data(), out_.size() * sizeof(uint32_t));
    ReleaseLargeScratch();
    auto result = Napi::Object::New(env);
    result.Set("values", values);
    result.Set("offsets", offsets);
    return result;
  }

  void Encode(const BytesColumn& text, const std::optional<Spans>& spans, int64_t bos, int64_t eos, Napi::Int32Array& offsets) {
    for (size_t row = 0; row < text.rows(); row++) {
      if (bos >= 0) out_.push_back(static_cast<uint32_t>(bos));
      if (spans) {
        spans->Append(text.row(row), row, *encoder_, out_);
      } else {
        encoder_->Append(text.row(row), out_);
      }
      if (eos >= 0) out_.push_back(static_cast<uint32_t>(eos));
      if (out_.size() > INT32_MAX) throw Napi::RangeError::New(offsets.Env(), "a batch has more than 2^31 - 1 tokens");
      offsets[row + 1] = static_cast<int32_t>(out_.size());
    }
  }

  // count(text: Uint8Array): number
  Napi::Value Count(const Napi::CallbackInfo& info) {
    out_.clear();
    const auto text = BytesOf(info[0], "count takes a Uint8Array");
    Coded(info.Env(), [&] { encoder_->Append(text, out_); });
    const auto count = static_cast<double>(out_.size());
    ReleaseLargeScratch();
    return Napi::Number::New(info.Env(), count);
  }

  // decode(ids: Uint32Array): Uint8Array; ids of no token and of no added token give nothing.
  Napi::Value Decode(const Napi::CallbackInfo& info) {
    const auto ids = TypedArrayOf(info[0], napi_uint32_array, "decode takes a Uint32Array").As<Napi::Uint32Array>();
    std::string bytes;
    for (size_t i = 0; i < ids.ElementLength(); i++) bytes += encoder_->TextOf(ids[i]);
    auto result = Napi::Uint8Array::New(info.Env(), bytes.size());
    if (!bytes.empty()) std::memcpy(result.Data(), bytes.data(), bytes.size());
    return result;
  }

  // offsets(ids: Uint32Array): Float64Array: where each token begins in what decode gives, and the end.
  Napi::Value Offsets(const Napi::CallbackInfo& info) {
    const auto ids = TypedArrayOf(info[0], napi_uint32_array, "offsets takes a Uint32Array").As<Napi::Uint32Array>();
    auto result = Napi::Float64Array::New(info.Env(), ids.ElementLength() + 1);
    double at = 0;
    for (size_t i = 0; i < ids.ElementLength(); i++) {
      result[i] = at;
      at += static_cast<double>(encoder_->TextOf(ids[i]).size());
    }
    result[ids.ElementLength()] = at;
    return result;
  }

  // findRaw(text: Uint8Array): Uint32Array of start, end and id of each token that is found before the text is normalised.
  Napi::Value FindRaw(const Napi::CallbackInfo& info) {
    const auto text = BytesOf(info[0], "findRaw takes a Uint8Array");
    if (text.size() > INT32_MAX) throw Napi::RangeError::New(info.Env(), "a text has more than 2^31 - 1 bytes");
    std::vector<uint32_t> found;
    encoder_->raw().Cut(text, [](std::string_view) {}, [&](uint32_t id, size_t from, size_t to) {
      found.insert(found.end(), {static_cast<uint32_t>(from), static_cast<uint32_t>(to), id});
    });
    auto result = Napi::Uint32Array::New(info.Env(), found.size());
    if (!found.empty()) std::memcpy(result.Data(), found.data(), found.size() * sizeof(uint32_t));
    return result;
  }

  void ReleaseLargeScratch() {
    constexpr size_t kKept = 1 << 22;
    if (out_.capacity() > kKept) out_ = {};
    encoder_->ReleaseLarge();
  }

  std::optional<bpe::Encoder> encoder_;
  std::vector<uint32_t> out_;
};

}  // namespace

void RegisterBpe(Napi::Env env, Napi::Object exports) { exports.Set("Bpe", Bpe::Define(env)); }

}  // namespace apertus
