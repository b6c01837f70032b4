// Sets of code points, as patterns name them: classes, properties (UAX #44) and what can be made of them.
#pragma once
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace apertus::bpe {

// Sorted ranges, both ends in them, none touching another. kIllFormed stands for an ill-formed byte.
using CodeSet = std::vector<std::pair<char32_t, char32_t>>;
inline constexpr char32_t kIllFormed = 0x110000;

// Ranges in any order, sorted and joined.
CodeSet Normal(CodeSet set);
// All other code points, and ill-formed bytes where the set has them not.
CodeSet Negated(const CodeSet& set);
CodeSet Common(const CodeSet& a, const CodeSet& b);
CodeSet WhiteSpace();
// A general category by its short name, one of one letter, or the script Han; nothing for other names.
std::optional<CodeSet> PropertySet(std::string_view name);

}  // namespace apertus::bpe
