// Registers every kernel of the addon. A kernel is one file that defines one Register function; nothing else lives here.
#include <napi.h>

#include "kernels.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  apertus::RegisterPii(env, exports);
  apertus::RegisterTextStatistics(env, exports);
  apertus::RegisterFastText(env, exports);
  apertus::RegisterFastTextTrainer(env, exports);
  apertus::RegisterLanguageText(env, exports);
  apertus::RegisterBpe(env, exports);
  apertus::RegisterLoader(env, exports);
  apertus::RegisterRobots(env, exports);
  apertus::RegisterTrainer(env, exports);
  apertus::RegisterTrainerMeasure(env, exports);
  apertus::RegisterUtf8(env, exports);
  apertus::RegisterWordLists(env, exports);
  return exports;
}

NODE_API_MODULE(apertus_native, Init)
