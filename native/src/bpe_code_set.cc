// Sets of code points from the generated tables, and their algebra.
#include "bpe_code_set.h"

#include <algorithm>
#include <iterator>

#include "generated/bpe_tables.h"
#include "generated/unicode_categories.h"

namespace apertus::bpe {

CodeSet Normal(CodeSet set) {
  std::sort(set.begin(), set.end());
  CodeSet joined;
  for (const auto& [first, last] : set) {
    if (!joined.empty() && first <= joined.back().second + 1) {
      joined.back().second = std::max(joined.back().second, last);
    } else {
      joined.push_back({first, last});
    }
  }
  return joined;
}

CodeSet Negated(const CodeSet& set) {
  CodeSet rest;
  char32_t from = 0;
  for (const auto& [first, last] : set) {
    if (first > from) rest.push_back({from, first - 1});
    from = last + 1;
  }
  if (from <= kIllFormed) rest.push_back({from, kIllFormed});
  return rest;
}

CodeSet Common(const CodeSet& a, const CodeSet& b) {
  CodeSet either = Negated(a);
  const CodeSet other = Negated(b);
  either.insert(either.end(), other.begin(), other.end());
  return Negated(Normal(std::move(either)));
}

template <typename Test>
static CodeSet Where(Test test) {
  CodeSet set;
  for (char32_t c = 0; c < kIllFormed; c++) {
    if (!test(c)) continue;
    if (!set.empty() && set.back().second == c - 1) {
      set.back().second = c;
    } else {
      set.push_back({c, c});
    }
  }
  return set;
}

CodeSet WhiteSpace() {
  return Where([](char32_t c) {
    const uint8_t kind = kClasses[kBlocks[c >> kBlockBits] << kBlockBits | (c & ((1 << kBlockBits) - 1))];
    return kind == kSpace || kind == kNewline;
  });
}

static CodeSet Category(std::string_view name) {
  bool in[std::size(unicode::kCategoryNames)];
  for (size_t i = 0; i < std::size(in); i++) in[i] = std::string_view(unicode::kCategoryNames[i]).starts_with(name);
  return Where([&](char32_t c) {
    constexpr int kBits = unicode::kBlockBits;
    return in[unicode::kCategories[unicode::kBlocks[c >> kBits] << kBits | (c & ((1 << kBits) - 1))]];
  });
}

std::optional<CodeSet> PropertySet(std::string_view name) {
  if (name == "Han" || name == "Script=Han") {
    CodeSet set;
    for (const auto& range : unicode::kHan) set.push_back({range[0], range[1]});
    return set;
  }
  if (name == "Letter") return Category("L");
  for (const std::string_view letter : {"L", "M", "N", "P", "S", "Z"}) {
    if (name == letter) return Category(name);
  }
  for (const std::string_view category : unicode::kCategoryNames) {
    if (name == category && name != "Cn") return Category(name);
  }
  return std::nullopt;
}

}  // namespace apertus::bpe
