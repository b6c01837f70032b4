// Matches lists of words and phrases against text, in lower case and on word boundaries: a hash trie over word units, walked from
// each word of the document, so that the cost does not depend on the number of entries. A unit is a run of letters, marks and
// numbers; in scripts without spaces between words a letter with its marks; or an emoji. An entry of such letters therefore
// matches anywhere between letters, any other entry matches whole words only.
#include <algorithm>
#include <array>
#include <bitset>
#include <unordered_map>
#include <vector>

#include "batch.h"
#include "hash.h"
#include "kernels.h"
#include "text_classes.h"

namespace apertus {
namespace {

struct Unit {
  uint64_t hash;  // of its lower-case code points
  uint64_t gap;   // of what stands between the unit before and this one
};

constexpr uint64_t kAdjacent = 1, kWhiteSpace = 2;

// The lower case of ASCII letters and digits, 0 for all other bytes.
constexpr auto kAsciiWord = [] {
  std::array<uint8_t, 256> lower{};
  for (uint8_t c = '0'; c <= '9'; c++) lower[c] = c;
  for (uint8_t c = 'a'; c <= 'z'; c++) lower[c] = lower[c - 32] = c;
  return lower;
}();

void SplitUnits(const TextClasses& classes, std::string_view text, std::vector<Unit>& units) {
  units.clear();
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const size_t size = text.size();
  size_t i = 0, gap_start = 0;
  bool only_space = true;  // in the gap so far
  while (i < size) {
    Character c = CharacterAt(classes, p + i, size - i);
    if ((c.kind & (kLetter | kMark | kNumber | kEmoji)) == 0) {
      only_space = only_space && (c.kind & kSpace) != 0;
      i += c.length;
      continue;
    }
    const uint64_t gap = i == gap_start ? kAdjacent : only_space ? kWhiteSpace : HashBytes(p + gap_start, i - gap_start, size - gap_start) | 4;
    const bool alone = (c.kind & (kUnspaced | kEmoji)) != 0;
    uint64_t hash = kHashSeed;
    do {
      hash = (hash ^ classes.Lower(c.point)) * kHashFactor;
      i += c.length;
      // The common case, a run of ASCII letters and digits, without the tables.
      while (!alone && i < size && kAsciiWord[p[i]] != 0) hash = (hash ^ kAsciiWord[p[i++]]) * kHashFactor;
      if (i >= size) break;
      c = CharacterAt(classes, p + i, size - i);
    } while ((c.kind & kMark) != 0 || (!alone && (c.kind & (kLetter | kNumber)) != 0 && (c.kind & kUnspaced) == 0));
    units.push_back({MixHash(hash, hash >> 32), gap});
    gap_start = i;
    only_space = true;
  }
}

uint64_t Step(uint64_t path, const Unit& unit, bool first) { return MixHash(path + (first ? 0 : unit.gap), unit.hash); }

class WordLists : public Napi::ObjectWrap<WordLists> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "WordLists", {InstanceMethod<&WordLists::Match>("match")});
  }

  // new WordLists(values, offsets, lists: Uint8Array): the entries, and the list from 0 to 31 that each belongs to.
  explicit WordLists(const Napi::CallbackInfo& info) : Napi::ObjectWrap<WordLists>(info), classes_(TextClasses::Get()) {
    if (info.Length() < 3 || !info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
      throw Napi::TypeError::New(info.Env(), "WordLists takes values, offsets and a Uint8Array of lists");
    }
    const BytesColumn entries(info[0], info[1]);
    const auto lists = info[2].As<Napi::Uint8Array>();
    if (lists.ElementLength() != entries.rows()) throw Napi::RangeError::New(info.Env(), "an entry has no list");
    std::vector<Unit> units;
    for (size_t entry = 0; entry < entries.rows(); entry++) {
      const uint8_t list = lists.Data()[entry];
      if (list > 31) throw Napi::RangeError::New(info.Env(), "there are more than 32 lists");
      SplitUnits(classes_, entries.row(entry), units);
      uint64_t path = 0;
      for (size_t k = 0; k < units.size(); k++) {
        path = Step(path, units[k], k == 0);
        Node& node = nodes_[path];
        if (k == 0) starts_.set(units[0].hash & (kStarts - 1));
        if (k + 1 < units.size()) {
          node.longer = true;
        } else if ((node.lists >> list & 1) == 0) {
          node.lists |= uint32_t{1} << list;
          node.entries.push_back({list, static_cast<int32_t>(entry)});
        }
      }
    }
  }

 private:
  static constexpr size_t kStarts = 1 << 16;
  struct Node {
    uint32_t lists = 0;  // lists that have an entry ending here
    bool longer = false;
    std::vector<std::pair<uint8_t, int32_t>> entries;
  };

  // match(values, offsets, masks: Int32Array): { units, matched, rows, entries }. Bit k of a row's mask stands for list k.
  Napi::Value Match(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    if (info.Length() < 3 || !info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_int32_array) {
      throw Napi::TypeError::New(env, "match takes values, offsets and an Int32Array of masks");
    }
    const BytesColumn column(info[0], info[1]);
    const auto masks = info[2].As<Napi::Int32Array>();
    if (masks.ElementLength() != column.rows()) throw Napi::RangeError::New(env, "a row has no mask");
    auto unit_counts = Napi::Int32Array::New(env, column.rows());
    auto matched_counts = Napi::Int32Array::New(env, column.rows());
    auto rows = Napi::Int32Array::New(env, column.rows() + 1);
    std::vector<int32_t> found;
    std::vector<Unit> units;
    rows[0] = 0;
    for (size_t row = 0; row < column.rows(); row++) {
      SplitUnits(classes_, column.row(row), units);
      unit_counts[row] = static_cast<int32_t>(units.size());
      matched_counts[row] = Walk(units, static_cast<uint32_t>(masks[row]), found);
      rows[row + 1] = static_cast<int32_t>(found.size());
    }
    auto entries = Napi::Int32Array::New(env, found.size());
    std::copy(found.begin(), found.end(), entries.Data());
    auto result = Napi::Object::New(env);
    result.Set("units", unit_counts);
    result.Set("matched", matched_counts);
    result.Set("rows", rows);
    result.Set("entries", entries);
    return result;
  }

  // The longest entry at each unit, from left to right without overlap; returns the units that lie in one.
  int32_t Walk(const std::vector<Unit>& units, uint32_t mask, std::vector<int32_t>& found) const {
    int32_t matched = 0;
    for (size_t i = 0; i < units.size();) {
      size_t length = 0;
      int32_t entry = -1;
      if (mask != 0 && starts_.test(units[i].hash & (kStarts - 1))) {
        uint64_t path = 0;
        for (size_t k = i; k < units.size(); k++) {
          path = Step(path, units[k], k == i);
          const auto node = nodes_.find(path);
          if (node == nodes_.end()) break;
          if ((node->second.lists & mask) != 0) {
            length = k + 1 - i;
            for (const auto& [list, which] : node->second.entries) {
              if ((mask >> list & 1) != 0) {
                entry = which;
                break;
              }
            }
          }
          if (!node->second.longer) break;
        }
      }
      if (length > 0) found.push_back(entry);
      matched += static_cast<int32_t>(length);
      i += length > 0 ? length : 1;
    }
    return matched;
  }

  const TextClasses& classes_;
  std::unordered_map<uint64_t, Node> nodes_;  // by the path of units to it
  std::bitset<kStarts> starts_;               // lower bits of the hashes of first units
};

}  // namespace

void RegisterWordLists(Napi::Env env, Napi::Object exports) { exports.Set("WordLists", WordLists::Define(env)); }

}  // namespace apertus
