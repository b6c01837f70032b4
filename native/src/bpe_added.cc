// The trie of added tokens, and what stands around them in text.
#include "bpe_added.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "bpe_scanner.h"
#include "generated/unicode_categories.h"

namespace apertus::bpe {

static constexpr size_t kLongest = 1000;
static constexpr size_t kMostNodes = 1 << 22;

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)), nodes_(1) {
  for (size_t i = 0; i < tokens_.size(); i++) {
    const std::string& text = tokens_[i].text;
    if (text.empty()) throw std::invalid_argument("an added token is empty");
    if (text.size() > kLongest) throw std::invalid_argument("an added token has more than 1,000 bytes");
    uint32_t node = 0;
    for (const char c : text) {
      const auto byte = static_cast<uint8_t>(c);
      uint32_t next = node == 0 ? roots_[byte] : Child(node, byte);
      if (next == 0) {
        if (nodes_.size() == kMostNodes) throw std::invalid_argument("added tokens of more than 4 MiB");
        next = static_cast<uint32_t>(nodes_.size());
        nodes_.push_back({0, nodes_[node].child, 0, byte});
        nodes_[node].child = next;
        if (node == 0) roots_[byte] = next;
      }
      node = next;
    }
    if (nodes_[node].token != 0) throw std::invalid_argument("the added token " + text + " is given twice");
    nodes_[node].token = static_cast<uint32_t>(i) + 1;
  }
  // Where no token is to be found, there is nothing to look for.
  any_ = std::any_of(tokens_.begin(), tokens_.end(), [](const AddedToken& token) { return token.find; });
  const auto starts = std::count_if(std::begin(roots_), std::end(roots_), [](uint32_t node) { return node != 0; });
  if (starts == 1) only_start_ = static_cast<uint8_t>(tokens_[0].text[0]);
}

uint32_t AddedTokens::Child(uint32_t node, uint8_t byte) const {
  uint32_t child = nodes_[node].child;
  while (child != 0 && nodes_[child].byte != byte) child = nodes_[child].sibling;
  return child;
}

const AddedToken* AddedTokens::At(std::string_view text, size_t at) const {
  const AddedToken* found = nullptr;
  uint32_t node = roots_[static_cast<uint8_t>(text[at])];
  while (node != 0) {
    if (nodes_[node].token != 0) found = &tokens_[nodes_[node].token - 1];
    if (++at == text.size()) break;
    node = Child(node, static_cast<uint8_t>(text[at]));
  }
  return found;
}

size_t AddedTokens::NextStart(std::string_view text, size_t at) const {
  if (!any_) return text.size();
  if (only_start_ >= 0) return std::min(text.find(static_cast<char>(only_start_), at), text.size());
  while (at < text.size() && roots_[static_cast<uint8_t>(text[at])] == 0) at++;
  return at;
}

// The last symbol in front of `at`, from its first byte on; `least` at the earliest.
static size_t SymbolBefore(std::string_view text, size_t least, size_t at) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  for (size_t length = 2; length <= 4 && at - least >= length; length++) {
    if (SequenceLength(p + at - length, length) == length) return at - length;
  }
  return at - 1;
}

static bool IsWord(std::string_view text, size_t at) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data()) + at;
  const size_t length = SequenceLength(p, text.size() - at);
  if (length == 0) return false;
  const char32_t c = CodePoint(p, length);
  const auto* const above = std::upper_bound(std::begin(unicode::kWord), std::end(unicode::kWord), c,
                                             [](char32_t point, const auto& range) { return point < range[0]; });
  return above != std::begin(unicode::kWord) && (*std::prev(above))[1] >= c;
}

static bool IsSpace(std::string_view text, size_t at, size_t& length) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const Symbol symbol = SymbolAt(p + at, p + text.size());
  length = symbol.length;
  return symbol.kind == kSpace || symbol.kind == kNewline;
}

bool AddedTokens::StandsAlone(std::string_view text, size_t from, size_t to) {
  return (from == 0 || !IsWord(text, SymbolBefore(text, 0, from))) && (to == text.size() || !IsWord(text, to));
}

size_t AddedTokens::SpaceBefore(std::string_view text, size_t least, size_t at) {
  while (at > least) {
    const size_t before = SymbolBefore(text, least, at);
    size_t length;
    if (!IsSpace(text, before, length)) break;
    at = before;
  }
  return std::max(at, least);
}

size_t AddedTokens::SpaceBehind(std::string_view text, size_t at) {
  size_t length;
  while (at < text.size() && IsSpace(text, at, length)) at += length;
  return at;
}

}  // namespace apertus::bpe
