// The kernels of the addon, one Register function per file of this folder.
#pragma once
#include <napi.h>

namespace apertus {
void RegisterPii(Napi::Env env, Napi::Object exports);
void RegisterTextStatistics(Napi::Env env, Napi::Object exports);
void RegisterFastText(Napi::Env env, Napi::Object exports);
void RegisterFastTextTrainer(Napi::Env env, Napi::Object exports);
void RegisterLanguageText(Napi::Env env, Napi::Object exports);
void RegisterBpe(Napi::Env env, Napi::Object exports);
void RegisterLoader(Napi::Env env, Napi::Object exports);
void RegisterRobots(Napi::Env env, Napi::Object exports);
void RegisterTrainer(Napi::Env env, Napi::Object exports);
void RegisterTrainerMeasure(Napi::Env env, Napi::Object exports);
void RegisterUtf8(Napi::Env env, Napi::Object exports);
void RegisterWordLists(Napi::Env env, Napi::Object exports);
}  // namespace apertus
