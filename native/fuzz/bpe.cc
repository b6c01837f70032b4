// Fuzzes the BPE encoder without Node: whatever the bytes, encoding ends, stays inside the buffers (run it under a sanitizer) and
// the tokens spell the bytes again; and a text gives the same tokens whether or not the cache has seen it.
//
// With clang this is a libFuzzer target; with any compiler `-DSTANDALONE` adds a main that runs the files it is given, or else a
// number of random texts.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "bpe_encoder.h"

using apertus::bpe::Encoder;

namespace {

constexpr uint32_t kFirst = 10;

std::string Packed() {
  std::string packed;
  const auto add = [&](std::string_view token) {
    packed += static_cast<char>(token.size());
    packed += token;
  };
  for (int byte = 0; byte < 256; byte++) add(std::string(1, static_cast<char>(byte)));
  for (const char* token : {"th", "in", " a", "the", " th", " the", "aa", "aaaa", "aaa", "==", "====", "\n\n", "  ", "    ",
                            "\xC3\xA9", "\xE6\xBC", "\xE6\xBC\xA2", "\xCC\x81", "a\xCC\x81", "ing", " in", "abab", "ab", "ba"}) {
    add(token);
  }
  return packed;
}

std::string Spell(const Encoder& encoder, const std::vector<uint32_t>& ids) {
  std::string text;
  for (const uint32_t id : ids) {
    if (id < kFirst) {
      text += encoder.added().at(id).text;
    } else {
      text += encoder.vocabulary().token(id - kFirst);
    }
  }
  return text;
}

void Check(bool fine, const char* what) {
  if (fine) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Encoder warm(Packed(), kFirst, {{"\\begin{", 0}, {"<a>", 1}, {"<a", 2}}, true);
  // An exact copy on the heap, so that a sanitizer sees the first byte behind it.
  const std::vector<char> copy(data, data + size);
  const std::string_view text(copy.data(), copy.size());
  std::vector<uint32_t> first, second;
  warm.Append(text, first);
  warm.Append(text, second);
  Check(first == second, "the cache changed the tokens");
  Check(Spell(warm, first) == text, "the tokens do not spell the text");
  return 0;
}

#ifdef STANDALONE
int main(int count, char** files) {
  for (int i = 1; i < count; i++) {
    std::ifstream file(files[i], std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }
  if (count > 1) return 0;
  const std::vector<std::string> parts = {"a", "A", "the", " ", "\n", "\r", "/", "=", "1", "\\begin{", "<a", ">", "\xC3\xA9", "\xC3",
                                          "\xCC\x81", "\xE6\xBC\xA2", "\xE6\xBC", "\xED\xA0\x80", "\xF0\x9F\x91\xA9", "\xC2\xA0",
                                          "\xE2\x80\xA8", "\xC2\xAA", "\xC7\x85", "ab", "\xFF", std::string(1, '\0')};
  std::mt19937 random(42);
  for (int round = 0; round < 200000; round++) {
    std::string text;
    const size_t length = random() % (round % 100 == 0 ? 400 : 30);
    const size_t kinds = 1 + random() % parts.size(), from = random() % parts.size();
    for (size_t i = 0; i < length; i++) {
      text += random() % 8 == 0 ? std::string(1, static_cast<char>(random())) : parts[(from + random() % kinds) % parts.size()];
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }
  std::puts("200000 random texts: no fault");
}
#endif
