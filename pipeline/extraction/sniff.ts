/** Whether bytes without a media type are a page: the HTML patterns of the WHATWG MIME Sniffing Standard, section 7.1. */

const tags = "!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--";
const startsAsHtml = new RegExp(`^(?:\\xEF\\xBB\\xBF)?[\\t\\n\\f\\r ]*<(?:${tags})(?:[\\s>/]|(?<=--))`, "i");
const startsAsXhtml = /^(?:\xEF\xBB\xBF)?[\t\n\f\r ]*<\?xml[\s\S]*?<(?:!doctype\s+)?html[\s>]/i;

const SNIFFED_BYTES = 1445;

export function looksLikeHtml(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(SNIFFED_BYTES, bytes.length)).toString("latin1");
  return startsAsHtml.test(head) || startsAsXhtml.test(head);
}
