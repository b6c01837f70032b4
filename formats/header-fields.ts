/** Fields of a header block as HTTP (RFC 9112 section 5) and WARC (ISO 28500:2017, clause 4) both write them. */

/**
 * Where the fields end and what follows them begins: at the first empty line at or after `from`, which is a line's start;
 * undefined where there is none. Lines may end in LF alone.
 */
export function headerEnd(bytes: Uint8Array, from: number): { readonly fields: number; readonly body: number } | undefined {
  for (let line = from; line < bytes.length; ) {
    const end = bytes.indexOf(lf, line);
    if (end < 0) return undefined;
    if (end === line || (end === line + 1 && bytes[line] === cr)) return { fields: line, body: end + 1 };
    line = end + 1;
  }
  return undefined;
}

const lf = 10;
const cr = 13;

/**
 * Names in lower case and values without the white space around them, in the order in which they stand. Folded lines (RFC 9112
 * section 5.2) are joined by a space; lines that are no field are passed over.
 */
export function parseHeaderFields(block: string): readonly (readonly [name: string, value: string])[] {
  const found: { readonly name: string; readonly lines: string[] }[] = [];
  for (const line of block.split("\n")) {
    const first = line.charCodeAt(0);
    if (first === 32 || first === 9) {
      found.at(-1)?.lines.push(line.trim());
      continue;
    }
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    found.push({ name: line.slice(0, colon).trimEnd().toLowerCase(), lines: [line.slice(colon + 1).trim()] });
  }
  return found.map(({ name, lines }) => [name, lines.join(" ").trim()]);
}
