// Tokens that are found in text before it is cut into pretokens (Hugging Face: added tokens), the leftmost first and of those the
// longest. A token that is not to be found still takes its place in the text, so that no part of it is taken for another one.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apertus::bpe {

struct AddedToken {
  std::string text;
  uint32_t id;
  // Whether it comes from text. Where not, its text is left as text.
  bool find = true;
  // It takes the white space in front of it, and behind it.
  bool left_strip = false;
  bool right_strip = false;
  // It is found only where no word goes on at its ends.
  bool single_word = false;
};

class AddedTokens {
 public:
  // Throws std::invalid_argument for a token that is empty, longer than 1,000 bytes or given twice.
  explicit AddedTokens(std::vector<AddedToken> tokens);

  const std::vector<AddedToken>& tokens() const { return tokens_; }

  // Calls `text` and `token` for the parts of the text from left to right.
  template <typename OnText, typename OnToken>
  void Cut(std::string_view text, OnText on_text, OnToken on_token) const {
    size_t done = 0;
    for (size_t at = NextStart(text, 0); at < text.size(); at = NextStart(text, at)) {
      const AddedToken* const token = At(text, at);
      if (token == nullptr) {
        at++;
        continue;
      }
      size_t from = at;
      at += token->text.size();
      if (!token->find || (token->single_word && !StandsAlone(text, from, at))) continue;
      size_t to = at;
      if (token->left_strip) from = SpaceBefore(text, done, from);
      if (token->right_strip) to = SpaceBehind(text, to);
      if (from > done) on_text(text.substr(done, from - done));
      on_token(token->id, from, to);
      // A token whose white space was taken away may still be found in it, as by Hugging Face.
      done = to;
    }
    if (done < text.size()) on_text(text.substr(done));
  }

 private:
  struct Node {
    // The first of the nodes one byte further on, and the next of this one's siblings; 0 for none.
    uint32_t child = 0;
    uint32_t sibling = 0;
    // Index + 1 of the token that ends here.
    uint32_t token = 0;
    uint8_t byte = 0;
  };

  uint32_t Child(uint32_t node, uint8_t byte) const;
  const AddedToken* At(std::string_view text, size_t at) const;
  // The first place from `at` on where a token may start, or the end.
  size_t NextStart(std::string_view text, size_t at) const;
  static bool StandsAlone(std::string_view text, size_t from, size_t to);
  static size_t SpaceBefore(std::string_view text, size_t least, size_t at);
  static size_t SpaceBehind(std::string_view text, size_t at);

  std::vector<AddedToken> tokens_;
  // A trie; nodes_[0] is its root, whose children are in roots_, too.
  std::vector<Node> nodes_;
  uint32_t roots_[256] = {};
  // The byte that all tokens start with, or -1.
  int only_start_ = -1;
  bool any_ = false;
};

}  // namespace apertus::bpe
