/** Slow, plain references for the finders of personal data: regular expressions over JavaScript strings. */

export interface Found {
  readonly kind: string;
  readonly start: number;
  readonly text: string;
}

const unspaced =
  "(?:(?=[\\p{L}\\p{Nl}])[\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Bopo}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}\\p{scx=Tibt}\\p{scx=Java}\\p{scx=Bali}\\p{scx=Lana}\\p{scx=Talu}\\p{scx=Tale}\\p{scx=Tavt}\\p{scx=Yiii}])";
const foreign = "(?:(?![\\x00-\\x7f])[\\p{L}\\p{M}\\p{N}])";
const word = `(?:(?!${unspaced})[\\p{L}\\p{M}\\p{N}_])`;

/** Runs the finders in order of precedence, each between the spans of those before it. */
function inGaps(text: string, finders: readonly ((text: string, begin: number, end: number) => readonly Found[])[]): Found[] {
  let found: Found[] = [];
  for (const find of finders) {
    const more: Found[] = [];
    let begin = 0;
    for (const taken of found) {
      more.push(...find(text, begin, taken.start));
      begin = taken.start + taken.text.length;
    }
    more.push(...find(text, begin, text.length));
    found = [...found, ...more].sort((a, b) => a.start - b.start);
  }
  return found;
}

/** The three expressions of the Apertus pipeline, with Python's Unicode word boundary spelled out. */
export function apertusReference(text: string): readonly Found[] {
  const boundary = "(?:(?<=[\\p{L}\\p{N}_])(?![\\p{L}\\p{N}_])|(?<![\\p{L}\\p{N}_])(?=[\\p{L}\\p{N}_]))";
  const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\-]+";
  const label = "[A-Za-z0-9](?:[A-Za-z0-9\\-]*[A-Za-z0-9])?";
  const octet = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)";
  const literal = `\\[(?:${octet}\\.){3}(?:${octet}|[A-Za-z0-9\\-]*[A-Za-z0-9]:)\\]`;
  const expressions = {
    email: new RegExp(`${boundary}${atom}(?:\\.${atom})*@(?:(?:${label}\\.)+${label}|${literal})`, "gu"),
    ip: new RegExp(`(?:${octet}\\.){3}${octet}`, "gu"),
    iban: /[A-Z]{2}[0-9]{2}(?: [0-9]{4}){4} [A-Z0-9]{1,2}/gu,
  };
  return inGaps(
    text,
    Object.entries(expressions).map(([kind, expression]) => (whole, begin, end) => {
      const part = whole.slice(begin, end);
      return [...part.matchAll(expression)].map((match) => ({ kind, start: begin + match.index, text: match[0] }));
    }),
  );
}

/** The strict rules, with what is reserved for documentation taken in. */
export function strictReference(text: string): readonly Found[] {
  return inGaps(text, [strictEmails, strictIps, strictIbans]);
}

const spacedAtom = `(?:[A-Za-z0-9_+%'\\-]|(?!${unspaced})${foreign})+`;
const anyAtom = `(?:[A-Za-z0-9_+%'\\-]|${foreign})+`;
const localOf = (atom: string) => new RegExp(`${atom}(?:\\.${atom})*$`, "u");
const inLabel = "[A-Za-z0-9\\p{L}\\p{M}\\p{N}]";
const label = `${inLabel}(?:(?:${inLabel}|-)*${inLabel})?`;
const top = [
  `xn--[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?!${inLabel})`,
  `[A-Za-z]{2,}(?=${unspaced})`,
  `[\\p{L}\\p{M}]{2,}(?!${inLabel})`,
].join("|");
const domain = new RegExp(`^${label}\\.(?:(?![A-Za-z]{2,}${unspaced})${label}\\.)*(?:${top})`, "u");

function strictEmails(text: string, begin: number, end: number): readonly Found[] {
  const found: Found[] = [];
  let from = begin;
  for (let at = text.indexOf("@", from); at >= 0 && at < end; at = text.indexOf("@", Math.max(at + 1, from))) {
    const before = text.slice(from, at);
    const anything = new RegExp(`(?:${unspaced}|(?![\\x00-\\x7f])\\p{M})$`, "u").test(before);
    const run = localOf(anything ? anyAtom : spacedAtom).exec(before)?.[0];
    const tail = domain.exec(text.slice(at + 1, end))?.[0];
    if (run === undefined || tail === undefined || Buffer.byteLength(run) > 64) continue;
    const local = run.replace(/^[-.']+/u, "");
    const start = at - run.length;
    if (local === "" || text[start - 1] === "@" || text[at + 1 + tail.length] === "@") continue;
    found.push({ kind: "email", start: at - local.length, text: `${local}@${tail}` });
    from = at + 1 + tail.length;
  }
  return found;
}

const special =
  /^(?:0|10|127|22[4-9]|23\d|24\d|25\d|169\.254|192\.168|192\.0\.0|192\.88\.99|198\.1[89]|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;
const counting = /(?:§|版本|(?<!\p{L})(?:v|version|versión|section|release|build|версия))(?:[\s\u1361]|[.:#="'(]){0,3}$/iu;

function strictIps(text: string, begin: number, end: number): readonly Found[] {
  return [...text.slice(begin, end).matchAll(/[0-9.]*[0-9]\.[0-9][0-9.]*/gu)].flatMap(({ 0: run, index }) => {
    const address = run.replace(/\.+$/u, "");
    const start = begin + index;
    const before = text.slice(0, start);
    const behind = text.slice(start + address.length);
    const valid =
      /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/u.test(address) &&
      address.split(".").every((part) => Number(part) <= 255) &&
      !special.test(address) &&
      !new RegExp(`(?:${word}|(?<![0-9])-|(?<![0-9/])/|\\.)$`, "u").test(before) &&
      !new RegExp(`^(?:${word}|[.-][A-Za-z_])`, "u").test(behind) &&
      !counting.test(before);
    return valid ? [{ kind: "ip", start, text: address }] : [];
  });
}

const lengths: Readonly<Record<string, number>> = { DE: 22, CH: 21, GB: 22, FR: 27, NO: 15, BE: 16, NL: 18 };

function strictIbans(text: string, begin: number, end: number): readonly Found[] {
  const found: Found[] = [];
  const head = new RegExp(`(?<!${word})(?:DE|CH|GB|FR|NO|BE|NL)\\d\\d`, "gu");
  head.lastIndex = begin;
  for (let match = head.exec(text); match !== null && match.index < end; match = head.exec(text)) {
    const length = lengths[match[0].slice(0, 2)];
    const rest = text.slice(match.index + 4, end);
    const space = "[ \\u00a0\\u202f]";
    const left = length - 4;
    const grouped = `(?:${space}[A-Z0-9]{4}){${Math.floor(left / 4)}}${left % 4 === 0 ? "" : `${space}[A-Z0-9]{${left % 4}}`}`;
    const body = new RegExp(`^(?:[A-Z0-9]{${left}}|${grouped})`, "u").exec(rest)?.[0];
    const next = match.index + 4 + (body?.length ?? 0);
    if (body === undefined || /(?:00|01|99)$/.test(match[0]) || new RegExp(`^${word}`, "u").test(text.slice(next))) {
      head.lastIndex = match.index + 1;
      continue;
    }
    const digits = (body.replace(/[^A-Z0-9]/g, "") + match[0]).replace(/[A-Z]/g, (c) => String(c.charCodeAt(0) - 55));
    if (BigInt(digits) % 97n === 1n) found.push({ kind: "iban", start: match.index, text: match[0] + body });
    head.lastIndex = BigInt(digits) % 97n === 1n ? next : match.index + 1;
  }
  return found;
}
