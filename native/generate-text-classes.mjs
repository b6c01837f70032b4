// Writes native/src/generated/text_classes.h from the Unicode tables of the V8 that runs it:
// `node native/generate-text-classes.mjs`. The Unicode version is recorded in the file. Properties are those of UAX #44,
// script extensions those of UAX #24.
import { writeFileSync } from "node:fs";

/** In the order of their bits; native/src/text_classes.h names them. */
const classes = [
  /\p{L}/u,
  /\p{M}/u,
  /\p{N}/u,
  /\p{Nd}/u,
  // U+1361 is the word space of Ethiopic.
  /[\p{White_Space}\u{1361}]/u,
  // Letters of scripts that are written without spaces between words; each is a word unit of its own.
  /(?=[\p{L}\p{Nl}])[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}\p{scx=Java}\p{scx=Bali}\p{scx=Lana}\p{scx=Talu}\p{scx=Tale}\p{scx=Tavt}\p{scx=Yiii}]/u,
  // What may end a line of prose: sentence terminals and the quotation marks and brackets that close behind them.
  /[\p{Sentence_Terminal}\p{Pe}\p{Pf}\p{Pi}"'…：；]/u,
  /\p{Emoji_Presentation}/u,
];

const isSurrogate = (point) => point >= 0xd800 && point < 0xe000;

const runs = [];
const folds = [];
let last = 0;
for (let point = 0; point < 0x110000; point++) {
  const text = String.fromCodePoint(point);
  let bits = 0;
  for (const [bit, expression] of classes.entries()) if (!isSurrogate(point) && expression.test(text)) bits |= 1 << bit;
  if (bits !== last) runs.push([point, bits]);
  last = bits;
  // Simple lower case; İ (U+0130) and ı (U+0131) both become i, so that matching works with and without Turkish rules.
  const lower = point === 0x130 || point === 0x131 ? "i" : isSurrogate(point) ? text : text.toLowerCase();
  const to = lower.codePointAt(0);
  if (to === point || String.fromCodePoint(to) !== lower) continue;
  const previous = folds.at(-1);
  const delta = to - point;
  const stride = previous === undefined ? 0 : point - previous.to;
  if (previous?.delta === delta && stride <= 2 && (previous.stride === 0 || previous.stride === stride)) {
    previous.to = point;
    previous.stride = stride;
  } else folds.push({ from: point, to: point, stride: 0, delta });
}

const wrap = (items) => {
  const lines = [""];
  for (const item of items) {
    if (lines.at(-1).length + item.length > 122) lines.push("");
    lines[lines.length - 1] += `${lines.at(-1) === "" ? "    " : " "}${item}`;
  }
  return lines.join("\n");
};
const hex = (number) => `0x${number.toString(16)}`;

writeFileSync(
  new URL("src/generated/text_classes.h", import.meta.url),
  `// Made by native/generate-text-classes.mjs from Unicode ${process.versions.unicode}; do not edit.
// Unicode data: Copyright 1991-present Unicode, Inc., Unicode License v3.
#pragma once
#include <cstdint>

namespace apertus::generated {

// Runs of code points of equal class: first code point << 8 | class bits; a run ends where the next one starts.
inline constexpr uint32_t kClassRuns[] = {
${wrap(runs.map(([point, bits]) => `${hex(point * 256 + bits)},`))}
};

// Simple lower case: every stride-th code point of [from, to] moves by delta.
struct FoldRun {
  uint32_t from, to, stride;
  int32_t delta;
};
inline constexpr FoldRun kFoldRuns[] = {
${wrap(folds.map(({ from, to, stride, delta }) => `{${hex(from)}, ${hex(to)}, ${stride || 1}, ${delta}},`))}
};

}  // namespace apertus::generated
`,
);
console.log(`text classes: Unicode ${process.versions.unicode}, ${runs.length} runs, ${folds.length} folds`);
