// The door between JavaScript and a model in training. What takes long runs on a thread of libuv's and the model's own threads, one
// call at a time; arguments are copied first, so that nothing JavaScript does meanwhile can matter.
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "kernels.h"
#include "trainer_arguments.h"
#include "trainer_cpu.h"
#include "trainer_model.h"

namespace apertus {
namespace {

using namespace trainer;

constexpr double kMostThreads = 1024;

Napi::Error OutOfMemory(Napi::Env env) {
  auto error = Napi::Error::New(env, "more memory than there is");
  error.Set("code", Napi::String::New(env, "TRAINING_OUT_OF_MEMORY"));
  return error;
}

// Calls work; memory that cannot be had becomes the coded error, a broken promise of the caller's a plain one.
template <typename Work>
auto Guarded(Napi::Env env, const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throw OutOfMemory(env);
  } catch (const std::length_error&) {
    throw OutOfMemory(env);
  } catch (const std::system_error&) {
    throw Napi::Error::New(env, "the threads cannot be started");
  } catch (const std::logic_error& error) {
    throw Napi::Error::New(env, error.what());
  }
}

struct Session {
  std::unique_ptr<Model> model;
  std::unordered_map<std::string, size_t> names;
  bool busy = false;

  const Tensor& TensorOf(const Napi::Value& value) const {
    const auto found = value.IsString() ? names.find(value.As<Napi::String>().Utf8Value()) : names.end();
    if (found == names.end()) throw Napi::RangeError::New(value.Env(), "the model has no tensor of this name");
    return model->tensors()[found->second];
  }
  void Idle(Napi::Env env) const {
    if (busy) throw Napi::Error::New(env, "the model is at work: await its last call first");
  }
};

// One asynchronous call. `work` runs on another thread and must not touch JavaScript; `answer` turns what it left into a value.
class Call final : public Napi::AsyncWorker {
 public:
  using Answer = std::function<Napi::Value(Napi::Env)>;
  static Napi::Value Start(Napi::Env env, std::shared_ptr<Session> session, std::function<void(Model&)> work, Answer answer) {
    session->Idle(env);
    auto* call = new Call(env, std::move(session), std::move(work), std::move(answer));
    const auto promise = call->promise_.Promise();
    call->Queue();
    call->session_->busy = true;
    return promise;
  }

  void Execute() override {
    try {
      work_(*session_->model);
    } catch (const std::bad_alloc&) {
      no_memory_ = true;
    } catch (const std::exception& error) {
      SetError(error.what());
    }
  }
  void OnOK() override {
    session_->busy = false;
    if (no_memory_) return promise_.Reject(OutOfMemory(Env()).Value());
    try {
      promise_.Resolve(answer_(Env()));
    } catch (const Napi::Error& error) {
      promise_.Reject(error.Value());
    }
  }
  void OnError(const Napi::Error& error) override {
    session_->busy = false;
    promise_.Reject(error.Value());
  }

 private:
  Call(Napi::Env env, std::shared_ptr<Session> session, std::function<void(Model&)> work, Answer answer)
      : AsyncWorker(env, "apertus trainer"),
        session_(std::move(session)),
        work_(std::move(work)),
        answer_(std::move(answer)),
        promise_(Napi::Promise::Deferred::New(env)) {}

  std::shared_ptr<Session> session_;
  std::function<void(Model&)> work_;
  Answer answer_;
  Napi::Promise::Deferred promise_;
  bool no_memory_ = false;
};

Napi::Value Floats(Napi::Env env, const std::vector<float>& values) {
  auto array = Napi::Float32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Value Sums(Napi::Env env, const LossSums& sums) {
  auto result = Napi::Object::New(env);
  result.Set("loss", Napi::Number::New(env, sums.loss));
  result.Set("counted", Napi::Number::New(env, static_cast<double>(sums.counted)));
  result.Set("lossAll", Napi::Number::New(env, sums.all_loss));
  result.Set("all", Napi::Number::New(env, static_cast<double>(sums.all)));
  return result;
}

class TrainerGenerator : public Napi::ObjectWrap<TrainerGenerator> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "TrainerGenerator",
                       {InstanceMethod<&TrainerGenerator::Next>("next"), InstanceAccessor<&TrainerGenerator::Length>("length")});
  }
  explicit TrainerGenerator(const Napi::CallbackInfo& info) : Napi::ObjectWrap<TrainerGenerator>(info) {}
  void Open(std::shared_ptr<Session> session, Cache cache) {
    session_ = std::move(session);
    cache_ = std::make_shared<Cache>(std::move(cache));
  }

 private:
  Napi::Value Next(const Napi::CallbackInfo& info) {
    if (session_ == nullptr) throw Napi::Error::New(info.Env(), "a generator comes from its model");
    session_->Idle(info.Env());
    auto ids = ReadIds(info[0], session_->model->shape().vocabulary, cache_->most - cache_->length);
    auto logits = std::make_shared<std::vector<float>>();
    return Call::Start(
        info.Env(), session_, [ids = std::move(ids), cache = cache_, logits](Model& model) { *logits = model.Continue(*cache, ids); },
        [logits](Napi::Env env) { return Floats(env, *logits); });
  }
  Napi::Value Length(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), cache_ == nullptr ? 0 : static_cast<double>(cache_->length));
  }

  std::shared_ptr<Session> session_;
  std::shared_ptr<Cache> cache_;
};

class TrainerModel : public Napi::ObjectWrap<TrainerModel> {
 public:
  static Napi::Function Define(Napi::Env env, const Napi::Function& generator) {
    // Kept with the class: no state of the process.
    auto* kept = new Napi::FunctionReference(Napi::Persistent(generator));
    env.AddCleanupHook([](Napi::FunctionReference* reference) { delete reference; }, kept);
    return DefineClass(env, "TrainerModel",
                       {InstanceMethod<&TrainerModel::Tensors>("tensors"), InstanceMethod<&TrainerModel::Name>("backend"),
                        InstanceMethod<&TrainerModel::Initialise>("initialise"), InstanceMethod<&TrainerModel::Read>("read"),
                        InstanceMethod<&TrainerModel::Write>("write"), InstanceMethod<&TrainerModel::Accumulate>("accumulate"),
                        InstanceMethod<&TrainerModel::Evaluate>("evaluate"), InstanceMethod<&TrainerModel::Losses>("losses"),
                        InstanceMethod<&TrainerModel::Logits>("logits"),
                        InstanceMethod<&TrainerModel::ZeroGradients>("zeroGradients"),
                        InstanceMethod<&TrainerModel::GradientNorm>("gradientNorm"), InstanceMethod<&TrainerModel::Step>("step"),
                        InstanceMethod<&TrainerModel::Average>("averageWeights"),
                        InstanceMethod<&TrainerModel::SwapAverage>("swapWeightsWithAverage"),
                        InstanceMethod<&TrainerModel::Generator>("generator", napi_default, kept)});
  }

  // new TrainerModel(shape, threads, half, instructions): instructions "" for the best.
  explicit TrainerModel(const Napi::CallbackInfo& info) : Napi::ObjectWrap<TrainerModel>(info) {
    const auto env = info.Env();
    Shape shape = ReadShape(info[0]);
    const auto threads = static_cast<unsigned>(Whole(info[1], "threads", 1, kMostThreads));
    const bool half = info[2].ToBoolean();
    const Kernels* kernels = FindKernels(info[3].IsString() ? info[3].As<Napi::String>().Utf8Value() : "");
    if (kernels == nullptr) throw Napi::RangeError::New(env, "this processor lacks these instructions");
    session_ = std::make_shared<Session>();
    Guarded(env, [&] { session_->model = std::make_unique<Model>(std::move(shape), std::make_unique<CpuBackend>(*kernels, threads, half)); });
    const auto& tensors = session_->model->tensors();
    for (size_t i = 0; i < tensors.size(); i++) session_->names.emplace(tensors[i].name, i);
  }

 private:
  Napi::Value Tensors(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    const auto& tensors = session_->model->tensors();
    auto list = Napi::Array::New(env, tensors.size());
    for (size_t i = 0; i < tensors.size(); i++) {
      auto shape = Napi::Array::New(env, tensors[i].shape.size());
      for (size_t j = 0; j < tensors[i].shape.size(); j++) {
        shape.Set(static_cast<uint32_t>(j), Napi::Number::New(env, static_cast<double>(tensors[i].shape[j])));
      }
      auto entry = Napi::Object::New(env);
      entry.Set("name", Napi::String::New(env, tensors[i].name));
      entry.Set("shape", shape);
      list.Set(static_cast<uint32_t>(i), entry);
    }
    return list;
  }

  Napi::Value Name(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), session_->model->backend().Name()); }

  void Initialise(const Napi::CallbackInfo& info) {
    session_->Idle(info.Env());
    const size_t seed = Whole(info[0], "seed", 0, 9007199254740991.0);
    const double deviation = Finite(info[1], "std");
    if (deviation < 0) throw Napi::RangeError::New(info.Env(), "std must not be below 0");
    Guarded(info.Env(), [&] { session_->model->Initialise(seed, deviation); });
  }

  Napi::Value Read(const Napi::CallbackInfo& info) {
    session_->Idle(info.Env());
    const Kind kind = ReadKind(info[0]);
    const Tensor& tensor = session_->TensorOf(info[1]);
    auto values = Napi::Float32Array::New(info.Env(), tensor.count);
    Guarded(info.Env(), [&] { session_->model->Read(kind, tensor, values.Data()); });
    return values;
  }

  void Write(const Napi::CallbackInfo& info) {
    session_->Idle(info.Env());
    const Kind kind = ReadKind(info[0]);
    const Tensor& tensor = session_->TensorOf(info[1]);
    if (!info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
      throw Napi::TypeError::New(info.Env(), "values must be a Float32Array");
    }
    const auto values = info[2].As<Napi::Float32Array>();
    if (values.ElementLength() != tensor.count) throw Napi::RangeError::New(info.Env(), "values must fill the tensor");
    Guarded(info.Env(), [&] { session_->model->Write(kind, tensor, values.Data()); });
  }

  template <typename Result>
  Napi::Value Start(Napi::Env env, std::function<Result(Model&)> work, Napi::Value (*answer)(Napi::Env, const Result&)) {
    auto result = std::make_shared<Result>();
    return Call::Start(
        env, session_, [result, work = std::move(work)](Model& model) { *result = work(model); },
        [result, answer](Napi::Env at) { return answer(at, *result); });
  }

  std::shared_ptr<const Batch> BatchOf(const Napi::Value& value, bool labels) const {
    session_->Idle(value.Env());
    return Guarded(value.Env(), [&] {
      return std::make_shared<const Batch>(ReadBatch(value, session_->model->shape().vocabulary, labels));
    });
  }

  Napi::Value Accumulate(const Napi::CallbackInfo& info) {
    const auto batch = BatchOf(info[0], true);
    const double scale = Finite(info[0].As<Napi::Object>().Get("scale"), "scale");
    return Start<LossSums>(info.Env(), [batch, scale](Model& model) { return model.Accumulate(*batch, scale); }, Sums);
  }
  Napi::Value Evaluate(const Napi::CallbackInfo& info) {
    const auto batch = BatchOf(info[0], true);
    return Start<LossSums>(info.Env(), [batch](Model& model) { return model.Evaluate(*batch); }, Sums);
  }
  Napi::Value Losses(const Napi::CallbackInfo& info) {
    const auto batch = BatchOf(info[0], true);
    return Start<std::vector<float>>(info.Env(), [batch](Model& model) { return model.Losses(*batch); }, Floats);
  }
  Napi::Value Logits(const Napi::CallbackInfo& info) {
    const auto batch = BatchOf(info[0], false);
    return Start<std::vector<float>>(info.Env(), [batch](Model& model) { return model.Logits(*batch); }, Floats);
  }

  void ZeroGradients(const Napi::CallbackInfo& info) {
    session_->Idle(info.Env());
    Guarded(info.Env(), [&] { session_->model->ZeroGradients(); });
  }
  Napi::Value GradientNorm(const Napi::CallbackInfo& info) {
    return Start<double>(info.Env(), [](Model& model) { return model.GradientNorm(); },
                         [](Napi::Env env, const double& norm) -> Napi::Value { return Napi::Number::New(env, norm); });
  }
  // step(options, slow)
  Napi::Value Step(const Napi::CallbackInfo& info) {
    const StepScalars scalars = ReadScalars(info[0]);
    const bool slow = info[1].ToBoolean();
    return Call::Start(info.Env(), session_, [scalars, slow](Model& model) { model.Step(scalars, slow); },
                       [](Napi::Env env) { return env.Undefined(); });
  }
  Napi::Value Average(const Napi::CallbackInfo& info) {
    const double rate = Finite(info[0], "rate");
    return Call::Start(info.Env(), session_, [rate](Model& model) { model.Average(rate); },
                       [](Napi::Env env) { return env.Undefined(); });
  }
  void SwapAverage(const Napi::CallbackInfo& info) {
    session_->Idle(info.Env());
    Guarded(info.Env(), [&] { session_->model->SwapAverage(); });
  }

  Napi::Value Generator(const Napi::CallbackInfo& info) {
    session_->Idle(info.Env());
    const size_t most = Whole(info[0], "maxLength", 1, 1 << 24);
    Cache cache = Guarded(info.Env(), [&] { return session_->model->MakeCache(most); });
    const auto object = static_cast<Napi::FunctionReference*>(info.Data())->New({});
    TrainerGenerator::Unwrap(object)->Open(session_, std::move(cache));
    return object;
  }

  std::shared_ptr<Session> session_;
};

}  // namespace

void RegisterTrainer(Napi::Env env, Napi::Object exports) {
  const auto generator = TrainerGenerator::Define(env);
  exports.Set("TrainerModel", TrainerModel::Define(env, generator));
}

}  // namespace apertus
