// Compiles a file's rules and decides on paths (RFC 9309 §2.2.1 and §2.2.2): the pattern with most octets, allow before disallow.
#include "robots_file.h"

#include <algorithm>

namespace apertus::robots {
namespace {

// Segments without a rule of the reading have no list of patterns.
constexpr int32_t kUncompiled = -1;
constexpr int32_t kEmpty = -2;

bool SameMembers(const std::vector<Membership>& a, const std::vector<Membership>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Membership& x, const Membership& y) {
    return x.group == y.group && x.first_segment == y.first_segment;
  });
}

}  // namespace

File::File(std::shared_ptr<const Profile> profile, std::string body) : profile_(std::move(profile)), body_(std::move(body)) {
  Reader reader(*profile_, body_, arena_);
  reader.Read();
  rules_ = std::move(reader.rules);
  groups_ = std::move(reader.groups);
  patterns_.Reserve(rules_.size());
  for (unsigned mode = 0; mode < kModes; mode++) {
    const size_t first = sets_.size();
    MakeSets(reader, mode);
    for (size_t i = first; i < sets_.size(); i++) CompileSet(sets_[i]);
    if (mode == kIntent) normal_lists_ = static_cast<uint32_t>(patterns_.lists());
  }
  for (const Segment& segment : groups_[kProtego].segments) {
    if (segment.compiled >= 0) protego_lists_.push_back(static_cast<uint32_t>(segment.compiled));
  }
}

// Agents of the same groups share a set: most files name many agents above one list of rules.
void File::MakeSets(const Reader& reader, unsigned mode) {
  const auto& members = groups_[mode].members;
  std::vector<int32_t> set_of_name(members.size(), -1);
  const size_t first = sets_.size();
  set_of_[mode].assign(profile_->agents(), -1);
  name_of_[mode].assign(profile_->agents(), -1);
  for (size_t agent = 0; agent < profile_->agents(); agent++) {
    int32_t name;
    if (mode == kProtego) {
      name = reader.protego_best[profile_->ProtegoNameOf(agent)];
    } else {
      name = profile_->NameOf(static_cast<Mode>(mode), agent);
      if (members[static_cast<size_t>(name)].empty()) name = 0;
    }
    if (name < 0 || members[static_cast<size_t>(name)].empty()) continue;
    const auto& own = members[static_cast<size_t>(name)];
    name_of_[mode][agent] = name;
    int32_t& set = set_of_name[static_cast<size_t>(name)];
    for (size_t i = first; set < 0 && i < sets_.size(); i++) {
      if (SameMembers(*sets_[i].members, own)) set = static_cast<int32_t>(i);
    }
    if (set < 0) {
      set = static_cast<int32_t>(sets_.size());
      sets_.push_back({mode, &own});
      set_bits_.resize(sets_.size() * stride());
    }
    set_of_[mode][agent] = set;
    set_bits_[static_cast<size_t>(set) * stride() + agent / 8] |= static_cast<uint8_t>(0x80 >> (agent % 8));
  }
}

void File::CompileSet(const Set& set) {
  auto& segments = groups_[set.mode].segments;
  for (const Membership& member : *set.members) {
    for (uint32_t i = member.first_segment; i < groups_[set.mode].groups[member.group].end_segment; i++) {
      if (segments[i].compiled == kUncompiled) segments[i].compiled = Compile(set.mode, segments[i]);
    }
  }
}

int32_t File::Compile(unsigned mode, const Segment& segment) {
  for (unsigned other = 0; other < mode; other++) {
    const auto& segments = groups_[other].segments;
    const auto known = std::lower_bound(segments.begin(), segments.end(), segment.first,
                                        [](const Segment& a, uint32_t first) { return a.first < first; });
    for (auto same = known; same != segments.end() && same->first == segment.first; same++) {
      if (same->end == segment.end && same->compiled >= 0 && SameRules(mode, other, segment)) return same->compiled;
    }
  }
  bool any = false;
  for (uint32_t i = segment.first; i < segment.end; i++) {
    if ((rules_[i].modes >> mode & 1) == 0) continue;
    AddRule(mode, i);
    any = true;
  }
  return any ? static_cast<int32_t>(patterns_.EndList()) : kEmpty;
}

// Both readings see the same rules and make the same patterns of them.
bool File::SameRules(unsigned mode, unsigned other, const Segment& segment) const {
  for (uint32_t i = segment.first; i < segment.end; i++) {
    const Rule& rule = rules_[i];
    if ((rule.modes >> mode & 1) != (rule.modes >> other & 1)) return false;
    if (mode == kProtego && (rule.modes >> mode & 1) != 0 && !rule.plain) return false;
  }
  return true;
}

void File::AddRule(unsigned mode, uint32_t index) {
  const Rule& rule = rules_[index];
  std::string_view value = rule.text();
  if (rule.plain) return AddText(value, false, index, rule.allow);
  if (mode == kProtego) return AddProtego(value, index, rule.allow);
  std::string slashed;
  if (mode == kIntent && value[0] != '/' && value[0] != '*') {
    // A path without its slash gets one, and a whole URL loses its authority.
    const auto begins = [&](std::string_view scheme) {
      return value.size() >= scheme.size() && std::equal(scheme.begin(), scheme.end(), value.begin(),
                                                          [](char a, char b) { return a == LowerAscii(b); });
    };
    const size_t scheme = begins("http://") ? 7 : begins("https://") ? 8 : 0;
    if (scheme > 0) value.remove_prefix(std::min(value.size(), value.find('/', scheme)));
    if (value.empty() || (value[0] != '/' && value[0] != '*')) {
      slashed.assign(1, '/').append(value);
      value = slashed;
    }
  }
  std::string scratch;
  const auto normal = NormalisePath(value, true, scratch);
  const bool own = normal.data() == scratch.data() || normal.data() == slashed.data();
  AddText(own ? arena_.Keep(normal) : normal, false, index, rule.allow);
}

// Also a literal reading of `$`, and for an allowed index.html the folder itself.
void File::AddProtego(std::string_view value, uint32_t index, bool allow) {
  if (value.find('$') != std::string_view::npos) {
    std::string literal;
    for (const char c : value) {
      if (c == '$') literal += "%24";
      else literal += c;
    }
    AddProtego(literal, index, allow);
  }
  const std::string pattern = ProtegoPattern(value);
  if (pattern.empty()) return;
  AddText(arena_.Keep(pattern), true, index, allow);
  if (allow && pattern.ends_with("/index.html")) AddProtego(pattern.substr(0, pattern.size() - 10) + "$", index, allow);
}

void File::AddText(std::string_view text, bool utf16, uint32_t index, bool allow) {
  patterns_.Add(text, utf16 ? Utf16Length(text) : static_cast<uint32_t>(text.size()), index, allow);
}

bool File::Decide(std::string_view target, int32_t* deciding, uint8_t* bits, Scratch& scratch) const {
  const std::string_view normal = NormalisePath(target.substr(0, target.find('#')), false, scratch.normal);
  const std::string_view protego = ProtegoPath(target, scratch.protego);
  const bool exempt = normal == "/robots.txt";
  const bool same = normal == protego;
  const Path path(normal);
  scratch.found.resize(patterns_.lists());
  scratch.found_protego.resize(patterns_.lists());
  if (!exempt || same) {
    for (uint32_t i = 0; i < normal_lists_; i++) scratch.found[i] = patterns_.Decide(i, path, scratch.borders);
  }
  auto& found_protego = same ? scratch.found : scratch.found_protego;
  const Path path_protego = same ? path : Path(protego);
  for (const uint32_t i : protego_lists_) {
    if (!same || i >= normal_lists_) found_protego[i] = patterns_.Decide(i, path_protego, scratch.borders);
  }
  std::fill_n(bits, kModes * stride(), uint8_t{0});
  for (size_t i = 0; i < sets_.size(); i++) {
    const Set& set = sets_[i];
    const bool free = exempt && set.mode != kProtego;
    const int32_t rule = free ? -1 : DecideSet(set, set.mode == kProtego ? found_protego : scratch.found);
    deciding[i] = rule;
    if (rule < 0 || rules_[static_cast<size_t>(rule)].allow) continue;
    for (size_t k = 0; k < stride(); k++) bits[set.mode * stride() + k] |= set_bits_[i * stride() + k];
  }
  return exempt;
}

int32_t File::DecideSet(const Set& set, const std::vector<Found>& found) const {
  const auto& segments = groups_[set.mode].segments;
  const auto& groups = groups_[set.mode].groups;
  Found best;
  uint32_t group = 0;  // of the best allow
  const auto each = [&](const auto& visit) {
    for (const Membership& member : *set.members) {
      for (uint32_t i = member.first_segment; i < groups[member.group].end_segment; i++) {
        if (segments[i].compiled >= 0) visit(found[static_cast<size_t>(segments[i].compiled)], member.group);
      }
    }
  };
  each([&](const Found& own, uint32_t of) {
    for (size_t allow = 0; allow < 2; allow++) {
      if (own.rank[allow] <= best.rank[allow]) continue;
      best.rank[allow] = own.rank[allow];
      best.rule[allow] = own.rule[allow];
      if (allow == 1) group = of;
    }
  });
  if (best.rank[0] > best.rank[1]) return static_cast<int32_t>(best.rule[0]);
  if (best.rank[1] == 0) return -1;
  auto rule = static_cast<int32_t>(best.rule[1]);
  if (set.mode != kIntent || best.rank[0] < best.rank[1]) return rule;
  // Equally long rules of two groups contradict each other: by the RFC allow wins, but the site did write the disallow.
  bool rival = false;
  each([&](const Found& own, uint32_t of) {
    if (rival || of == group || own.rank[0] != best.rank[1]) return;
    rule = static_cast<int32_t>(own.rule[0]);
    rival = true;
  });
  return rule;
}

const std::string_view* File::Written(unsigned mode, size_t agent, int64_t rule) const {
  const int32_t name = name_of_[mode][agent];
  if (name < 0) return nullptr;
  const auto& members = groups_[mode].members[static_cast<size_t>(name)];
  for (const Membership& member : members) {
    const Group& group = groups_[mode].groups[member.group];
    const auto& segments = groups_[mode].segments;
    if (rule >= segments[group.first_segment].first && rule < segments[group.end_segment - 1].end) return &member.written;
  }
  return &members.front().written;
}

size_t File::cost() const {
  size_t bytes = sizeof(File) + body_.capacity() + arena_.bytes() + rules_.capacity() * sizeof(Rule) + patterns_.bytes() +
                 sets_.capacity() * sizeof(Set) + set_bits_.capacity() + protego_lists_.capacity() * sizeof(uint32_t);
  for (unsigned mode = 0; mode < kModes; mode++) {
    const Groups& groups = groups_[mode];
    bytes += (set_of_[mode].capacity() + name_of_[mode].capacity()) * sizeof(int32_t) + groups.groups.capacity() * sizeof(Group) +
             groups.segments.capacity() * sizeof(Segment) + groups.members.capacity() * sizeof(groups.members[0]);
    for (const auto& list : groups.members) bytes += list.capacity() * sizeof(Membership);
  }
  return bytes;
}

}  // namespace apertus::robots
