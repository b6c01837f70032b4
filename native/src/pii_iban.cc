// International bank account numbers. Strict: ISO 13616, any country of the IBAN registry by its length, with the check digits of
// ISO 7064 MOD 97-10, written without spaces or in groups of four. Loose: the expression of the Apertus pipeline, which only knows
// four groups of four digits. Either scan looks for two digits behind two capitals.
#include <array>

#include "pii.h"

namespace apertus {
namespace {

struct Country {
  char code[3];
  uint8_t length;
};

// IBAN registry of SWIFT, the registration authority of ISO 13616: characters of an IBAN by country; 0 elsewhere.
constexpr Country kCountries[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22}, {"BI", 27},
    {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28},
    {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23},
    {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21},
    {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28},
    {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22},
    {"RU", 33}, {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25},
    {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30},
};

constexpr size_t IndexOf(const char* code) {
  return static_cast<size_t>(code[0] - 'A') * 26 + static_cast<size_t>(code[1] - 'A');
}

constexpr auto kLengths = [] {
  std::array<uint8_t, 26 * 26> lengths{};
  for (const Country& country : kCountries) lengths[IndexOf(country.code)] = country.length;
  return lengths;
}();

constexpr size_t kNone = static_cast<size_t>(-1);

// The next place of two capitals and two digits, or kNone. Only every other byte has to be looked at: one of the two digits is there.
size_t NextHead(const PiiWindow& window, size_t from) {
  const std::string_view text = window.text;
  for (size_t i = from + 2; i < window.end; i += 2) {
    if (!IsDigit(text[i])) continue;
    for (const size_t digit : {i - 1, i}) {  // the first of the two digits
      if (digit < from + 2 || digit + 1 >= window.end) continue;
      if (IsDigit(text[digit]) && IsDigit(text[digit + 1]) && IsUpper(text[digit - 1]) && IsUpper(text[digit - 2])) return digit - 2;
    }
  }
  return kNone;
}

// Bytes of the space at `at`: U+0020, U+00A0 or U+202F; 0 where there is none.
size_t SpaceAt(std::string_view text, size_t at) {
  if (at < text.size() && text[at] == ' ') return 1;
  if (text.substr(at, 2) == "\u00A0") return 2;
  return text.substr(at, 3) == "\u202F" ? 3 : 0;
}

// ISO 7064 MOD 97-10 goes on: a letter counts as two digits, A = 10.
uint32_t Mod97(uint32_t rest, char c) {
  return IsDigit(c) ? (rest * 10 + static_cast<uint32_t>(c - '0')) % 97 : (rest * 100 + static_cast<uint32_t>(c - 'A') + 10) % 97;
}

// End of the IBAN at `at`, or kNone.
size_t IbanEnd(const PiiWindow& window, size_t at) {
  const std::string_view text = window.text.substr(0, window.end);
  const size_t length = kLengths[IndexOf(text.data() + at)];
  const std::string_view head = text.substr(at, 4);
  if (length == 0 || head.substr(2) == "00" || head.substr(2) == "01" || head.substr(2) == "99") return kNone;
  const bool grouped = SpaceAt(text, at + 4) > 0;
  size_t i = at + 4;
  uint32_t rest = 0;
  for (size_t k = 4; k < length; k++) {
    if (grouped && k % 4 == 0) {
      const size_t space = SpaceAt(text, i);
      if (space == 0) return kNone;
      i += space;
    }
    if (i >= text.size() || !(IsDigit(text[i]) || IsUpper(text[i]))) return kNone;
    rest = Mod97(rest, text[i++]);
  }
  for (const char c : head) rest = Mod97(rest, c);
  return rest == 1 && !WordAt(window.text, i) ? i : kNone;
}

}  // namespace

void FindIbans(const PiiWindow& window, PiiSpans& out) {
  size_t begin = window.begin;
  for (size_t at = NextHead(window, begin); at != kNone; at = NextHead(window, begin)) {
    begin = at + 1;
    if (WordBefore(window.text, at)) continue;
    const size_t end = IbanEnd(window, at);
    if (end == kNone) continue;
    out.push_back({at, end, kIban});
    begin = end;
  }
}

void FindIbansLoosely(const PiiWindow& window, PiiSpans& out) {
  const std::string_view text = window.text.substr(0, window.end);
  size_t begin = window.begin;
  for (size_t at = NextHead(window, begin); at != kNone; at = NextHead(window, begin)) {
    begin = at + 1;
    size_t i = at + 4;
    const auto group = [&] {
      if (text.size() - i < 5 || text[i] != ' ') return false;
      for (size_t k = 1; k < 5; k++) {
        if (!IsDigit(text[i + k])) return false;
      }
      i += 5;
      return true;
    };
    if (!group() || !group() || !group() || !group() || text.size() - i < 2 || text[i] != ' ') continue;
    const auto ends = [&](char c) { return IsDigit(c) || IsUpper(c); };
    if (!ends(text[i + 1])) continue;
    i += i + 2 < text.size() && ends(text[i + 2]) ? 3 : 2;
    out.push_back({at, i, kIban});
    begin = i;
  }
}

}  // namespace apertus
