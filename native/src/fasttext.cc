// The door between JavaScript and a fastText model: new FastTextModel(path, plain), predict, labels. Each instance owns its mapping and
// its working memory, so instances and worker threads never share anything.
#include <algorithm>
#include <memory>
#include <string>

#include "batch.h"
#include "fasttext_predict.h"
#include "kernels.h"

namespace apertus {
namespace {

Napi::Error Coded(Napi::Env env, const char* code, const char* detail) {
  auto error = Napi::Error::New(env, detail);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

class FastTextModel : public Napi::ObjectWrap<FastTextModel> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "FastTextModel",
                       {InstanceMethod<&FastTextModel::Predict>("predict"), InstanceMethod<&FastTextModel::Labels>("labels")});
  }

  explicit FastTextModel(const Napi::CallbackInfo& info) : Napi::ObjectWrap<FastTextModel>(info) {
    const auto env = info.Env();
    if (!info[0].IsString()) throw Napi::TypeError::New(env, "FastTextModel takes a path");
    try {
      const bool plain = info[1].ToBoolean();
      predictor_ = std::make_unique<fasttext::Predictor>(info[0].As<Napi::String>().Utf8Value(),
                                                         plain ? fasttext::PlainSums() : fasttext::BestSums());
    } catch (const fasttext::NoModel& error) {
      throw Coded(env, "INPUT_NOT_FOUND", error.what());
    } catch (const fasttext::CorruptModel& error) {
      throw Coded(env, "MODEL_CORRUPT", error.what());
    } catch (const std::bad_alloc&) {
      throw Coded(env, "MODEL_CORRUPT", "the model does not fit into memory");
    }
  }

 private:
  // predict(values, offsets, k): { labels: Int32Array, probabilities: Float32Array }, both rows x k, row-major.
  Napi::Value Predict(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    const BytesColumn column(info[0], info[1]);
    const double wanted = info[2].IsNumber() ? info[2].As<Napi::Number>().DoubleValue() : 0;
    if (!(wanted >= 1 && wanted <= predictor_->model().labels)) {
      throw Napi::RangeError::New(env, "k must be between 1 and the number of labels");
    }
    const auto k = static_cast<int32_t>(wanted);
    const size_t cells = column.rows() * static_cast<size_t>(k);
    auto labels = Napi::Int32Array::New(env, cells);
    auto probabilities = Napi::Float32Array::New(env, cells);
    constexpr size_t kTexts = fasttext::Predictor::kTexts;
    std::string_view texts[kTexts];
    for (size_t first = 0; first < column.rows(); first += kTexts) {
      const size_t count = std::min(kTexts, column.rows() - first), at = first * static_cast<size_t>(k);
      for (size_t i = 0; i < count; i++) texts[i] = column.row(first + i);
      predictor_->Predict(texts, count, k, labels.Data() + at, probabilities.Data() + at);
    }
    auto result = Napi::Object::New(env);
    result.Set("labels", labels);
    result.Set("probabilities", probabilities);
    return result;
  }

  // labels(): string[]; names as the model has them, prefix included.
  Napi::Value Labels(const Napi::CallbackInfo& info) {
    const auto& model = predictor_->model();
    auto names = Napi::Array::New(info.Env(), static_cast<size_t>(model.labels));
    for (int32_t i = 0; i < model.labels; i++) {
      const auto name = model.LabelName(i);
      names.Set(static_cast<uint32_t>(i), Napi::String::New(info.Env(), name.data(), name.size()));
    }
    return names;
  }

  std::unique_ptr<fasttext::Predictor> predictor_;
};

}  // namespace

void RegisterFastText(Napi::Env env, Napi::Object exports) { exports.Set("FastTextModel", FastTextModel::Define(env)); }

}  // namespace apertus
