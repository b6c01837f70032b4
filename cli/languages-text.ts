/** Languages of a corpus in plain words for a terminal: how much of each, and what a token carries in it. */
import type { LanguageCoverage, Share } from "../audit/index.js";
import { apertusEnglishShare, isEnglish } from "../filters/index.js";
import { printable } from "./exit.js";
import { count, counted, percent } from "./numbers.js";
import { table } from "./table.js";

/** Every language and script. */
export function languagesText({ languages, scripts, version }: LanguageCoverage): string {
  if (languages.length === 0) return "no stage of the recipe names languages";
  const parts = [
    `${counted(languages.length, "language")} at version ${count(version)}`,
    `${englishText(languages)}\n`,
    shareTable("language", languages),
  ];
  if (scripts.length > 0) parts.push(`\n${shareTable("script", scripts)}`);
  return printable(parts.join("\n"));
}

/** English and the rest, beside what Apertus was trained on. */
export function englishText(languages: readonly Share[]): string {
  const size = sizeIn(languages);
  const whole = sumOf(languages, size);
  const english = sumOf(
    languages.filter(({ label }) => isEnglish(label)),
    size,
  );
  const apertus = Math.round(100 * apertusEnglishShare);
  return `${percent(english, whole)} of the ${hasTokens(languages) ? "tokens" : "documents"} are English; of Apertus's about ${apertus} %`;
}

/** The largest languages in one line. */
export function largestLanguages(languages: readonly Share[], shown: number): string {
  const size = sizeIn(languages);
  const whole = sumOf(languages, size);
  const sorted = languages.toSorted((a, b) => size(b) - size(a) || (a.label < b.label ? -1 : 1));
  const names = sorted.slice(0, shown).map((share) => `${nameOf(share)} ${percent(size(share), whole)}`);
  if (sorted.length > shown) names.push(`${count(sorted.length - shown)} more`);
  return printable(names.join(", "));
}

function shareTable(what: string, shares: readonly Share[]): string {
  const size = sizeIn(shares);
  const whole = sumOf(shares, size);
  const tokens = hasTokens(shares);
  return table(
    [
      what,
      "documents",
      ...(tokens ? ["tokens", "of all tokens", "bytes a token", "characters a token"] : ["of all documents", "bytes"]),
    ],
    shares.map((share) => [
      nameOf(share),
      count(share.documents),
      ...(tokens
        ? [
            ...[count(share.tokens), percent(share.tokens, whole), perToken(share.text_bytes, share)],
            share.text_characters == null ? "–" : perToken(share.text_characters, share),
          ]
        : [percent(size(share), whole), count(share.text_bytes)]),
    ]),
  );
}

function perToken(size: number, { tokens }: Share): string {
  return (size / Math.max(1, tokens)).toFixed(2);
}

function nameOf({ label }: Share): string {
  return label === "" ? "not named" : label;
}

function hasTokens(shares: readonly Share[]): boolean {
  return shares.some(({ tokens }) => tokens > 0);
}

function sizeIn(shares: readonly Share[]): (share: Share) => number {
  return hasTokens(shares) ? ({ tokens }) => tokens : ({ documents }) => documents;
}

function sumOf(shares: readonly Share[], size: (share: Share) => number): number {
  return shares.reduce((total, share) => total + size(share), 0);
}
