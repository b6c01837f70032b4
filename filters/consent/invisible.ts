/**
 * Characters that nobody sees in a robots.txt file: editors, word processors and content systems leave them there (the general
 * category Cf and the spaces of Unicode, in UTF-8; robots.txt is UTF-8 by RFC 9309 §2.3). The reading by intent looks past them.
 */

/** Between words. */
const spaces = "\\xc2[\\x85\\xa0]|\\xe1\\x9a\\x80|\\xe2(?:\\x80[\\x80-\\x8a\\xa8\\xa9\\xaf]|\\x81\\x9f)|\\xe3\\x80\\x80";
/** Inside words: joiners, marks of direction and byte order, soft hyphens, controls, variation selectors. */
const nothing =
  "\\xc2[\\x80-\\x84\\x86-\\x9f\\xad]|\\xe1\\xa0\\x8e|\\xe2(?:\\x80[\\x8b-\\x8f\\xaa-\\xae]|\\x81[\\xa0-\\xaf])|\\xef(?:\\xb8[\\x80-\\x8f]|\\xbb\\xbf)";

const sequence = new RegExp(`${spaces}|${nothing}`, "y");
const anywhere = new RegExp(`(${spaces})|${nothing}`, "g");

/** Without the invisible characters around it, ASCII's own and a lone no-break space of Latin-1 among them. */
export function trimInvisible(octets: string): string {
  let start = 0;
  let end = octets.length;
  for (let length = invisibleAt(octets, 0); length > 0 && start < end; length = invisibleAt(octets, start)) start += length;
  for (let length = invisibleBefore(octets, end); length > 0 && end - length >= start; length = invisibleBefore(octets, end)) {
    end -= length;
  }
  return octets.slice(start, end);
}

/** Spaces become blanks, what has no width vanishes; ASCII stays as it is. */
export function visible(octets: string): string {
  return octets.replace(anywhere, (_, space: string | undefined) => (space === undefined ? "" : " "));
}

/** How many octets the invisible character at this place has; 0 where there is none. */
function invisibleAt(octets: string, at: number): number {
  const code = octets.charCodeAt(at);
  if (code <= 0x20 || code === 0x7f) return 1;
  if (!(code >= 0x80)) return 0;
  // Behind another octet outside ASCII it may be the rest of a letter.
  if (code === 0xa0) return at === 0 || octets.charCodeAt(at - 1) < 0x80 ? 1 : 0;
  sequence.lastIndex = at;
  return sequence.exec(octets)?.[0].length ?? 0;
}

function invisibleBefore(octets: string, end: number): number {
  for (let length = 1; length <= 3 && length <= end; length++) {
    if (invisibleAt(octets, end - length) === length) return length;
  }
  return 0;
}
