// Well-formed UTF-8 (Unicode 15, table 3-7): finds the first byte that breaks it, and repairs a buffer the way the WHATWG
// decoder does, with U+FFFD for each maximal subpart. Everything behind the readers may then rely on well-formed text.
#include "utf8.h"

#include <cstring>
#include <string>

#include "batch.h"
#include "kernels.h"

namespace apertus {

size_t WellFormedPrefix(std::string_view text) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const size_t n = text.size();
  size_t i = 0;
  while (i < n) {
    if (i + 8 <= n) {
      uint64_t word;
      std::memcpy(&word, p + i, 8);
      if ((word & 0x8080808080808080ULL) == 0) {
        i += 8;
        continue;
      }
    }
    const size_t length = SequenceLength(p + i, n - i);
    if (length == 0) return i;
    i += length;
  }
  return n;
}

// Length of the maximal subpart of an ill-formed sequence, at least 1 (Unicode 15, section 3.9, "Best Practices").
static size_t IllFormedLength(const uint8_t* p, size_t n) {
  const uint8_t lead = p[0];
  if (lead < 0xC2 || lead > 0xF4) return 1;
  const size_t wanted = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  size_t length = 1;
  while (length < wanted && length < n) {
    uint8_t low = 0x80, high = 0xBF;
    if (length == 1) {
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    }
    if (p[length] < low || p[length] > high) break;
    length++;
  }
  return length;
}

void AppendRepaired(std::string_view text, std::string& out) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  for (size_t at = 0;;) {
    const size_t run = WellFormedPrefix(text.substr(at));
    out.append(text.substr(at, run));
    at += run;
    if (at == text.size()) return;
    out += "\xEF\xBF\xBD";
    at += IllFormedLength(p + at, text.size() - at);
  }
}

// repairUtf8(bytes: Uint8Array): Uint8Array | undefined; undefined where the bytes are well formed already.
static Napi::Value RepairUtf8(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  if (info.Length() < 1 || !info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(env, "repairUtf8 takes a Uint8Array");
  }
  const auto bytes = info[0].As<Napi::Uint8Array>();
  const std::string_view text(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength());
  if (WellFormedPrefix(text) == text.size()) return env.Undefined();
  std::string out;
  AppendRepaired(text, out);
  auto result = Napi::Uint8Array::New(env, out.size());
  std::memcpy(result.Data(), out.data(), out.size());
  return result;
}

void RegisterUtf8(Napi::Env env, Napi::Object exports) { exports.Set("repairUtf8", Napi::Function::New(env, RepairUtf8)); }

}  // namespace apertus
