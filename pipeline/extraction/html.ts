/**
 * An HTML page to plain text: read once (reader.ts), main text chosen (main-text.ts), lines joined. Nothing is normalised beyond
 * what HTML asks for: entities decoded, white space collapsed, C0 controls gone.
 */
import type { HeadSignal } from "./head.js";
import { chooseMainText } from "./main-text.js";
import { readPage } from "./reader.js";
import { Kind } from "./skeleton.js";

export interface HtmlOptions {
  /** False: all visible text of the page. */
  readonly mainText: boolean;
  /** Characters of main text below which all visible text is taken instead, if that is at least twice as much. */
  readonly minMainCharacters: number;
  /** The page is XML: `<div/>` is a whole element. */
  readonly xml: boolean;
  /** What the response's headers state. */
  readonly headers?: readonly HeadSignal[];
}

export interface HtmlText {
  /** Well-formed; one line a block. */
  readonly text: string;
  readonly title: string;
  /** BCP 47 prefix, or empty. */
  readonly declaredLanguage: string;
  /** JSON array: see head.ts. */
  readonly headSignals: string;
}

/** Total and linear in the page's length. */
export function htmlToText(html: string, options: HtmlOptions): HtmlText {
  const { head, skeleton } = readPage(html, options.xml, options.headers);
  let lines: readonly string[] = skeleton.text;
  if (options.mainText) {
    const kept = chooseMainText(skeleton);
    const main = lines.filter((_, block) => kept[block] === 1);
    const characters = lengthOf(main);
    if (characters >= options.minMainCharacters || characters * 2 > lengthOf(lines)) lines = main;
  }
  const heading = skeleton.kind.indexOf(Kind.heading);
  return {
    text: lines.join("\n"),
    title: head.title(heading < 0 ? "" : skeleton.text[heading]),
    declaredLanguage: head.language,
    headSignals: head.signals,
  };
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}
