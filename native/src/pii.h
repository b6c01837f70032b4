// Finding personal data in text as spans of bytes: e-mail addresses, IPv4 addresses and IBANs. Each finder first scans for a rare
// byte and applies exact rules around the hit only, in a window of bounded size, so that any input costs linear time.
// The loose finders reproduce the three expressions of the Apertus pipeline, match for match.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace apertus {

enum PiiKind : uint8_t { kEmail = 0, kIp = 1, kIban = 2 };

struct PiiSpan {
  size_t start, end;
  PiiKind kind;
};

// Where to look: matches lie inside [begin, end); what stands around it is seen by the rules on boundaries alone.
struct PiiWindow {
  std::string_view text;
  size_t begin, end;
};

using PiiSpans = std::vector<PiiSpan>;

// Spans are appended in ascending order and do not overlap. `documentation` takes in what RFC 2606, RFC 6761 and RFC 5737
// reserve for examples.
void FindEmails(const PiiWindow& window, bool documentation, PiiSpans& out);
void FindIps(const PiiWindow& window, bool documentation, PiiSpans& out);
void FindIbans(const PiiWindow& window, PiiSpans& out);

void FindEmailsLoosely(const PiiWindow& window, PiiSpans& out);
void FindIpsLoosely(const PiiWindow& window, PiiSpans& out);
void FindIbansLoosely(const PiiWindow& window, PiiSpans& out);

inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
inline bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
inline bool IsAsciiLetter(char c) { return IsUpper(static_cast<char>(c & ~0x20)); }
inline bool IsAlnum(char c) { return IsDigit(c) || IsAsciiLetter(c); }

// Whether a word goes on across this place: a letter, mark or number of a script with spaces, or an underscore, stands there.
bool WordBefore(std::string_view text, size_t at);
bool WordAt(std::string_view text, size_t at);

}  // namespace apertus
