/**
 * What the first bytes of a page say of its encoding: "prescan a byte stream to determine its encoding" and "get an XML encoding"
 * (WHATWG HTML, section 13.2.3.2), over the bytes as Latin-1 characters, where one character is one byte.
 */

export interface DeclaredLabel {
  readonly label: string;
  readonly from: "meta" | "xml";
}

/** The first declaration in `head` (Latin-1); undefined where there is none. Linear in its length. */
export function prescan(head: string): DeclaredLabel | undefined {
  // An XML declaration in UTF-16 shows as bytes with zeros between them.
  if (head.startsWith("<\0?\0x\0")) return { label: "utf-16le", from: "xml" };
  if (head.startsWith("\0<\0?\0x")) return { label: "utf-16be", from: "xml" };
  const label = metaLabel(head);
  if (label !== undefined) return { label, from: "meta" };
  const xml = xmlLabel(head);
  return xml === undefined ? undefined : { label: xml, from: "xml" };
}

/** The encoding of an XML declaration at the very start, e.g. `<?xml version="1.0" encoding="koi8-r"?>`. */
export function xmlLabel(head: string): string | undefined {
  if (!head.startsWith("<?xml")) return undefined;
  const end = head.indexOf(">");
  if (end < 0) return undefined;
  return /encoding[\0-\x20]*=[\0-\x20]*(?:"([^"]*)"|'([^']*)')/
    .exec(head.slice(0, end))
    ?.slice(1)
    .find((value) => value !== undefined);
}

function metaLabel(head: string): string | undefined {
  let at = head.indexOf("<");
  while (at >= 0 && at < head.length) {
    if (head.startsWith("<!--", at)) {
      // `<!-->` is a whole comment: the search starts at the dashes of the opening.
      const end = head.indexOf("-->", at + 2);
      if (end < 0) return undefined;
      at = end + 3;
    } else if (/^<meta[\t\n\f\r /]/i.test(head.slice(at, at + 6))) {
      const attributes = new AttributeReader(head, at + 5);
      const label = labelOfMeta(attributes);
      if (label !== undefined) return label;
      at = attributes.at;
    } else if (/^<\/?[a-z]/i.test(head.slice(at, at + 3))) {
      const attributes = new AttributeReader(head, skipName(head, at + 1));
      while (attributes.next() !== undefined) {
        // Skipped as the standard says: a `<meta` inside an attribute is none.
      }
      at = attributes.at;
    } else if (/^<[!/?]/.test(head.slice(at, at + 2))) {
      const end = head.indexOf(">", at);
      if (end < 0) return undefined;
      at = end + 1;
    } else {
      at++;
    }
    at = head.indexOf("<", at);
  }
  return undefined;
}

function labelOfMeta(attributes: AttributeReader): string | undefined {
  const seen = new Map<string, string>();
  for (let pair = attributes.next(); pair !== undefined; pair = attributes.next()) {
    if (!seen.has(pair.name)) seen.set(pair.name, pair.value);
  }
  const charset = seen.get("charset");
  if (charset !== undefined) return charset;
  if (seen.get("http-equiv")?.toLowerCase() !== "content-type") return undefined;
  return labelInContent(seen.get("content") ?? "");
}

/** "Algorithm for extracting a character encoding from a meta element" (WHATWG HTML, section 2.5.3); also serves HTTP headers. */
export function labelInContent(content: string): string | undefined {
  const match = /charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\t\n\f\r ;"'][^\t\n\f\r ;]*))/i.exec(content);
  return match?.[1] ?? match?.[2] ?? match?.[3];
}

function skipName(head: string, from: number): number {
  let at = from;
  while (at < head.length && !"\t\n\f\r >".includes(head.charAt(at))) at++;
  return at;
}

/** "Get an attribute": reads one attribute after the other until `>`, and leaves `at` there. */
class AttributeReader {
  constructor(
    private readonly text: string,
    public at: number,
  ) {}

  next(): { readonly name: string; readonly value: string } | undefined {
    const { text } = this;
    this.#skip("\t\n\f\r /");
    if (this.at >= text.length || text.charAt(this.at) === ">") return undefined;
    const start = this.at;
    // A name may begin with "=".
    this.at++;
    while (this.at < text.length && !"\t\n\f\r /=>".includes(text.charAt(this.at))) this.at++;
    const name = text.slice(start, this.at).toLowerCase();
    this.#skip("\t\n\f\r ");
    if (text.charAt(this.at) !== "=") return { name, value: "" };
    this.at++;
    this.#skip("\t\n\f\r ");
    return { name, value: this.#value() };
  }

  #value(): string {
    const { text } = this;
    const quote = text.charAt(this.at);
    if (quote === '"' || quote === "'") {
      const end = text.indexOf(quote, this.at + 1);
      const value = text.slice(this.at + 1, end < 0 ? text.length : end);
      this.at = end < 0 ? text.length : end + 1;
      return value;
    }
    const start = this.at;
    while (this.at < text.length && !"\t\n\f\r >".includes(text.charAt(this.at))) this.at++;
    return text.slice(start, this.at);
  }

  #skip(characters: string): void {
    while (this.at < this.text.length && characters.includes(this.text.charAt(this.at))) this.at++;
  }
}
