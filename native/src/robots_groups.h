// Groups of one reading of a robots.txt file (RFC 9309 §2.1): which of the asked agents they name, and where their rules lie in
// the file's list of rules. Of groups that name nobody who was asked for, nothing is kept but that they were there.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace apertus::robots {

// An allow or disallow record; `modes` is the set of readings in which it is a rule of a group that names an asked agent.
struct Rule {
  const char* value;
  uint32_t size;
  uint32_t line;   // counted from 1
  uint32_t start;  // octets of the file, without the end of line
  uint32_t end;
  uint8_t modes;
  bool allow;
  bool plain;      // the value is its own pattern in all readings

  std::string_view text() const { return {value, size}; }
};

// Rules [first, end) that hold together for every agent they hold for. Rules of other readings may lie between them.
struct Segment {
  uint32_t first;
  uint32_t end;
  int32_t compiled;
};

struct Group {
  uint32_t first_segment;
  uint32_t end_segment;
};

// A name's part in a group: the rules of the group's segments from `first_segment` on.
struct Membership {
  uint32_t group;
  uint32_t first_segment;
  std::string_view written;  // the token as it stands in the file, at most 128 octets of it
};

class Groups {
 public:
  // Opens the next group. `rule` is how many rules the file has so far, as everywhere here.
  void Begin(uint32_t rule) {
    End(rule);
    const auto segment = static_cast<uint32_t>(segments.size());
    groups.push_back({segment, segment});
    wanted_ = false;
  }

  // An asked name joins the open group; its second token in the same group changes nothing. `late` names share only what follows.
  void Join(uint32_t name, std::string_view written, uint32_t rule, bool late) {
    const auto group = static_cast<uint32_t>(groups.size()) - 1;
    auto& list = members[name];
    if (!list.empty() && list.back().group == group) return;
    if (!wanted_ || (late && segments.back().first < rule)) {
      if (wanted_) segments.back().end = rule;
      segments.push_back({rule, rule, -1});
      groups.back().end_segment = static_cast<uint32_t>(segments.size());
      wanted_ = true;
    }
    const uint32_t first = late ? static_cast<uint32_t>(segments.size()) - 1 : groups.back().first_segment;
    list.push_back({group, first, written.substr(0, 128)});
  }

  void End(uint32_t rule) {
    if (wanted_) segments.back().end = rule;
  }

  bool open() const { return !groups.empty(); }
  bool wanted() const { return wanted_; }

  std::vector<Group> groups;
  std::vector<Segment> segments;
  std::vector<std::vector<Membership>> members;  // by the number of the name

 private:
  bool wanted_ = false;
};

}  // namespace apertus::robots
