/**
 * Runs a segment's stages over batches in one process: each stage sees what the stage before it kept. What the stages decide is
 * handed to a sink; nothing here knows files.
 */
import { performance } from "node:perf_hooks";
import {
  type Batch,
  captureColumns,
  type EvidenceBlob,
  joinRedactions,
  type Redactions,
  takeRedactions,
  type Verdict,
} from "../corpus/index.js";
import type { OpenFilter } from "../filters/index.js";
import { BytesBuilder, type Column, type ColumnType } from "../formats/index.js";
import type { Tokenizer } from "../tokenizer/index.js";
import type { CompiledRecipe, Segment, Stage } from "./compile.js";
import { callFilter } from "./contract.js";
import { createExtractor, type Extractor, extraction } from "./extraction/index.js";
import { openStageTokenizer } from "./tokenize.js";

/** A batch on its way through the stages, with the spans to be redacted in it. */
export interface Flow {
  readonly batch: Batch;
  readonly redactions?: Redactions;
}

export interface TokenLists {
  readonly values: Uint32Array;
  readonly offsets: Int32Array;
}

export interface SegmentSink {
  dropped(batch: Batch, row: number, stage: string, verdict: Verdict & { keep: false }): void;
  skipped(reason: string): void;
  blobs(blobs: readonly EvidenceBlob[]): void;
  /** Called before the stage at `textFrom`, where text is kept; returns the flow to go on with. */
  text(flow: Flow): Flow;
  kept(flow: Flow, tokens: TokenLists | undefined): void;
}

/** Seconds and documents of one stage; seconds are for people and never part of the corpus. */
export interface StageTally {
  readonly name: string;
  seconds: number;
  documentsIn: number;
  documentsOut: number;
  /** UTF-8 bytes of text that it saw; of payload, before extraction. */
  bytesIn: number;
}

type FilterStage = Stage & { readonly kind: "filter" };

type OpenStage =
  | { readonly kind: "filter"; readonly stage: FilterStage; readonly open: OpenFilter }
  | { readonly kind: "extract"; readonly stage: Stage; readonly extractor: Extractor }
  | { readonly kind: "tokenize"; readonly stage: Stage; readonly tokenizer: Tokenizer };

export class SegmentRunner {
  private constructor(
    private readonly stages: readonly OpenStage[],
    private readonly textFrom: number | undefined,
  ) {}

  static async open(recipe: CompiledRecipe, segment: Segment): Promise<SegmentRunner> {
    const stages: OpenStage[] = [];
    for (const stage of segment.stages) stages.push(await openStage(stage));
    return new SegmentRunner(stages, segment.index === 0 ? recipe.textFrom : undefined);
  }

  newTallies(): StageTally[] {
    return this.stages.map(({ stage }) => ({ name: stage.name, seconds: 0, documentsIn: 0, documentsOut: 0, bytesIn: 0 }));
  }

  run(kind: "captures" | "documents", batch: Batch, sink: SegmentSink, tallies: StageTally[]): void {
    this.#run({ batch }, kind === "captures", sink, tallies);
  }

  /** Documents on their way from an earlier segment. */
  runFlow(flow: Flow, sink: SegmentSink, tallies: StageTally[]): void {
    this.#run(flow, false, sink, tallies);
  }

  #run(start: Flow, areCaptures: boolean, sink: SegmentSink, tallies: StageTally[]): void {
    let flow = start;
    let captures = areCaptures;
    let tokens: TokenLists | undefined;
    for (const [index, open] of this.stages.entries()) {
      if (index === this.textFrom && !captures) flow = sink.text(flow);
      if (flow.batch.rows === 0) return;
      const tally = tallies[index];
      const begun = performance.now();
      if (tally !== undefined) {
        tally.documentsIn += flow.batch.rows;
        tally.bytesIn += contentBytes(flow.batch);
      }
      if (open.kind === "filter") flow = applyFilter(flow, open.stage, open.open, sink);
      else if (open.kind === "extract" && captures) {
        flow = applyExtract(flow, open.extractor, sink);
        captures = false;
      } else if (open.kind === "extract") flow = { ...flow, batch: withHeadSignals(flow.batch) };
      else if (open.kind === "tokenize") {
        const { redactions } = flow;
        const options = { bos: true, eos: true, ...(redactions === undefined ? {} : { redactions }) };
        tokens = open.tokenizer.encodeBatch(flow.batch.bytes("text"), options);
      }
      if (tally !== undefined) {
        tally.documentsOut += flow.batch.rows;
        tally.seconds += (performance.now() - begun) / 1000;
      }
    }
    if (this.textFrom === this.stages.length && !captures) flow = sink.text(flow);
    if (flow.batch.rows > 0) sink.kept(flow, tokens);
  }

  close(): void {
    for (const open of this.stages) if (open.kind === "filter") open.open.close?.();
  }
}

async function openStage(stage: Stage): Promise<OpenStage> {
  if (stage.kind === "extract") {
    return { kind: "extract", stage, extractor: createExtractor(extraction.parameters.parse(stage.parameters)) };
  }
  if (stage.kind === "tokenize") {
    return { kind: "tokenize", stage, tokenizer: await openStageTokenizer(stage.parameters, stage.assets) };
  }
  const open = await stage.filter.open(stage.parameters, stage.assets);
  return { kind: "filter", stage, open };
}

/** UTF-8 bytes of the batch's text, or bytes of its payload where there is no text yet. */
export function contentBytes(batch: Batch): number {
  const name = batch.has("text") ? "text" : "payload";
  if (!batch.has(name)) return 0;
  const { offsets } = batch.bytes(name);
  return offsets[batch.rows] - offsets[0];
}

/** One filter over one batch. */
function applyFilter(flow: Flow, stage: FilterStage, open: OpenFilter, sink: SegmentSink): Flow {
  const { name, filter } = stage;
  const batch = withCaptureColumns(flow.batch, filter.needs);
  const result = callFilter({ name, path: stage.path, adds: filter.adds, rules: filter.rules }, open, batch);
  if (result.blobs !== undefined) sink.blobs(result.blobs);
  let next: Flow = result.columns === undefined ? flow : { ...flow, batch: flow.batch.with(result.columns) };
  if (result.redactions !== undefined) {
    const joined = next.redactions === undefined ? result.redactions : joinRedactions(next.redactions, result.redactions);
    next = { ...next, redactions: joined };
  }
  const { verdicts } = result;
  if (verdicts === undefined) return next;
  const kept: number[] = [];
  verdicts.forEach((verdict, row) => {
    if (verdict.keep) kept.push(row);
    else sink.dropped(flow.batch, row, name, verdict);
  });
  return kept.length === verdicts.length ? next : takeFlow(next, Int32Array.from(kept));
}

export function takeFlow(flow: Flow, rows: Int32Array): Flow {
  const batch = flow.batch.take(rows);
  return flow.redactions === undefined ? { batch } : { batch, redactions: takeRedactions(flow.redactions, rows) };
}

function applyExtract(flow: Flow, extractor: Extractor, sink: SegmentSink): Flow {
  const { documents, rows, skipped } = extractor.process(flow.batch);
  for (const { reason } of skipped) sink.skipped(reason);
  // Annotations of stages before extraction stay with their documents.
  const annotations = flow.batch
    .without(...Object.keys(captureColumns))
    .take(rows instanceof Int32Array ? rows : Int32Array.from(rows));
  return { batch: documents.with(Object.fromEntries(annotations.names.map((name) => [name, annotations.column(name)]))) };
}

function withHeadSignals(batch: Batch): Batch {
  return batch.has("head_signals") ? batch : batch.with({ head_signals: emptyColumn("utf8", batch.rows) });
}

/** A text that never was a web capture has no status and no headers: a filter that reads them sees empty ones. */
function withCaptureColumns(batch: Batch, needs: readonly string[]): Batch {
  const missing = needs.filter((name) => !batch.has(name) && name in captureColumns) as (keyof typeof captureColumns)[];
  if (missing.length === 0) return batch;
  return batch.with(Object.fromEntries(missing.map((name) => [name, emptyColumn(captureColumns[name], batch.rows)])));
}

export function emptyColumn(type: ColumnType, rows: number): Column {
  if (type !== "utf8" && type !== "binary") return { type, values: new Float64Array(rows).fill(Number.NaN) };
  const builder = new BytesBuilder(type, 0);
  for (let row = 0; row < rows; row++) builder.append(new Uint8Array(0));
  return builder.finish();
}
