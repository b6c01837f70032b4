/**
 * What a page says about itself: its title, its language, and the statements on robots, text and data mining and licences that
 * consent reads later. They are collected, never interpreted: the robots meta tag (Google, "Robots meta tag specifications"),
 * TDM Reservation Protocol (W3C community group report, 2024: meta tdm-reservation and tdm-policy), link relation "license"
 * (RFC 4946; Creative Commons), Really Simple Licensing (link or script of type application/rsl+xml), Dublin Core rights; and the response headers that say the same (headers.ts).
 */

/**
 * One statement: an element with the attributes that matter, or a response header. `content` of a script is the beginning of its
 * text. The last entry may be `left-out`: its name is the number of statements for which there was no room.
 */
export interface HeadSignal {
  readonly element: "header" | "meta" | "link" | "a" | "script" | "left-out";
  /** meta: name, property or http-equiv; header: its name; others: rel or type. Lower case. */
  readonly name: string;
  /** meta: content; header: value; others: href or text. */
  readonly content: string;
  /** Type of the linked resource, where it is given. */
  readonly type?: string;
  /**
   * Where a link stands that is not in the page's own part: a picture's licence often does. Where a meta element stands outside the
   * head, the only place that HTML gives it (section 4.2.5): others than the page's owner often write there.
   */
  readonly place?: "footer" | "body";
  /** How often the statement stands there, if more than once. */
  readonly count?: number;
}

/** Headers, and links and scripts, may each take this much of the whole, so that meta elements always find room. */
const SHARE_BYTES = 2048;
const SIGNALS_BYTES = 3 * SHARE_BYTES;
/** Room for a count, and for the entry that says what was left out. */
const COUNT_BYTES = 16;
const LEFT_OUT_BYTES = 64;
const CONTENT_CHARACTERS = 1024;
const TITLE_CHARACTERS = 1024;

/** Names that speak of robots, mining or rights, whoever they address: "googlebot", "tdm-policy", "dcterms.rights". */
const signalName =
  /robots|bot(?:-|$)|crawler|spider|^tdm|(?:^|[^a-z])(?:no)?ai(?:[^a-z]|$)|content-usage|content-signal|licen[cs]e|rights|copyright|^rsl/;
/** Directives that make a meta element addressed to an unknown agent a statement on robots. */
const signalContent = /(?:^|[\s,;:])(?:no(?:ai|imageai|ml|index|archive|snippet|cache)|tdm-reservation)(?:[\s,;:=]|$)/i;

export class Head {
  #title = "";
  #titles = 0;
  #ogTitle = "";
  #language = "";
  #contentLanguage = "";
  #ogLocale = "";
  /** How often each statement was met, by its JSON. */
  readonly #signals = new Map<string, number>();
  #signalBytes = 2 + LEFT_OUT_BYTES;
  readonly #shares = { headers: 0, links: 0 };
  #leftOut = 0;

  /** @param headers what the response's headers state */
  constructor(headers: readonly HeadSignal[] = []) {
    for (const header of headers) this.signal(header);
  }

  /** Text of a title element; the first element that has any counts. */
  titleText(text: string): void {
    if (this.#titles === 0 && this.#title.length < TITLE_CHARACTERS) this.#title += text.slice(0, TITLE_CHARACTERS);
  }

  titleEnd(): void {
    if (this.#title.trim() !== "") this.#titles++;
  }

  html(attributes: ReadonlyMap<string, string>): void {
    this.#language ||= attributes.get("lang") || attributes.get("xml:lang") || "";
  }

  meta(attributes: ReadonlyMap<string, string>, inBody = false): void {
    const content = attributes.get("content") ?? "";
    for (const key of ["name", "property", "http-equiv"]) {
      const name = attributes.get(key)?.trim().toLowerCase() ?? "";
      if (name === "") continue;
      if (name === "og:title") this.#ogTitle ||= content;
      else if (name === "og:locale") this.#ogLocale ||= content;
      else if (key === "http-equiv" && name === "content-language") this.#contentLanguage ||= content;
      if (signalName.test(name) || signalContent.test(content.slice(0, CONTENT_CHARACTERS))) {
        this.signal({ element: "meta", name: name.slice(0, 128), content, ...(inBody ? { place: "body" } : {}) });
      }
    }
  }

  link(element: "link" | "a", attributes: ReadonlyMap<string, string>, inFooter: boolean): void {
    const rel = attributes.get("rel") ?? "";
    const type = attributes.get("type")?.trim().toLowerCase() ?? "";
    if (!/(?:^|\s)(?:licen[cs]e|copyright|tdm-[a-z]+|rsl)(?:\s|$)/i.test(rel) && type !== "application/rsl+xml") return;
    const name = rel.trim().toLowerCase().slice(0, 128);
    this.signal({
      element,
      name,
      content: attributes.get("href") ?? "",
      ...(type === "" ? {} : { type: type.slice(0, 128) }),
      ...(inFooter ? { place: "footer" } : {}),
    });
  }

  signal(signal: HeadSignal): void {
    const content = clean(signal.content.slice(0, CONTENT_CHARACTERS)).trim();
    if (signal.element === "header" && signal.content.length > CONTENT_CHARACTERS) this.#leftOut++;
    const json = JSON.stringify({ ...signal, name: clean(signal.name), content });
    const count = this.#signals.get(json);
    if (count !== undefined) {
      this.#signals.set(json, count + 1);
      return;
    }
    const bytes = Buffer.byteLength(json) + 1 + COUNT_BYTES;
    const share = signal.element === "header" ? "headers" : signal.element === "meta" ? undefined : "links";
    if (this.#signalBytes + bytes > SIGNALS_BYTES || (share !== undefined && this.#shares[share] + bytes > SHARE_BYTES)) {
      this.#leftOut++;
      return;
    }
    this.#signalBytes += bytes;
    if (share !== undefined) this.#shares[share] += bytes;
    this.#signals.set(json, 1);
  }

  /** The title element's text, else og:title, else the given heading; white space collapsed. */
  title(heading: string): string {
    const title = [this.#title, this.#ogTitle, heading].find((candidate) => candidate.trim() !== "") ?? "";
    return clean(title.slice(0, TITLE_CHARACTERS).replace(/\s+/g, " ")).trim();
  }

  /** The page's claim of its language as a BCP 47 prefix (language, script, region), or empty. */
  get language(): string {
    return [this.#language, this.#contentLanguage, this.#ogLocale].map(languagePrefix).find((tag) => tag !== "") ?? "";
  }

  /** A JSON array of at most 6,144 bytes; `[]` where the page states nothing. Statements that do not fit are left out whole. */
  get signals(): string {
    const entries = Array.from(this.#signals, ([json, count]) =>
      count === 1 ? json : `${json.slice(0, -1)},"count":${count}}`,
    );
    const leftOut: HeadSignal = { element: "left-out", name: `${this.#leftOut}`, content: "" };
    return `[${(this.#leftOut === 0 ? entries : [...entries, JSON.stringify(leftOut)]).join(",")}]`;
  }
}

/** `EN_us, fr` becomes `en-US`; empty where the text does not begin with a language tag (RFC 5646, section 2.1). */
export function languagePrefix(claim: string): string {
  const match = /^\s*([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?![a-z0-9])/i.exec(claim.slice(0, 64));
  if (match === null) return "";
  const [, language = "", script, region] = match;
  const titled = script === undefined ? "" : `-${script.charAt(0).toUpperCase()}${script.slice(1).toLowerCase()}`;
  return `${language.toLowerCase()}${titled}${region === undefined ? "" : `-${region.toUpperCase()}`}`;
}

/** Without C0 controls but tab and line feed, and well formed: a lone surrogate is U+FFFD. */
export function clean(text: string): string {
  return (/[\0-\x08\x0B-\x1F\x7F]/.test(text) ? text.replace(/[\0-\x08\x0B-\x1F\x7F]+/g, "") : text).toWellFormed();
}
