/**
 * What the elements of HTML mean for text (WHATWG HTML, sections 13.1.2 "Elements", 15.3 "Flow content"): which break lines,
 * which are never read, which end tags may be left out. Bits of one number, so that the reader looks an element up once.
 */

/** Starts and ends a line. */
export const BLOCK = 1;
/** Its content is not text of the page: code, controls, fallbacks. */
export const SKIPPED = 2;
/** May become a container: a node of the skeleton on which main text is chosen. */
export const CONTAINER = 4;
export const HEADING = 8;
/** White space inside is kept. */
export const PREFORMATTED = 16;
export const VOID = 32;
/** Part of a table: an end tag outside it does not reach into it (HTML, section 13.2.4.2, "has an element in scope"). */
export const SCOPE = 64;
export const CELL = 128;
export const ITEM = 256;
/** A start tag of HTML that ends SVG or MathML content (HTML, section 13.2.6.5). */
export const BREAKS_OUT = 512;
/** Content is one run of characters for the tokenizer; it cannot nest. */
export const RAW = 1024;

const roles: readonly (readonly [bits: number, names: string])[] = [
  [
    BLOCK | CONTAINER,
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form frameset " +
      "header hgroup html main menu nav ol search section summary ul",
  ],
  [BLOCK | CONTAINER | SCOPE, "table caption"],
  [BLOCK | CONTAINER, "tbody thead tfoot tr"],
  [CONTAINER | SCOPE | CELL, "td th"],
  [BLOCK | CONTAINER | ITEM, "li"],
  [BLOCK, "p legend hr"],
  [BLOCK | HEADING, "h1 h2 h3 h4 h5 h6"],
  [BLOCK | PREFORMATTED, "pre listing"],
  [BLOCK | PREFORMATTED | RAW, "xmp plaintext"],
  [SKIPPED | RAW, "script style iframe noembed noframes textarea title"],
  [
    SKIPPED,
    "noscript template object applet svg canvas audio video select datalist option optgroup button rt rp progress meter " +
      "annotation annotation-xml map marquee label",
  ],
  [VOID, "area base basefont bgsound br col embed frame hr img image input keygen link meta param source track wbr"],
  [SCOPE, "template object applet"],
  [
    BREAKS_OUT,
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre " +
      "ruby s small span strong strike sub sup table tt u ul var article section main nav footer header aside form script",
  ],
];

const bitsOf = new Map<string, number>();
for (const [bits, names] of roles) {
  for (const name of names.split(" ")) bitsOf.set(name, (bitsOf.get(name) ?? 0) | bits);
}

/** The bits of an element by its name in lower case; 0 for inline and unknown ones. */
export function elementBits(name: string): number {
  return bitsOf.get(name) ?? 0;
}

/**
 * Open elements that a start tag ends where nothing but inline elements lies between (HTML, section 13.1.2.4 "Optional tags").
 * A block start tag ends an open paragraph; these come on top.
 */
export const impliedEnds: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    li: "li",
    dt: "dt dd",
    dd: "dt dd",
    tr: "tr td th",
    td: "td th",
    th: "td th",
    tbody: "tbody thead tfoot tr td th",
    thead: "tbody thead tfoot tr td th",
    tfoot: "tbody thead tfoot tr td th",
    option: "option",
    optgroup: "option optgroup",
    rt: "rt rp",
    rp: "rt rp",
    a: "a",
    h1: "h1 h2 h3 h4 h5 h6",
    h2: "h1 h2 h3 h4 h5 h6",
    h3: "h1 h2 h3 h4 h5 h6",
    h4: "h1 h2 h3 h4 h5 h6",
    h5: "h1 h2 h3 h4 h5 h6",
    h6: "h1 h2 h3 h4 h5 h6",
  }).map(([name, ends]) => [name, ends.split(" ")]),
);
