/** The job of a phase behind a barrier: one unit's documents, without those that the barrier dropped, through the next stages. */
import { Attempt, Batch, drop, type Evidence, KEEP, redactionsFromJson } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { type Column, isBytes, openParquet, type ParquetFile, stringAt } from "../../formats/index.js";
import { contentBytes, type Flow, takeFlow } from "../segment.js";
import { tableColumns, UnitWriter } from "../unit-writer.js";
import { type JobContext, timesOf } from "./context.js";
import { noProgress, probeSink, runTimed, Stopwatch, type UnitDone } from "./read.js";

export interface RefineUnit {
  readonly id: string;
  readonly segment: number;
  readonly source: string;
  /** The unit whose documents go on: its id, and the paths of its documents and of the first phase's text. */
  readonly upstream: string;
  readonly documents: string | null;
  readonly text: string | null;
  /** The barrier's decisions on this unit. */
  readonly slice: string | null;
}

export interface RefineJob {
  readonly kind: "refine";
  readonly unit: RefineUnit;
  /** Rows of the upstream documents that killed their worker. */
  readonly deadly: readonly number[];
}

export interface ProbeRefineJob {
  readonly kind: "probe-refine";
  readonly unit: RefineUnit;
  readonly deadly: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** Rows of one batch; the texts of this many documents are in memory at once. */
const batchRows = 256;

interface SliceDrop {
  readonly rule: string;
  readonly evidence: Evidence;
}

export async function refineJob(context: JobContext, { unit, deadly }: RefineJob): Promise<UnitDone> {
  const segment = context.segment(unit.segment);
  const runner = await context.runner(unit.segment);
  const barrier = context.segment(unit.segment - 1).barrier;
  const attempt = new Attempt(context.corpus, "refine", unit.id);
  const writer = new UnitWriter(attempt, {
    source: unit.source,
    writesText: false,
    ...(segment.barrier === undefined ? {} : { barrier: segment.barrier }),
  });
  const tallies = runner.newTallies();
  const clock = new Stopwatch();
  const skip = new Set(deadly);
  try {
    const drops = await readSlice(context, unit);
    const batches = readBatches(context, unit);
    for (;;) {
      const next = await clock.time("reread", () => batches.next());
      if (next.done === true) break;
      const { first, flow } = next.value;
      const before = writer.counts.kept;
      runTimed(clock, tallies, () => {
        const rest = withoutDrops(flow, first, drops, skip, barrier?.name ?? "", writer);
        runner.runFlow(rest, writer, tallies);
      });
      const { rows } = flow.batch;
      context.progress({ records: 0, documents: rows, kept: writer.counts.kept - before, bytes: contentBytes(flow.batch) });
    }
    const { upstream, segment: index, source } = unit;
    const record = clock.timeSync("write", () => writer.commit({ upstream, segment: index, source, deadly }, tallies));
    return { record, times: timesOf(tallies, clock.seconds) };
  } catch (error) {
    attempt.abandon();
    // Here no input is read, but what an earlier phase wrote.
    throw error instanceof DataError && error.code === "PARQUET_CORRUPT" ? new DataError("CORPUS_DAMAGED", error.site) : error;
  }
}

export async function probeRefineJob(context: JobContext, job: ProbeRefineJob): Promise<number> {
  const runner = await context.runner(job.unit.segment);
  const sink = probeSink(context.segment(job.unit.segment));
  const drops = await readSlice(context, job.unit);
  let rows = 0;
  for await (const { first, flow } of readBatches(context, job.unit)) {
    const wanted = [];
    for (let row = 0; row < flow.batch.rows; row++) {
      const at = first + row;
      if (at >= job.from && at < job.to && !drops.has(at) && !job.deadly.includes(at)) wanted.push(row);
    }
    runner.runFlow(takeFlow(flow, Int32Array.from(wanted)), sink, runner.newTallies());
    context.progress(noProgress);
    rows = first + flow.batch.rows;
  }
  return rows;
}

async function readSlice({ corpus }: JobContext, { slice }: RefineUnit): Promise<ReadonlyMap<number, SliceDrop>> {
  const drops = new Map<number, SliceDrop>();
  if (slice === null) return drops;
  const file = await openParquet(corpus.resolve(slice));
  try {
    for (let start = 0; start < file.rows; start += 65_536) {
      const { row, rule, evidence } = await file.readRows(start, Math.min(start + 65_536, file.rows), {
        columns: ["row", "rule", "evidence"],
      });
      if (isBytes(row) || !isBytes(rule) || !isBytes(evidence)) continue;
      for (let i = 0; i < row.values.length; i++) {
        drops.set(row.values[i], { rule: stringAt(rule, i), evidence: JSON.parse(stringAt(evidence, i)) as Evidence });
      }
    }
    return drops;
  } finally {
    await file.close();
  }
}

/** The unit's documents as the phase before left them, with their texts. */
async function* readBatches({ corpus }: JobContext, unit: RefineUnit): AsyncGenerator<{ first: number; flow: Flow }> {
  if (unit.documents === null || unit.text === null) return;
  const documents = await openParquet(corpus.resolve(unit.documents));
  const texts = await openParquet(corpus.resolve(unit.text));
  const columns = documents.columns.map(({ name }) => name);
  try {
    for (let first = 0; first < documents.rows; first += batchRows) {
      const end = Math.min(first + batchRows, documents.rows);
      const table = new Batch(Object.entries(await documents.readRows(first, end, { columns })));
      for (const [from, to] of spansOfText(table.numbers("text_row").values)) {
        const rows = Int32Array.from({ length: to - from }, (_, i) => from + i);
        yield { first: first + from, flow: await withText(table.take(rows), texts) };
      }
    }
  } finally {
    await documents.close();
    await texts.close();
  }
}

/** Cuts rows so that the texts between the first and the last of a piece, most of which may have been dropped, stay few. */
function spansOfText(textRows: ArrayLike<number>): readonly [number, number][] {
  const spans: [number, number][] = [];
  let from = 0;
  for (let row = 1; row <= textRows.length; row++) {
    if (row < textRows.length && textRows[row] - textRows[from] < 4 * batchRows) continue;
    spans.push([from, row]);
    from = row;
  }
  return spans;
}

async function withText(table: Batch, texts: ParquetFile): Promise<Flow> {
  const textRow = table.numbers("text_row").values;
  const from = textRow[0];
  const wanted = ["text", "title"];
  const read = new Batch(Object.entries(await texts.readRows(from, textRow[table.rows - 1] + 1, { columns: wanted })));
  const text = read.take(Int32Array.from(textRow, (row) => row - from));
  const columns = table.names
    .filter((name) => name === "text_row" || !(tableColumns as readonly string[]).includes(name))
    .map((name): [string, Column] => [name, table.column(name)]);
  const batch = new Batch([...columns, ...wanted.map((name): [string, Column] => [name, text.column(name)])]);
  const spans = table.bytes("redactions");
  const redactions = redactionsFromJson(Array.from({ length: table.rows }, (_, row) => stringAt(spans, row)));
  return redactions === undefined ? { batch } : { batch, redactions };
}

function withoutDrops(
  flow: Flow,
  first: number,
  drops: ReadonlyMap<number, SliceDrop>,
  deadly: ReadonlySet<number>,
  stage: string,
  writer: UnitWriter,
): Flow {
  const { batch } = flow;
  writer.counts.records += batch.rows;
  writer.counts.documents += batch.rows;
  const kept: number[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const found = drops.get(first + row);
    const verdict = found === undefined ? KEEP : drop(found.rule, found.evidence);
    if (!verdict.keep) writer.dropped(batch, row, stage, verdict);
    else if (deadly.has(first + row)) writer.quarantined(deadlyRow(batch, row));
    else kept.push(row);
  }
  return kept.length === batch.rows ? flow : takeFlow(flow, Int32Array.from(kept));
}

function deadlyRow(batch: Batch, row: number): Parameters<UnitWriter["quarantined"]>[0] {
  const unit = stringAt(batch.bytes("locator_unit"), row);
  return {
    file: stringAt(batch.bytes("locator_file"), row),
    offset: batch.numbers("locator_offset").values[row],
    length: batch.numbers("locator_length").values[row],
    unit: unit === "row" || unit === "inflated" ? unit : "bytes",
    index: row,
    url: stringAt(batch.bytes("url"), row),
    reason: "worker-death",
    detail: "processing it killed its worker twice",
    countKnown: true,
  };
}
