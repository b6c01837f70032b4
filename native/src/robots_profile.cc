// Tables of agents' names; robots_profile.h says what for.
#include "robots_profile.h"

#include <algorithm>

#include "hash.h"

namespace apertus::robots {
namespace {

// The names come from the profile, not from a file, so nobody who writes files can make them collide.
size_t SlotFor(std::string_view token, size_t slots) {
  const auto* p = reinterpret_cast<const uint8_t*>(token.data());
  return static_cast<size_t>(HashBytes(p, token.size(), token.size())) & (slots - 1);
}

}  // namespace

Profile::Profile(std::array<std::vector<std::string>, kModes> names)
    : agents_(names[kRfc].size()), tables_{TableOf(names[kRfc]), TableOf(names[kIntent])}, pairs_(1 << 16) {
  for (const auto& list : names) {
    for (const auto& name : list) {
      for (size_t i = 0; i < name.size(); i++) {
        octets_[static_cast<uint8_t>(name[i])] = true;
        if (i > 0) pairs_[PairOf(name[i - 1], name[i])] = 1;
      }
    }
  }
  for (auto& name : names[kProtego]) {
    const auto known = std::find(protego_.begin(), protego_.end(), name);
    protego_of_.push_back(static_cast<size_t>(known - protego_.begin()));
    if (known == protego_.end()) protego_.push_back(std::move(name));
  }
}

Profile::Table Profile::TableOf(const std::vector<std::string>& names) {
  Table table;
  table.names.push_back("*");
  size_t slots = 16;
  while (slots < names.size() * 4) slots *= 2;
  table.slots.assign(slots, -1);
  table.slots[SlotFor("*", slots)] = 0;
  for (const auto& name : names) {
    int32_t number = name.empty() ? 0 : FindIn(table, name);
    if (number < 0) {
      number = static_cast<int32_t>(table.names.size());
      table.names.push_back(name);
      table.longest = std::max(table.longest, name.size());
      size_t slot = SlotFor(name, slots);
      while (table.slots[slot] >= 0) slot = (slot + 1) & (slots - 1);
      table.slots[slot] = number;
    }
    table.of_agent.push_back(number);
  }
  return table;
}

int32_t Profile::FindIn(const Table& table, std::string_view token) {
  const size_t slots = table.slots.size();
  for (size_t slot = SlotFor(token, slots); table.slots[slot] >= 0; slot = (slot + 1) & (slots - 1)) {
    if (table.names[static_cast<size_t>(table.slots[slot])] == token) return table.slots[slot];
  }
  return -1;
}

int32_t Profile::Find(Mode mode, std::string_view token) const {
  const Table& table = tables_[mode];
  return token.size() > table.longest ? -1 : FindIn(table, token);
}

}  // namespace apertus::robots
