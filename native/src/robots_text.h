// Octets and spellings of robots.txt: white space, names, and the one form in which paths and patterns are compared (RFC 9309
// §2.2.2, and the forms of Protego, a parser in Python). The functions answer as those of filters/consent/octets.ts and protego.ts.
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace apertus::robots {

// The three readings of a file. A set of them is a number with the bits 1 << mode.
enum Mode : unsigned { kRfc = 0, kIntent = 1, kProtego = 2 };
inline constexpr unsigned kModes = 3;
inline constexpr uint8_t Bit(Mode mode) { return static_cast<uint8_t>(1u << mode); }

// Keeps text that is made while reading; views of it stay valid as long as the arena lives.
class Arena {
 public:
  std::string_view Keep(std::string_view text) {
    if (text.size() > room_) {
      const size_t size = text.size() > kChunk ? text.size() : kChunk;
      chunks_.push_back(std::make_unique<char[]>(size));
      at_ = chunks_.back().get();
      room_ = size;
      bytes_ += size;
    }
    if (!text.empty()) std::memcpy(at_, text.data(), text.size());
    const std::string_view kept(at_, text.size());
    at_ += text.size();
    room_ -= text.size();
    return kept;
  }
  size_t bytes() const { return bytes_; }

 private:
  static constexpr size_t kChunk = 1024;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* at_ = nullptr;
  size_t room_ = 0;
  size_t bytes_ = 0;
};

inline bool IsBlank(char c) { return c == ' ' || c == '\t'; }

inline bool HasBlank(std::string_view text) {
  for (const char c : text) {
    if (IsBlank(c)) return true;
  }
  return false;
}

// Without the spaces and tabs around it (RFC 9309's WS).
inline std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

inline char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// Lower case of an octet as Latin-1: what the TypeScript engine's strings of octets do.
inline char LowerLatin1(char c) {
  const auto octet = static_cast<uint8_t>(c);
  return octet >= 0xC0 && octet <= 0xDE && octet != 0xD7 ? static_cast<char>(octet + 0x20) : LowerAscii(c);
}

// White space of a JavaScript expression among the octets of Latin-1.
inline bool IsSpaceLatin1(char c) {
  const auto octet = static_cast<uint8_t>(c);
  return (octet >= 9 && octet <= 13) || octet == 0x20 || octet == 0xA0;
}

// Without white space at the ends as Python's str.strip knows it; the text is well-formed UTF-8.
std::string_view StripPython(std::string_view text);

// The length of a sequence at which Python's str.splitlines breaks a line, CR and LF aside; 0 where it does not.
size_t LineBreakPython(std::string_view text);

// The normal form of a path (RFC 9309 §2.2.2, RFC 3986 §6.2.2), or of a pattern, whose `*` and last `$` stay. The view is the text
// itself where nothing is to be done, otherwise of `scratch`.
std::string_view NormalisePath(std::string_view text, bool pattern, std::string& scratch);

// A URL's path, query and fragment as Protego spells them: the text itself, or a view of `scratch`.
std::string_view ProtegoPath(std::string_view target, std::string& scratch);

// A value that all readings spell alike, as a pattern and with nothing to escape.
bool IsPlainPattern(std::string_view value, bool allow);

// The pattern that Protego makes of a rule's value, well-formed UTF-8; empty where it makes none.
std::string ProtegoPattern(std::string_view value);

// Length in UTF-16 units of well-formed UTF-8.
uint32_t Utf16Length(std::string_view text);

}  // namespace apertus::robots
