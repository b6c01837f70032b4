// The class Bpe of the addon: a byte-level BPE tokenizer over batches. Its state lives in the instance, so that any number of
// them may work side by side in worker threads.
#include <napi.h>

#include <cstring>
#include <optional>
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

// Spans of each row that become one placeholder token (corpus/verdict.ts, Redactions), checked before any is used.
class Spans {
 public:
  Spans(const Napi::Object& from, const BytesColumn& text) {
    const auto env = from.Env();
    const auto rows = TypedArrayOf(from.Get("rows"), napi_int32_array, "redactions.rows must be an Int32Array");
    const auto start = TypedArrayOf(from.Get("start"), napi_int32_array, "redactions.start must be an Int32Array");
    const auto length = TypedArrayOf(from.Get("length"), napi_int32_array, "redactions.length must be an Int32Array");
    const auto kind = TypedArrayOf(from.Get("kind"), napi_uint8_array, "redactions.kind must be a Uint8Array");
    const auto ids = TypedArrayOf(from.Get("ids"), napi_uint32_array, "redactions.ids must be a Uint32Array");
    rows_ = rows.As<Napi::Int32Array>().Data();
    start_ = start.As<Napi::Int32Array>().Data();
    length_ = length.As<Napi::Int32Array>().Data();
    kind_ = kind.As<Napi::Uint8Array>().Data();
    ids_ = ids.As<Napi::Uint32Array>().Data();
    const size_t spans = std::min({start.ElementLength(), length.ElementLength(), kind.ElementLength()});
    if (rows.ElementLength() != text.rows() + 1) throw Napi::RangeError::New(env, "redactions do not have the text's rows");
    if (rows_[0] < 0) throw Napi::RangeError::New(env, "redactions start below 0");
    for (size_t row = 0; row < text.rows(); row++) {
      if (rows_[row + 1] < rows_[row]) throw Napi::RangeError::New(env, "the rows of redactions fall");
      if (static_cast<size_t>(rows_[row + 1]) > spans) throw Napi::RangeError::New(env, "redactions end behind their spans");
      int64_t free_from = 0;
      for (int32_t i = rows_[row]; i < rows_[row + 1]; i++) {
        if (start_[i] < free_from || length_[i] < 1) throw Napi::RangeError::New(env, "redactions overlap, fall or are empty");
        free_from = int64_t{start_[i]} + length_[i];
        if (kind_[i] >= ids.ElementLength()) throw Napi::RangeError::New(env, "a redaction is of no kind");
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
      out.push_back(ids_[kind_[i]]);
      done = start + static_cast<size_t>(length_[i]);
    }
    encoder.Append(text.substr(done), out);
  }

 private:
  const int32_t* rows_;
  const int32_t* start_;
  const int32_t* length_;
  const uint8_t* kind_;
  const uint32_t* ids_;
};

class Bpe : public Napi::ObjectWrap<Bpe> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Bpe",
                       {InstanceMethod<&Bpe::EncodeBatch>("encodeBatch"), InstanceMethod<&Bpe::Count>("count"),
                        InstanceMethod<&Bpe::Decode>("decode")});
  }

  // new Bpe(packed: Uint8Array, firstId: number, added: {text: Uint8Array, id: number}[], find: boolean)
  explicit Bpe(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Bpe>(info) {
    const auto env = info.Env();
    if (info.Length() < 4 || !info[1].IsNumber() || !info[2].IsArray() || !info[3].IsBoolean()) {
      throw Napi::TypeError::New(env, "Bpe takes a vocabulary, its first id, the added tokens and whether to find them");
    }
    const auto list = info[2].As<Napi::Array>();
    std::vector<bpe::AddedToken> added;
    for (uint32_t i = 0; i < list.Length(); i++) {
      const Napi::Value item = list[i];
      if (!item.IsObject() || !item.As<Napi::Object>().Get("id").IsNumber()) {
        throw Napi::TypeError::New(env, "an added token has a text and an id");
      }
      const auto token = item.As<Napi::Object>();
      added.push_back({std::string(BytesOf(token.Get("text"), "an added token's text must be a Uint8Array")),
                       token.Get("id").As<Napi::Number>().Uint32Value()});
    }
    try {
      encoder_.emplace(BytesOf(info[0], "the vocabulary must be a Uint8Array"), info[1].As<Napi::Number>().Uint32Value(),
                       std::move(added), info[3].As<Napi::Boolean>().Value());
    } catch (const std::invalid_argument& fault) {
      throw Napi::Error::New(env, fault.what());
    }
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
    for (size_t row = 0; row < text.rows(); row++) {
      if (bos >= 0) out_.push_back(static_cast<uint32_t>(bos));
      if (spans) {
        spans->Append(text.row(row), row, *encoder_, out_);
      } else {
        encoder_->Append(text.row(row), out_);
      }
      if (eos >= 0) out_.push_back(static_cast<uint32_t>(eos));
      if (out_.size() > INT32_MAX) throw Napi::RangeError::New(env, "a batch has more than 2^31 - 1 tokens");
      offsets[row + 1] = static_cast<int32_t>(out_.size());
    }
    auto values = Napi::Uint32Array::New(env, out_.size());
    if (!out_.empty()) std::memcpy(values.Data(), out_.data(), out_.size() * sizeof(uint32_t));
    ReleaseLargeScratch();
    auto result = Napi::Object::New(env);
    result.Set("values", values);
    result.Set("offsets", offsets);
    return result;
  }

  // count(text: Uint8Array): number
  Napi::Value Count(const Napi::CallbackInfo& info) {
    out_.clear();
    encoder_->Append(BytesOf(info[0], "count takes a Uint8Array"), out_);
    const auto count = static_cast<double>(out_.size());
    ReleaseLargeScratch();
    return Napi::Number::New(info.Env(), count);
  }

  // decode(ids: Uint32Array): Uint8Array; ids of no token and of no added token give nothing.
  Napi::Value Decode(const Napi::CallbackInfo& info) {
    const auto ids = TypedArrayOf(info[0], napi_uint32_array, "decode takes a Uint32Array").As<Napi::Uint32Array>();
    std::string bytes;
    for (size_t i = 0; i < ids.ElementLength(); i++) bytes += TextOf(ids[i]);
    auto result = Napi::Uint8Array::New(info.Env(), bytes.size());
    if (!bytes.empty()) std::memcpy(result.Data(), bytes.data(), bytes.size());
    return result;
  }

  std::string_view TextOf(uint32_t id) const {
    const auto& vocabulary = encoder_->vocabulary();
    if (id >= encoder_->first_id() && id - encoder_->first_id() < vocabulary.size()) {
      return vocabulary.token(id - encoder_->first_id());
    }
    for (const auto& token : encoder_->added()) {
      if (token.id == id) return token.text;
    }
    return {};
  }

  void ReleaseLargeScratch() {
    constexpr size_t kKept = 1 << 22;
    if (out_.capacity() > kKept) out_ = {};
  }

  std::optional<bpe::Encoder> encoder_;
  std::vector<uint32_t> out_;
};

}  // namespace

void RegisterBpe(Napi::Env env, Napi::Object exports) { exports.Set("Bpe", Bpe::Define(env)); }

}  // namespace apertus
