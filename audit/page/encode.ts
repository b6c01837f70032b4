/** Makes the script's data (data.ts) of a report: about 90 bytes a page. */
import type { OwnerReport, Page } from "../owner/model.js";
import {
  type DecisionData,
  type Dictionary,
  type FrontCoded,
  type Packed,
  type PageColumns,
  type PageData,
  statuses,
} from "./data.js";
import { hostIn, otherForm } from "./names.js";
import { day } from "./wording.js";

/** UTF-16 units of evidence and of captured files that the page holds for its script. */
const mostEvidence = 1_000_000;
const mostFileText = 256 * 1024;
const mostFiles = 24;

export function encodeReport(report: OwnerReport, shownDecisions: ReadonlySet<number>): PageData {
  const { policy } = report.corpus;
  return {
    pages: encodePages(report.pages),
    decisions: encodeDecisions(report, shownDecisions),
    agents: policy?.agents ?? ["*"],
    modes: policy?.modes ?? ["rfc", "intent"],
    files: startingFiles(report),
    hosts: otherHosts(report.pages),
  };
}

export function encodePages(pages: readonly Page[]): PageColumns {
  return {
    rows: pages.length,
    url: frontCoded(pages.map(({ url }) => url)),
    captured_at: times(pages),
    status: pages.map(({ status }) => statuses.indexOf(status)).join(""),
    stage: dictionary(pages.map(({ stage }) => stage)),
    rule: dictionary(pages.map(({ rule }) => rule)),
    decision: pages.map(({ decision }) => decision),
    tokens: pages.map(({ tokens }) => tokens),
    language: dictionary(pages.map(({ language }) => language)),
    redactions: pages.map(({ redactions }) => redactions),
    source: dictionary(pages.map(({ source }) => source)),
    shard: dictionary(pages.map(({ shard }) => shard)),
    row: pages.map(({ row }) => row),
    file: dictionary(pages.map(({ place }) => place.file)),
    offset: pages.map(({ place }) => place.offset),
    length: pages.map(({ place }) => place.length),
    unit: dictionary(pages.map(({ place }) => place.unit)),
    record_id: packed(
      pages.map(({ place }) => place.record_id),
      /^urn:uuid:([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/,
    ),
    id: packed(
      pages.map(({ id }) => id),
      /^([0-9a-f]{32})$/,
    ),
  };
}

function frontCoded(texts: readonly string[]): FrontCoded {
  let before = "";
  const shared: number[] = [];
  const rest = texts.map((text) => {
    const most = Math.min(before.length, text.length);
    let same = 0;
    while (same < most && before.charCodeAt(same) === text.charCodeAt(same)) same++;
    // A pair of surrogates stays together, so that each piece is text by itself.
    if (same > 0 && (text.charCodeAt(same - 1) & 0xfc00) === 0xd800) same--;
    shared.push(same);
    before = text;
    return text.slice(same);
  });
  return { shared, rest };
}

function times(pages: readonly Page[]): PageColumns["captured_at"] {
  const values = pages.map(({ captured_at }) => {
    const time = captured_at === null ? Number.NaN : Date.parse(captured_at);
    return Number.isNaN(time) ? null : time;
  });
  let base = Number.POSITIVE_INFINITY;
  for (const value of values) base = Math.min(base, value ?? base);
  if (base === Number.POSITIVE_INFINITY) base = 0;
  const step = values.every((value) => value === null || (value - base) % 1000 === 0) ? 1000 : 1;
  return { base, step, values: values.map((value) => (value === null ? null : (value - base) / step)) };
}

function dictionary(texts: readonly (string | null)[]): Dictionary {
  const places = new Map<string, number>();
  const at = texts.map((text) => {
    if (text === null) return -1;
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return place;
  });
  const [first = -1] = at;
  return { values: [...places.keys()], at: at.every((place) => place === first) ? first : at };
}

function packed(texts: readonly string[], form: RegExp): Packed {
  const bytes = Buffer.alloc(texts.length * 16);
  const others: Record<string, string> = {};
  for (const [row, text] of texts.entries()) {
    const digits = form.exec(text)?.slice(1).join("");
    if (digits === undefined) others[row] = text;
    else bytes.write(digits, row * 16, "hex");
  }
  return { base64: bytes.toString("base64"), others };
}

function encodeDecisions({ decisions }: OwnerReport, shown: ReadonlySet<number>): readonly DecisionData[] {
  let room = mostEvidence;
  return decisions.map(({ stage, rule, meaning, evidence, evidence_id }, index) => {
    const text =
      shown.has(index) || evidence === null || evidence === undefined ? undefined : JSON.stringify(evidence, null, 1);
    const held = text !== undefined && text.length <= room ? text : null;
    room -= held?.length ?? 0;
    return { stage, rule, meaning, evidence_id, shown: shown.has(index), evidence: held };
  });
}

/** The newest captured file of each site first, then older ones. */
function startingFiles({ sites, files }: OwnerReport): PageData["files"] {
  let room = mostFileText;
  const seen = new Set<string>();
  const captures = sites.flatMap((site) => [...site.captures].reverse().map((capture, age) => ({ capture, age })));
  return captures
    .sort((a, b) => a.age - b.age)
    .flatMap(({ capture: { sha256, authority, captured_at } }) => {
      const file = sha256 === null ? undefined : files[sha256];
      if (file === undefined || seen.size >= mostFiles || seen.has(file.sha256) || file.text.length > room) return [];
      if (file.shown_bytes < file.bytes) return [];
      seen.add(file.sha256);
      room -= file.text.length;
      return [{ label: `${authority}, ${day(captured_at)}`, text: file.text }];
    });
}

function otherHosts(pages: readonly Page[]): Readonly<Record<string, string>> {
  const others: Record<string, string> = {};
  let before: string | undefined;
  for (const { url } of pages) {
    const host = hostIn(url);
    if (host === undefined || host === before) continue;
    before = host;
    const other = otherForm(host);
    if (other !== undefined) others[host] = other;
  }
  return others;
}
