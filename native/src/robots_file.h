// A robots.txt file made ready to answer for a profile of agents in three readings: filters/consent/robots-file.ts, the reference,
// gives the same answers. Rules of a group are compiled once, however many agents share it and wherever the readings agree.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "robots_patterns.h"
#include "robots_profile.h"
#include "robots_reader.h"

namespace apertus::robots {

// Working memory of decisions; one for any number of files and paths.
struct Scratch {
  std::string normal, protego;
  Borders borders;
  std::vector<Found> found, found_protego;
};

class File {
 public:
  File(std::shared_ptr<const Profile> profile, std::string body);

  // Rule sets of all readings together; agents of the same groups share one.
  size_t sets() const { return sets_.size(); }
  // The set of an agent in a reading, -1 where no group is the agent's.
  int32_t SetOf(unsigned mode, size_t agent) const { return set_of_[mode][agent]; }
  // Octets of a bit for each agent.
  size_t stride() const { return (profile_->agents() + 7) / 8; }

  // `deciding`: for each set the index of the rule that decides, or -1. `bits`: for each reading `stride` octets, the first agent in
  // the highest bit of the first; a set bit means disallowed. True where the path is /robots.txt itself, which rfc and intent allow.
  bool Decide(std::string_view target, int32_t* deciding, uint8_t* bits, Scratch& scratch) const;

  size_t rules() const { return rules_.size(); }
  const Rule& rule(size_t index) const { return rules_[index]; }
  std::string_view Raw(const Rule& rule) const { return std::string_view(body_).substr(rule.start, rule.end - rule.start); }
  // The token of the agent's group that holds the rule, or of its first group where the rule is -1; null where it has no group.
  const std::string_view* Written(unsigned mode, size_t agent, int64_t rule) const;

  // Octets of memory.
  size_t cost() const;

 private:
  struct Set {
    unsigned mode;
    const std::vector<Membership>* members;
  };

  void MakeSets(const Reader& reader, unsigned mode);
  void CompileSet(const Set& set);
  int32_t Compile(unsigned mode, const Segment& segment);
  bool SameRules(unsigned mode, unsigned other, const Segment& segment) const;
  void AddRule(unsigned mode, uint32_t index);
  void AddProtego(std::string_view value, uint32_t index, bool allow);
  void AddText(std::string_view text, bool utf16, uint32_t index, bool allow);
  int32_t DecideSet(const Set& set, const std::vector<Found>& found) const;

  std::shared_ptr<const Profile> profile_;
  const std::string body_;
  Arena arena_;
  std::vector<Rule> rules_;
  std::array<Groups, kModes> groups_;
  Patterns patterns_;
  // Lists of patterns below this number are of rfc or intent, whose paths are spelled alike; Protego may use them too.
  uint32_t normal_lists_ = 0;
  std::vector<Set> sets_;
  std::vector<uint8_t> set_bits_;  // sets x stride
  std::array<std::vector<int32_t>, kModes> set_of_;   // by agent
  std::array<std::vector<int32_t>, kModes> name_of_;  // by agent: whose memberships are its own, or -1
  std::vector<uint32_t> protego_lists_;
};

}  // namespace apertus::robots
