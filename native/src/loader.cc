// The classes TokenStream and SequenceLoader of the addon: mapped shards as streams of tokens, and training sequences cut from them in
// the order of a run. Their state lives in the instances, so that any number of them may work side by side in worker threads.
#include <napi.h>

#include <memory>
#include <utility>

#include "kernels.h"
#include "loader_order.h"
#include "loader_stream.h"

namespace apertus {

namespace {

// Whole numbers from 0 to 2^53, as JavaScript has them.
std::vector<uint64_t> WholesOf(const Napi::Value& value) {
  const auto env = value.Env();
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) {
    throw Napi::TypeError::New(env, "a Float64Array is wanted");
  }
  const auto array = value.As<Napi::Float64Array>();
  std::vector<uint64_t> wholes(array.ElementLength());
  for (size_t i = 0; i < wholes.size(); i++) {
    const double number = array[i];
    if (!(number >= 0 && number <= 9007199254740992.0) || number != static_cast<double>(static_cast<uint64_t>(number))) {
      throw Napi::RangeError::New(env, "a number is not whole, or not from 0 to 2^53");
    }
    wholes[i] = static_cast<uint64_t>(number);
  }
  return wholes;
}

uint64_t WholeOf(const Napi::Value& value) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= 9007199254740992.0) || number != static_cast<double>(static_cast<uint64_t>(number))) {
    throw Napi::RangeError::New(value.Env(), "a number is not whole, or not from 0 to 2^53");
  }
  return static_cast<uint64_t>(number);
}

Napi::Error DamageError(Napi::Env env, const loader::Damage& damage, const std::string& path) {
  auto error = Napi::Error::New(env, damage.what());
  error.Set("code", Napi::String::New(env, "CORPUS_DAMAGED"));
  error.Set("file", Napi::String::New(env, path));
  return error;
}

// Tells our streams from any other object that a caller may hand over.
constexpr napi_type_tag kStreamTag = {0x6c1f5a6be0b94d1e, 0x9a3be3f1c7d24a85};

class TokenStream : public Napi::ObjectWrap<TokenStream> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "TokenStream", {InstanceAccessor<&TokenStream::Tokens>("tokens")});
  }

  // new TokenStream(paths: string[], sizes, batches: 5 numbers each, gone: 2 numbers each, ceiling: number)
  explicit TokenStream(const Napi::CallbackInfo& info) : Napi::ObjectWrap<TokenStream>(info) {
    const auto env = info.Env();
    if (!info[0].IsArray()) throw Napi::TypeError::New(env, "TokenStream takes paths");
    const auto list = info[0].As<Napi::Array>();
    std::vector<std::string> paths;
    for (uint32_t i = 0; i < list.Length(); i++) paths.push_back(list.Get(i).ToString().Utf8Value());
    auto sizes = WholesOf(info[1]);
    const auto batches = WholesOf(info[2]);
    const auto gone = WholesOf(info[3]);
    const uint64_t ceiling = WholeOf(info[4]);
    if (sizes.size() != paths.size() || batches.size() % 5 != 0 || gone.size() % 2 != 0 || ceiling > INT32_MAX) {
      throw Napi::RangeError::New(env, "TokenStream takes a size for each path, 5 numbers a batch, 2 a deleted row");
    }
    std::vector<loader::TokenBatch> token_batches;
    for (size_t i = 0; i < batches.size(); i += 5) {
      if (batches[i] >= paths.size() || batches[i + 1] >= INT32_MAX) {
        throw Napi::RangeError::New(env, "a batch is of no shard, or has too many rows");
      }
      token_batches.push_back({static_cast<uint32_t>(batches[i]), static_cast<uint32_t>(batches[i + 1]), batches[i + 2],
                               batches[i + 3], batches[i + 4]});
    }
    std::vector<loader::GoneRow> gone_rows;
    for (size_t i = 0; i < gone.size(); i += 2) {
      if (gone[i] >= token_batches.size() || gone[i + 1] >= INT32_MAX) {
        throw Napi::RangeError::New(env, "a deleted row is of no batch");
      }
      gone_rows.push_back({static_cast<uint32_t>(gone[i]), static_cast<uint32_t>(gone[i + 1])});
    }
    try {
      stream_ = std::make_shared<loader::TokenStream>(paths, std::move(sizes), std::move(token_batches), gone_rows,
                                                      static_cast<uint32_t>(ceiling));
    } catch (const loader::Damage& damage) {
      throw DamageError(env, damage, damage.shard < paths.size() ? paths[damage.shard] : "");
    }
    info.This().As<Napi::Object>().TypeTag(&kStreamTag);
  }

  const std::shared_ptr<loader::TokenStream>& stream() const { return stream_; }

 private:
  Napi::Value Tokens(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(stream_->tokens()));
  }

  std::shared_ptr<loader::TokenStream> stream_;
};

class SequenceLoader : public Napi::ObjectWrap<SequenceLoader> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "SequenceLoader",
                       {InstanceMethod<&SequenceLoader::Read>("read"), InstanceMethod<&SequenceLoader::Places>("places")});
  }

  // new SequenceLoader(streams: TokenStream[], length, seed, stages: number of sequences and a weight for each stream, each)
  explicit SequenceLoader(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SequenceLoader>(info) {
    const auto env = info.Env();
    if (!info[0].IsArray()) throw Napi::TypeError::New(env, "SequenceLoader takes streams");
    length_ = WholeOf(info[1]);
    if (length_ < 1 || length_ > 1 << 28) throw Napi::RangeError::New(env, "a sequence has 1 to 2^28 tokens");
    const auto list = info[0].As<Napi::Array>();
    std::vector<uint64_t> sizes;
    for (uint32_t i = 0; i < list.Length(); i++) {
      const Napi::Value item = list[i];
      if (!item.IsObject() || !item.As<Napi::Object>().CheckTypeTag(&kStreamTag)) {
        throw Napi::TypeError::New(env, "SequenceLoader takes streams");
      }
      streams_.push_back(Napi::ObjectWrap<TokenStream>::Unwrap(item.As<Napi::Object>())->stream());
      const uint64_t tokens = streams_.back()->tokens();
      // One token more than the sequence: what its last token is to predict.
      sizes.push_back(tokens == 0 ? 0 : (tokens - 1) / length_);
    }
    const auto numbers = WholesOf(info[3]);
    const size_t width = streams_.size() + 1;
    if (streams_.empty() || numbers.size() % width != 0) throw Napi::RangeError::New(env, "a stage has a weight for each stream");
    std::vector<loader::Stage> stages;
    uint64_t all = 0;
    for (size_t i = 0; i < numbers.size(); i += width) {
      loader::Stage stage{numbers[i], {numbers.begin() + static_cast<long>(i) + 1, numbers.begin() + static_cast<long>(i + width)}};
      uint64_t sum = 0;
      for (size_t j = 0; j < sizes.size(); j++) {
        sum += stage.weights[j];
        if (stage.weights[j] > 0 && sizes[j] == 0) throw Napi::RangeError::New(env, "a stream with a weight has no sequence");
        if (sum > uint64_t{1} << 53) throw Napi::RangeError::New(env, "the weights add up to more than 2^53");
      }
      all += stage.sequences;
      if (sum == 0 || all > uint64_t{1} << 53) throw Napi::RangeError::New(env, "a stage has no weight, or there are too many sequences");
      stages.push_back(std::move(stage));
    }
    order_ = std::make_unique<loader::Order>(WholeOf(info[2]), std::move(sizes), std::move(stages));
  }

 private:
  // read(first, count, tokens: Int32Array [count, length + 1]): { boundaries, offsets, sources }
  Napi::Value Read(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    const auto [first, count] = RangeOf(info);
    if (!info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_int32_array ||
        info[2].As<Napi::TypedArray>().ElementLength() != count * (length_ + 1)) {
      throw Napi::RangeError::New(env, "tokens must be an Int32Array of [count, length + 1]");
    }
    int32_t* tokens = info[2].As<Napi::Int32Array>().Data();
    auto offsets = Napi::Int32Array::New(env, count + 1);
    auto sources = Napi::Int32Array::New(env, count);
    boundaries_.clear();
    offsets[0] = 0;
    for (uint64_t i = 0; i < count; i++) {
      const auto place = order_->At(first + i);
      sources[i] = static_cast<int32_t>(place.source);
      starts_.clear();
      auto& stream = *streams_[place.source];
      try {
        stream.Read(place.sequence * length_, length_ + 1, tokens + i * (length_ + 1), starts_);
      } catch (const loader::Damage& damage) {
        throw DamageError(env, damage, stream.path(damage.shard));
      }
      // A sequence may begin inside of a document, and the next one may begin with the token behind it.
      if (starts_.empty() || starts_.front() != 0) boundaries_.push_back(0);
      for (const auto start : starts_) {
        if (static_cast<uint64_t>(start) < length_) boundaries_.push_back(start);
      }
      boundaries_.push_back(static_cast<int32_t>(length_));
      if (boundaries_.size() > INT32_MAX) throw Napi::RangeError::New(env, "too many documents in one batch");
      offsets[i + 1] = static_cast<int32_t>(boundaries_.size());
    }
    auto boundaries = Napi::Int32Array::New(env, boundaries_.size());
    std::copy(boundaries_.begin(), boundaries_.end(), boundaries.Data());
    auto result = Napi::Object::New(env);
    result.Set("boundaries", boundaries);
    result.Set("offsets", offsets);
    result.Set("sources", sources);
    return result;
  }

  // places(first, count): Float64Array [count, 3] of source, epoch and sequence
  Napi::Value Places(const Napi::CallbackInfo& info) {
    const auto [first, count] = RangeOf(info);
    auto places = Napi::Float64Array::New(info.Env(), count * 3);
    for (uint64_t i = 0; i < count; i++) {
      const auto place = order_->At(first + i);
      places[i * 3] = place.source;
      places[i * 3 + 1] = static_cast<double>(place.epoch);
      places[i * 3 + 2] = static_cast<double>(place.sequence);
    }
    return places;
  }

  std::pair<uint64_t, uint64_t> RangeOf(const Napi::CallbackInfo& info) const {
    const uint64_t first = WholeOf(info[0]);
    const uint64_t count = WholeOf(info[1]);
    const uint64_t all = order_->sequences();
    if (count > INT32_MAX || first > all || count > all - first) throw Napi::RangeError::New(info.Env(), "the run has fewer sequences");
    return {first, count};
  }

  uint64_t length_ = 0;
  std::vector<std::shared_ptr<loader::TokenStream>> streams_;
  std::unique_ptr<loader::Order> order_;
  std::vector<int32_t> starts_;
  std::vector<int32_t> boundaries_;
};

}  // namespace

void RegisterLoader(Napi::Env env, Napi::Object exports) {
  exports.Set("TokenStream", TokenStream::Define(env));
  exports.Set("SequenceLoader", SequenceLoader::Define(env));
}

}  // namespace apertus
