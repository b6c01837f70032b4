/**
 * Encoders for the legacy encodings of the web (WHATWG Encoding Standard). Node only encodes UTF-8 and UTF-16, but it decodes them
 * all, so each table is made by decoding every sequence of one and two bytes and turning the answer round.
 */

const tables = new Map();

/** The text's bytes; what the encoding cannot write becomes a numeric character reference, as browsers do when they submit a form. */
export function encode(text, charset) {
  if (charset === "utf-8") return Buffer.from(text, "utf8");
  if (charset === "utf-16le") return Buffer.from(text, "utf16le");
  const table = tables.get(charset) ?? buildTable(charset);
  tables.set(charset, table);
  return Buffer.concat(
    Array.from(text, (character) => table.get(character) ?? Buffer.from(`&#${character.codePointAt(0)};`, "latin1")),
  );
}

function buildTable(charset) {
  const decoder = new TextDecoder(charset);
  const table = new Map();
  const add = (...bytes) => {
    const characters = [...decoder.decode(Uint8Array.from(bytes))];
    const whole = characters.length === 1 && characters[0] !== "\ufffd";
    if (whole && !table.has(characters[0])) table.set(characters[0], Buffer.from(bytes));
    return whole;
  };
  for (let lead = 0; lead < 256; lead++) {
    // A byte that stands for a character by itself leads no pair.
    if (add(lead) || lead < 0x81) continue;
    for (let trail = 0x40; trail < 0xff; trail++) add(lead, trail);
  }
  return table;
}
