/**
 * A column of URLs split into authorities and targets (authority.ts), without a string for each: documents lie site by site, so most
 * addresses begin with the very octets that the one before began with, and what follows them is the target as it stands.
 */
import { type BytesColumn, bytesAt, rowsOf } from "../../formats/index.js";
import { type Authority, splitUrl } from "./authority.js";

export interface SplitColumn {
  /** Each once where its URLs stand together. */
  readonly authorities: readonly Authority[];
  /** For each row an index into `authorities`; -1 where the text is no http or https URL with a host. */
  readonly authorityOf: Int32Array;
  /** Paths and queries as octets, as SplitUrl has them; empty where there is no authority. */
  readonly targets: BytesColumn;
}

const slash = 0x2f;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The same as splitUrl of every row. */
export function splitColumn(urls: BytesColumn): SplitColumn {
  const rows = rowsOf(urls);
  const { values, offsets } = urls;
  const authorities: Authority[] = [];
  const authorityOf = new Int32Array(rows);
  // A target is as long as its URL at most, but for a slash where it has no path, and U+FFFD in place of what is no UTF-8.
  let octets = new Uint8Array(values.length + rows);
  const ends = new Int32Array(rows + 1);
  let at = 0;
  // Scheme and authority as the last address spelled them, and what they mean.
  let prefix = new Uint8Array(0);
  let known = -1;
  for (let row = 0; row < rows; row++) {
    const start = offsets[row] ?? 0;
    const end = offsets[row + 1] ?? 0;
    const path = start + prefix.length;
    let same = prefix.length > 0 && path < end && values[path] === slash && isVisible(values[end - 1]);
    for (let i = prefix.length - 1; same && i >= 0; i--) same = values[start + i] === prefix[i];
    if (same) {
      authorityOf[row] = known;
      if (known >= 0) for (let from = path; from < end; from++) octets[at++] = values[from] ?? 0;
      ends[row + 1] = at;
      continue;
    }
    const text = decoder.decode(bytesAt(urls, row));
    const split = splitUrl(text);
    if (split === undefined) known = -1;
    else if (known < 0 || authorities[known] !== split.authority) known = authorities.push(split.authority) - 1;
    authorityOf[row] = known;
    const target = split?.target ?? "";
    if (octets.length < at + target.length + (values.length - end) + rows) {
      const grown = new Uint8Array(2 * octets.length + target.length);
      grown.set(octets);
      octets = grown;
    }
    for (let i = 0; i < target.length; i++) octets[at++] = target.charCodeAt(i);
    ends[row + 1] = at;
    prefix = prefixOf(values.subarray(start, end));
  }
  return { authorities, authorityOf, targets: { type: "binary", values: octets.subarray(0, at), offsets: ends } };
}

/** The octets up to the path where splitUrl would find it, if nothing in front of them would be trimmed; empty otherwise. */
function prefixOf(url: Uint8Array): Uint8Array<ArrayBuffer> {
  const mark = url[4] === 0x3a ? 4 : 5;
  if (!isVisible(url[0]) || url[mark] !== 0x3a || url[mark + 1] !== slash || url[mark + 2] !== slash) return new Uint8Array(0);
  let end = mark + 3;
  while (end < url.length && !endsAuthority(url[end])) end++;
  return url.slice(0, end) as Uint8Array<ArrayBuffer>;
}

/** `/`, `?`, `#` or `\`. */
function endsAuthority(octet: number | undefined): boolean {
  return octet === slash || octet === 0x3f || octet === 0x23 || octet === 0x5c;
}

/** ASCII without blanks and controls: nothing that trimming takes away. */
function isVisible(octet: number | undefined): boolean {
  return octet !== undefined && octet > 0x20 && octet < 0x7f;
}
