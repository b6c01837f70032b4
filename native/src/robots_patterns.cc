// Matching of path patterns; robots_patterns.h says how it is bounded.
#include "robots_patterns.h"

#include <bit>
#include <cstring>

namespace apertus::robots {
namespace {

constexpr size_t kNowhere = std::string_view::npos;
// Octets up to which a piece fits the window of the short search.
constexpr size_t kShort = 8;
// Lists longer than this are parted by the second octet of their patterns.
constexpr uint32_t kParted = 32;
// The part of patterns whose second octet is a star or is not there; the others' is 1 + octet.
constexpr size_t kAnySecond = 0;
constexpr size_t kParts = 257;

uint64_t BitOf(char c) { return uint64_t{1} << (static_cast<uint8_t>(c) & 63); }

// The first n octets, at most eight, the first in the lowest bits.
uint64_t Head(const char* text, size_t n) {
  uint64_t head = 0;
  for (size_t i = 0; i < 8 && i < n; i++) head |= static_cast<uint64_t>(static_cast<uint8_t>(text[i])) << (8 * i);
  return head;
}

uint64_t HeadMask(size_t n) { return n >= 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * n)) - 1; }

// Where the first occurrence of a piece of 1 to 8 octets at or behind `from` ends. One step an octet, whatever the text holds.
size_t EndOfShort(std::string_view text, size_t from, std::string_view piece) {
  if (from >= text.size()) return kNowhere;
  const void* first = std::memchr(text.data() + from, piece[0], text.size() - from);
  if (first == nullptr) return kNowhere;
  size_t i = static_cast<size_t>(static_cast<const char*>(first) - text.data());
  if (piece.size() == 1) return i + 1;
  const uint64_t mask = ~uint64_t{0} >> (64 - 8 * piece.size());
  uint64_t wanted = 0;
  for (const char c : piece) wanted = wanted << 8 | static_cast<uint8_t>(c);
  uint64_t window = 0;
  for (const size_t full = i + piece.size() - 1; i < text.size(); i++) {
    window = (window << 8 | static_cast<uint8_t>(text[i])) & mask;
    if (window == wanted && i >= full) return i + 1;
  }
  return kNowhere;
}

// The same for pieces of any length, by Knuth, Morris and Pratt (1977).
size_t EndOfLong(std::string_view text, size_t from, std::string_view piece, Borders& borders) {
  if (text.size() < from + piece.size()) return kNowhere;
  borders.assign(piece.size(), 0);
  for (size_t i = 1, matched = 0; i < piece.size(); i++) {
    while (matched > 0 && piece[matched] != piece[i]) matched = borders[matched - 1];
    if (piece[matched] == piece[i]) matched++;
    borders[i] = static_cast<uint32_t>(matched);
  }
  for (size_t i = from, matched = 0; i < text.size(); i++) {
    while (matched > 0 && piece[matched] != text[i]) matched = borders[matched - 1];
    if (piece[matched] == text[i]) matched++;
    if (matched == piece.size()) return i + 1;
  }
  return kNowhere;
}

}  // namespace

Path::Path(std::string_view text) : text(text), head(Head(text.data(), text.size())), octets(0) {
  for (const char c : text) octets |= BitOf(c);
}

void Patterns::Reserve(size_t more) {
  heads_.reserve(heads_.size() + more);
  masks_.reserve(masks_.size() + more);
  patterns_.reserve(patterns_.size() + more);
}

void Patterns::Add(std::string_view text, uint32_t rank, uint32_t rule, bool allow) {
  const bool anchored = text.ends_with('$');
  if (anchored) text.remove_suffix(1);
  const size_t star = text.find('*');
  const size_t prefix = star == kNowhere ? text.size() : star;
  uint64_t octets = 0;
  for (size_t i = prefix; i < text.size(); i++) {
    if (text[i] != '*') octets |= BitOf(text[i]);
  }
  heads_.push_back(Head(text.data(), prefix));
  masks_.push_back(HeadMask(prefix));
  patterns_.push_back({text.data(), static_cast<uint32_t>(prefix), static_cast<uint32_t>(text.size()), rank, rule, octets, allow,
                       star != kNowhere, anchored});
}

uint32_t Patterns::EndList() {
  const uint32_t first = lists_.empty() ? 0 : lists_.back().end;
  const auto end = static_cast<uint32_t>(patterns_.size());
  List list{first, end, -1};
  if (end - first > kParted) {
    const auto part = [](const Pattern& p) { return p.prefix < 2 ? kAnySecond : 1 + static_cast<uint8_t>(p.text[1]); };
    list.parts = static_cast<int32_t>(parts_.size());
    std::array<uint32_t, kParts + 1> starts{};
    for (uint32_t i = first; i < end; i++) starts[part(patterns_[i]) + 1]++;
    starts[0] = first;
    for (size_t i = 1; i <= kParts; i++) starts[i] += starts[i - 1];
    parts_.insert(parts_.end(), starts.begin(), starts.end());
    const std::vector<Pattern> unsorted(patterns_.begin() + first, patterns_.end());
    for (const Pattern& pattern : unsorted) {
      const uint32_t at = starts[part(pattern)]++;
      patterns_[at] = pattern;
      heads_[at] = Head(pattern.text, pattern.prefix);
      masks_[at] = HeadMask(pattern.prefix);
    }
  }
  lists_.push_back(list);
  return static_cast<uint32_t>(lists_.size()) - 1;
}

Found Patterns::Decide(uint32_t number, const Path& path, Borders& borders) const {
  Found found;
  const List& list = lists_[number];
  if (list.parts < 0) {
    Look(list.first, list.end, path, found, borders);
    return found;
  }
  const uint32_t* starts = parts_.data() + list.parts;
  if (path.text.size() >= 2) {
    const size_t second = 1 + static_cast<uint8_t>(path.text[1]);
    Look(starts[second], starts[second + 1], path, found, borders);
  }
  Look(starts[kAnySecond], starts[kAnySecond + 1], path, found, borders);
  return found;
}

void Patterns::Look(uint32_t first, uint32_t end, const Path& path, Found& found, Borders& borders) const {
  const uint64_t* heads = heads_.data();
  const uint64_t* masks = masks_.data();
  for (uint32_t i = first; i < end; i++) {
    if ((path.head & masks[i]) != heads[i]) continue;
    const Pattern& pattern = patterns_[i];
    uint32_t& rank = found.rank[pattern.allow];
    uint32_t& rule = found.rule[pattern.allow];
    if (pattern.rank < rank || (pattern.rank == rank && pattern.rule >= rule)) continue;
    if (!Matches(pattern, path, borders)) continue;
    rank = pattern.rank;
    rule = pattern.rule;
  }
}

bool Patterns::Matches(const Pattern& pattern, const Path& path, Borders& borders) {
  const std::string_view text = path.text;
  if (text.size() < pattern.prefix || (pattern.octets & ~path.octets) != 0) return false;
  if (pattern.prefix != 0 && std::memcmp(text.data(), pattern.text, pattern.prefix) != 0) return false;
  if (!pattern.star) return !pattern.anchored || text.size() == pattern.prefix;
  std::string_view rest(pattern.text + pattern.prefix + 1, pattern.size - pattern.prefix - 1);
  for (size_t at = pattern.prefix;;) {
    const size_t star = rest.find('*');
    const auto piece = rest.substr(0, star);
    if (star == kNowhere && pattern.anchored) return text.size() - at >= piece.size() && text.ends_with(piece);
    if (!piece.empty()) at = piece.size() <= kShort ? EndOfShort(text, at, piece) : EndOfLong(text, at, piece, borders);
    if (at == kNowhere) return false;
    if (star == kNowhere) return true;
    rest.remove_prefix(star + 1);
  }
}

size_t Patterns::bytes() const {
  return (heads_.capacity() + masks_.capacity()) * sizeof(uint64_t) + patterns_.capacity() * sizeof(Pattern) +
         lists_.capacity() * sizeof(List) + parts_.capacity() * sizeof(uint32_t);
}

}  // namespace apertus::robots
