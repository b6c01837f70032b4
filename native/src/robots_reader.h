// Reads a robots.txt file once and yields its groups in three readings: the grammar of RFC 9309, what its author evidently meant,
// and what Protego, the parser of the Apertus corpus, makes of it. The same answers as filters/consent/strict.ts, intent.ts and
// protego.ts, which say why each of them reads as it does.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "robots_groups.h"
#include "robots_profile.h"
#include "robots_text.h"

namespace apertus::robots {

enum class Kind : uint8_t { kNone, kAgent, kAllow, kDisallow };

class Reader {
 public:
  // The body and the profile outlive the reader; the arena outlives what was read. The body is a whole string, NUL behind it.
  Reader(const Profile& profile, const std::string& body, Arena& arena);

  void Read();

  std::vector<Rule> rules;
  std::array<Groups, kModes> groups;
  // For each distinct name of Protego the number of its token in groups[kProtego].members, or -1.
  std::vector<int32_t> protego_best;

 private:
  struct Line {
    uint32_t number, start, end;
  };
  // What ended the last record that Protego knew: it opens groups by that.
  enum class Previous : uint8_t { kNothing, kAgent, kOther };

  void ReadLine(const Line& line, size_t colon, size_t hash, unsigned seen);
  void Rfc(const Line& line, Kind kind, std::string_view value);
  void RfcAgent(std::string_view value);
  void Intent(const Line& line, std::string_view statement);
  void IntentStatement(const Line& line, std::string_view statement);
  void IntentPaths(const Line& line, std::string_view value);
  void IntentAgent(std::string_view value);
  void IntentNames(std::string_view value);
  void JoinIntent(std::string_view lower, std::string_view written);
  void ProtegoLine(const Line& line, std::string_view octets);
  void ProtegoStatement(const Line& line, std::string_view text);
  void ProtegoRecord(const Line& line, Kind kind, Previous previous, std::string_view value);
  void ProtegoAgent(std::string_view value);
  void JoinProtego(std::string_view token, std::string_view written);
  void PushRule(uint8_t modes, bool allow, std::string_view value, const Line& line);
  bool IsNobody(std::string_view value);
  void BeginAgents(Mode mode);
  void BeginProtego();
  uint32_t count() const { return static_cast<uint32_t>(rules.size()); }

  const Profile& profile_;
  const std::string_view body_;
  Arena& arena_;
  std::array<bool, 2> ruled_{};  // a rule stood in the open group of rfc, of intent
  Previous previous_ = Previous::kNothing;
  std::unordered_map<std::string_view, uint32_t> tokens_;  // of Protego, that stand inside a name
  std::vector<size_t> best_size_;
  std::string lower_;
  std::string text_;
};

}  // namespace apertus::robots
