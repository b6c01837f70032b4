// The keys of robots.txt records that any of the three readings takes for an agent or a rule, in lower case.
#pragma once
#include <cstddef>
#include <string_view>

#include "robots_reader.h"

namespace apertus::robots {

struct Keys {
  Kind rfc = Kind::kNone;
  Kind intent = Kind::kNone;
  Kind protego = Kind::kNone;
};

struct KnownKey {
  std::string_view text;
  Keys keys;
};

inline constexpr KnownKey kKnownKeys[] = {
    {"disallow", {Kind::kDisallow, Kind::kDisallow, Kind::kDisallow}},
    {"allow", {Kind::kAllow, Kind::kAllow, Kind::kAllow}},
    {"user-agent", {Kind::kAgent, Kind::kAgent, Kind::kAgent}},
    {"useragent", {Kind::kNone, Kind::kAgent, Kind::kAgent}},
    {"user agent", {Kind::kNone, Kind::kAgent, Kind::kAgent}},
    {"user_agent", {Kind::kNone, Kind::kAgent, Kind::kNone}},
    {"user-agents", {Kind::kNone, Kind::kAgent, Kind::kNone}},
    {"dissallow", {Kind::kNone, Kind::kDisallow, Kind::kDisallow}},
    {"dissalow", {Kind::kNone, Kind::kDisallow, Kind::kDisallow}},
    {"disalow", {Kind::kNone, Kind::kDisallow, Kind::kDisallow}},
    {"diasllow", {Kind::kNone, Kind::kDisallow, Kind::kDisallow}},
    {"disallaw", {Kind::kNone, Kind::kDisallow, Kind::kDisallow}},
    {"dis-allow", {Kind::kNone, Kind::kDisallow, Kind::kNone}},
    {"dis allow", {Kind::kNone, Kind::kDisallow, Kind::kNone}},
    {"disallows", {Kind::kNone, Kind::kDisallow, Kind::kNone}},
};

// Equal in any case; `lower` is in lower case and as long as the text.
inline bool EqualsLower(std::string_view text, std::string_view lower) {
  for (size_t i = 0; i < text.size(); i++) {
    if (LowerAscii(text[i]) != lower[i]) return false;
  }
  return true;
}

inline Keys KeysOf(std::string_view key) {
  if (key.size() < 5 || key.size() > 11) return {};
  // Nearly all keys are one of these two; setting the bit of lower case makes no other octet a letter.
  const auto equals = [&](size_t from, std::string_view lower) {
    for (size_t i = 0; i < lower.size(); i++) {
      if ((key[from + i] | 0x20) != lower[i]) return false;
    }
    return true;
  };
  if (key.size() == 8 && equals(0, "disallow")) return kKnownKeys[0].keys;
  if (key.size() == 10 && key[4] == '-' && equals(0, "user") && equals(5, "agent")) return kKnownKeys[2].keys;
  for (const auto& known : kKnownKeys) {
    if (known.text.size() == key.size() && EqualsLower(key, known.text)) return known.keys;
  }
  return {};
}

}  // namespace apertus::robots
