import fc from "fast-check";
import { expect, test } from "vitest";
import { languageScripts, normaliseForLanguage } from "../../native/index.js";

function normalise(...texts: (string | Uint8Array)[]): { words: string[]; scripts: string[] } {
  const rows = texts.map((text) => (typeof text === "string" ? Buffer.from(text) : text));
  const offsets = Int32Array.from([0, ...rows].map((_, i) => rows.slice(0, i).reduce((sum, row) => sum + row.length, 0)));
  const read = normaliseForLanguage(Buffer.concat(rows), offsets);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return {
    words: rows.map((_, i) => decoder.decode(read.values.subarray(read.offsets[i], read.offsets[i + 1]))),
    scripts: rows.map((_, i) => languageScripts[read.scripts[i]] ?? ""),
  };
}

/** The rules of native/src/language_text.cc for texts of at most 4 KB, in regular expressions. */
function oracle(text: string): string {
  const apostrophe = /['\u2018\u2019\u201b\u02bb\u02bc\ua78b\ua78c\uff07]/u;
  const pieces: string[] = [];
  for (const char of text) {
    if (apostrophe.test(char)) pieces.push("'");
    else if (char === "\u200b") pieces.push(" ");
    else if (/[\p{Cf}\p{Variation_Selector}\p{Default_Ignorable_Code_Point}\u0640]/u.test(char)) continue;
    else if (/[\p{Script_Extensions=Han}\p{Script_Extensions=Hira}\p{Script_Extensions=Kana}]/u.test(char))
      pieces.push(/[\p{L}\p{Nl}]/u.test(char) ? ` ${char} ` : /\p{M}/u.test(char) ? "" : " ");
    else pieces.push(/[\p{L}\p{M}]/u.test(char) ? String.fromCodePoint(char.toLowerCase().codePointAt(0) ?? 0) : " ");
  }
  // An apostrophe stays beside a letter; a run of them in front of a word counts as one; none stand alone.
  return pieces
    .join("")
    .split(" ")
    .map((word) => word.replace(/^'+/, "'"))
    .filter((word) => /[^']/u.test(word))
    .join(" ");
}

test("letters, marks and apostrophes stay, in lower case; everything else is one space", () => {
  expect(normalise("  Grüezi, WELT! 12 km\u00b2 — l’eau d'ici", "ÀÉÎ İstanbul", "'tis \"rock 'n' roll\" '' '").words).toEqual([
    "grüezi welt km l'eau d'ici",
    "àéî istanbul",
    "'tis rock 'n' roll",
  ]);
});

test("Han and kana are words of one character, other scripts keep their words", () => {
  expect(normalise("東京タワーへ行く。", "ภาษาไทย ๑๒", "हिन्दी में", "한국어").words).toEqual([
    "東 京 タ ワ ー へ 行 く",
    "ภาษาไทย",
    "हिन्दी में",
    "한국어",
  ]);
});

test("invisible characters vanish, the zero width space separates", () => {
  expect(normalise("co\u00adoperate می\u200cخواهم ســلام ខ្មែរ\u200bភាសា").words).toEqual(["cooperate میخواهم سلام ខ្មែរ ភាសា"]);
});

test("the script is the one with most letters; Japanese and Chinese are told apart by kana", () => {
  const texts = [
    "abc где",
    "1 + 1 = 2",
    "",
    "東京タワーへ行く",
    "北京大学と中国社会科学院研究生院及其附属机构",
    "ქართული",
    "한국어 漢",
    "Ωmega πλη",
  ];
  expect(normalise(...texts).scripts).toEqual(["Cyrl", "Zyyy", "Zyyy", "Jpan", "Hani", "Geor", "Hang", "Grek"].with(0, "Cyrl"));
});

test("agrees with the rules in regular expressions on any text", () => {
  const piece = fc.constantFrom(
    ..."aZéÇßıİ ǅΣςЯјԱႠᏣꭰ1٣₂!— \n\u00a0\u3000'’ʼʻꞌ\u0301\u0940\u200b\u200c\u200d\u00ad\ufe0f\u0640\u202e漢〇々ひカーﾅ\u3099ᄒ한แກကሀ𐐀𞤀😀𝒜ﬃＡ~_.",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (chars) => {
      const text = chars.join("");
      expect(normalise(text).words).toEqual([oracle(text)]);
    }),
    { numRuns: 2000 },
  );
});

test("any bytes give well-formed words with single spaces, and ill-formed bytes separate", () => {
  expect(normalise(Uint8Array.of(0x61, 0xff, 0x62, 0xe6, 0x97)).words).toEqual(["a b"]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 9000, size: "max" }), fc.nat(8), (noise, cut) => {
      const text = Buffer.concat([Buffer.from("漢字かなé\u0301 "), noise, Buffer.from("ж".repeat(3000))]).subarray(cut);
      const [words = ""] = normalise(text).words;
      expect(words).not.toMatch(/^ | {2}| $/);
    }),
    { numRuns: 200 },
  );
});

test("a long text is read in eight windows from its first word to its last, at whole words", () => {
  const count = 20_000;
  const name = (i: number): string => [...String(i).padStart(6, "0")].map((digit) => "abcdefghij"[Number(digit)]).join("");
  const [words = ""] = normalise(Array.from({ length: count }, (_, i) => name(i)).join(" ")).words;
  const found = words.split(" ");
  const indices = found.map((word) => Number([...word].map((letter) => "abcdefghij".indexOf(letter)).join("")));
  expect(found.every((word, i) => name(indices[i] ?? -1) === word)).toBe(true);
  expect(found.length).toBeGreaterThan(560);
  expect(Buffer.byteLength(words)).toBeLessThanOrEqual(4096);
  const starts = indices.filter((index, i) => i === 0 || index !== (indices[i - 1] ?? 0) + 1);
  expect(starts).toHaveLength(8);
  expect([indices[0], indices.at(-1)]).toEqual([0, count - 1]);
  const gaps = starts.slice(1).map((start, i) => start - (starts[i] ?? 0));
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThan(3);
});
