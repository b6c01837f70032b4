// Path patterns of robots.txt (RFC 9309 §2.2.3), kept so that a path looks at few of them: the first eight octets of all patterns
// lie side by side, and longer lists are parted by their second octet. A match never takes a step back: between two stars the
// leftmost place is always good enough. One match costs O(path + pattern) steps, one path at most that for every pattern.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace apertus::robots {

// The best rule of each directive, [0] disallow and [1] allow: the pattern with most octets, the first in the file of equals.
struct Found {
  std::array<uint32_t, 2> rank{};  // 0 where none matches
  std::array<uint32_t, 2> rule{};
};

// A path made ready to be looked at by many patterns.
struct Path {
  explicit Path(std::string_view text);
  std::string_view text;
  uint64_t head;  // its first eight octets, zeros where it is shorter
  uint64_t octets;  // a bit for the octets that occur in it
};

// Memory that long pieces need while they are searched for.
using Borders = std::vector<uint32_t>;

class Patterns {
 public:
  void Reserve(size_t more);
  // `text` is in the spelling of the paths and stays where it is. `rank` is its length, above 0.
  void Add(std::string_view text, uint32_t rank, uint32_t rule, bool allow);
  // Closes a list of all patterns added since the last one; its number is the answer.
  uint32_t EndList();
  size_t lists() const { return lists_.size(); }
  Found Decide(uint32_t list, const Path& path, Borders& borders) const;
  size_t bytes() const;

 private:
  struct Pattern {
    const char* text;
    uint32_t prefix;  // octets before the first star
    uint32_t size;    // without the `$` at the end
    uint32_t rank;
    uint32_t rule;
    uint64_t octets;  // a bit for the octets that occur behind the first star
    bool allow, star, anchored;
  };
  struct List {
    uint32_t first, end;
    int32_t parts;  // where its 257 parts begin in parts_, or -1
  };

  void Look(uint32_t first, uint32_t end, const Path& path, Found& found, Borders& borders) const;
  static bool Matches(const Pattern& pattern, const Path& path, Borders& borders);

  std::vector<uint64_t> heads_, masks_;
  std::vector<Pattern> patterns_;
  std::vector<List> lists_;
  std::vector<uint32_t> parts_;
};

}  // namespace apertus::robots
