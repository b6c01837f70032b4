// Fuzzes patterns and texts together, without Node: a pattern is refused or gives a matcher, and what that finds lies inside of the
// text, moves forward and takes no more than the steps that it may. The input is the pattern, a zero byte and the text.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "bpe_regex.h"

using namespace apertus::bpe;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string all(reinterpret_cast<const char*>(data), size);
  const size_t cut = all.find('\0');
  const std::string pattern = all.substr(0, cut);
  const std::vector<char> copy(all.begin() + static_cast<ptrdiff_t>(cut == std::string::npos ? all.size() : cut + 1), all.end());
  const std::string_view text(copy.data(), copy.size());
  try {
    Regex regex(pattern);
    uint64_t steps = regex.Allowance(text.size());
    for (size_t at = 0; at < text.size();) {
      const Regex::Match match = regex.Find(text, at, steps);
      if (match.start < at || match.end > text.size() || (match.start < text.size() && match.end <= match.start)) {
        std::fprintf(stderr, "a match stands still or leaves the text: %s\n", pattern.c_str());
        std::abort();
      }
      at = match.end;
    }
  } catch (const Unsupported&) {
  } catch (const TooSlow&) {
  } catch (const std::invalid_argument&) {
  }
  return 0;
}

#ifdef STANDALONE
int main() {
  const std::vector<std::string> parts = {"a", "b", "\\p{L}", "\\s", "\\S", "[", "]", "^", "-", "(", ")", "(?:", "(?i:", "(?!", "(?=", "|", "+",
                                          "*", "?", "{1,3}", "{2}", "{", "}", "&&", "\\x41", "\\u00e9", ".", "\xC3\xA9", "\\", "$", "[^\\r\\n]", "+", "|"};
  const std::vector<std::string> texts = {"a", "b", " ", "\n", "\xC3\xA9", "\xFF", "1", "ab", "\xE6\xBC\xA2"};
  std::mt19937 random(42);
  for (int round = 0; round < 20000; round++) {
    std::string input;
    for (size_t i = random() % 16; i > 0; i--) input += parts[random() % parts.size()];
    input += '\0';
    for (size_t i = random() % 60; i > 0; i--) input += texts[random() % texts.size()];
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  }
  std::puts("20000 random patterns: no fault");
}
#endif
