// Counts that tell prose from noise, exact integers in one pass over each document: what the quality rules of Gopher (Rae et
// al. 2021, appendix A), C4 (Raffel et al. 2020) and FineWeb (Penedo et al. 2024) are made of. Ratios are left to the caller.
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "batch.h"
#include "hash.h"
#include "kernels.h"
#include "repetition.h"
#include "text_classes.h"

namespace apertus {

// The order of a row's numbers; native/text-statistics.ts names and explains them.
enum Statistic : size_t {
  kCharacters, kLetters, kDigits, kWords, kWordCharacters, kSpacedWords, kSpelledWords, kSpelledWordCharacters,
  kSpelledWordMarks, kAlphabeticWords, kHashes, kEllipses, kLines, kBulletLines, kEllipsisLines, kPunctuatedLines, kShortLines, kDuplicateLines, kDuplicateLineCharacters,
  kParagraphs, kDuplicateParagraphs, kDuplicateParagraphCharacters, kMeasuredCharacters, kTopNgram,
  kRepeatedNgram = kTopNgram + 3, kStatistics = kRepeatedNgram + 6
};

static constexpr uint64_t kShortLine = 30;

// Hashes seen before in this document.
class HashSet {
 public:
  void Clear() {
    bits_ = kFewest;
    table_.assign(size_t{1} << kFewest, 0);
    used_ = 0;
  }
  // Whether it was there already.
  bool Add(uint64_t hash) {
    hash |= 1;  // 0 marks a free slot
    if (2 * (used_ + 1) > table_.size()) Grow();
    uint64_t& slot = Slot(hash);
    if (slot == hash) return true;
    slot = hash;
    used_++;
    return false;
  }

 private:
  static constexpr unsigned kFewest = 6;

  uint64_t& Slot(uint64_t hash) {
    size_t at = SlotOf(hash, factor_, bits_);
    while (table_[at] != 0 && table_[at] != hash) at = (at + 1) & (table_.size() - 1);
    return table_[at];
  }
  void Grow() {
    std::vector<uint64_t> old(2 * table_.size(), 0);
    old.swap(table_);
    bits_++;
    for (const uint64_t hash : old) {
      if (hash != 0) Slot(hash) = hash;
    }
  }
  const uint64_t factor_ = SlotFactor();
  std::vector<uint64_t> table_;
  unsigned bits_ = 0;
  size_t used_ = 0;
};

class Statistician {
 public:
  // Writes kStatistics numbers.
  void Measure(std::string_view text, double* out);

 private:
  void Reset(std::string_view text);
  uint64_t Hash(size_t from, size_t to) const { return HashBytes(p_ + from, to - from, size_ - from); }
  void EndToken(size_t at);
  void StartRun(size_t at);
  void EndRun(size_t at);
  void AddWord(size_t from, size_t to, uint64_t characters);
  void EndLine();
  void EndParagraph();

  const TextClasses& classes_ = TextClasses::Get();
  const uint8_t* p_ = nullptr;
  size_t size_ = 0;
  std::array<uint64_t, kStatistics> n_{};
  HashSet lines_seen_, paragraphs_seen_;
  std::vector<uint64_t> word_hashes_, word_ends_;
  NgramCounter ngrams_;

  // The token (between white space) at hand: its current run holds no letter of an unspaced script.
  bool in_token_ = false, token_unspaced_ = false;
  size_t run_start_ = 0;
  uint64_t run_first_ = 0, run_marks_ = 0;
  uint8_t run_kinds_ = 0;
  bool run_syllabic_ = false;
  // The line at hand, without white space at its ends; bytes and characters.
  bool in_line_ = false;
  size_t line_start_ = 0, line_end_ = 0;
  uint64_t line_first_ = 0, line_last_ = 0;
  uint8_t line_end_kind_ = 0;
  // The paragraph at hand: lines up to an empty one.
  bool in_paragraph_ = false;
  size_t paragraph_start_ = 0, paragraph_end_ = 0;
  uint64_t paragraph_first_ = 0, paragraph_last_ = 0;
};

void Statistician::Reset(std::string_view text) {
  p_ = reinterpret_cast<const uint8_t*>(text.data());
  size_ = text.size();
  n_.fill(0);
  lines_seen_.Clear();
  paragraphs_seen_.Clear();
  word_hashes_.clear();
  word_ends_.assign(1, 0);
  in_token_ = in_line_ = in_paragraph_ = false;
}

// A word of the text; characters is its number of code points.
void Statistician::AddWord(size_t from, size_t to, uint64_t characters) {
  n_[kWords]++;
  n_[kWordCharacters] += characters;
  if (word_hashes_.size() < NgramCounter::kMostWords) {
    word_hashes_.push_back(Hash(from, to));
    word_ends_.push_back(word_ends_.back() + characters);
  }
}

// In a token that holds letters of an unspaced script, what stands between them is a word only if it has a letter or a number:
// the full stop behind a Chinese clause is not one.
void Statistician::EndRun(size_t at) {
  if (at == run_start_ || (token_unspaced_ && (run_kinds_ & (kLetter | kNumber)) == 0)) return;
  const uint64_t characters = n_[kCharacters] - run_first_;
  AddWord(run_start_, at, characters);
  n_[kSpacedWords]++;
  n_[kAlphabeticWords] += (run_kinds_ & kLetter) != 0;
  if (!run_syllabic_) {
    n_[kSpelledWords]++;
    n_[kSpelledWordCharacters] += characters;
    n_[kSpelledWordMarks] += run_marks_;
  }
}

void Statistician::StartRun(size_t at) {
  run_start_ = at;
  run_first_ = n_[kCharacters];
  run_kinds_ = 0;
  run_marks_ = 0;
  run_syllabic_ = false;
}

void Statistician::EndToken(size_t at) {
  if (in_token_) EndRun(at);
  in_token_ = false;
}

// Scripts with spaces whose characters are syllables, so that a mean word length in characters says nothing: Hangul, Vai.
static bool IsSyllable(char32_t point) {
  return (point >= 0xAC00 && point <= 0xD7A3) || (point >= 0x1100 && point <= 0x11FF) || (point >= 0xA500 && point <= 0xA63F);
}

static bool IsBullet(char32_t point) {
  switch (point) {
    case U'-': case U'*': case U'\u00B7': case U'\u2022': case U'\u2023': case U'\u2043': case U'\u2219': case U'\u25A0':
    case U'\u25AA': case U'\u25CB': case U'\u25CF': case U'\u25E6': case U'\u2756': case U'\uFF65':
      return true;
    default:
      return false;
  }
}

void Statistician::EndLine() {
  if (!in_line_) {
    EndParagraph();
    return;
  }
  in_line_ = false;
  const uint64_t characters = line_last_ - line_first_;
  const size_t size = line_end_ - line_start_;
  const std::string_view line(reinterpret_cast<const char*>(p_) + line_start_, size);
  n_[kLines]++;
  if (IsBullet(CharacterAt(classes_, p_ + line_start_, size).point)) n_[kBulletLines]++;
  if (line.ends_with("...") || line.ends_with("\xE2\x80\xA6")) n_[kEllipsisLines]++;
  if ((line_end_kind_ & kSentenceEnd) != 0) n_[kPunctuatedLines]++;
  if (characters < kShortLine) n_[kShortLines]++;
  if (lines_seen_.Add(Hash(line_start_, line_end_))) {
    n_[kDuplicateLines]++;
    n_[kDuplicateLineCharacters] += characters;
  }
  if (!in_paragraph_) {
    in_paragraph_ = true;
    paragraph_start_ = line_start_;
    paragraph_first_ = line_first_;
  }
  paragraph_end_ = line_end_;
  paragraph_last_ = line_last_;
}

void Statistician::EndParagraph() {
  if (!in_paragraph_) return;
  in_paragraph_ = false;
  n_[kParagraphs]++;
  if (paragraphs_seen_.Add(Hash(paragraph_start_, paragraph_end_))) {
    n_[kDuplicateParagraphs]++;
    n_[kDuplicateParagraphCharacters] += paragraph_last_ - paragraph_first_;
  }
}

void Statistician::Measure(std::string_view text, double* out) {
  Reset(text);
  const size_t size = size_;
  size_t i = 0;
  while (i < size) {
    const Character character = CharacterAt(classes_, p_ + i, size - i);
    const uint8_t kind = character.kind;
    if ((kind & kSpace) != 0) {
      EndToken(i);
      n_[kCharacters]++;
      i += character.length;
      if (character.point == U'\n') EndLine();
      continue;
    }
    if (!in_line_) {
      in_line_ = true;
      line_start_ = i;
      line_first_ = n_[kCharacters];
    }
    if (!in_token_) {
      in_token_ = true;
      token_unspaced_ = false;
      StartRun(i);
    }
    if ((kind & kUnspaced) != 0) {
      // One word unit: the letter with the marks on it.
      token_unspaced_ = true;
      EndRun(i);
      size_t end = i + character.length;
      uint64_t points = 1;
      while (end < size) {
        const Character mark = CharacterAt(classes_, p_ + end, size - end);
        if ((mark.kind & kMark) == 0) break;
        end += mark.length;
        points++;
      }
      AddWord(i, end, points);
      n_[kAlphabeticWords]++;
      n_[kLetters] += (kind & kLetter) != 0;
      n_[kCharacters] += points;
      i = end;
      StartRun(i);
    } else if (kind == kLetter && character.length == 1) {
      // The common case, a run of ASCII letters, kept in registers.
      const size_t start = i;
      do i++;
      while (i < size && p_[i] < 0x80 && classes_.Of(p_[i]) == kLetter);
      run_kinds_ |= kLetter;
      n_[kLetters] += i - start;
      n_[kCharacters] += i - start;
    } else {
      run_kinds_ |= kind;
      n_[kLetters] += (kind & kLetter) != 0;
      n_[kDigits] += (kind & kDigit) != 0;
      run_marks_ += (kind & kMark) != 0;
      run_syllabic_ |= IsSyllable(character.point);
      if (character.point == U'#') n_[kHashes]++;
      if (character.point == U'\u2026') n_[kEllipses]++;
      // The third of a row of dots makes it an ellipsis.
      if (character.point == U'.' && i - line_start_ >= 2 && p_[i - 1] == '.' && p_[i - 2] == '.' &&
          (i - line_start_ == 2 || p_[i - 3] != '.')) {
        n_[kEllipses]++;
      }
      n_[kCharacters]++;
      i += character.length;
    }
    line_end_ = i;
    line_last_ = n_[kCharacters];
    line_end_kind_ = kind;
  }
  EndToken(size);
  EndLine();
  EndParagraph();

  n_[kMeasuredCharacters] = word_ends_.back();
  const NgramRepetition repetition = ngrams_.Count(word_hashes_, word_ends_);
  for (size_t k = 0; k < repetition.top.size(); k++) n_[kTopNgram + k] = repetition.top[k];
  for (size_t k = 0; k < repetition.repeated.size(); k++) n_[kRepeatedNgram + k] = repetition.repeated[k];
  for (size_t k = 0; k < kStatistics; k++) out[k] = static_cast<double>(n_[k]);
}

// textStatistics(values: Uint8Array, offsets: Int32Array): Float64Array of rows x kStatistics.
static Napi::Value TextStatistics(const Napi::CallbackInfo& info) {
  if (info.Length() < 2) throw Napi::TypeError::New(info.Env(), "textStatistics takes values and offsets");
  const BytesColumn column(info[0], info[1]);
  auto result = Napi::Float64Array::New(info.Env(), column.rows() * kStatistics);
  Statistician statistician;
  for (size_t row = 0; row < column.rows(); row++) statistician.Measure(column.row(row), result.Data() + row * kStatistics);
  return result;
}

void RegisterTextStatistics(Napi::Env env, Napi::Object exports) {
  exports.Set("textStatistics", Napi::Function::New(env, TextStatistics));
}

}  // namespace apertus
