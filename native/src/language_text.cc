// What language identification reads of a text: words of lower-case letters, marks and apostrophes, the rest as single spaces.
// fastText's own models read raw text; normalised text won 6 to 9 points on labelled lines (docs/models/language.md).
//
// 1. A text above 4 KB is read through 8 windows of 512 bytes, evenly spaced from its first byte to its last. A window begins
//    behind the first ASCII white space of its first 64 bytes and ends at the last one of its last 64 (or at whole code points
//    where there is none); windows are separated like words.
// 2. Each code point is looked up (generated/language_tables.h): letters and marks become their simple lower-case form; Han and
//    kana are words of one character; apostrophes of all kinds become ' and stay where a letter stands beside them; format
//    characters (soft hyphen, joiners, direction marks) and tatweel vanish; everything else, ill-formed bytes too, separates.
// 3. The dominant script is the one with most letters and marks in those windows. Han, hiragana and katakana count as one: Jpan
//    where a tenth of them or more is kana, Hani otherwise. Without a letter it is Zyyy. Equal counts: the first by name.
#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "batch.h"
#include "generated/language_tables.h"
#include "kernels.h"
#include "utf8.h"

namespace apertus {
namespace {

using namespace language_tables;

constexpr size_t kWhole = 4096, kWindows = 8, kWindow = 512, kSnap = 64;
constexpr int kJpan = kScriptCount;  // one more than Unicode's own scripts
constexpr uint8_t kLetter = 1, kSingle = 2, kApostrophe = 3, kDropped = 4;

constexpr int ScriptIndex(std::string_view code) {
  for (int i = 0; i < kScriptCount; i++) {
    if (code == kScripts[i]) return i;
  }
  return -1;
}
constexpr int kLatn = ScriptIndex("Latn"), kHani = ScriptIndex("Hani"), kHira = ScriptIndex("Hira"), kKana = ScriptIndex("Kana");
static_assert(kLatn > 0 && kHani > 0 && kHira > 0 && kKana > 0 && kJpan < 256);

bool IsSpace(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }
bool IsAsciiLetter(uint8_t byte) { return static_cast<uint8_t>((byte | 0x20) - 'a') < 26; }
bool IsTail(uint8_t byte) { return (byte & 0xC0) == 0x80; }

std::string_view Window(std::string_view text, size_t index) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  // 64-bit arithmetic: a row is below 2^31 bytes.
  size_t begin = index * (text.size() - kWindow) / (kWindows - 1), end = begin + kWindow;
  if (index > 0) {
    const size_t space = static_cast<size_t>(std::find_if(p + begin, p + begin + kSnap, IsSpace) - p);
    if (space < begin + kSnap) {
      begin = space;
    } else {
      while (begin < end && IsTail(p[begin])) begin++;
    }
  }
  if (index + 1 < kWindows) {
    size_t space = end;
    while (space > end - kSnap && !IsSpace(p[space - 1])) space--;
    if (space > end - kSnap) {
      end = space;
    } else {
      while (end > begin && IsTail(p[end])) end--;
    }
  }
  return text.substr(begin, end - begin);
}

void AppendUtf8(std::string& out, char32_t cp) {
  if (cp < 0x80) {
    out += static_cast<char>(cp);
  } else if (cp < 0x800) {
    out += static_cast<char>(0xC0 | cp >> 6);
    out += static_cast<char>(0x80 | (cp & 0x3F));
  } else if (cp < 0x10000) {
    out += static_cast<char>(0xE0 | cp >> 12);
    out += static_cast<char>(0x80 | (cp >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (cp & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | cp >> 18);
    out += static_cast<char>(0x80 | (cp >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (cp >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (cp & 0x3F));
  }
}

class Normaliser {
 public:
  explicit Normaliser(std::string& out) : out_(out) {}

  // Appends the words of one row, a space between each two, and returns the row's script.
  int Row(std::string_view text) {
    row_start_ = out_.size();
    counts_.fill(0);
    if (text.size() <= kWhole) {
      Piece(text);
    } else {
      for (size_t i = 0; i < kWindows; i++) Piece(Window(text, i));
    }
    return Dominant();
  }

 private:
  void Piece(std::string_view text) {
    const auto* p = reinterpret_cast<const uint8_t*>(text.data());
    const size_t n = text.size();
    in_word_ = false;
    bool apostrophe = false;  // one that waits for the next letter
    for (size_t i = 0; i < n;) {
      if (IsAsciiLetter(p[i])) {
        // What follows says of each code point, said of a run of those that most texts consist of.
        const size_t begin = i;
        while (i < n && IsAsciiLetter(p[i])) i++;
        counts_[kLatn] += static_cast<uint32_t>(i - begin);
        if (apostrophe || !in_word_) Begin();
        if (apostrophe) out_ += '\'';
        apostrophe = false;
        in_word_ = true;
        const size_t at = out_.size();
        out_.append(text.substr(begin, i - begin));
        for (size_t j = at; j < out_.size(); j++) out_[j] = static_cast<char>(out_[j] | 0x20);
        continue;
      }
      const size_t length = SequenceLength(p + i, n - i);
      if (length == 0) {
        in_word_ = apostrophe = false;
        i++;
        continue;
      }
      const char32_t cp = CodePoint(p + i, length);
      const Record& record = Lookup(cp);
      i += length;
      switch (record.kind) {
        case kLetter:
          counts_[record.script]++;
          if (apostrophe) {
            Begin();
            out_ += '\'';
            apostrophe = false;
          } else if (!in_word_) {
            Begin();
          }
          in_word_ = true;
          AppendUtf8(out_, static_cast<char32_t>(static_cast<int32_t>(cp) + record.lower));
          break;
        case kSingle:
          counts_[record.script]++;
          Begin();
          AppendUtf8(out_, cp);
          in_word_ = apostrophe = false;
          break;
        case kApostrophe:
          if (in_word_) {
            out_ += '\'';
          } else {
            apostrophe = true;
          }
          break;
        case kDropped: break;
        default: in_word_ = apostrophe = false;
      }
    }
  }

  void Begin() {
    if (out_.size() > row_start_) out_ += ' ';
  }

  int Dominant() {
    counts_[0] = 0;
    const uint32_t kana = counts_[kHira] + counts_[kKana], all = kana + counts_[kHani];
    counts_[kHira] = counts_[kKana] = counts_[kHani] = 0;
    counts_[uint64_t{10} * kana >= all && kana > 0 ? kJpan : kHani] = all;
    const auto most = std::max_element(counts_.begin(), counts_.end());
    return *most == 0 ? 0 : static_cast<int>(most - counts_.begin());
  }

  std::string& out_;
  size_t row_start_ = 0;
  bool in_word_ = false;
  std::array<uint32_t, kScriptCount + 1> counts_{};
};

// normaliseForLanguage(values, offsets): { values: Uint8Array, offsets: Int32Array, scripts: Uint8Array }
Napi::Value NormaliseForLanguage(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  const BytesColumn column(info[0], info[1]);
  auto offsets = Napi::Int32Array::New(env, column.rows() + 1);
  auto scripts = Napi::Uint8Array::New(env, column.rows());
  std::string out;
  Normaliser normaliser(out);
  offsets[0] = 0;
  for (size_t i = 0; i < column.rows(); i++) {
    scripts[i] = static_cast<uint8_t>(normaliser.Row(column.row(i)));
    if (out.size() > INT32_MAX) throw Napi::RangeError::New(env, "the batch holds more than 2 GB of text for language");
    offsets[i + 1] = static_cast<int32_t>(out.size());
  }
  auto values = Napi::Uint8Array::New(env, out.size());
  if (!out.empty()) std::memcpy(values.Data(), out.data(), out.size());
  auto result = Napi::Object::New(env);
  result.Set("values", values);
  result.Set("offsets", offsets);
  result.Set("scripts", scripts);
  return result;
}

// languageScripts(): string[]; what the numbers of `scripts` name.
Napi::Value LanguageScripts(const Napi::CallbackInfo& info) {
  auto names = Napi::Array::New(info.Env(), kScriptCount + 1);
  for (int i = 0; i < kScriptCount; i++) names.Set(static_cast<uint32_t>(i), kScripts[i]);
  names.Set(static_cast<uint32_t>(kJpan), "Jpan");
  return names;
}

}  // namespace

void RegisterLanguageText(Napi::Env env, Napi::Object exports) {
  exports.Set("normaliseForLanguage", Napi::Function::New(env, NormaliseForLanguage));
  exports.Set("languageScripts", Napi::Function::New(env, LanguageScripts));
}

}  // namespace apertus
