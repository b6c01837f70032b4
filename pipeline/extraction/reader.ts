/**
 * One pass over a page: htmlparser2's tokenizer gives tags and text, this keeps the stack of open elements and says where text
 * belongs. The tree construction of WHATWG HTML (section 13.2.6) is followed where it decides what text is read and where lines
 * break; no tree is built. The stack has a bound, as in browsers, so nothing here grows with the depth of the page.
 */
import { Tokenizer } from "htmlparser2";
import {
  BLOCK,
  BREAKS_OUT,
  CELL,
  CONTAINER,
  elementBits,
  impliedEnds,
  PREFORMATTED,
  RAW,
  SCOPE,
  SKIPPED,
  VOID,
} from "./elements.js";
import { Head, type HeadSignal } from "./head.js";
import { BESIDE, Hints } from "./hints.js";
import { Lines, type Place } from "./lines.js";
import { endsTableParts, isHidden, kindOf, type OpenElement, root } from "./open-element.js";
import { type Kind, Skeleton } from "./skeleton.js";

export interface Page {
  readonly head: Head;
  readonly skeleton: Skeleton;
}

/**
 * Reads a page. Total and linear.
 *
 * @param selfClosing where the page is XML, so that `<script/>` is a whole element
 * @param headers what the response's headers state
 */
export function readPage(html: string, selfClosing: boolean, headers: readonly HeadSignal[] = []): Page {
  const reader = new Reader(html, selfClosing, new Head(headers));
  const tokenizer = new Tokenizer({ decodeEntities: true, recognizeSelfClosing: selfClosing }, reader);
  tokenizer.write(html);
  tokenizer.end();
  return reader.page;
}

/** Browsers stop nesting at 512 elements too (Blink's maximum depth of the DOM tree). */
const MAX_DEPTH = 512;
const ATTRIBUTE_CHARACTERS = 4096;
const SCRIPT_CHARACTERS = 4096;

const read = new Set(
  "class id role itemprop hidden aria-hidden style lang xml:lang name property http-equiv content rel href type open".split(
    " ",
  ),
);
const LONGEST_READ = 11;

/** Start tags that do not end the head (HTML, sections 13.2.6.4.3 to 13.2.6.4.6). */
const inHead = new Set("html head base basefont bgsound link meta noframes noscript script style template title".split(" "));

class Reader implements Place {
  readonly #head: Head;
  readonly #skeleton = new Skeleton();
  readonly #lines = new Lines(this.#skeleton);
  readonly #stack: OpenElement[] = [];
  #top: OpenElement = { ...root };
  /** Stack indices of the open elements of each name, so that no tag needs a search of the stack. */
  readonly #open = new Map<string, number[]>();
  /** Elements inside the top one that were not pushed because the stack was full. */
  readonly #flattened = new Map<string, number>();
  #links = 0;
  /** The head is over: an element or text has come that HTML has no place for in it (section 13.2.6.4.4, "in head"). */
  #body = false;
  /** Text of a script in a vocabulary that consent reads; undefined in others. */
  #script: string | undefined;

  #name = "";
  readonly #attributes = new Map<string, string>();
  readonly #hints = new Hints();
  #attribute = "";
  #value = "";

  constructor(
    private readonly html: string,
    private readonly selfClosing: boolean,
    head: Head,
  ) {
    this.#head = head;
    this.#stack.push(this.#top);
  }

  get page(): Page {
    return { head: this.#head, skeleton: this.#skeleton };
  }

  // Where text that comes now belongs.

  get kind(): Kind {
    return this.#top.kind;
  }

  get preformatted(): boolean {
    return this.#top.preformatted;
  }

  get link(): boolean {
    return this.#links > 0;
  }

  container(): number {
    return this.#containerAt(this.#stack.length - 1);
  }

  row(): number {
    const cell = this.#stack.findLastIndex((element) => (element.bits & CELL) !== 0);
    return this.#containerAt(cell < 0 ? this.#stack.length - 1 : cell - 1);
  }

  /** Makes the containers from the nearest made one down to that of stack entry `index`. */
  #containerAt(index: number): number {
    let made = index;
    while (this.#stack[made].container < 0) made--;
    let { container } = this.#stack[made];
    for (let at = made + 1; at <= index; at++) {
      const element = this.#stack[at];
      if ((element.bits & CONTAINER) !== 0 || element.hints !== 0) {
        container = this.#skeleton.addContainer(container, element.hints);
      }
      element.container = container;
    }
    return container;
  }

  // Callbacks of the tokenizer; positions are UTF-16 code units of the page.

  ontext(start: number, end: number): void {
    this.#append(this.html.slice(start, end));
  }

  ontextentity(codePoint: number): void {
    this.#append(String.fromCodePoint(codePoint));
  }

  oncdata(start: number, end: number, endOffset: number): void {
    if (this.selfClosing || this.isInForeignContext()) this.#append(this.html.slice(start, end - endOffset));
  }

  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}

  onend(): void {
    this.#lines.flush();
  }

  onopentagname(start: number, end: number): void {
    this.#name = this.html.slice(start, end).toLowerCase();
    this.#attributes.clear();
  }

  onattribname(start: number, end: number): void {
    const name = end - start > LONGEST_READ ? "" : this.html.slice(start, end).toLowerCase();
    this.#attribute = read.has(name) ? name : "";
    this.#value = "";
  }

  onattribdata(start: number, end: number): void {
    if (this.#attribute === "" || this.#value.length >= ATTRIBUTE_CHARACTERS) return;
    this.#value += this.html.slice(start, Math.min(end, start + ATTRIBUTE_CHARACTERS));
  }

  onattribentity(codePoint: number): void {
    if (this.#attribute === "" || this.#value.length >= ATTRIBUTE_CHARACTERS) return;
    this.#value += String.fromCodePoint(codePoint);
  }

  onattribend(): void {
    if (this.#attribute !== "" && !this.#attributes.has(this.#attribute)) this.#attributes.set(this.#attribute, this.#value);
    this.#attribute = "";
  }

  onopentagend(): void {
    this.#start(false);
  }

  onselfclosingtag(): void {
    this.#start(this.selfClosing || this.isInForeignContext());
  }

  onclosetag(start: number, end: number): void {
    this.#end(this.html.slice(start, end).toLowerCase());
  }

  isInForeignContext(): boolean {
    return this.#isOpen("svg") || this.#isOpen("math");
  }

  #append(text: string): void {
    if (!this.#top.skipped) {
      this.#body ||= /[^\t\n\f\r ]/.test(text);
      this.#lines.append(text, this);
    } else if (this.#top.name === "title" && !this.isInForeignContext()) this.#head.titleText(text);
    else if (this.#script !== undefined && this.#script.length < SCRIPT_CHARACTERS) {
      this.#script += text.slice(0, SCRIPT_CHARACTERS);
    }
  }

  #start(closed: boolean): void {
    const name = this.#name;
    const bits = elementBits(name);
    if ((bits & BREAKS_OUT) !== 0 && this.isInForeignContext() && !this.#isOpen("foreignobject")) this.#leaveForeign();
    if ((bits & BLOCK) !== 0) this.#endImplied(["p"]);
    const ends = impliedEnds.get(name);
    if (ends !== undefined) this.#endImplied(ends);
    this.#note(name);
    if (closed) this.#script = undefined;
    if (name === "br") {
      if (!this.#top.skipped) this.#lines.break(this.#top.preformatted);
    } else if ((bits & (BLOCK | CELL)) !== 0 && !this.#top.skipped) {
      if ((bits & CELL) !== 0) this.#lines.cell();
      else this.#lines.flush();
    }
    if ((bits & VOID) === 0 && !closed) this.#push(name, bits);
  }

  /** What the head, and consent, want to know of an element. */
  #note(name: string): void {
    const attributes = this.#attributes;
    if (!inHead.has(name)) this.#body = true;
    if (name === "meta") this.#head.meta(attributes, this.#body || this.#isOpen("template") || this.#isOpen("noscript"));
    else if (name === "html") this.#head.html(attributes);
    else if (name === "link" || (name === "a" && attributes.has("rel")))
      this.#head.link(name, attributes, this.#isOpen("footer"));
    else if (name === "script" && attributes.get("type")?.trim().toLowerCase() === "application/rsl+xml") this.#script = "";
  }

  #push(name: string, bits: number): void {
    // Raw text cannot nest, and must be known for what it is at any depth.
    if (this.#stack.length >= MAX_DEPTH && (bits & RAW) === 0) {
      this.#flattened.set(name, (this.#flattened.get(name) ?? 0) + 1);
      return;
    }
    const above = this.#top;
    const index = this.#stack.length;
    const attributes = this.#attributes;
    const pageItself = name === "html" || name === "body";
    const plain = attributes.size === 0 || pageItself;
    const link = name === "a" && attributes.has("href");
    if (link) this.#links++;
    const scope = (bits & (SCOPE | CELL)) !== 0 ? index : above.scope;
    this.#top = {
      name,
      bits,
      kind: (bits & BLOCK) === 0 ? above.kind : kindOf(bits, name),
      skipped: above.skipped || (bits & SKIPPED) !== 0 || (!pageItself && isHidden(name, bits, attributes)),
      preformatted: above.preformatted || (bits & PREFORMATTED) !== 0,
      link,
      hints: plain ? this.#hints.of(name, "", "", "") : this.#hintsOf(name, bits),
      container: -1,
      block: (bits & BLOCK) !== 0 ? index : above.block,
      boundary: ((bits & BLOCK) !== 0 && name !== "p") || scope === index ? index : above.boundary,
      scope,
    };
    this.#stack.push(this.#top);
    const same = this.#open.get(name);
    if (same === undefined) this.#open.set(name, [index]);
    else same.push(index);
  }

  #end(name: string): void {
    const bits = elementBits(name);
    if (name === "body" || name === "html" || name === "br") this.#body = true;
    const index = this.#openIndex(name);
    const flattened = this.#flattened.get(name) ?? 0;
    const reachable = index >= 0 && (index >= this.#top.scope || endsTableParts(name, bits));
    if (!this.#top.skipped) {
      if (name === "br") this.#lines.break(this.#top.preformatted);
      // `</p>` without a paragraph is an empty one.
      else if ((bits & BLOCK) !== 0 && (reachable || flattened > 0 || name === "p")) this.#lines.flush();
    }
    if (flattened > 0) {
      this.#flattened.set(name, flattened - 1);
    } else if (reachable) {
      const inline = (bits & (BLOCK | CONTAINER | SKIPPED)) === 0;
      if (inline && index < this.#top.block) this.#endInside(this.#stack[index]);
      else this.#popTo(index);
    }
  }

  /** Ends open elements that a start tag implies the end of, where only inline elements and paragraphs lie inside them. */
  #endImplied(names: readonly string[]): void {
    for (;;) {
      let index = -1;
      for (const name of names) index = Math.max(index, this.#openIndex(name));
      if (index <= 0 || index < this.#top.boundary) return;
      if (!this.#top.skipped && (this.#stack[index].bits & BLOCK) !== 0) this.#lines.flush();
      this.#popTo(index);
    }
  }

  #leaveForeign(): void {
    const outermost = Math.min(...["svg", "math"].map((name) => this.#open.get(name)?.[0] ?? MAX_DEPTH));
    if (outermost < MAX_DEPTH) this.#popTo(outermost);
  }

  /** Takes stack entry `index` and all above it off. */
  #popTo(index: number): void {
    while (this.#stack.length > index) {
      const element = this.#stack.pop();
      if (element !== undefined) this.#closed(element);
    }
    this.#top = this.#stack[this.#stack.length - 1];
    if (this.#stack.length < MAX_DEPTH) this.#flattened.clear();
  }

  /** An inline element ended while blocks inside it are open: they go on without it ("adoption agency algorithm"). */
  #endInside(element: OpenElement): void {
    this.#closed(element);
    element.name = "";
    element.link = false;
  }

  #closed(element: OpenElement): void {
    if (element.link) this.#links--;
    if (element.name === "") return;
    this.#open.get(element.name)?.pop();
    if (element.name === "title") this.#head.titleEnd();
    else if (element.name === "script" && this.#script !== undefined) {
      this.#head.signal({ element: "script", name: "application/rsl+xml", content: this.#script });
      this.#script = undefined;
    }
  }

  #hintsOf(name: string, bits: number): number {
    const attributes = this.#attributes;
    const names = `${attributes.get("class") ?? ""} ${attributes.get("id") ?? ""}`;
    const hints = this.#hints.of(name, attributes.get("role") ?? "", attributes.get("itemprop") ?? "", names);
    return (bits & BLOCK) !== 0 && attributes.get("aria-hidden") === "true" ? hints | BESIDE : hints;
  }

  #openIndex(name: string): number {
    return this.#open.get(name)?.at(-1) ?? -1;
  }

  #isOpen(name: string): boolean {
    return this.#openIndex(name) >= 0;
  }
}
