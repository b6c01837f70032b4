/** A decider at work: asked about documents, a row group at a time, in whichever thread they are read. */
import { Batch, type Evidence, type EvidenceBlob, hostKey, parseUrl } from "../../corpus/index.js";
import {
  type Asset,
  type ConsentParameters,
  ConsentReview,
  consent,
  decideSignals,
  parseSignals,
  type SignalsParameters,
  type SignalsPolicy,
  signals as signalsFilter,
} from "../../filters/index.js";
import { type BytesColumn, type NumberColumn, rowsOf, stringAt, utf8Column } from "../../formats/index.js";
import { type Asked, isThePage } from "../owner/subject.js";

/** What decides, as plain data: it goes from one thread to another. */
export type DeciderSpec =
  | { readonly kind: "robots"; readonly parameters: ConsentParameters; readonly assets: readonly Asset[] }
  | { readonly kind: "hosts"; readonly asked: readonly Asked[]; readonly exact: boolean }
  /** By key, port and path. */
  | { readonly kind: "pages"; readonly asked: ReadonlyMap<string, Asked> }
  | { readonly kind: "signals"; readonly policy: SignalsPolicy }
  | { readonly kind: "robots-signals"; readonly parameters: SignalsParameters; readonly assets: readonly Asset[] };

/** Documents as a retraction sees them: nothing else is read. */
export interface Documents {
  readonly url: BytesColumn;
  /** Where the decider asks for dates. */
  readonly captured_at?: NumberColumn;
  /** Where the decider asks what was stated. */
  readonly signals?: BytesColumn;
}

/** Why a document has to go. Documents that go for the same reason share the object. */
export interface Reason {
  readonly rule: string;
  readonly evidence: Evidence;
}

/** `partial`: more was stated than the corpus keeps; `unread`: what it keeps cannot be read. */
export type Doubt = "partial" | "unread";

export interface Decisions {
  /** Ascending rows. */
  readonly gone: readonly { readonly row: number; readonly reason: Reason }[];
  /** Rows that stay, though not all that was stated of them could be asked. */
  readonly unsure?: readonly { readonly row: number; readonly why: Doubt }[];
  readonly blobs: readonly EvidenceBlob[];
}

export interface OpenDecider {
  /** The columns that it asks for beside the address. */
  readonly columns: readonly ("captured_at" | "signals")[];
  decide(documents: Documents): Decisions;
  close(): void;
}

export async function openDecider(spec: DeciderSpec): Promise<OpenDecider> {
  if (spec.kind === "hosts") {
    return listDecider("host-request", (url) => {
      const key = hostKey(url);
      return spec.asked.find((subject) => isAt(subject, key, spec.exact));
    });
  }
  if (spec.kind === "pages") {
    return listDecider("url-request", (url) => {
      const parsed = parseUrl(url);
      if (parsed === undefined) return undefined;
      const asked = spec.asked.get(`${hostKey(url)} ${parsed.pathname}${parsed.search}`);
      return asked !== undefined && isThePage(asked, url) ? asked : undefined;
    });
  }
  if (spec.kind === "signals") return signalsDecider(spec.policy);
  if (spec.kind === "robots-signals") return siteSignalsDecider(spec.parameters, spec.assets);
  const { parameters, assets } = spec;
  return parameters.policy === "ever" ? everDecider(parameters, assets) : reviewDecider(new ConsentReview(parameters, assets));
}

function reviewDecider(review: ConsentReview): OpenDecider {
  return {
    columns: review.parameters.policy === "at-capture" ? ["captured_at"] : [],
    decide({ url, captured_at }) {
      const { dropped, blobs } = review.review(url, captured_at);
      return { gone: dropped.map(({ row, verdict }) => ({ row, reason: verdict })), blobs };
    },
    close: () => review.close(),
  };
}

/** Under `ever` several captures speak for a page, and the filter itself is asked. */
async function everDecider(parameters: ConsentParameters, assets: readonly Asset[]): Promise<OpenDecider> {
  const filter = await consent.open(parameters, assets);
  return {
    columns: [],
    decide({ url }) {
      const undated: NumberColumn = { type: "timestamp", values: new Float64Array(rowsOf(url)).fill(Number.NaN) };
      const { verdicts = [], blobs = [] } = filter.process(
        new Batch([
          ["url", url],
          ["captured_at", undated],
        ]),
      );
      const gone = verdicts.flatMap((verdict, row) => (verdict.keep ? [] : [{ row, reason: verdict }]));
      const used = new Set(gone.map(({ reason }) => (reason.evidence.robots as { sha256?: unknown } | undefined)?.sha256));
      return { gone, blobs: blobs.filter(({ sha256 }) => used.has(sha256)) };
    },
    close: () => filter.close?.(),
  };
}

/** Statements that evidence quotes. */
const quoted = 4;

/** Decides again on what was stated of each document when the run read it. */
function signalsDecider(policy: SignalsPolicy): OpenDecider {
  // Most pages state nothing, and those of a site state the same.
  const known = new Map<string, Reason | Doubt | undefined>();
  const reasonFor = (cell: string): Reason | Doubt | undefined => {
    const stored = parseSignals(cell);
    if (stored === undefined) return "unread";
    const decision = decideSignals(stored.statements, policy);
    if (decision === undefined) return stored.truncated ? "partial" : undefined;
    const evidence: Evidence = {
      denied_by: decision.statements.slice(0, quoted).map((statement) => ({ ...statement })),
      denied_by_more: Math.max(0, decision.statements.length - quoted),
      files: Object.entries(stored.sources).map(([location, source]) => ({ location, ...source })),
    };
    return { rule: decision.rule, evidence };
  };
  return {
    columns: ["signals"],
    decide({ signals }) {
      const gone: Decisions["gone"][number][] = [];
      const unsure: { row: number; why: Doubt }[] = [];
      if (signals === undefined) return { gone, blobs: [] };
      for (let row = 0; row < rowsOf(signals); row++) {
        if (signals.offsets[row] === signals.offsets[row + 1]) continue;
        const cell = stringAt(signals, row);
        if (!known.has(cell)) {
          if (known.size >= 10_000) known.clear();
          known.set(cell, reasonFor(cell));
        }
        const reason = known.get(cell);
        if (typeof reason === "object") gone.push({ row, reason });
        else if (reason !== undefined) unsure.push({ row, why: reason });
      }
      return { gone, unsure, blobs: [] };
    },
    close: () => undefined,
  };
}

/** The filter itself, asked of addresses alone: what pages stated, the run has decided on. */
async function siteSignalsDecider(parameters: SignalsParameters, assets: readonly Asset[]): Promise<OpenDecider> {
  const filter = await signalsFilter.open(parameters, assets);
  const nothing = utf8Column([""]);
  return {
    columns: parameters.policy === "at-capture" ? ["captured_at"] : [],
    decide({ url, captured_at }) {
      const rows = rowsOf(url);
      const dates: NumberColumn = captured_at ?? { type: "timestamp", values: new Float64Array(rows).fill(Number.NaN) };
      const heads: BytesColumn = { ...nothing, offsets: new Int32Array(rows + 1) };
      const batch = new Batch([
        ["url", url],
        ["captured_at", dates],
        ["head_signals", heads],
      ]);
      const { verdicts = [], blobs = [] } = filter.process(batch);
      const reasons = new Map<string, Reason>();
      const gone = verdicts.flatMap((verdict, row) => {
        if (verdict.keep) return [];
        // Pages of a site go by the same lines.
        const key = `${verdict.rule} ${JSON.stringify(verdict.evidence)}`;
        const reason = reasons.get(key) ?? verdict;
        reasons.set(key, reason);
        return [{ row, reason }];
      });
      const used = new Set(gone.flatMap(({ reason }) => bodiesOf(reason.evidence)));
      return { gone, blobs: blobs.filter(({ sha256 }) => used.has(sha256)) };
    },
    close: () => filter.close?.(),
  };
}

/** Digests of the captured files that evidence of the stage `signals` names. */
function bodiesOf({ files }: Evidence): readonly string[] {
  if (!Array.isArray(files)) return [];
  return files.flatMap((file) => {
    const { robots } = file as { readonly robots?: { readonly sha256?: unknown } };
    return typeof robots?.sha256 === "string" ? [robots.sha256] : [];
  });
}

function listDecider(rule: string, find: (url: string) => Asked | undefined): OpenDecider {
  // What was asked for is told once, however many pages go by it.
  const reasons = new Map<Asked, Reason>();
  return {
    columns: [],
    decide({ url }) {
      const gone: Decisions["gone"][number][] = [];
      for (let row = 0; row < rowsOf(url); row++) {
        const asked = find(stringAt(url, row));
        if (asked === undefined) continue;
        const reason = reasons.get(asked) ?? { rule, evidence: { asked: asked.subject.asked } };
        reasons.set(asked, reason);
        gone.push({ row, reason });
      }
      return { gone, blobs: [] };
    },
    close: () => undefined,
  };
}

function isAt({ key, port }: Asked, hostKeyOfPage: string, exact: boolean): boolean {
  if (hostKeyOfPage === key + port) return true;
  const name = hostKeyOfPage.replace(/:\d+$/, "");
  const samePort = port === "" || hostKeyOfPage.endsWith(port);
  return samePort && (name === key || (!exact && name.startsWith(`${key},`)));
}
