// IPv4 addresses in dotted decimal. Strict: public addresses only (IANA IPv4 Special-Purpose Address Registry, RFC 6890), free of
// version numbers, section numbers and longer dotted numbers. Loose: the expression of the Apertus pipeline, which has no
// boundaries. Either scan looks for a dot between digits.
#include <array>
#include <algorithm>
#include <cstring>

#include "pii.h"
#include "text_classes.h"

namespace apertus {
namespace {

constexpr size_t kNone = static_cast<size_t>(-1);

// The next dot between digits, or kNone.
size_t NextDot(const PiiWindow& window, size_t from) {
  while (from < window.end) {
    const void* hit = std::memchr(window.text.data() + from, '.', window.end - from);
    if (hit == nullptr) return kNone;
    const auto at = static_cast<size_t>(static_cast<const char*>(hit) - window.text.data());
    if (at > window.begin && at + 1 < window.end && IsDigit(window.text[at - 1]) && IsDigit(window.text[at + 1])) return at;
    from = at + 1;
  }
  return kNone;
}

// The address as a number; kNone unless the text is four numbers up to 255 without leading zeros.
size_t AddressOf(std::string_view text) {
  size_t address = 0, i = 0;
  for (int part = 0; part < 4; part++) {
    if (part > 0 && (i >= text.size() || text[i++] != '.')) return kNone;
    const size_t start = i;
    size_t value = 0;
    for (; i < text.size() && i - start < 3 && IsDigit(text[i]); i++) value = value * 10 + static_cast<size_t>(text[i] - '0');
    if (i == start || value > 255 || (text[start] == '0' && i - start > 1)) return kNone;
    address = address << 8 | value;
  }
  return i == text.size() ? address : kNone;
}

struct Block {
  uint32_t prefix;
  int bits;
};

constexpr Block kSpecial[] = {
    {0x00000000, 8},   // this network
    {0x0A000000, 8},   // private
    {0x64400000, 10},  // shared between carriers
    {0x7F000000, 8},   // loopback
    {0xA9FE0000, 16},  // link local
    {0xAC100000, 12},  // private
    {0xC0000000, 24},  // protocol assignments
    {0xC0586300, 24},  // 6to4 relays, deprecated
    {0xC0A80000, 16},  // private
    {0xC6120000, 15},  // benchmarking
    {0xE0000000, 4},   // multicast
    {0xF0000000, 4},   // reserved, broadcast
};
constexpr Block kDocumentation[] = {{0xC0000200, 24}, {0xC6336400, 24}, {0xCB007100, 24}};  // RFC 5737

template <size_t N>
bool Lies(uint32_t address, const Block (&blocks)[N]) {
  for (const Block& block : blocks) {
    if ((address ^ block.prefix) >> (32 - block.bits) == 0) return true;
  }
  return false;
}

// Words behind which four dotted numbers are a version or the number of a section, in lower case.
constexpr std::string_view kCountingWords[] = {
    "v", "ver", "vers", "version", "versions", "versión", "versione", "versioni", "versão", "versie", "wersja", "verze",
    "verzió", "versiunea", "versjon", "sürüm", "версия", "версии", "версія", "έκδοση", "release", "rel", "build", "rev",
    "revision", "firmware", "sec", "sect", "section", "sections", "sección", "sezione", "seção", "sectie", "sekcja", "chapter",
    "chap", "chapitre", "capítulo", "capitolo", "kapitel", "rozdział", "kapitola", "глава", "раздел", "пункт", "abschnitt",
    "absatz", "ziffer", "article", "artikel", "clause", "para", "paragraph", "annex", "appendix", "figure", "fig", "table",
};

// Whether the text before `at` ends with such a word, a section sign, or one of two words of scripts without spaces; up to three
// signs may stand between.
bool CountsBefore(std::string_view text, size_t at) {
  const auto& classes = TextClasses::Get();
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  for (int i = 0; i < 3 && at > 0; i++) {
    const Character sign = CharacterBefore(classes, bytes, at);
    if (sign.point == U'\u00A7') return true;
    if ((sign.kind & kSpace) == 0 && (sign.point >= 0x80 || std::strchr(".:#=\"'(", static_cast<int>(sign.point)) == nullptr)) break;
    at -= sign.length;
  }
  const std::string_view before = text.substr(0, at);
  if (before.ends_with("\u00A7") || before.ends_with("版本") || before.ends_with("バージョン")) return true;
  std::array<char32_t, 12> letters{};
  size_t count = 0;
  while (at > 0) {
    const Character letter = CharacterBefore(classes, bytes, at);
    if ((letter.kind & kLetter) == 0) break;
    if (count == letters.size()) return false;
    letters[count++] = classes.Lower(letter.point);
    at -= letter.length;
  }
  for (const std::string_view word : kCountingWords) {
    size_t left = count, i = 0;
    while (i < word.size() && left > 0) {
      const Character expected = CharacterAt(classes, reinterpret_cast<const uint8_t*>(word.data()) + i, word.size() - i);
      if (letters[left - 1] != expected.point) break;
      left--;
      i += expected.length;
    }
    if (i == word.size() && left == 0) return true;
  }
  return false;
}

bool OpenBefore(std::string_view text, size_t at) {
  if (at == 0) return true;
  const char c = text[at - 1];
  const char before = at > 1 ? text[at - 2] : ' ';
  if (c == '-') return IsDigit(before);                   // a range, not a package name
  if (c == '/') return before == '/' || IsDigit(before);  // a URL's host or an alternative, not a path
  return c != '.' && !WordBefore(text, at);
}

bool OpenBehind(std::string_view text, size_t at) {
  if (at >= text.size()) return true;
  const char behind = at + 1 < text.size() ? text[at + 1] : ' ';
  if (text[at] == '.' || text[at] == '-') return !(IsAsciiLetter(behind) || behind == '_');  // a file name, a pre-release
  return !WordAt(text, at);
}

}  // namespace

void FindIps(const PiiWindow& window, bool documentation, PiiSpans& out) {
  const std::string_view text = window.text;
  size_t begin = window.begin;
  for (size_t dot = NextDot(window, begin); dot != kNone; dot = NextDot(window, begin)) {
    // The whole run of digits and dots; runs never overlap, so each is read once.
    size_t start = dot, end = dot + 1;
    while (start > begin && (IsDigit(text[start - 1]) || text[start - 1] == '.')) start--;
    while (end < window.end && (IsDigit(text[end]) || text[end] == '.')) end++;
    begin = end;
    while (end > dot && text[end - 1] == '.') end--;
    if (end - start > 15) continue;
    const size_t address = AddressOf(text.substr(start, end - start));
    if (address == kNone || !OpenBefore(text, start) || !OpenBehind(text, end)) continue;
    const auto number = static_cast<uint32_t>(address);
    if (Lies(number, kSpecial) || (!documentation && Lies(number, kDocumentation)) || CountsBefore(text, start)) continue;
    out.push_back({start, end, kIp});
  }
}

namespace {

// How many digits at `at` the expression's last number takes: three up to 255, or two where the first is above 1.
size_t LastNumber(std::string_view text, size_t at) {
  size_t digits = 0, value = 0;
  while (digits < 3 && at + digits < text.size() && IsDigit(text[at + digits])) {
    value = value * 10 + static_cast<size_t>(text[at + digits] - '0');
    digits++;
  }
  return digits == 3 && value > 255 ? 2 : digits;
}

// Digits between `at` and the dot that must follow at most three of them; kNone where they make no number up to 255.
size_t DottedNumber(std::string_view text, size_t at) {
  const size_t digits = LastNumber(text, at);
  return digits > 0 && at + digits < text.size() && text[at + digits] == '.' ? at + digits + 1 : kNone;
}

}  // namespace

void FindIpsLoosely(const PiiWindow& window, PiiSpans& out) {
  const std::string_view text = window.text.substr(0, window.end);
  size_t begin = window.begin;
  for (size_t dot = NextDot(window, begin); dot != kNone; dot = NextDot(window, std::max(dot + 1, begin))) {
    // The first number may start inside a longer one: at the leftmost digit from which it is no more than 255.
    size_t start = dot;
    while (start > begin && dot - start < 3 && IsDigit(text[start - 1])) start--;
    if (dot - start == 3 && LastNumber(text, start) < 3) start++;
    if (start == dot) continue;
    size_t at = dot + 1;
    for (int part = 1; part < 3 && at != kNone; part++) at = DottedNumber(text, at);
    const size_t digits = at == kNone ? 0 : LastNumber(text, at);
    if (digits == 0) continue;
    out.push_back({start, at + digits, kIp});
    begin = at + digits;
  }
}

}  // namespace apertus
