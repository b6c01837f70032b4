// E-mail addresses. Strict: what people write as an address (RFC 5321 section 4.1.2 dot-strings with the lengths of section
// 4.5.3.1, RFC 6531 for UTF-8, RFC 5890 for labels), cut free of the URL, Markdown or Chinese sentence around it. Loose: the
// expression of the Apertus pipeline.
#include <algorithm>
#include <cstring>

#include "pii.h"
#include "text_classes.h"

namespace apertus {
namespace {

constexpr size_t kLongestLocal = 64, kLongestLabel = 63, kLongestDomain = 255;
constexpr size_t kNone = static_cast<size_t>(-1);

const uint8_t* Bytes(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }

// RFC 5322 atext.
bool IsAtext(char c) { return c > ' ' && c < 0x7F && (IsAlnum(c) || std::strchr("!#$%&'*+-/=?^_`{|}~", c) != nullptr); }

// The part of atext that does not delimit in URLs, Markdown or code.
bool IsLocal(char c) { return IsAlnum(c) || c == '_' || c == '+' || c == '-' || c == '%' || c == '\''; }

// Start of the local part that ends before the sign at `at`, or kNone. Directly behind an ASCII letter, a letter of an unspaced
// script ends the local part: Chinese text puts no space before an address.
size_t LocalStart(const PiiWindow& window, size_t begin, size_t at) {
  const auto& classes = TextClasses::Get();
  const std::string_view text = window.text;
  size_t i = at;
  bool unspaced = false;
  while (i > begin) {
    if (at - i > kLongestLocal + 1) return kNone;  // one more for a dot in front
    const char c = text[i - 1];
    if (static_cast<uint8_t>(c) < 0x80) {
      if (c == '.' ? i == at || text[i] == '.' : !IsLocal(c)) break;
      i--;
      continue;
    }
    const Character before = CharacterBefore(classes, Bytes(text), i);
    if ((before.kind & (kLetter | kMark | kNumber)) == 0 || before.length > i - begin) break;
    if (i == at) unspaced = (before.kind & (kUnspaced | kMark)) != 0;
    if ((before.kind & kUnspaced) != 0 && !unspaced) break;
    i -= before.length;
  }
  if (i < at && text[i] == '.') i++;
  if (at - i > kLongestLocal || (i > 0 && text[i - 1] == '@')) return kNone;
  while (i < at && (text[i] == '.' || text[i] == '-' || text[i] == '\'')) i++;
  return i == at ? kNone : i;
}

struct Label {
  size_t end;        // behind its last character that is not a hyphen; the start where there is no label
  size_t top_end;    // end of what may be a top-level domain, or kNone
  bool cut;          // a hyphen or a letter of an unspaced script stands behind it, so no dot can follow
};

// The label at `at`; `first` where no label stands before it.
Label LabelAt(const PiiWindow& window, size_t at, bool first) {
  const auto& classes = TextClasses::Get();
  const std::string_view text = window.text;
  size_t i = at, end = at, letters = 0, ascii_letters = 0, hyphen = kNone;
  bool only_letters = true, cut = false;
  while (i < window.end && i - at <= kLongestLabel + 4) {
    const char c = text[i];
    if (static_cast<uint8_t>(c) < 0x80) {
      if (c == '-' && i > at) {
        if (only_letters && letters >= 2) hyphen = i;
        only_letters = false;
      } else if (IsAlnum(c)) {
        only_letters = only_letters && !IsDigit(c);
        letters++;
        ascii_letters++;
        end = i + 1;
      } else {
        break;
      }
      i++;
      continue;
    }
    const Character next = CharacterAt(classes, Bytes(text) + i, window.end - i);
    if ((next.kind & (kLetter | kMark | kNumber)) == 0) break;
    if ((next.kind & kUnspaced) != 0 && !first && only_letters && letters >= 2 && letters == ascii_letters) {
      cut = true;
      break;
    }
    only_letters = only_letters && (next.kind & kNumber) == 0;
    letters++;
    i += next.length;
    end = i;
  }
  if (end == at || end - at > kLongestLabel) return {at, kNone, true};
  const std::string_view label = text.substr(at, end - at);
  const bool punycode = label.size() > 4 && letters == ascii_letters && (label[0] | 0x20) == 'x' && (label[1] | 0x20) == 'n' &&
                        label.substr(2, 2) == "--";
  const bool top = (only_letters && letters >= 2) || punycode;
  return {end, top ? end : hyphen, cut || end != i};
}

// End of the domain that starts at `at`: the last label that can be a top-level domain, or kNone.
size_t DomainEnd(const PiiWindow& window, size_t at) {
  size_t i = at, best = kNone;
  for (bool first = true; i < window.end; first = false) {
    const Label label = LabelAt(window, i, first);
    if (label.end == i || label.end - at > kLongestDomain) break;
    if (!first && label.top_end != kNone) best = label.top_end;
    if (label.cut || label.end >= window.end || window.text[label.end] != '.') break;
    i = label.end + 1;
  }
  return best;
}

bool EndsWithLabel(std::string_view domain, std::string_view suffix) {
  if (domain.size() < suffix.size()) return false;
  const size_t from = domain.size() - suffix.size();
  for (size_t i = 0; i < suffix.size(); i++) {
    const char c = domain[from + i];
    if ((IsAsciiLetter(c) ? static_cast<char>(c | 0x20) : c) != suffix[i]) return false;
  }
  return from == 0 || domain[from - 1] == '.';
}

// Names that RFC 2606 and RFC 6761 reserve.
bool IsReserved(std::string_view domain) {
  for (const std::string_view suffix : {"example.com", "example.net", "example.org", "example", "test", "invalid", "localhost"}) {
    if (EndsWithLabel(domain, suffix)) return true;
  }
  return false;
}

size_t NextSign(const PiiWindow& window, size_t from) {
  if (from >= window.end) return kNone;
  const void* hit = std::memchr(window.text.data() + from, '@', window.end - from);
  return hit == nullptr ? kNone : static_cast<size_t>(static_cast<const char*>(hit) - window.text.data());
}

}  // namespace

void FindEmails(const PiiWindow& window, bool documentation, PiiSpans& out) {
  size_t begin = window.begin;
  for (size_t at = NextSign(window, begin); at != kNone; at = NextSign(window, std::max(at + 1, begin))) {
    const size_t start = LocalStart(window, begin, at);
    if (start == kNone) continue;
    const size_t end = DomainEnd(window, at + 1);
    if (end == kNone || (end < window.text.size() && window.text[end] == '@')) continue;
    if (!documentation && IsReserved(window.text.substr(at + 1, end - at - 1))) continue;
    out.push_back({start, end, kEmail});
    begin = end;
  }
}

namespace {

// Python's \w, which also the expression's word boundary is made of.
bool IsPythonWord(const Character& c) { return c.point == U'_' || (c.kind & (kLetter | kNumber)) != 0; }

bool WordBoundary(std::string_view text, size_t at) {
  const auto& classes = TextClasses::Get();
  const bool before = at > 0 && IsPythonWord(CharacterBefore(classes, Bytes(text), at));
  const bool after = at < text.size() && IsPythonWord(CharacterAt(classes, Bytes(text) + at, text.size() - at));
  return before != after;
}

// Leftmost start of a dot-atom at a word boundary that ends before the sign, or kNone.
size_t LooseLocalStart(const PiiWindow& window, size_t begin, size_t at) {
  size_t i = at;
  while (i > begin) {
    const char c = window.text[i - 1];
    if (c == '.' ? i == at || window.text[i] == '.' : !IsAtext(c)) break;
    i--;
  }
  for (; i < at; i++) {
    if (window.text[i] != '.' && WordBoundary(window.text, i)) return i;
  }
  return kNone;
}

// Labels of letters, digits and hyphens, at least two, none starting or ending with a hyphen; the last one as long as it can be.
size_t LooseDomainEnd(const PiiWindow& window, size_t at) {
  const std::string_view text = window.text;
  size_t labels = 0, i = at;
  while (i < window.end && IsAlnum(text[i])) {
    size_t end = i;
    for (; i < window.end && (IsAlnum(text[i]) || text[i] == '-'); i++) {
      if (text[i] != '-') end = i + 1;
    }
    labels++;
    const bool more = end == i && i + 1 < window.end && text[i] == '.' && IsAlnum(text[i + 1]);
    if (!more) return labels >= 2 ? end : kNone;
    i++;
  }
  return kNone;
}

// "[" three numbers up to 255 with a dot behind each, then a fourth, or letters, digits and hyphens with a colon behind them, "]".
size_t LooseLiteralEnd(const PiiWindow& window, size_t at) {
  const std::string_view text = window.text.substr(0, window.end);
  if (at >= text.size() || text[at] != '[') return kNone;
  size_t i = at + 1;
  const auto number = [&](char behind) {
    size_t end = i, value = 0;
    for (; end < text.size() && end - i < 3 && IsDigit(text[end]); end++) value = value * 10 + static_cast<size_t>(text[end] - '0');
    if (end == i || value > 255 || end >= text.size() || text[end] != behind) return false;
    i = end + 1;
    return true;
  };
  if (!number('.') || !number('.') || !number('.')) return kNone;
  if (number(']')) return i;
  size_t end = i;
  while (end < text.size() && (IsAlnum(text[end]) || text[end] == '-')) end++;
  return end > i && IsAlnum(text[end - 1]) && text.substr(end, 2) == ":]" ? end + 2 : kNone;
}

}  // namespace

void FindEmailsLoosely(const PiiWindow& window, PiiSpans& out) {
  size_t begin = window.begin;
  for (size_t at = NextSign(window, begin); at != kNone; at = NextSign(window, std::max(at + 1, begin))) {
    size_t end = LooseDomainEnd(window, at + 1);
    if (end == kNone) end = LooseLiteralEnd(window, at + 1);
    if (end == kNone) continue;
    const size_t start = LooseLocalStart(window, begin, at);
    if (start == kNone) continue;
    out.push_back({start, end, kEmail});
    begin = end;
  }
}

}  // namespace apertus
