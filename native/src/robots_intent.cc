// The reading by intent (filters/consent/intent.ts): several records on one line, a missing colon, names with anything around
// them, characters that nobody sees, lists of paths. What is doubtful never becomes a permission.
#include "robots_invisible.h"
#include "robots_keys.h"
#include "robots_reader.h"

namespace apertus::robots {
namespace {

constexpr size_t kNowhere = std::string_view::npos;

bool IsNameOctet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || static_cast<uint8_t>(c) >= 0x80;
}

// Without quotes, brackets, stars and punctuation around a name in lower case.
std::string_view TrimMarks(std::string_view word) {
  while (!word.empty() && !IsNameOctet(word.front())) word.remove_prefix(1);
  while (!word.empty() && !IsNameOctet(word.back())) word.remove_suffix(1);
  return word;
}

bool IsDivider(char c) { return c == ',' || c == ';' || c == '|'; }

std::string_view BeforeSlash(std::string_view text) { return text.substr(0, text.find('/')); }

// Without a version behind a blank, as in `name v1.2`.
std::string_view WithoutVersion(std::string_view name) {
  const size_t blank = name.rfind(' ');
  if (blank == kNowhere) return name;
  size_t i = blank + 1;
  if (i < name.size() && name[i] == 'v') i++;
  if (i == name.size() || name[i] < '0' || name[i] > '9') return name;
  for (; i < name.size(); i++) {
    if ((name[i] < '0' || name[i] > '9') && name[i] != '.') return name;
  }
  return name.substr(0, blank);
}

std::string_view WithoutLineBreak(std::string_view value) {
  if (value.size() >= 2 && value[value.size() - 2] == '\\' && (value.back() == 'r' || value.back() == 'n')) value.remove_suffix(2);
  return TrimInvisible(value);
}

// A star that stands for all agents: alone, first on the line, or between dividers. In lower case or not.
bool HasStar(std::string_view value) {
  const auto at = [&](size_t i) { return i < value.size() ? value[i] : '\0'; };
  const auto quote = [](char c) { return c == '"' || c == '\''; };
  size_t i = !value.empty() && quote(value[0]) ? 1 : 0;
  if (at(i) == '*') {
    i++;
    if (i == value.size() || IsSpaceLatin1(value[i]) || IsDivider(value[i])) return true;
    if (quote(value[i]) && (i + 1 == value.size() || IsSpaceLatin1(value[i + 1]) || IsDivider(value[i + 1]))) return true;
  }
  for (size_t star = value.find('*'); star != kNowhere; star = value.find('*', star + 1)) {
    const bool before = (star >= 1 && IsDivider(value[star - 1])) || (star >= 2 && IsBlank(value[star - 1]) && IsDivider(value[star - 2]));
    const size_t next = star + 1;
    const bool behind = next == value.size() || IsDivider(value[next]) ||
                        (IsBlank(value[next]) && (next + 1 == value.size() || IsDivider(value[next + 1])));
    if (before && behind) return true;
  }
  return false;
}

// Where the directive begins that ends just before `end`, not before `from`; the longest one. kNowhere where there is none.
size_t DirectiveBefore(std::string_view text, size_t from, size_t end) {
  size_t best = kNowhere;
  // All of them end in one of three letters.
  const char last = end > from ? LowerAscii(text[end - 1]) : ' ';
  if (last != 'w' && last != 't' && last != 's') return best;
  for (const auto& known : kKnownKeys) {
    const size_t size = known.text.size();
    if (size > end - from || !EqualsLower(text.substr(end - size, size), known.text)) continue;
    if (best == kNowhere || end - size < best) best = end - size;
  }
  return best;
}

// The directive that stands before a colon.
Kind DirectiveOf(std::string_view before) {
  const Kind kind = KeysOf(TrimInvisible(before)).intent;
  if (kind != Kind::kNone) return kind;
  // A byte-order mark or a joiner in a broken encoding; or letters of another script, which may negate an Allow.
  size_t seen = 0;
  while (seen < before.size() && (before[seen] < '!' || before[seen] > '~')) seen++;
  const Kind behind = KeysOf(TrimInvisible(before.substr(seen))).intent;
  return behind == Kind::kAllow ? Kind::kNone : behind;
}

// The directive that a text begins with, and where its value begins.
struct Key {
  Kind kind = Kind::kNone;
  size_t end = 0;
};

Key KeyOf(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon != kNowhere) {
    const Kind kind = DirectiveOf(text.substr(0, colon));
    if (kind != Kind::kNone) return {kind, colon + 1};
  }
  const char first = text.empty() ? ' ' : LowerAscii(text[0]);
  if (first != 'u' && first != 'a' && first != 'd') return {};
  // Without its colon; no directive is another one and a blank, so at most one fits.
  for (const auto& known : kKnownKeys) {
    const size_t size = known.text.size();
    if (text.size() > size && IsBlank(text[size]) && EqualsLower(text.substr(0, size), known.text)) return {known.keys.intent, size};
  }
  return {};
}

// Whether an Allow behind `text` is one: its line began as a record, and the word before it is no part of a sentence.
bool MayAllow(Kind begun, std::string_view text) {
  if (begun == Kind::kNone) return false;
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  size_t word = text.size();
  while (word > 0 && !IsBlank(text[word - 1])) word--;
  text.remove_prefix(word);
  if (begun == Kind::kAgent) return text.size() != 3 || !EqualsLower(text, "not");
  return !text.empty() && (text[0] == '/' || text[0] == '*' || text.back() == ':');
}

// The next word of a list of paths, without the dividers behind it; empty at the end.
std::string_view NextWord(std::string_view& list) {
  while (!list.empty()) {
    size_t end = 0;
    while (end < list.size() && !IsBlank(list[end])) end++;
    auto word = list.substr(0, end);
    list.remove_prefix(end < list.size() ? end + 1 : end);
    while (!word.empty() && (word.back() == ',' || word.back() == ';')) word.remove_suffix(1);
    if (!word.empty()) return word;
  }
  return {};
}

}  // namespace

// Cuts a line before each directive inside it that follows a blank or a spelt-out `\n`; a doubtful Allow is cut out.
void Reader::Intent(const Line& line, std::string_view statement) {
  const size_t first = statement.find(':');
  if (first == kNowhere ||
      (statement.find(':', first + 1) == kNowhere && DirectiveOf(statement.substr(0, first)) != Kind::kNone)) {
    return IntentStatement(line, statement);
  }
  size_t start = 0;
  size_t from = 0;
  Kind begun = KeyOf(TrimInvisible(statement)).kind;  // what the piece from `start` on begins with
  bool doubtful = false;
  for (size_t colon = first; colon != kNowhere; from = colon + 1, colon = statement.find(':', from)) {
    size_t end = colon;
    while (end > from && IsBlank(statement[end - 1])) end--;
    const size_t at = DirectiveBefore(statement, from, end);
    if (at == kNowhere || at <= start) continue;
    const bool spelt = at >= 2 && statement[at - 2] == '\\' && (statement[at - 1] == 'r' || statement[at - 1] == 'n');
    if (!spelt && !IsBlank(statement[at - 1])) continue;
    if (!doubtful) IntentStatement(line, statement.substr(start, (spelt ? at - 2 : at) - start));
    const Kind kind = KeysOf(statement.substr(at, end - at)).intent;
    doubtful = kind == Kind::kAllow && !spelt && !MayAllow(begun, statement.substr(start, at - start));
    begun = doubtful ? Kind::kNone : kind;
    start = at;
  }
  if (!doubtful) IntentStatement(line, statement.substr(start));
}

void Reader::IntentStatement(const Line& line, std::string_view statement) {
  const auto text = TrimInvisible(statement);
  const Key key = KeyOf(text);
  if (key.kind == Kind::kNone) return;
  const auto value = WithoutLineBreak(TrimInvisible(text.substr(key.end)));
  if (key.kind == Kind::kAgent) return IntentAgent(value);
  if (key.kind == Kind::kDisallow) IntentPaths(line, value);
  else if (!value.empty()) PushRule(Bit(kIntent), true, value, line);
  ruled_[kIntent] = true;
}

// The paths that the value of a Disallow line means: each where it lists paths alone, `/` where that has words behind it, and
// otherwise the whole: blanks do occur in paths.
void Reader::IntentPaths(const Line& line, std::string_view value) {
  if (value.empty()) return;
  auto rest = value;
  const auto first = NextWord(rest);
  if (!HasBlank(value) || first.empty()) return PushRule(Bit(kIntent), false, value, line);
  if (first == "/") return PushRule(Bit(kIntent), false, first, line);
  bool listed = first[0] == '/' || first[0] == '*';
  for (auto word = NextWord(rest); listed && !word.empty(); word = NextWord(rest)) listed = word[0] == '/';
  if (!listed) return PushRule(Bit(kIntent), false, value, line);
  for (auto word = NextWord(value); !word.empty(); word = NextWord(value)) PushRule(Bit(kIntent), false, word, line);
}

void Reader::IntentAgent(std::string_view value) {
  BeginAgents(kIntent);
  const auto seen = Visible(value, text_);
  if (seen == "*") return groups[kIntent].Join(0, value, count(), false);
  lower_.clear();
  bool word = true;
  for (const char c : seen) {
    const char lower = LowerLatin1(c);
    lower_ += lower;
    word = word && ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || lower == '_' || lower == '-' || lower == '.');
  }
  if (word) JoinIntent(TrimMarks(lower_), value);
  else IntentNames(value);
}

// All names that the value of a user-agent line, in lower case in lower_, may mean: the whole of it, and each of its words.
void Reader::IntentNames(std::string_view value) {
  if (HasStar(lower_)) groups[kIntent].Join(0, value, count(), false);
  const std::string_view lower = lower_;
  text_.clear();
  for (size_t i = 0; i < lower.size(); i++) {
    if (!IsSpaceLatin1(lower[i])) text_ += lower[i];
    else if (!text_.empty() && text_.back() != ' ') text_ += ' ';
  }
  if (!text_.empty() && text_.back() == ' ') text_.pop_back();
  // A value that is a star among white space is the star, and not a name.
  if (text_ == "*") groups[kIntent].Join(0, value, count(), false);
  JoinIntent(TrimMarks(WithoutVersion(TrimMarks(BeforeSlash(text_)))), value);
  for (size_t i = 0; i < lower.size();) {
    size_t end = i;
    while (end < lower.size() && !IsSpaceLatin1(lower[end]) && !IsDivider(lower[end])) end++;
    JoinIntent(TrimMarks(BeforeSlash(TrimMarks(lower.substr(i, end - i)))), value);
    i = end + 1;
  }
}

void Reader::JoinIntent(std::string_view lower, std::string_view written) {
  const int32_t name = lower.empty() ? -1 : profile_.Find(kIntent, lower);
  if (name >= 0) groups[kIntent].Join(static_cast<uint32_t>(name), written, count(), false);
}

}  // namespace apertus::robots
