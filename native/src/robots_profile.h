// The agents that files are asked for, each in the spelling of every reading, and the question which of them a token in a file
// means: an equal name in the readings rfc and intent, any name around it in the reading of Protego.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "robots_text.h"

namespace apertus::robots {

class Profile {
 public:
  // One name an agent in each reading; an empty name has no group of its own. Names are ASCII.
  explicit Profile(std::array<std::vector<std::string>, kModes> names);

  size_t agents() const { return agents_; }

  // The number of the name that equals the token, or -1. Mode is rfc or intent; `*` is always number 0.
  int32_t Find(Mode mode, std::string_view token) const;
  // The number of the agent's name in rfc or intent; 0 (`*`) where it has none.
  int32_t NameOf(Mode mode, size_t agent) const { return tables_[mode].of_agent[agent]; }
  size_t Names(Mode mode) const { return tables_[mode].names.size(); }
  // No longer token can equal a name.
  size_t LongestName(Mode mode) const { return tables_[mode].longest; }

  // The distinct names of Protego, and which of them is the agent's.
  const std::vector<std::string>& protego() const { return protego_; }
  size_t ProtegoNameOf(size_t agent) const { return protego_of_[agent]; }
  // False where the token surely stands inside no name, and is none, in any reading.
  bool MayStandInside(std::string_view token) const {
    if (token.empty() || !octets_[static_cast<uint8_t>(token[0])]) return false;
    for (size_t i = 1; i < token.size(); i++) {
      if (!pairs_[PairOf(token[i - 1], token[i])]) return false;
    }
    return true;
  }

 private:
  struct Table {
    std::vector<std::string> names;
    std::vector<int32_t> of_agent;
    std::vector<int32_t> slots;  // a power of two of them; -1 is empty
    size_t longest = 1;
  };
  static size_t PairOf(char a, char b) { return static_cast<size_t>(static_cast<uint8_t>(a)) << 8 | static_cast<uint8_t>(b); }
  static Table TableOf(const std::vector<std::string>& names);
  static int32_t FindIn(const Table& table, std::string_view token);

  size_t agents_;
  std::array<Table, 2> tables_;
  std::vector<std::string> protego_;
  std::vector<size_t> protego_of_;
  std::array<bool, 256> octets_{};
  std::vector<uint8_t> pairs_;  // 1 for two octets next to each other in a name
};

}  // namespace apertus::robots
