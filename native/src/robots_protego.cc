// The reading of Protego (filters/consent/protego.ts): text as Python has it, groups parted by any record between two agents, and
// an agent's token found anywhere inside its name.
#include "robots_keys.h"
#include "robots_reader.h"
#include "utf8.h"

namespace apertus::robots {
namespace {

constexpr size_t kNowhere = std::string_view::npos;

// Keys that Protego knows besides those of kKnownKeys; they matter where a line has no colon.
constexpr std::string_view kOtherKeys[] = {"sitemap",     "sitemaps",     "site-map",     "crawl-delay",
                                           "crawl delay", "request-rate", "request rate", "host"};

bool IsKnown(std::string_view key) {
  for (const auto& known : kKnownKeys) {
    if (known.keys.protego != Kind::kNone && known.text == key) return true;
  }
  for (const auto other : kOtherKeys) {
    if (other == key) return true;
  }
  return false;
}

// How much of a statement without a colon is its key, of one or two words in lower case; 0 where that is no known key.
size_t KeyWithoutColon(std::string_view statement) {
  const size_t blank = statement.find(' ');
  if (blank == kNowhere) return 0;
  if (IsKnown(statement.substr(0, blank))) return blank;
  const size_t second = statement.find(' ', blank + 1);
  return second != kNowhere && IsKnown(statement.substr(0, second)) ? second : 0;
}

}  // namespace

// A line with octets outside ASCII or controls: made text, and broken where Python breaks lines.
void Reader::ProtegoLine(const Line& line, std::string_view octets) {
  std::string_view text = octets;
  if (WellFormedPrefix(octets) < octets.size()) {
    std::string repaired;
    AppendRepaired(octets, repaired);
    text = arena_.Keep(repaired);
  }
  size_t start = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t length = LineBreakPython(text.substr(i, 3));
    if (length > 0) {
      ProtegoStatement(line, text.substr(start, i - start));
      start = i + length;
    }
    i += length > 0 ? length : 1;
  }
  ProtegoStatement(line, text.substr(start));
}

void Reader::ProtegoStatement(const Line& line, std::string_view text) {
  const auto statement = StripPython(text.substr(0, text.find('#')));
  if (statement.empty()) return;
  const size_t colon = statement.find(':');
  if (colon != kNowhere) {
    const auto key = StripPython(statement.substr(0, colon));
    const Kind kind = KeysOf(key).protego;
    const auto previous = kind == Kind::kAgent ? Previous::kAgent : key.empty() ? Previous::kNothing : Previous::kOther;
    return ProtegoRecord(line, kind, previous, StripPython(statement.substr(colon + 1)));
  }
  const size_t size = KeyWithoutColon(statement);
  if (size == 0) return;
  const Kind kind = KeysOf(statement.substr(0, size)).protego;
  ProtegoRecord(line, kind, kind == Kind::kAgent ? Previous::kAgent : Previous::kOther, StripPython(statement.substr(size)));
}

void Reader::ProtegoRecord(const Line& line, Kind kind, Previous previous, std::string_view value) {
  if (!value.empty()) {
    if (kind == Kind::kAgent) ProtegoAgent(value);
    else if (kind != Kind::kNone) PushRule(Bit(kProtego), kind == Kind::kAllow, value, line);
  }
  previous_ = previous;
}

void Reader::BeginProtego() {
  if (!groups[kProtego].open() || previous_ == Previous::kOther) groups[kProtego].Begin(count());
}

void Reader::ProtegoAgent(std::string_view value) {
  BeginProtego();
  // Lower case of text. No name has octets outside ASCII, and of all characters outside it only the Kelvin sign becomes ASCII.
  constexpr std::string_view kKelvin = "\xE2\x84\xAA";
  lower_.clear();
  for (size_t i = 0; i < value.size(); i++) {
    if (value.substr(i, kKelvin.size()) == kKelvin) {
      lower_ += 'k';
      i += kKelvin.size() - 1;
    } else {
      lower_ += LowerAscii(value[i]);
    }
  }
  JoinProtego(lower_, value);
  if (lower_ == "*" || lower_.find('*') == std::string::npos) return;
  std::erase(lower_, '*');
  JoinProtego(lower_, value);
}

void Reader::JoinProtego(std::string_view token, std::string_view written) {
  const bool star = token == "*";
  if (!star && !profile_.MayStandInside(token)) return;
  auto known = tokens_.find(token);
  if (known == tokens_.end()) {
    const auto& names = profile_.protego();
    const auto number = static_cast<uint32_t>(groups[kProtego].members.size());
    bool inside = star;
    for (size_t i = 0; i < names.size(); i++) {
      if (!star && names[i].find(token) == std::string::npos) continue;
      inside = true;
      // The longest token inside the name is the agent's, the first of equals; a star counts as one octet.
      if (protego_best[i] >= 0 && token.size() <= best_size_[i]) continue;
      protego_best[i] = static_cast<int32_t>(number);
      best_size_[i] = token.size();
    }
    if (!inside) return;
    known = tokens_.emplace(arena_.Keep(token), number).first;
    groups[kProtego].members.emplace_back();
  }
  groups[kProtego].Join(known->second, written, count(), true);
}

}  // namespace apertus::robots
