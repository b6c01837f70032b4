// Spellings of robots.txt paths and patterns, and Python's notions of white space; robots_text.h says what each is for.
#include "robots_text.h"

#include <array>

#include "utf8.h"

namespace apertus::robots {
namespace {

using Table = std::array<bool, 256>;

constexpr Table Members(std::string_view members) {
  Table table{};
  for (const char c : members) table[static_cast<uint8_t>(c)] = true;
  for (int c = 0; c < 26; c++) table[static_cast<size_t>('A' + c)] = table[static_cast<size_t>('a' + c)] = true;
  for (int c = '0'; c <= '9'; c++) table[static_cast<size_t>(c)] = true;
  for (const char c : std::string_view("-._~")) table[static_cast<uint8_t>(c)] = true;
  return table;
}

constexpr Table kInPath = Members("!&'()+,:;=@[]");
constexpr Table kInQuery = Members("!'(),:;@[]/?");
constexpr Table kLiteralInQuery = Members("!&'()+,:;=@[]/?");
constexpr Table kNothingToDo = Members("/!&'()+,:;=@[]?");
constexpr Table kUnreserved = Members("");
constexpr char kHex[] = "0123456789ABCDEF";

bool Has(const Table& table, char c) { return table[static_cast<uint8_t>(c)]; }

int Digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char letter = static_cast<char>(c | 0x20);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// The octet that the two hexadecimal digits behind a percent sign spell, or -1.
int Escaped(std::string_view text, size_t percent) {
  if (percent + 2 >= text.size()) return -1;
  const int high = Digit(text[percent + 1]);
  const int low = Digit(text[percent + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

void AppendEscape(std::string& out, uint8_t octet) {
  out += '%';
  out += kHex[octet >> 4];
  out += kHex[octet & 15];
}

bool IsBlankPython(char32_t c) {
  return (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// As Python's urlparse cuts a URL: parameters belong to the last segment of the path; an empty part loses its mark.
struct Parts {
  std::string_view path, params, query, fragment;
};

std::string_view CutAt(std::string_view& text, size_t at) {
  if (at == std::string_view::npos) return {};
  const auto rest = text.substr(at);
  text = text.substr(0, at);
  return rest.size() == 1 ? std::string_view() : rest;
}

Parts Split(std::string_view text) {
  Parts parts;
  parts.fragment = CutAt(text, text.find('#'));
  parts.query = CutAt(text, text.find('?'));
  const size_t slash = text.rfind('/');
  parts.params = CutAt(text, text.find(';', slash == std::string_view::npos ? 0 : slash));
  parts.path = text;
  return parts;
}

// Decodes escapes, but for those of the octets in `keep`, which come to be in upper case; repairs what was decoded.
std::string Unquote(std::string_view text, std::string_view keep) {
  std::string octets;
  for (size_t i = 0; i < text.size(); i++) {
    const int value = text[i] == '%' ? Escaped(text, i) : -1;
    if (value < 0) {
      octets += text[i];
      continue;
    }
    const char octet = static_cast<char>(value);
    if (keep.find(octet) == std::string_view::npos) octets += octet;
    else AppendEscape(octets, static_cast<uint8_t>(value));
    i += 2;
  }
  if (WellFormedPrefix(octets) == octets.size()) return octets;
  std::string out;
  AppendRepaired(octets, out);
  return out;
}

void AppendQuoted(std::string& out, std::string_view text, std::string_view safe) {
  for (const char c : text) {
    if (Has(kUnreserved, c) || safe.find(c) != std::string_view::npos) out += c;
    else AppendEscape(out, static_cast<uint8_t>(c));
  }
}

// A path that Protego leaves as it is, as nearly all are.
bool IsPlainTarget(std::string_view target) {
  if (target.empty()) return false;
  size_t i = 0;
  while (i < target.size() && (Has(kUnreserved, target[i]) || target[i] == '/')) i++;
  if (i == target.size()) return true;
  if (target[i] != '?' || i + 1 == target.size()) return false;
  for (; i < target.size(); i++) {
    const char c = target[i];
    if (c < 0x20 || c == '#' || static_cast<uint8_t>(c) >= 0x80) return false;
  }
  return true;
}

}  // namespace

std::string_view StripPython(std::string_view text) {
  while (!text.empty()) {
    const auto* p = reinterpret_cast<const uint8_t*>(text.data());
    const size_t length = SequenceLength(p, text.size());
    if (length == 0 || !IsBlankPython(CodePoint(p, length))) break;
    text.remove_prefix(length);
  }
  while (!text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && (static_cast<uint8_t>(text[start]) & 0xC0) == 0x80) start--;
    const auto* p = reinterpret_cast<const uint8_t*>(text.data()) + start;
    const size_t length = SequenceLength(p, text.size() - start);
    if (length == 0 || length != text.size() - start || !IsBlankPython(CodePoint(p, length))) break;
    text.remove_suffix(length);
  }
  return text;
}

size_t LineBreakPython(std::string_view text) {
  const auto at = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  const uint8_t c = at(0);
  if (c == 0x0B || c == 0x0C || (c >= 0x1C && c <= 0x1E)) return 1;
  if (c == 0xC2 && at(1) == 0x85) return 2;
  return c == 0xE2 && at(1) == 0x80 && (at(2) == 0xA8 || at(2) == 0xA9) ? 3 : 0;
}

std::string_view NormalisePath(std::string_view text, bool pattern, std::string& scratch) {
  size_t same = 0;
  while (same < text.size() && (Has(kNothingToDo, text[same]) || (pattern && text[same] == '*'))) same++;
  if (pattern && same + 1 == text.size() && text[same] == '$') same++;
  if (same == text.size()) return text;
  scratch.clear();
  bool query = false;
  for (size_t i = 0; i < text.size(); i++) {
    const char c = text[i];
    if (c == '%') {
      const int value = Escaped(text, i);
      if (value < 0) {
        scratch += "%25";
        continue;
      }
      if ((query ? kInQuery : kInPath)[static_cast<size_t>(value)]) scratch += static_cast<char>(value);
      else AppendEscape(scratch, static_cast<uint8_t>(value));
      i += 2;
    } else if (c == '?') {
      query = true;
      scratch += '?';
    } else if (pattern && (c == '*' || (c == '$' && i + 1 == text.size()))) {
      scratch += c;
    } else if (c == '/' || Has(query ? kLiteralInQuery : kInPath, c)) {
      scratch += c;
    } else {
      AppendEscape(scratch, static_cast<uint8_t>(c));
    }
  }
  return scratch;
}

std::string_view ProtegoPath(std::string_view target, std::string& scratch) {
  if (IsPlainTarget(target)) return target;
  std::string text;
  AppendRepaired(target, text);
  std::erase_if(text, [](char c) { return c == '\t' || c == '\r' || c == '\n'; });
  const Parts parts = Split(text);
  scratch.clear();
  AppendQuoted(scratch, Unquote(parts.path, "/%"), "/%");
  scratch += parts.params;
  scratch += parts.query;
  scratch += parts.fragment;
  if (scratch.empty()) scratch += '/';
  return scratch;
}

bool IsPlainPattern(std::string_view value, bool allow) {
  constexpr std::string_view kIndex = "/index.html";
  if (value.empty() || (value[0] != '/' && value[0] != '*') || value.starts_with("//")) return false;
  bool query = false;
  for (size_t i = 0; i < value.size(); i++) {
    const char c = value[i];
    if ((c >= 'a' && c <= 'z') || (c >= '-' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '*' || c == '_' || c == '=' || c == '~') continue;
    if (c == '?') {
      // Protego puts a mark that stands last aside before it looks for the query.
      if (query && i + 1 == value.size()) return false;
      query = true;
    } else if (c != '&' || !query) {
      return false;
    }
  }
  return !allow || !value.ends_with(kIndex);
}

std::string ProtegoPattern(std::string_view value) {
  std::string pattern;
  if (value.starts_with("http://") || value.starts_with("https://")) pattern += '/';
  if (value.starts_with("//")) pattern += std::string_view("//");
  pattern += value;
  std::string last;
  if (!pattern.empty() && (pattern.back() == '?' || pattern.back() == ';' || pattern.back() == '$')) {
    last = pattern.back();
    pattern.pop_back();
  }
  std::string_view rest = pattern;
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  if (!rest.empty() && letter(rest[0])) {
    size_t end = 1;
    while (end < rest.size() && (letter(rest[end]) || (rest[end] >= '0' && rest[end] <= '9') || rest[end] == '+' ||
                                 rest[end] == '.' || rest[end] == '-')) {
      end++;
    }
    if (end < rest.size() && rest[end] == ':') rest.remove_prefix(end + 1);
  }
  if (rest.starts_with("//")) {
    const size_t end = rest.find_first_of("/?#", 2);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
  }
  const Parts parts = Split(rest);
  std::string out;
  if (parts.path.find('%') == std::string_view::npos) AppendQuoted(out, parts.path, "/*%=");
  else AppendQuoted(out, Unquote(parts.path, "/*$%"), "/*%=");
  out += last;
  out += parts.params;
  out += parts.query;
  out += parts.fragment;
  return out;
}

uint32_t Utf16Length(std::string_view text) {
  uint32_t units = 0;
  for (const char c : text) {
    const auto octet = static_cast<uint8_t>(c);
    if ((octet & 0xC0) != 0x80) units += octet >= 0xF0 ? 2 : 1;
  }
  return units;
}

}  // namespace apertus::robots
