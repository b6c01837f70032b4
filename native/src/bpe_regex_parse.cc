// From the text of a pattern to instructions, by recursive descent.
#include <algorithm>
#include <cstring>
#include <optional>

#include "bpe_code_set.h"
#include "bpe_regex.h"
#include "utf8.h"

namespace apertus::bpe {

namespace {

constexpr size_t kMostInstructions = 2000;
constexpr size_t kMostSets = 64;
constexpr int kDeepest = 50;
constexpr int kMostRepeats = 1000;

struct Fragment {
  std::vector<Instruction> code;
  bool nullable = true;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Program Parse() {
    const auto* const p = reinterpret_cast<const uint8_t*>(text_.data());
    for (size_t at = 0; at < text_.size();) {
      const size_t length = SequenceLength(p + at, text_.size() - at);
      if (length == 0) throw std::invalid_argument("the pattern is not UTF-8");
      at += length;
    }
    Fragment whole = Alternatives(false, 0);
    if (!Done()) throw std::invalid_argument("the pattern has a ) too many");
    if (whole.nullable) throw Unsupported("a pattern that matches the empty text");
    program_.instructions = std::move(whole.code);
    program_.instructions.push_back({Instruction::kMatch});
    return std::move(program_);
  }

 private:
  bool Done() const { return at_ == text_.size(); }
  bool Next(std::string_view part) {
    if (!text_.substr(at_).starts_with(part)) return false;
    at_ += part.size();
    return true;
  }
  char Peek() const { return Done() ? '\0' : text_[at_]; }
  char32_t TakePoint() {
    if (Done()) throw std::invalid_argument("the pattern is cut off");
    const auto* p = reinterpret_cast<const uint8_t*>(text_.data()) + at_;
    const size_t length = SequenceLength(p, text_.size() - at_);
    at_ += length;
    return CodePoint(p, length);
  }
  [[noreturn]] static void Refuse(const std::string& what) { throw Unsupported(what + " in a pattern"); }

  void Append(Fragment& to, Fragment from) {
    if (to.code.size() + from.code.size() > kMostInstructions) Refuse("more than 2,000 steps");
    to.code.insert(to.code.end(), from.code.begin(), from.code.end());
    to.nullable = to.nullable && from.nullable;
  }

  Fragment Alternatives(bool fold, int depth) {
    if (depth > kDeepest) Refuse("more than 50 nested groups");
    Fragment all = Sequence(fold, depth);
    std::vector<Fragment> list{std::move(all)};
    while (Next("|")) list.push_back(Sequence(fold, depth));
    Fragment joined = std::move(list.back());
    for (size_t i = list.size() - 1; i-- > 0;) {
      // split first, rest; first; jump behind rest; rest
      Fragment whole;
      whole.code.push_back({Instruction::kSplit, 1, static_cast<int32_t>(list[i].code.size()) + 2});
      whole.nullable = list[i].nullable || joined.nullable;
      const auto behind = static_cast<int32_t>(joined.code.size()) + 1;
      const bool nullable = whole.nullable;
      Append(whole, std::move(list[i]));
      whole.code.push_back({Instruction::kJump, behind});
      Append(whole, std::move(joined));
      whole.nullable = nullable;
      joined = std::move(whole);
    }
    return joined;
  }

  Fragment Sequence(bool fold, int depth) {
    Fragment all;
    char32_t before = 0;
    while (!Done() && Peek() != '|' && Peek() != ')') {
      const size_t start = at_;
      Fragment atom = Atom(fold, depth);
      const char32_t letter = at_ == start + 1 ? static_cast<uint8_t>(text_[start]) | 0x20 : 0;
      if (fold) CheckFold(before, letter);
      before = letter;
      Append(all, Repeated(std::move(atom)));
    }
    return all;
  }

  // Where case is ignored, ß is ss and ﬁ is fi for Oniguruma, and not for others.
  static void CheckFold(char32_t a, char32_t b) {
    if ((a == 's' && (b == 's' || b == 't')) || (a == 'f' && (b == 'f' || b == 'i' || b == 'l'))) {
      Refuse("letters that fold to one, with case ignored,");
    }
  }

  Fragment Repeated(Fragment atom) {
    int least = 1, most = 1;
    if (Next("?")) {
      least = 0;
    } else if (Next("*")) {
      least = 0, most = -1;
    } else if (Next("+")) {
      most = -1;
    } else if (!Counts(least, most)) {
      return atom;
    }
    if (Peek() == '+') Refuse("a possessive quantifier");
    if (Peek() == '?') Refuse("a lazy quantifier");
    if (Peek() == '*') Refuse("a quantifier behind a quantifier");
    if (atom.nullable) Refuse("a quantifier of what may be empty");
    const auto size = static_cast<int32_t>(atom.code.size());
    Fragment all;
    for (int i = 0; i < least; i++) Append(all, atom);
    if (most == -1 && least > 0) {
      all.code.push_back({Instruction::kSplit, -size, 1});
    } else if (most == -1) {
      all.code.push_back({Instruction::kSplit, 1, size + 2});
      Append(all, atom);
      all.code.push_back({Instruction::kJump, -(size + 1)});
    } else {
      const int32_t options = most - least;
      for (int32_t i = 0; i < options; i++) {
        all.code.push_back({Instruction::kSplit, 1, (options - i) * (size + 1)});
        Append(all, atom);
      }
    }
    all.nullable = least == 0;
    return all;
  }

  // {m}, {m,}, {m,n}; anything else that begins with a brace is a brace.
  bool Counts(int& least, int& most) {
    size_t at = at_;
    if (at == text_.size() || text_[at] != '{') return false;
    const auto number = [&]() -> std::optional<int> {
      const size_t from = ++at;
      int value = 0;
      for (; at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; at++) value = std::min(value * 10 + (text_[at] - '0'), 9999);
      return at == from ? std::nullopt : std::optional(value);
    };
    const auto first = number();
    if (!first || at == text_.size()) return false;
    auto second = first;
    if (text_[at] == ',') {
      second = number();
      if (!second) second = -1;
    }
    if (at == text_.size() || text_[at] != '}') return false;
    if (*first > kMostRepeats || *second > kMostRepeats) Refuse("more than 1,000 repetitions");
    if (*second == 0 || (*second > 0 && *second < *first)) throw std::invalid_argument("the pattern repeats something 0 times");
    at_ = at + 1;
    least = *first;
    most = *second;
    return true;
  }

  Fragment Atom(bool fold, int depth) {
    if (Next("(")) {
      if (Next("?!")) return Look(Instruction::kNotAhead, fold);
      if (Next("?=")) return Look(Instruction::kAhead, fold);
      bool inner = fold;
      if (Next("?i:")) {
        inner = true;
      } else if (!Next("?:") && Peek() == '?') {
        Refuse("the group (" + std::string(text_.substr(at_, 3)));
      }
      Fragment group = Alternatives(inner, depth + 1);
      if (!Next(")")) throw std::invalid_argument("the pattern has a ( too many");
      return group;
    }
    return One(Instruction::kTake, SetAtom(fold));
  }

  Fragment Look(Instruction::Kind kind, bool fold) {
    const CodeSet set = SetAtom(fold);
    if (!Next(")")) Refuse("a look ahead at more than one character");
    return One(kind, set);
  }

  Fragment One(Instruction::Kind kind, const CodeSet& set) {
    const auto known = std::find(program_.sets.begin(), program_.sets.end(), set);
    const auto index = static_cast<int32_t>(known - program_.sets.begin());
    if (known == program_.sets.end()) {
      if (program_.sets.size() == kMostSets) Refuse("more than 64 sets of characters");
      program_.sets.push_back(set);
    }
    Fragment one;
    one.code.push_back({kind, index});
    one.nullable = kind != Instruction::kTake;
    return one;
  }

  // What takes one character: a class, an escape, a dot, a character.
  CodeSet SetAtom(bool fold) {
    if (Next("[")) return ClassBody(fold, 0);
    if (Next("\\")) return Escaped(fold);
    if (Next(".")) return Negated({{'\n', '\n'}});
    const char c = Peek();
    if (c != '\0' && std::strchr("?*+^$", c) != nullptr) Refuse(std::string("a ") + c + " in this place");
    return Folded({{0, 0}}, TakePoint(), fold);
  }

  // A set of one character; `set` is replaced.
  CodeSet Folded(CodeSet set, char32_t c, bool fold) {
    set = {{c, c}};
    return fold ? WithCases(std::move(set)) : set;
  }

  static CodeSet WithCases(CodeSet set) {
    CodeSet all = set;
    for (const auto& [first, last] : set) {
      if (last >= 0x80) Refuse("a character beyond ASCII with case ignored");
      for (char32_t c = first; c <= last; c++) {
        const char32_t lower = c | 0x20;
        if (lower < 'a' || lower > 'z') continue;
        all.push_back({lower, lower});
        all.push_back({lower - 0x20, lower - 0x20});
        if (lower == 's') all.push_back({0x17F, 0x17F});
        if (lower == 'k') all.push_back({0x212A, 0x212A});
      }
    }
    return Normal(std::move(all));
  }

  CodeSet ClassBody(bool fold, int depth) {
    if (depth > kDeepest) Refuse("more than 50 nested classes");
    const bool negated = Next("^");
    std::optional<CodeSet> common;
    CodeSet set;
    for (bool first = true; first || Peek() != ']'; first = false) {
      if (Done()) throw std::invalid_argument("the pattern has a [ too many");
      if (Next("&&")) {
        common = common ? Common(*common, Normal(set)) : Normal(set);
        set.clear();
        continue;
      }
      if (Next("[")) {
        if (Peek() == ':') Refuse("a POSIX class");
        const CodeSet inner = ClassBody(fold, depth + 1);
        set.insert(set.end(), inner.begin(), inner.end());
        continue;
      }
      CodeSet item = ClassItem(fold);
      if (Peek() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        at_++;
        if (Peek() == '[') Refuse("a range that ends in a class");
        const CodeSet last = ClassItem(false);
        const bool single = item.size() == 1 && last.size() == 1 && item[0].first == item[0].second;
        const char32_t to = last.empty() ? 0 : last[0].second;
        if (fold) Refuse("a range with case ignored");
        if (!single || to < item[0].first) throw std::invalid_argument("the pattern has a range that is none");
        item = {{item[0].first, to}};
      }
      set.insert(set.end(), item.begin(), item.end());
    }
    at_++;
    set = Normal(std::move(set));
    if (common) set = Common(*common, set);
    return negated ? Negated(set) : set;
  }

  CodeSet ClassItem(bool fold) { return Next("\\") ? Escaped(fold) : Folded({}, TakePoint(), fold); }

  // What stands behind a backslash.
  CodeSet Escaped(bool fold) {
    const char32_t c = TakePoint();
    switch (c) {
      case 'p': return Property(false);
      case 'P': return Property(true);
      case 's': return WhiteSpace();
      case 'S': return Negated(WhiteSpace());
      case 'd': return *PropertySet("Nd");
      case 'D': return Negated(*PropertySet("Nd"));
      case 'n': return {{'\n', '\n'}};
      case 'r': return {{'\r', '\r'}};
      case 't': return {{'\t', '\t'}};
      case 'f': return {{'\f', '\f'}};
      case 'x': return Folded({}, Hexadecimal(2), fold);
      case 'u': return Folded({}, Hexadecimal(4), fold);
      default: break;
    }
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (word || c >= 0x80) Refuse(std::string("the escape \\") + (c < 0x80 ? static_cast<char>(c) : '?'));
    return {{c, c}};
  }

  char32_t Hexadecimal(int digits) {
    const bool braces = Next("{");
    char32_t value = 0;
    int count = 0;
    for (; braces ? Peek() != '}' : count < digits; count++) {
      const char32_t c = TakePoint() | 0x20;
      const bool digit = c >= '0' && c <= '9';
      if (!digit && (c < 'a' || c > 'f')) throw std::invalid_argument("the pattern has a code that is no number");
      value = value << 4 | (digit ? c - '0' : c - 'a' + 10);
      if (value >= kIllFormed) throw std::invalid_argument("the pattern has a code beyond Unicode");
    }
    if (braces) at_++;
    return value;
  }

  CodeSet Property(bool negated) {
    std::string name;
    if (Next("{")) {
      if (Next("^")) negated = !negated;
      for (char32_t c = TakePoint(); c != '}'; c = TakePoint()) name += static_cast<char>(c < 0x80 ? c : '?');
    } else {
      name = static_cast<char>(TakePoint());
    }
    const std::optional<CodeSet> set = PropertySet(name);
    if (!set) Refuse("the property \\p{" + name + "}");
    return negated ? Negated(*set) : *set;
  }

  const std::string_view text_;
  size_t at_ = 0;
  Program program_;
};

}  // namespace

Program ParsePattern(std::string_view pattern) {
  if (pattern.size() > 10000) throw Unsupported("a pattern of more than 10,000 bytes");
  return Parser(pattern).Parse();
}

}  // namespace apertus::bpe
