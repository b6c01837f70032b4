// Runs the finders of personal data (pii.h) over a batch and settles overlaps: an e-mail address before an IP address before an
// IBAN, each kind being looked for only between the spans of the kinds before it.
#include "pii.h"

#include <algorithm>

#include "batch.h"
#include "kernels.h"
#include "text_classes.h"

namespace apertus {

static bool IsWord(const Character& c) {
  return c.point == U'_' || ((c.kind & (kLetter | kMark | kNumber)) != 0 && (c.kind & kUnspaced) == 0);
}

bool WordBefore(std::string_view text, size_t at) {
  return at > 0 && IsWord(CharacterBefore(TextClasses::Get(), reinterpret_cast<const uint8_t*>(text.data()), at));
}

bool WordAt(std::string_view text, size_t at) {
  return at < text.size() &&
         IsWord(CharacterAt(TextClasses::Get(), reinterpret_cast<const uint8_t*>(text.data()) + at, text.size() - at));
}

namespace {

struct Search {
  bool kinds[3];
  bool loose, documentation;
};

void FindKind(PiiKind kind, const Search& search, const PiiWindow& window, PiiSpans& out) {
  switch (kind) {
    case kEmail: return search.loose ? FindEmailsLoosely(window, out) : FindEmails(window, search.documentation, out);
    case kIp: return search.loose ? FindIpsLoosely(window, out) : FindIps(window, search.documentation, out);
    case kIban: return search.loose ? FindIbansLoosely(window, out) : FindIbans(window, out);
  }
}

// All spans of a text in ascending order.
void FindAll(std::string_view text, const Search& search, PiiSpans& found, PiiSpans& more) {
  found.clear();
  for (const PiiKind kind : {kEmail, kIp, kIban}) {
    if (!search.kinds[kind]) continue;
    more.clear();
    size_t begin = 0;
    for (const PiiSpan& taken : found) {
      FindKind(kind, search, {text, begin, taken.start}, more);
      begin = taken.end;
    }
    FindKind(kind, search, {text, begin, text.size()}, more);
    if (more.empty()) continue;
    const auto middle = static_cast<std::ptrdiff_t>(found.size());
    found.insert(found.end(), more.begin(), more.end());
    std::inplace_merge(found.begin(), found.begin() + middle, found.end(),
                       [](const PiiSpan& a, const PiiSpan& b) { return a.start < b.start; });
  }
}

template <typename Array, typename Values>
Array ArrayOf(Napi::Env env, const Values& values) {
  auto array = Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

// findPii(values, offsets, kinds: number, loose: boolean, documentation: boolean): { rows, start, length, kind };
// bit k of kinds asks for PiiKind k.
Napi::Value FindPii(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  if (info.Length() < 5 || !info[2].IsNumber() || !info[3].IsBoolean() || !info[4].IsBoolean()) {
    throw Napi::TypeError::New(env, "findPii takes values, offsets, kinds, loose and documentation");
  }
  const BytesColumn column(info[0], info[1]);
  const uint32_t kinds = info[2].As<Napi::Number>().Uint32Value();
  const Search search{{(kinds & 1) != 0, (kinds & 2) != 0, (kinds & 4) != 0},
                      info[3].As<Napi::Boolean>().Value(),
                      info[4].As<Napi::Boolean>().Value()};
  std::vector<int32_t> rows{0}, start, length;
  std::vector<uint8_t> kind;
  PiiSpans found, more;
  for (size_t row = 0; row < column.rows(); row++) {
    FindAll(column.row(row), search, found, more);
    for (const PiiSpan& span : found) {
      start.push_back(static_cast<int32_t>(span.start));
      length.push_back(static_cast<int32_t>(span.end - span.start));
      kind.push_back(span.kind);
    }
    rows.push_back(static_cast<int32_t>(start.size()));
  }
  auto result = Napi::Object::New(env);
  result.Set("rows", ArrayOf<Napi::Int32Array>(env, rows));
  result.Set("start", ArrayOf<Napi::Int32Array>(env, start));
  result.Set("length", ArrayOf<Napi::Int32Array>(env, length));
  result.Set("kind", ArrayOf<Napi::Uint8Array>(env, kind));
  return result;
}

}  // namespace

void RegisterPii(Napi::Env env, Napi::Object exports) { exports.Set("findPii", Napi::Function::New(env, FindPii)); }

}  // namespace apertus
