// Matrix products by themselves, for tests that hold them against an oracle and for measuring them against the processor's peak.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "kernels.h"
#include "trainer_arguments.h"
#include "trainer_cpu.h"

namespace apertus {
namespace {

using namespace trainer;

double Seconds(std::chrono::steady_clock::time_point from) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
}

const Kernels& KernelsOf(const Napi::Value& name) {
  const Kernels* kernels = FindKernels(name.IsString() ? name.As<Napi::String>().Utf8Value() : "");
  if (kernels == nullptr) throw Napi::RangeError::New(name.Env(), "this processor lacks these instructions");
  return *kernels;
}

Operand OperandOf(const float* data, bool transposed, size_t rows, size_t columns) {
  return transposed ? Operand{data, 1, rows} : Operand{data, columns, 1};
}

// multiplyMatrices(a, b, c, rows, columns, depth, aTransposed, bTransposed, threads, half, instructions, rounds): c += a b, and the least
// seconds of `rounds` rounds. A transposed matrix lies with its columns contiguous.
Napi::Value MultiplyMatrices(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  for (size_t i = 0; i < 3; i++) {
    if (!info[i].IsTypedArray() || info[i].As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
      throw Napi::TypeError::New(env, "matrices must be Float32Arrays");
    }
  }
  const auto a = info[0].As<Napi::Float32Array>(), b = info[1].As<Napi::Float32Array>();
  auto c = info[2].As<Napi::Float32Array>();
  const size_t rows = Whole(info[3], "rows", 1, 1 << 20), columns = Whole(info[4], "columns", 1, 1 << 20);
  const size_t depth = Whole(info[5], "depth", 1, 1 << 20), threads = Whole(info[8], "threads", 1, 1024);
  const size_t rounds = Whole(info[11], "rounds", 1, 1 << 20);
  if (a.ElementLength() != rows * depth || b.ElementLength() != depth * columns || c.ElementLength() != rows * columns) {
    throw Napi::RangeError::New(env, "the matrices do not fit together");
  }
  const Kernels& kernels = KernelsOf(info[10]);
  try {
    Pool pool(static_cast<unsigned>(threads));
    Multiplier multiplier(pool, info[9].ToBoolean() ? kernels.half : kernels.single);
    double least = 1e300;
    for (size_t round = 0; round < rounds; round++) {
      const auto start = std::chrono::steady_clock::now();
      multiplier.Multiply(OperandOf(a.Data(), info[6].ToBoolean(), rows, depth), OperandOf(b.Data(), info[7].ToBoolean(), depth, columns),
                          c.Data(), rows, columns, depth, true);
      least = std::min(least, Seconds(start));
    }
    return Napi::Number::New(env, least);
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, error.what());
  }
}

// peakRate(threads, instructions, rounds): float32 operations a second of multiplications and additions that wait for nothing.
Napi::Value PeakRate(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  const size_t threads = Whole(info[0], "threads", 1, 1024);
  const Kernels& kernels = KernelsOf(info[1]);
  const size_t rounds = Whole(info[2], "rounds", 1, 1 << 30);
  constexpr size_t kRepeats = 5;
  try {
    Pool pool(static_cast<unsigned>(threads));
    double least = 1e300;
    for (size_t repeat = 0; repeat < kRepeats; repeat++) {
      const auto start = std::chrono::steady_clock::now();
      pool.Each(threads, [&](size_t, unsigned) { kernels.peak(rounds); });
      least = std::min(least, Seconds(start));
    }
    return Napi::Number::New(env, static_cast<double>(threads * rounds * kernels.peak_operations) / least);
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, error.what());
  }
}

}  // namespace

void RegisterTrainerMeasure(Napi::Env env, Napi::Object exports) {
  exports.Set("multiplyMatrices", Napi::Function::New(env, MultiplyMatrices, "multiplyMatrices"));
  exports.Set("peakRate", Napi::Function::New(env, PeakRate, "peakRate"));
}

}  // namespace apertus
