/** Reads the page columns (data.ts) back: what is searched and sorted at once, the rest row by row when it is asked for. */
import { type Dictionary, type FrontCoded, type Packed, type PageColumns, statuses } from "../data.js";

export interface PageRow {
  readonly url: string;
  readonly captured_at: number | null;
  readonly status: (typeof statuses)[number];
  readonly stage: string | null;
  readonly rule: string | null;
  readonly decision: number | null;
  readonly tokens: number | null;
  readonly language: string | null;
  readonly redactions: number | null;
  readonly source: string | null;
  readonly shard: string | null;
  readonly row: number | null;
  readonly file: string | null;
  readonly offset: number;
  readonly length: number;
  readonly unit: string | null;
  readonly record_id: string;
  readonly id: string;
}

export class Pages {
  readonly count: number;
  readonly urls: readonly string[];
  #packed: { readonly id: string; readonly record: string } | undefined;

  constructor(readonly columns: PageColumns) {
    this.count = columns.rows;
    this.urls = frontDecoded(columns.url);
  }

  /** Scheme and host where all addresses have the same, else empty. */
  get origin(): string {
    const origin = /^https?:\/\/[^/?#\\@]+(?=\/)/.exec(this.urls[0] ?? "")?.[0] ?? "";
    return this.urls.every((url) => url.startsWith(`${origin}/`)) ? origin : "";
  }

  row(index: number): PageRow {
    const { columns } = this;
    this.#packed ??= { id: atob(columns.id.base64), record: atob(columns.record_id.base64) };
    return {
      url: this.urls[index] ?? "",
      captured_at: this.capturedAt(index),
      status: this.status(index),
      stage: entry(columns.stage, index),
      rule: this.rule(index),
      decision: columns.decision[index] ?? null,
      tokens: columns.tokens[index] ?? null,
      language: this.language(index),
      redactions: columns.redactions[index] ?? null,
      source: entry(columns.source, index),
      shard: entry(columns.shard, index),
      row: columns.row[index] ?? null,
      file: entry(columns.file, index),
      offset: columns.offset[index] ?? 0,
      length: columns.length[index] ?? 0,
      unit: entry(columns.unit, index),
      record_id: unpacked(columns.record_id, this.#packed.record, index, [8, 4, 4, 4, 12], "urn:uuid:"),
      id: unpacked(columns.id, this.#packed.id, index, [32], ""),
    };
  }

  status(index: number): PageRow["status"] {
    return statuses[Number(this.columns.status[index])] ?? "out";
  }

  rule(index: number): string | null {
    return entry(this.columns.rule, index);
  }

  stage(index: number): string | null {
    return entry(this.columns.stage, index);
  }

  language(index: number): string | null {
    return entry(this.columns.language, index);
  }

  capturedAt(index: number): number | null {
    const { base, step, values } = this.columns.captured_at;
    const value = values[index] ?? null;
    return value === null ? null : base + step * value;
  }
}

function frontDecoded({ shared, rest }: FrontCoded): readonly string[] {
  let before = "";
  return rest.map((text, i) => {
    before = before.slice(0, shared[i] ?? 0) + text;
    return before;
  });
}

function entry({ values, at }: Dictionary, index: number): string | null {
  return values[typeof at === "number" ? at : (at[index] ?? -1)] ?? null;
}

function unpacked({ others }: Packed, octets: string, index: number, groups: readonly number[], prefix: string): string {
  const other = others[index];
  if (other !== undefined) return other;
  let digits = "";
  for (let i = index * 16; i < index * 16 + 16; i++) digits += octets.charCodeAt(i).toString(16).padStart(2, "0");
  let from = 0;
  const parts = groups.map((length) => {
    from += length;
    return digits.slice(from - length, from);
  });
  return prefix + parts.join("-");
}
