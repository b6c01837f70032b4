/** Extraction: captured bytes to text (a CaptureBatch to a DocumentBatch). The stage "extract" of a recipe. */
import { z } from "zod";
import { Batch, identityColumns } from "../../corpus/index.js";
import { BytesBuilder, bytesAt, stringAt } from "../../formats/index.js";
import { decodeBytes, type Markup } from "./charset.js";
import { clean, Head } from "./head.js";
import { headerSignals } from "./headers.js";
import { type HtmlText, htmlToText } from "./html.js";
import { looksLikeHtml } from "./sniff.js";

export { type CharsetEvidence, type DecodedText, decodeBytes, type Markup } from "./charset.js";
export type { HeadSignal } from "./head.js";
export { type HtmlOptions, type HtmlText, htmlToText } from "./html.js";

const parameters = z.strictObject({
  main_text: z
    .boolean()
    .default(true)
    .describe("take the main text only, without navigation, comments and the like; false takes all visible text of a page"),
  min_main_characters: z
    .int()
    .min(0)
    .default(250)
    .describe("where the main text is shorter than this and less than half of the page, take all visible text instead"),
  max_page_bytes: z
    .int()
    .min(1)
    .max(256 * 1024 * 1024)
    .default(16 * 1024 * 1024)
    .describe("skip larger pages"),
});

export type ExtractionParameters = z.infer<typeof parameters>;

/** How a recipe names extraction, and what it may say about it. */
export const extraction = {
  name: "extract",
  /** Raised whenever any output for any input may change. */
  version: 3,
  summary:
    "read HTML and plain text: decide the encoding, take the main text, the title and what head and response headers state",
  parameters,
  /** Columns that it adds besides those of a document. */
  adds: {
    head_signals: {
      type: "utf8",
      about:
        "JSON array of what the page's head and response headers state on robots, mining and licences: element (header, meta, link, a, script), name, content, and where given type, place (footer; body of a meta element outside the head), count; a last entry left-out counts what did not fit; at most 6,144 bytes",
    },
  },
  /** Why a capture is skipped, and no document. */
  skips: {
    "empty-extraction": "the page has not one visible character",
    "not-html": "the capture names no media type, and its bytes are no HTML",
    "too-large": "the page is larger than `max_page_bytes`",
  },
} as const;

export type SkipReason = keyof typeof extraction.skips;

export interface Extraction {
  /** Identity columns with text, title, declared_language and head_signals. */
  readonly documents: Batch;
  /** For each document the row of the capture that it comes from, ascending. */
  readonly rows: Int32Array;
  readonly skipped: readonly { readonly row: number; readonly reason: SkipReason }[];
}

export interface Extractor {
  /** Every row of a CaptureBatch is either a document or skipped; no page makes it throw. */
  process(captures: Batch): Extraction;
}

export function createExtractor(parameters: ExtractionParameters): Extractor {
  return { process: (captures) => extract(captures, parameters) };
}

function extract(captures: Batch, parameters: ExtractionParameters): Extraction {
  const payloads = captures.bytes("payload");
  const headers = captures.bytes("headers");
  const mediaTypes = captures.bytes("media_type");
  const rows: number[] = [];
  const skipped: { row: number; reason: SkipReason }[] = [];
  const text = new BytesBuilder("utf8", 65_536);
  const title = new BytesBuilder("utf8");
  const language = new BytesBuilder("utf8");
  const signals = new BytesBuilder("utf8");
  for (let row = 0; row < captures.rows; row++) {
    const payload = bytesAt(payloads, row);
    const result = extractPage(payload, stringAt(mediaTypes, row), stringAt(headers, row), parameters);
    if (typeof result === "string") {
      skipped.push({ row, reason: result });
      continue;
    }
    rows.push(row);
    text.appendString(result.text);
    title.appendString(result.title);
    language.appendString(result.declaredLanguage);
    signals.appendString(result.headSignals);
  }
  const taken = Int32Array.from(rows);
  const identity = Object.keys(identityColumns).map((name) => [name, captures.column(name)] as const);
  const documents = new Batch(identity).take(taken).with({
    text: text.finish(),
    title: title.finish(),
    declared_language: language.finish(),
    head_signals: signals.finish(),
  });
  return { documents, rows: taken, skipped };
}

function extractPage(
  payload: Uint8Array,
  mediaType: string,
  headers: string,
  parameters: ExtractionParameters,
): HtmlText | SkipReason {
  const markup = markupOf(mediaType, payload);
  if (markup === undefined) return "not-html";
  if (payload.length > parameters.max_page_bytes) return "too-large";
  const decoded = decodeBytes(payload, contentType(headers), markup).text;
  const stated = headerSignals(headers);
  const page =
    markup === "none"
      ? { text: plainText(decoded), title: "", declaredLanguage: "", headSignals: new Head(stated).signals }
      : htmlToText(decoded, {
          mainText: parameters.main_text,
          minMainCharacters: parameters.min_main_characters,
          xml: markup === "xhtml",
          headers: stated,
        });
  return /[^\s\p{C}\uFFFD]/u.test(page.text) ? page : "empty-extraction";
}

function markupOf(mediaType: string, payload: Uint8Array): Markup | undefined {
  switch (mediaType) {
    case "text/html":
      return "html";
    case "application/xhtml+xml":
      return "xhtml";
    case "text/plain":
      return "none";
    case "":
      return looksLikeHtml(payload) ? "html" : undefined;
    default:
      return undefined;
  }
}

function plainText(text: string): string {
  return clean(text.replace(/\r\n?/g, "\n")).trimEnd();
}

/** The value of the last Content-Type header that names a charset, as Fetch reads several (section 2.2.2, "extract a MIME type"). */
function contentType(headers: string): string {
  let value = "";
  for (const [, found = ""] of headers.matchAll(/^content-type[\t ]*:(.*)$/gim)) {
    if (/charset/i.test(found)) value = found;
  }
  return value;
}
