/**
 * From a training recipe to a model file: reads the lines, trains (native/fasttext-train.ts), measures on the development files,
 * and writes the model with its description beside it. The same files and settings give the same bytes.
 */
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { codeOf } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { utf8Column } from "../../formats/index.js";
import { FastTextModel, FastTextTrainer, normaliseForLanguage } from "../../native/index.js";
import { fileDigest, type LabelledLine, labelledLines, type SourceFile, sourceFiles } from "./lines.js";
import type { TrainingKind, TrainingRecipe } from "./recipe.js";
import { type Answer, type Scores, scoresOf } from "./scores.js";

export interface TrainingProgress {
  readonly phase: "reading" | "training" | "measuring";
  /** Of this phase, 0 to 1; 0 where it cannot be known. */
  readonly share: number;
  readonly lines: number;
  /** Mean of -ln(probability of the right label), while training. */
  readonly loss?: number;
}

/** What stands in the description beside the model. */
export interface TrainedModel {
  readonly kind: TrainingKind;
  readonly model: { readonly sha256: string; readonly bytes: number; readonly labels: number; readonly words: number };
  readonly recipe: Omit<TrainingRecipe, "output">;
  readonly files: readonly {
    readonly file: string;
    readonly sha256: string;
    readonly lines: number;
    readonly labels: number;
  }[];
  /** By the name of the development source. */
  readonly scores: Readonly<Record<string, Scores>>;
}

export interface TrainOptions {
  readonly kind: TrainingKind;
  readonly recipe: TrainingRecipe;
  /** Relative paths of the recipe start here. */
  readonly baseFolder: string;
  readonly threads: number;
  readonly hear?: (progress: TrainingProgress) => void;
}

interface Rows {
  readonly values: Uint8Array;
  readonly offsets: Int32Array;
  readonly labels: readonly string[];
  /** Characters of each text as it was given. */
  readonly lengths: readonly number[];
}

const batchRows = 4096;
const linesBetweenReports = 20_000;

/**
 * @throws DataError INPUT_NOT_FOUND, TRAINING_LINE_INVALID, TRAINING_IMPOSSIBLE, MODEL_NOT_WRITABLE, and those of reading files
 */
export async function train({ kind, recipe, baseFolder, threads, hear }: TrainOptions): Promise<TrainedModel> {
  const files = await sourceFiles(recipe.train, baseFolder);
  const developmentFiles = await sourceFiles(recipe.development, baseFolder);
  const described: { file: string; sha256: string; lines: number; labels: number }[] = [];
  const learnt: Rows[] = [];
  const heldOut: Rows[] = [];
  const kept = new Map<string, number>();
  let read = 0;
  for (const file of files) {
    const labels = new Set<string>();
    let lines = 0;
    for await (const rows of batches(kind, file, (label) => !recipe.leave_out.includes(label))) {
      const choice = rows.labels.map((label) => {
        const nth = kept.get(label) ?? 0;
        if (nth >= recipe.settings.most_lines) return undefined;
        kept.set(label, nth + 1);
        labels.add(label);
        lines++;
        // Every so-manyth line of a label is held out, and never its first.
        return Math.floor((nth + 1) * recipe.held_out) > Math.floor(nth * recipe.held_out) && nth > 0;
      });
      learnt.push(select(rows, (row) => choice[row] === false));
      heldOut.push(select(rows, (row) => choice[row] === true));
      read += rows.labels.length;
      hear?.({ phase: "reading", share: 0, lines: read });
    }
    described.push({ file: file.file, sha256: await fileDigest(file.path), lines, labels: labels.size });
  }

  const names = [...kept.keys()].sort();
  const { trainer, words } = await learn(recipe, names, learnt, threads, hear);
  const path = resolve(baseFolder, recipe.output);
  save(trainer, path, recipe);

  const model = new FastTextModel(path);
  const scores: Record<string, Scores> = {};
  const measure = (name: string, answers: readonly Answer[]): void => {
    scores[name] = scoresOf(answers);
    hear?.({ phase: "measuring", share: 0, lines: answers.length });
  };
  for (const file of developmentFiles) {
    const answers: Answer[] = [];
    for await (const rows of batches(kind, file, (label) => kept.has(label))) answers.push(...ask(model, rows));
    measure(file.source.name ?? file.file, answers);
    const labels = new Set(answers.map(({ label }) => label));
    described.push({ file: file.file, sha256: await fileDigest(file.path), lines: answers.length, labels: labels.size });
  }
  if (recipe.held_out > 0)
    measure(
      "held out",
      heldOut.flatMap((rows) => ask(model, rows)),
    );

  const { output: _, ...rest } = recipe;
  const trained: TrainedModel = {
    kind,
    model: { sha256: await fileDigest(path), bytes: statSync(path).size, labels: names.length, words },
    recipe: rest,
    files: described,
    scores,
  };
  written(path, () => writeFileSync(`${path}.json`, `${JSON.stringify(trained, undefined, 2)}\n`));
  return trained;
}

async function learn(
  recipe: TrainingRecipe,
  names: readonly string[],
  lines: readonly Rows[],
  threads: number,
  hear: TrainOptions["hear"],
): Promise<{ readonly trainer: FastTextTrainer; readonly words: number }> {
  const { settings } = recipe;
  const trainer = new FastTextTrainer(
    {
      dimensions: settings.dimensions,
      epochs: settings.epochs,
      rate: settings.rate,
      leastCount: settings.least_count,
      mostWords: settings.most_words,
      wordNgrams: settings.word_ngrams,
      buckets: settings.buckets,
      shortest: settings.shortest,
      longest: settings.longest,
      oneVsAll: settings.loss === "one-vs-all",
      linesPerLabel: settings.lines_per_label,
      cut: settings.cut,
      shortestCut: settings.cut_to[0],
      longestCut: settings.cut_to[1],
      dropout: settings.dropout,
      seed: settings.seed,
      threads,
    },
    names,
  );
  addByLabel(trainer, names, lines);
  hear?.({ phase: "training", share: 0, lines: 0 });
  for (;;) {
    const { done, share, loss, words } = trainer.run(linesBetweenReports);
    hear?.({ phase: "training", share, lines: linesBetweenReports, loss });
    if (done) return { trainer, words };
    // Lets a signal through.
    await setImmediate();
  }
}

/** Label by label: the model then depends on the order of the lines of each label, not on how labels alternate in the files. */
function addByLabel(trainer: FastTextTrainer, names: readonly string[], lines: readonly Rows[]): void {
  const places = new Map<string, { readonly rows: Rows; readonly row: number }[]>(names.map((name) => [name, []]));
  for (const rows of lines) for (const [row, label] of rows.labels.entries()) places.get(label)?.push({ rows, row });
  names.forEach((name, index) => {
    const of = places.get(name) ?? [];
    const pieces = of.map(({ rows: { values, offsets }, row }) => values.subarray(offsets[row], offsets[row + 1]));
    trainer.add(Buffer.concat(pieces), offsetsOf(pieces), new Int32Array(of.length).fill(index));
  });
}

/** Whole or not at all: a file of this name is always a finished model. */
function save(trainer: FastTextTrainer, path: string, { quantise }: TrainingRecipe): void {
  const part = `${path}.part`;
  written(path, () => mkdirSync(dirname(path), { recursive: true }));
  try {
    trainer.write(part, quantise ?? undefined);
    written(path, () => renameSync(part, path));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function written(file: string, act: () => void): void {
  try {
    act();
  } catch (cause) {
    throw new DataError("MODEL_NOT_WRITABLE", { file, detail: codeOf(cause), cause });
  }
}

function ask(model: FastTextModel, { values, offsets, labels, lengths }: Rows): readonly Answer[] {
  const guesses = model.predict(values, offsets, 1).labels;
  return labels.map((label, row) => ({
    label,
    guess: model.labels[guesses[row] ?? -1]?.slice("__label__".length) ?? "",
    length: lengths[row] ?? 0,
  }));
}

/** The lines of the wanted labels as the model reads them; rows that nothing is left of are left out. */
async function* batches(kind: TrainingKind, file: SourceFile, wanted: (label: string) => boolean): AsyncGenerator<Rows> {
  let lines: LabelledLine[] = [];
  for await (const line of labelledLines(file)) {
    if (!wanted(line.label)) continue;
    lines.push(line);
    if (lines.length < batchRows) continue;
    yield rowsOf(kind, lines);
    lines = [];
  }
  if (lines.length > 0) yield rowsOf(kind, lines);
}

function rowsOf(kind: TrainingKind, lines: readonly LabelledLine[]): Rows {
  // NFC is what nearly all of the web is in.
  const given = utf8Column(lines.map(({ text }) => (kind === "language" ? text.normalize("NFC") : text)));
  const { values, offsets } = kind === "language" ? normaliseForLanguage(given.values, given.offsets) : given;
  const rows: Rows = {
    values,
    offsets,
    labels: lines.map(({ label }) => label),
    lengths: lines.map(({ text }) => [...text].length),
  };
  return select(rows, (row) => (offsets[row + 1] ?? 0) > (offsets[row] ?? 0));
}

function select({ values, offsets, labels, lengths }: Rows, keep: (row: number) => boolean): Rows {
  const rows = labels.flatMap((_, row) => (keep(row) ? [row] : []));
  const pieces = rows.map((row) => values.subarray(offsets[row], offsets[row + 1]));
  return {
    values: Buffer.concat(pieces),
    offsets: offsetsOf(pieces),
    labels: rows.map((row) => labels[row] ?? ""),
    lengths: rows.map((row) => lengths[row] ?? 0),
  };
}

function offsetsOf(pieces: readonly Uint8Array[]): Int32Array {
  const offsets = new Int32Array(pieces.length + 1);
  pieces.forEach((piece, i) => {
    offsets[i + 1] = (offsets[i] ?? 0) + piece.length;
  });
  return offsets;
}
