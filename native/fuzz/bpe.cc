// Fuzzes the BPE encoder without Node: whatever the bytes, encoding ends, stays inside the buffers (run it under a sanitizer) and
// the tokens spell the bytes again; a text gives the same tokens whether or not the cache has seen it; and each pattern that the
// scanner knows cuts as the matcher of any pattern does.
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

using namespace apertus::bpe;

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
  for (const uint32_t id : ids) text += encoder.TextOf(id);
  return text;
}

void Check(bool fine, const char* what) {
  if (fine) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

namespace {

struct Known {
  KnownPattern name;
  const char* pattern;
};

#define CAPITALS R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])"
#define SMALL R"([\p{Ll}\p{Lm}\p{Lo}\p{M}])"
#define PREFIX R"([^\r\n\p{L}\p{N}]?)"
#define CASED(contraction) PREFIX CAPITALS "*" SMALL "+" contraction "|" PREFIX CAPITALS "+" SMALL "*" contraction
#define FOLDED "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define SPELLED "('s|'S|'t|'T|'re|'rE|'Re|'RE|'ve|'vE|'Ve|'VE|'m|'M|'ll|'lL|'Ll|'LL|'d|'D)"
#define SPACE R"(|\s*[\r\n]+|\s+(?!\S)|\s+)"
#define WORDS "|" PREFIX R"(\p{L}+|)"
#define MARKS R"(| ?[^\s\p{L}\p{N}]+)"

constexpr Known kKnown[] = {
    {KnownPattern::kTekken, CASED("") R"(|\p{N})" MARKS R"([\r\n/]*)" SPACE},
    {KnownPattern::kGpt2, R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"},
    {KnownPattern::kCl100k, SPELLED WORDS R"(\p{N}{1,3})" MARKS R"([\r\n]*)" SPACE},
    {KnownPattern::kLlama3, FOLDED WORDS R"(\p{N}{1,3})" MARKS R"([\r\n]*)" SPACE},
    // \s++$ is nothing that the matcher can say.
    {KnownPattern::kCl100kEnd, nullptr},
    {KnownPattern::kQwen2, FOLDED WORDS R"(\p{N})" MARKS R"([\r\n]*)" SPACE},
    {KnownPattern::kO200k, CASED(FOLDED "?") R"(|\p{N}{1,3})" MARKS R"([\r\n/]*)" SPACE},
    {KnownPattern::kO200kAscii, CASED(SPELLED "?") R"(|\p{N}{1,3})" MARKS R"([\r\n/]*)" SPACE},
};

EncoderSettings Settings(const std::string& packed, MergeOrder order, KnownPattern known) {
  EncoderSettings settings;
  settings.packed = packed;
  settings.order = order;
  settings.first_id = kFirst;
  settings.stages.emplace_back().known = known;
  settings.raw = {{"\\begin{", 0}, {"<a>", 1}, {"<a", 2, false}, {"</s>", 3, false}};
  settings.normalised = {{"in", 4, true, false, false, true}, {"ab", 5}};
  return settings;
}

void CheckScanner(std::string_view text) {
  static std::vector<Regex> regexes = [] {
    std::vector<Regex> list;
    for (const Known& known : kKnown) {
      if (known.pattern != nullptr) list.emplace_back(known.pattern);
    }
    return list;
  }();
  size_t next = 0;
  for (const Known& known : kKnown) {
    Regex* const regex = known.pattern == nullptr ? nullptr : &regexes[next++];
    const auto* const begin = reinterpret_cast<const uint8_t*>(text.data());
    uint64_t steps = regex == nullptr ? 0 : regex->Allowance(text.size());
    for (size_t at = 0; at < text.size();) {
      const auto end = static_cast<size_t>(KnownEnd(known.name, begin + at, begin + text.size()) - begin);
      Check(end > at && end <= text.size(), "the scanner stands still or leaves the text");
      if (regex != nullptr) {
        const Regex::Match match = regex->Find(text, at, steps);
        Check(match.start == at && match.end == end, known.pattern);
      }
      at = end;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string packed = Packed();
  static Encoder derived(Settings(packed, MergeOrder::kDerived, KnownPattern::kTekken));
  static Encoder ranks(Settings(packed, MergeOrder::kRanks, KnownPattern::kO200k));
  // An exact copy on the heap, so that a sanitizer sees the first byte behind it.
  const std::vector<char> copy(data, data + size);
  const std::string_view text(copy.data(), copy.size());
  for (Encoder* encoder : {&derived, &ranks}) {
    std::vector<uint32_t> first, second;
    encoder->Append(text, first);
    encoder->Append(text, second);
    Check(first == second, "the cache changed the tokens");
    Check(Spell(*encoder, first) == text, "the tokens do not spell the text");
  }
  CheckScanner(text);
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
                                          "\xE2\x80\xA8", "\xC2\xAA", "\xC7\x85", "ab", "\xFF", std::string(1, '\0'), "'", "s", "LL", "re", "\xC5\xBF",
                                          "12", "</s>"};
  std::mt19937 random(42);
  for (int round = 0; round < 100000; round++) {
    std::string text;
    const size_t length = random() % (round % 100 == 0 ? 400 : 30);
    const size_t kinds = 1 + random() % parts.size(), from = random() % parts.size();
    for (size_t i = 0; i < length; i++) {
      text += random() % 8 == 0 ? std::string(1, static_cast<char>(random())) : parts[(from + random() % kinds) % parts.size()];
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }
  std::puts("100000 random texts: no fault");
}
#endif
