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
/** Room in it for denials that stand behind. */
const DENIALS_CHARACTERS = 256;
const TITLE_CHARACTERS = 1024;
/** Statements of one rank that are held until the page ends. */
const HELD_CHARACTERS = 32_768;

/** Names that speak of robots, mining or rights, whoever they address: "googlebot", "tdm-policy", "dcterms.rights". */
const signalName =
  /robots|bot(?:-|$)|crawler|spider|^tdm|(?:^|[^a-z])(?:no)?ai(?:[^a-z]|$)|content-usage|content-signal|licen[cs]e|rights|copyright|^rsl/;
/** Directives that make a meta element addressed to an unknown agent a statement on robots. */
const signalContent = /(?:^|[\s,;:])(?:no(?:ai|imageai|ml|index|archive|snippet|cache)|tdm-reservation)(?:[\s,;:=]|$)/i;

/** What denies a use, in the languages of robots directives, Content-Signal and Content-Usage. */
const denial =
  /(?<![\w-])(?:no(?:ai|imageai|ml|index|archive)|(?:ai-train|ai-input|search)[ \t]?[=:][ \t]?"?no"?|(?:train-ai|train-genai|genai|tdm|bots|all|ai)=n)(?![\w-])/g;

export class Head {
  #title = "";
  #titles = 0;
  #ogTitle = "";
  #language = "";
  #contentLanguage = "";
  #ogLocale = "";
  /** How often each statement was met, by its JSON, and the element; by rank, since those that deny must find room. */
  readonly #signals = [0, 1, 2].map(
    () => new Map<string, { readonly element: HeadSignal["element"]; readonly order: number; count: number }>(),
  );
  readonly #held = [0, 0, 0];
  #order = 0;
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
    const { element } = signal;
    const content = clean(this.#fitting(signal)).trim();
    const json = JSON.stringify({ ...signal, name: clean(signal.name), content });
    const rank = rankOf(signal, content);
    const signals = this.#signals[rank];
    const met = signals.get(json);
    if (met !== undefined) met.count++;
    else if (this.#held[rank] + json.length > HELD_CHARACTERS) this.#leftOut++;
    else {
      this.#held[rank] += json.length;
      signals.set(json, { element, order: this.#order++, count: 1 });
    }
  }

  /** The content, or what may stand of it: its beginning, and the denials behind that. */
  #fitting({ element, name, content }: HeadSignal): string {
    if (content.length <= CONTENT_CHARACTERS) return content;
    if (element === "header" || element === "meta") this.#leftOut++;
    const whole = content.slice(0, CONTENT_CHARACTERS);
    if (element !== "header" && element !== "meta") return whole;
    const cut = partsBefore(content, CONTENT_CHARACTERS - DENIALS_CHARACTERS);
    const denials = [...new Set(content.slice(cut).toLowerCase().match(denial))].slice(0, 16);
    if (denials.length === 0) return whole;
    // The last of equal keys counts in Content-Usage (RFC 9651, section 4.2.2); in front of a list no agent is addressed.
    const kept = content.slice(0, cut).replace(/,?[ \t]?$/, "");
    return (name === "content-usage" ? [kept, ...denials] : [...denials, kept]).filter(Boolean).join(", ");
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

  /**
   * A JSON array of at most 6,144 bytes; `[]` where the page states nothing. Statements that do not fit are left out whole, those
   * that deny last.
   */
  get signals(): string {
    const shares = { headers: 0, links: 0 };
    const fitting: { readonly json: string; readonly order: number }[] = [];
    let total = 2 + LEFT_OUT_BYTES;
    let leftOut = this.#leftOut;
    for (const [rank, signals] of this.#signals.entries()) {
      for (const [json, { element, order, count }] of signals) {
        const bytes = Buffer.byteLength(json) + 1 + COUNT_BYTES;
        // What denies takes the room that it needs.
        const share = rank < 2 || element === "meta" ? undefined : element === "header" ? "headers" : "links";
        if (total + bytes > SIGNALS_BYTES || (share !== undefined && shares[share] + bytes > SHARE_BYTES)) {
          leftOut++;
          continue;
        }
        total += bytes;
        if (share !== undefined) shares[share] += bytes;
        fitting.push({ json: count === 1 ? json : `${json.slice(0, -1)},"count":${count}}`, order });
      }
    }
    const entries = fitting.sort((a, b) => a.order - b.order).map(({ json }) => json);
    const last: HeadSignal = { element: "left-out", name: `${leftOut}`, content: "" };
    return `[${(leftOut === 0 ? entries : [...entries, JSON.stringify(last)]).join(",")}]`;
  }
}

/** 0 where a statement denies training or mining to all, 1 where it denies something to somebody, 2 for all else. */
function rankOf({ element, name }: HeadSignal, content: string): 0 | 1 | 2 {
  if (element !== "header" && element !== "meta") return 2;
  if (/^tdm[-:_]reservation$/.test(name)) return content.includes("1") ? 0 : 2;
  const denials = content.toLowerCase().match(denial);
  if (denials === null) return 2;
  const forAll = /^(?:robots|content-.*)$/.test(name) || (name === "x-robots-tag" && !content.includes(":"));
  return forAll && denials.some((word) => !/^no(?:index|archive|imageai)/.test(word)) ? 0 : 1;
}

/** How many characters the parts of a list take that end at or before `limit`. */
function partsBefore(list: string, limit: number): number {
  let end = limit;
  while (end > 0 && !/[\s,;]/.test(list.charAt(end - 1))) end--;
  return end;
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
