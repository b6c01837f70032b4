/** Turns a planned page into what its server sent: an HTML page in its encoding, with its headers, content and transfer codings. */
import { encode } from "./charsets.mjs";
import { templates } from "./markup.mjs";
import { plainText } from "./sources.mjs";
import { applyContentCoding, chunk } from "./warc.mjs";

/** `{ status, headers, body }` of the response. */
export function serve(page) {
  const html = document(page);
  const bytes = Buffer.concat([
    page.declare === "bom" ? byteOrderMark(page.charset) : Buffer.alloc(0),
    encode(html, page.charset),
  ]);
  const coded = page.coding === undefined ? bytes : applyContentCoding(bytes, page.coding);
  const body = page.chunked === true ? chunk(coded) : coded;
  const headers = {
    Server: "example/1.0",
    "Content-Type": contentType(page),
    ...(page.coding === undefined ? {} : { "Content-Encoding": page.coding, Vary: "Accept-Encoding" }),
    ...(page.storedDecoded === undefined ? {} : { "X-Crawler-Content-Encoding": page.storedDecoded }),
    ...page.headers,
    ...(page.chunked === true ? { "Transfer-Encoding": "chunked" } : { "Content-Length": body.length }),
  };
  return { status: "200 OK", headers, body };
}

function document(page) {
  if (page.template === "text") return `${page.text.title}\n\n${plainText(page.text)}\n`;
  return templates[page.template]({ text: page.text, lang: page.lang, meta: `${declaration(page)}${page.headMeta ?? ""}` });
}

/** The encoding as the page itself declares it. */
function declaration({ declare, charset }) {
  if (declare === "meta" || declare === "both") return `<meta charset="${charset}"/>`;
  if (declare === "http-equiv") return `<META http-equiv=Content-Type content='text/html; charset=${charset.toUpperCase()}'>`;
  return declare === "conflict" ? '<meta charset="iso-8859-1"/>' : "";
}

function contentType({ template, declare, charset }) {
  const xhtml = template === "gazette" && declare === "header" && charset === "utf-8";
  const type = template === "text" ? "text/plain" : xhtml ? "application/xhtml+xml" : "text/html";
  return ["header", "both", "conflict"].includes(declare) ? `${type}; charset=${charset}` : type;
}

function byteOrderMark(charset) {
  return Buffer.from(charset === "utf-16le" ? [0xff, 0xfe] : [0xef, 0xbb, 0xbf]);
}
