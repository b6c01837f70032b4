// The door between JavaScript and the robots.txt engine: RobotsProfile (whom to ask for), RobotsRules (one file, compiled) and
// decideRobots (any number of paths of any number of files in one call). Every object owns what it holds.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "batch.h"
#include "kernels.h"
#include "robots_file.h"

namespace apertus {
namespace {

using robots::File;
using robots::kModes;
using robots::Profile;

constexpr napi_type_tag kProfileTag = {0x6f1d0f4cbb6a4c31ULL, 0x9f0b1f8c7a5e2d10ULL};
constexpr napi_type_tag kRulesTag = {0x2c7b8e5d91f34a06ULL, 0xa4e61d3b5c90f782ULL};
// RFC 9309 §2.5: what is parsed of a file. More is refused here, so that offsets and memory stay small.
constexpr size_t kLimit = 500 * 1024;

class RobotsProfile : public Napi::ObjectWrap<RobotsProfile> {
 public:
  static Napi::Function Define(Napi::Env env) { return DefineClass(env, "RobotsProfile", {}); }

  // new RobotsProfile(rfc: string[], intent: string[], protego: string[]): a name an agent in each.
  explicit RobotsProfile(const Napi::CallbackInfo& info) : Napi::ObjectWrap<RobotsProfile>(info) {
    std::array<std::vector<std::string>, kModes> names;
    for (unsigned mode = 0; mode < kModes; mode++) {
      if (!info[mode].IsArray()) throw Napi::TypeError::New(info.Env(), "RobotsProfile takes three arrays of names");
      const auto list = info[mode].As<Napi::Array>();
      for (uint32_t i = 0; i < list.Length(); i++) names[mode].push_back(list.Get(i).ToString().Utf8Value());
      if (names[mode].size() != names[0].size()) throw Napi::RangeError::New(info.Env(), "as many names in each reading");
    }
    for (const auto& list : names) {
      for (const auto& name : list) {
        for (const char c : name) {
          if (static_cast<uint8_t>(c) >= 0x80) throw Napi::RangeError::New(info.Env(), "names are ASCII");
        }
      }
    }
    profile_ = std::make_shared<const Profile>(std::move(names));
    Value().TypeTag(&kProfileTag);
  }

  std::shared_ptr<const Profile> profile() const { return profile_; }

 private:
  std::shared_ptr<const Profile> profile_;
};

class RobotsRules : public Napi::ObjectWrap<RobotsRules> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "RobotsRules",
                       {InstanceMethod<&RobotsRules::Cost>("cost"), InstanceMethod<&RobotsRules::Sets>("sets"),
                        InstanceMethod<&RobotsRules::Line>("line"), InstanceMethod<&RobotsRules::Rule>("rule"),
                        InstanceMethod<&RobotsRules::Group>("group")});
  }

  // new RobotsRules(profile, bytes).
  explicit RobotsRules(const Napi::CallbackInfo& info) : Napi::ObjectWrap<RobotsRules>(info) {
    const auto env = info.Env();
    if (!info[0].IsObject() || !info[0].As<Napi::Object>().CheckTypeTag(&kProfileTag)) {
      throw Napi::TypeError::New(env, "RobotsRules takes a RobotsProfile");
    }
    if (!info[1].IsTypedArray() || info[1].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
      throw Napi::TypeError::New(env, "RobotsRules takes a Uint8Array");
    }
    const auto bytes = info[1].As<Napi::Uint8Array>();
    if (bytes.ByteLength() > kLimit) throw Napi::RangeError::New(env, "RobotsRules takes at most 500 KiB");
    const auto profile = RobotsProfile::Unwrap(info[0].As<Napi::Object>())->profile();
    file_ = std::make_unique<const File>(profile, std::string(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()));
    agents_ = profile->agents();
    reported_ = static_cast<int64_t>(file_->cost());
    Napi::MemoryManagement::AdjustExternalMemory(env, reported_);
    Value().TypeTag(&kRulesTag);
  }

  void Finalize(Napi::BasicEnv env) override { Napi::MemoryManagement::AdjustExternalMemory(env, -reported_); }

  const File& file() const { return *file_; }

 private:
  // cost(): octets of memory.
  Napi::Value Cost(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), static_cast<double>(reported_)); }

  // sets(): Int32Array [readings, agents], the agent's rule set or -1.
  Napi::Value Sets(const Napi::CallbackInfo& info) {
    auto sets = Napi::Int32Array::New(info.Env(), kModes * agents_);
    for (unsigned mode = 0; mode < kModes; mode++) {
      for (size_t agent = 0; agent < agents_; agent++) sets[mode * agents_ + agent] = file_->SetOf(mode, agent);
    }
    return sets;
  }

  // line(index): the line of a rule, counted from 1.
  Napi::Value Line(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), Wanted(info[0]).line); }

  // rule(index): { line, allow, value: Uint8Array, raw: Uint8Array }.
  Napi::Value Rule(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    const auto& rule = Wanted(info[0]);
    auto result = Napi::Object::New(env);
    result.Set("line", Napi::Number::New(env, rule.line));
    result.Set("start", Napi::Number::New(env, rule.start));
    result.Set("allow", Napi::Boolean::New(env, rule.allow));
    result.Set("value", Bytes(env, rule.text()));
    result.Set("raw", Bytes(env, file_->Raw(rule)));
    return result;
  }

  // group(reading, agent, rule): Uint8Array | undefined, the token of the agent's group that holds the rule (-1: its first group).
  Napi::Value Group(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    const int64_t mode = Index(info[0]);
    const int64_t agent = Index(info[1]);
    if (mode < 0 || mode >= static_cast<int64_t>(kModes) || agent < 0 || agent >= static_cast<int64_t>(agents_)) {
      throw Napi::RangeError::New(env, "no such agent");
    }
    const auto* written = file_->Written(static_cast<unsigned>(mode), static_cast<size_t>(agent), Index(info[2]));
    return written == nullptr ? env.Undefined() : Bytes(env, *written);
  }

  const robots::Rule& Wanted(const Napi::Value& value) const {
    const int64_t index = Index(value);
    if (index < 0 || index >= static_cast<int64_t>(file_->rules())) throw Napi::RangeError::New(value.Env(), "no such rule");
    return file_->rule(static_cast<size_t>(index));
  }

  static int64_t Index(const Napi::Value& value) { return value.IsNumber() ? value.As<Napi::Number>().Int64Value() : -1; }

  static Napi::Value Bytes(Napi::Env env, std::string_view text) {
    auto bytes = Napi::Uint8Array::New(env, text.size());
    std::copy(text.begin(), text.end(), bytes.Data());
    return bytes;
  }

  std::unique_ptr<const File> file_;
  size_t agents_ = 0;
  int64_t reported_ = 0;
};

// decideRobots(files: RobotsRules[], fileOf: Int32Array, values, offsets): row i of the column is a path asked of files[fileOf[i]],
// or of none where that is -1.
// All files have the same number of agents. The answer is { bits, deciding, starts, exempt }; native/robots.ts says what they are.
Napi::Value DecideRobots(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  if (!info[0].IsArray() || !info[1].IsTypedArray() || info[1].As<Napi::TypedArray>().TypedArrayType() != napi_int32_array) {
    throw Napi::TypeError::New(env, "decideRobots takes files and an Int32Array");
  }
  const auto list = info[0].As<Napi::Array>();
  std::vector<const File*> files;
  for (uint32_t i = 0; i < list.Length(); i++) {
    const Napi::Value value = list.Get(i);
    if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kRulesTag)) {
      throw Napi::TypeError::New(env, "decideRobots takes RobotsRules");
    }
    files.push_back(&RobotsRules::Unwrap(value.As<Napi::Object>())->file());
    if (files.back()->stride() != files.front()->stride()) throw Napi::RangeError::New(env, "files of different profiles");
  }
  const BytesColumn targets(info[2], info[3]);
  const auto fileOf = info[1].As<Napi::Int32Array>();
  if (fileOf.ElementLength() != targets.rows()) throw Napi::RangeError::New(env, "a file for each row");
  auto starts = Napi::Int32Array::New(env, targets.rows() + 1);
  size_t cells = 0;
  for (size_t row = 0; row < targets.rows(); row++) {
    starts[row] = static_cast<int32_t>(cells);
    if (fileOf[row] == -1) continue;
    if (fileOf[row] < 0 || static_cast<size_t>(fileOf[row]) >= files.size()) throw Napi::RangeError::New(env, "no such file");
    cells += files[static_cast<size_t>(fileOf[row])]->sets();
    if (cells > INT32_MAX) throw Napi::RangeError::New(env, "too many rows");
  }
  starts[targets.rows()] = static_cast<int32_t>(cells);
  const size_t stride = files.empty() ? 0 : kModes * files.front()->stride();
  auto bits = Napi::Uint8Array::New(env, targets.rows() * stride);
  auto deciding = Napi::Int32Array::New(env, cells);
  auto exempt = Napi::Uint8Array::New(env, targets.rows());
  robots::Scratch scratch;
  uint8_t* bitsData = bits.Data();
  int32_t* decidingData = deciding.Data();
  for (size_t row = 0; row < targets.rows(); row++) {
    if (fileOf[row] == -1) continue;
    const File& file = *files[static_cast<size_t>(fileOf[row])];
    exempt[row] = file.Decide(targets.row(row), decidingData + starts[row], bitsData + row * stride, scratch) ? 1 : 0;
  }
  auto result = Napi::Object::New(env);
  result.Set("bits", bits);
  result.Set("deciding", deciding);
  result.Set("starts", starts);
  result.Set("exempt", exempt);
  return result;
}

}  // namespace

void RegisterRobots(Napi::Env env, Napi::Object exports) {
  exports.Set("RobotsProfile", RobotsProfile::Define(env));
  exports.Set("RobotsRules", RobotsRules::Define(env));
  exports.Set("decideRobots", Napi::Function::New(env, DecideRobots));
}

}  // namespace apertus
