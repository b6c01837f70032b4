// Lines, records and the reading by RFC 9309 §2.2; the other two readings are in robots_intent.cc and robots_protego.cc. Most lines
// are one record that all three read alike, and take the short way through ReadLine.
#include "robots_reader.h"

#include "robots_keys.h"

namespace apertus::robots {
namespace {

// What an octet means to the scan for the end of a line.
enum Seen : uint8_t { kOrdinary = 0, kEnd = 1, kColon = 2, kHash = 4, kBackslash = 8, kOdd = 16, kTwoColons = 32 };

constexpr std::array<uint8_t, 256> kSeen = [] {
  std::array<uint8_t, 256> seen{};
  // Outside ASCII and among the controls, text may have white space and line breaks that octets have not.
  for (size_t c = 0; c < 256; c++) seen[c] = c < 0x20 || c >= 0x7F ? kOdd : kOrdinary;
  seen['\t'] = kOrdinary;
  seen['\n'] = seen['\r'] = kEnd;
  seen[':'] = kColon;
  seen['#'] = kHash;
  seen['\\'] = kBackslash;
  return seen;
}();

constexpr size_t kNowhere = std::string_view::npos;

// Length of the byte-order mark that the file begins with, even a part of one.
size_t ByteOrderMark(std::string_view body) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  size_t length = 0;
  while (length < kMark.size() && length < body.size() && body[length] == kMark[length]) length++;
  return length;
}

}  // namespace

Reader::Reader(const Profile& profile, const std::string& body, Arena& arena)
    : profile_(profile), body_(body), arena_(arena), best_size_(profile.protego().size()) {
  groups[kRfc].members.resize(profile.Names(kRfc));
  groups[kIntent].members.resize(profile.Names(kIntent));
  protego_best.assign(profile.protego().size(), -1);
  rules.reserve(body.size() / 128);
}

void Reader::Read() {
  const size_t size = body_.size();
  const char* octets = body_.data();  // a NUL stands behind them, which is no ordinary octet
  size_t start = ByteOrderMark(body_);
  for (uint32_t number = 1; start < size; number++) {
    size_t colon = kNowhere;
    size_t hash = kNowhere;
    unsigned seen = number == 1 && start > 0 ? kOdd : kOrdinary;
    size_t i = start;
    for (;; i++) {
      unsigned what;
      while ((what = kSeen[static_cast<uint8_t>(octets[i])]) == kOrdinary) i++;
      if (what == kEnd || i == size) break;
      if (what == kOdd) {
        seen |= kOdd;
      } else if (hash == kNowhere) {
        if (what == kColon) {
          if (colon == kNowhere) colon = i;
          else seen |= kTwoColons;
        }
        if (what == kHash) hash = i;
        seen |= what;
      }
    }
    if (i > start) ReadLine({number, static_cast<uint32_t>(start), static_cast<uint32_t>(i)}, colon, hash, seen);
    start = i + (i + 1 < size && body_[i] == '\r' && body_[i + 1] == '\n' ? 2 : 1);
  }
  for (auto& mode : groups) mode.End(count());
}

void Reader::ReadLine(const Line& line, size_t colon, size_t hash, unsigned seen) {
  const size_t end = hash == kNowhere ? line.end : hash;
  const auto statement = body_.substr(line.start, end - line.start);
  Keys keys;
  std::string_view value;
  if (colon != kNowhere) {
    keys = KeysOf(TrimBlanks(body_.substr(line.start, colon - line.start)));
    value = TrimBlanks(body_.substr(colon + 1, end - colon - 1));
    if (keys.rfc != Kind::kNone && (seen & (kOdd | kBackslash | kTwoColons)) == 0) {
      if (keys.rfc == Kind::kAgent) {
        if (IsNobody(value)) {
          BeginAgents(kRfc);
          BeginAgents(kIntent);
          BeginProtego();
        } else {
          RfcAgent(value);
          IntentAgent(value);
          if (!value.empty()) ProtegoAgent(value);
        }
        previous_ = Previous::kAgent;
      } else {
        ruled_ = {true, true};
        previous_ = Previous::kOther;
        if (value.empty()) return;
        const bool path = value[0] == '/' || value[0] == '*';
        const bool allow = keys.rfc == Kind::kAllow;
        const bool list = !allow && HasBlank(value);
        PushRule((list ? 0 : Bit(kIntent)) | Bit(kProtego) | (path ? Bit(kRfc) : 0), allow, value, line);
        if (list) IntentPaths(line, value);
      }
      return;
    }
    Rfc(line, keys.rfc, value);
  }
  Intent(line, statement);
  if ((seen & kOdd) == 0) ProtegoStatement(line, statement);
  else ProtegoLine(line, body_.substr(line.number == 1 ? 0 : line.start, line.end - (line.number == 1 ? 0 : line.start)));
}

void Reader::Rfc(const Line& line, Kind kind, std::string_view value) {
  if (kind == Kind::kNone) return;
  if (kind == Kind::kAgent) return RfcAgent(value);
  // The RFC's grammar wants a slash, yet a rule of its own example in §5.1 begins with a star.
  if (!value.empty() && (value[0] == '/' || value[0] == '*')) PushRule(Bit(kRfc), kind == Kind::kAllow, value, line);
  ruled_[kRfc] = true;
}

void Reader::RfcAgent(std::string_view value) {
  BeginAgents(kRfc);
  if (value.size() > profile_.LongestName(kRfc)) return;
  lower_.clear();
  for (const char c : value) {
    const char lower = LowerAscii(c);
    if (!((lower >= 'a' && lower <= 'z') || lower == '_' || lower == '-') && value != "*") return;
    lower_ += lower;
  }
  const int32_t name = lower_.empty() ? -1 : profile_.Find(kRfc, lower_);
  if (name >= 0) groups[kRfc].Join(static_cast<uint32_t>(name), value, count(), false);
}

// A single word that is no asked agent in any reading: what most agent lines of most files are.
bool Reader::IsNobody(std::string_view value) {
  const auto inside = [](char c) { return c == '-' || c == '.'; };
  // The reading by intent takes such marks off the ends of a name.
  if (value.empty() || inside(value.front()) || inside(value.back())) return false;
  lower_.clear();
  for (const char c : value) {
    const char lower = LowerAscii(c);
    if (!((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || lower == '_' || inside(lower))) return false;
    lower_ += lower;
  }
  return !profile_.MayStandInside(lower_);
}

// Agents next to each other share a group; the first behind a rule opens the next.
void Reader::BeginAgents(Mode mode) {
  if (!groups[mode].open() || ruled_[mode]) groups[mode].Begin(count());
  ruled_[mode] = false;
}

void Reader::PushRule(uint8_t modes, bool allow, std::string_view value, const Line& line) {
  uint8_t wanted = 0;
  for (unsigned mode = 0; mode < kModes; mode++) {
    if (groups[mode].wanted()) wanted |= static_cast<uint8_t>(1u << mode);
  }
  wanted &= modes;
  if (wanted == 0) return;
  rules.push_back({value.data(), static_cast<uint32_t>(value.size()), line.number, line.start, line.end, wanted, allow,
                   IsPlainPattern(value, allow)});
}

}  // namespace apertus::robots
