// The door between JavaScript and the trainer of fastText models: new FastTextTrainer(settings, labels), add, run, write.
#include <memory>
#include <string>
#include <system_error>

#include "batch.h"
#include "fasttext_train.h"
#include "kernels.h"

namespace apertus {
namespace {

Napi::Error Coded(Napi::Env env, const char* code, const char* detail) {
  auto error = Napi::Error::New(env, detail);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

class FastTextTrainer : public Napi::ObjectWrap<FastTextTrainer> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "FastTextTrainer",
                       {InstanceMethod<&FastTextTrainer::Add>("add"), InstanceMethod<&FastTextTrainer::Run>("run"),
                        InstanceMethod<&FastTextTrainer::Write>("write")});
  }

  explicit FastTextTrainer(const Napi::CallbackInfo& info) : Napi::ObjectWrap<FastTextTrainer>(info) {
    const auto env = info.Env();
    if (!info[0].IsObject() || !info[1].IsArray()) throw Napi::TypeError::New(env, "FastTextTrainer takes settings and labels");
    const auto given = info[0].As<Napi::Object>();
    const auto number = [&](const char* name, double least, double most) {
      const Napi::Value value = given.Get(name);
      const double x = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
      if (!(x >= least && x <= most)) throw Napi::RangeError::New(env, std::string(name) + " is outside its range");
      return x;
    };
    const auto integer = [&](const char* name, double least, double most) { return static_cast<int32_t>(number(name, least, most)); };
    constexpr double kMost = 2'147'483'647;
    fasttext::TrainingSettings s;
    s.dimensions = integer("dimensions", 1, 4096);
    s.epochs = integer("epochs", 1, 100'000);
    s.least_count = integer("leastCount", 1, kMost);
    s.most_words = integer("mostWords", 0, kMost);
    s.word_ngrams = integer("wordNgrams", 1, 16);
    s.shortest = integer("shortest", 0, 64);
    s.longest = integer("longest", 0, 64);
    const bool hashes = s.longest > 0 || s.word_ngrams > 1;
    // The program keeps no rows for n-grams that there are none of.
    s.buckets = hashes ? integer("buckets", 1, kMost) : 0;
    s.threads = integer("threads", 1, 1024);
    s.rate = static_cast<float>(number("rate", 0, 1000));
    s.loss = given.Get("oneVsAll").ToBoolean() ? fasttext::Loss::kOneVsAll : fasttext::Loss::kSoftmax;
    s.seed = static_cast<uint32_t>(number("seed", 0, 4'294'967'295));
    s.plain = given.Get("plain").ToBoolean();
    s.sampling.lines_per_label = static_cast<uint32_t>(number("linesPerLabel", 0, 1e9));
    s.sampling.cut = static_cast<float>(number("cut", 0, 1));
    s.sampling.shortest_cut = static_cast<uint32_t>(number("shortestCut", 1, 1e6));
    s.sampling.longest_cut = static_cast<uint32_t>(number("longestCut", s.sampling.shortest_cut, 1e6));
    s.sampling.dropout = static_cast<float>(number("dropout", 0, 0.99));
    const auto names = info[1].As<Napi::Array>();
    std::vector<std::string> labels;
    for (uint32_t i = 0; i < names.Length(); i++) labels.push_back(names.Get(i).ToString().Utf8Value());
    labels_ = labels.size();
    trainer_ = std::make_unique<fasttext::Trainer>(s, std::move(labels));
  }

 private:
  // Runs `body`, and gives what it throws a code.
  template <typename Body>
  void Guarded(Napi::Env env, Body&& body) {
    try {
      body();
    } catch (const fasttext::Untrainable& error) {
      throw Coded(env, "TRAINING_IMPOSSIBLE", error.what());
    } catch (const std::bad_alloc&) {
      throw Coded(env, "TRAINING_IMPOSSIBLE", "the weights or the lines do not fit into memory");
    } catch (const std::length_error&) {
      throw Coded(env, "TRAINING_IMPOSSIBLE", "the lines do not fit into memory");
    } catch (const std::system_error& error) {
      throw Coded(env, "MODEL_NOT_WRITABLE", error.what());
    }
  }

  // add(values, offsets, labels): labels is an Int32Array, one a row.
  void Add(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    const BytesColumn column(info[0], info[1]);
    if (!info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_int32_array ||
        info[2].As<Napi::TypedArray>().ElementLength() != column.rows()) {
      throw Napi::TypeError::New(env, "labels must be an Int32Array with one label a row");
    }
    const int32_t* labels = info[2].As<Napi::Int32Array>().Data();
    for (size_t i = 0; i < column.rows(); i++) {
      if (labels[i] < 0 || static_cast<size_t>(labels[i]) >= labels_) throw Napi::RangeError::New(env, "a label that was not named");
    }
    Guarded(env, [&] {
      for (size_t i = 0; i < column.rows(); i++) trainer_->Add(column.row(i), labels[i]);
    });
  }

  // run(lines): { done, share, loss, words }
  Napi::Value Run(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    const double lines = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0;
    if (!(lines >= 1 && lines <= 1e15)) throw Napi::RangeError::New(env, "run takes a number of lines from 1");
    Guarded(env, [&] { trainer_->Run(static_cast<size_t>(lines)); });
    auto result = Napi::Object::New(env);
    result.Set("done", trainer_->done());
    result.Set("share", trainer_->share());
    result.Set("loss", trainer_->loss());
    result.Set("words", static_cast<double>(trainer_->words()));
    return result;
  }

  // write(path, dsub, norms)
  void Write(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    const double dsub = info[1].IsNumber() ? info[1].As<Napi::Number>().DoubleValue() : -1;
    if (!info[0].IsString() || !(dsub >= 0 && dsub <= 64)) throw Napi::TypeError::New(env, "write takes a path and 0 to 64 dimensions");
    Guarded(env, [&] {
      trainer_->Write(info[0].As<Napi::String>().Utf8Value(), static_cast<int32_t>(dsub), info[2].ToBoolean());
    });
  }

  size_t labels_ = 0;
  std::unique_ptr<fasttext::Trainer> trainer_;
};

}  // namespace

void RegisterFastTextTrainer(Napi::Env env, Napi::Object exports) {
  exports.Set("FastTextTrainer", FastTextTrainer::Define(env));
}

}  // namespace apertus
