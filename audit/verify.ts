/**
 * Checks a corpus from the outside: every file that the manifest and the units' records name is hashed again, the counts are
 * added up again, the shards' rows are compared with the documents (verify-rows.ts), and the tokenizer with its golden encodings.
 */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type CommittedFile,
  type CorpusFolder,
  type Counts,
  CountsBuilder,
  codeOf,
  deletedRows,
  faultOf,
  imbalance,
  listVersions,
  type Manifest,
  openManifest,
  openVersion,
  parentOf,
  phases,
  readRecord,
  tables,
} from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { openTokenizerOf } from "../tokenizer/index.js";
import type { Fault } from "./fault.js";
import { verifyRows } from "./verify-rows.js";

export type { Fault } from "./fault.js";

export interface Verification {
  readonly files: number;
  readonly bytes: number;
  readonly faults: readonly Fault[];
  /** Files in the corpus folder that nothing names: leftovers of a killed run, harmless. */
  readonly unnamed: readonly string[];
}

export async function verifyCorpus(
  corpus: CorpusFolder,
  progress: (files: number) => void = () => undefined,
): Promise<Verification> {
  const manifest = openManifest(corpus);
  const faults: Fault[] = [];
  const named = new Map<string, CommittedFile>();
  for (const file of [...manifest.shards, ...manifest.text, ...tables.flatMap((table) => manifest.tables[table])])
    named.set(file.path, file);
  const vocabulary = manifest.tokenizer?.vocabulary?.file;
  if (vocabulary !== undefined) named.set(vocabulary.path, vocabulary);
  const recordPaths = unitFiles(corpus, manifest, named, faults);
  let bytes = 0;
  let files = 0;
  for (const file of named.values()) {
    const inside = resolve(corpus.root, file.path).startsWith(`${resolve(corpus.root)}/`);
    const fault = inside ? faultOf(corpus, file, true) : "it lies outside the corpus";
    if (fault !== undefined) faults.push({ path: file.path, fault });
    bytes += file.bytes;
    progress(++files);
  }
  checkCounts(manifest, faults);
  // What is damaged by itself cannot be compared with anything.
  if (faults.every(({ path }) => !named.has(path))) faults.push(...(await verifyRows(corpus, manifest)));
  await checkTokenizer(corpus, manifest, faults);
  await checkVersions(corpus, manifest, faults);
  return { files, bytes, faults, unnamed: unnamedFiles(corpus, new Set([...named.keys(), ...recordPaths])) };
}

/** Adds the units' own files to `named` where the recipe keeps them; returns the records' paths. */
function unitFiles(
  corpus: CorpusFolder,
  manifest: Manifest,
  named: Map<string, CommittedFile>,
  faults: Fault[],
): readonly string[] {
  const paths: string[] = [];
  for (const phase of phases) {
    for (const name of namesIn(corpus.unitFolder(phase))) {
      if (!name.endsWith(".json")) continue;
      paths.push(`units/${phase}/${name}`);
      try {
        const record = readRecord(corpus, phase, name.slice(0, -5));
        if (manifest.units !== "keep") continue;
        for (const file of record?.files ?? []) if (!file.path.startsWith("text/")) named.set(file.path, file);
        const fault = record?.counts === undefined ? undefined : imbalance(record.counts);
        if (fault !== undefined) faults.push({ path: `units/${phase}/${name}`, fault });
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        faults.push({ path: `units/${phase}/${name}`, fault: error.message });
      }
    }
  }
  return paths;
}

function checkCounts(manifest: Manifest, faults: Fault[]): void {
  const fault = (text: string): void => void faults.push({ path: "manifest.json", fault: text });
  const unbalanced = imbalance(manifest.totals);
  if (unbalanced !== undefined) fault(unbalanced);
  const sums = new CountsBuilder();
  for (const { counts } of manifest.plan) sums.add(counts);
  for (const key of ["records", "documents", "kept", "quarantined", "tokens"] as const satisfies readonly (keyof Counts)[]) {
    if (sums[key] !== manifest.totals[key]) fault(`units say ${sums[key]} ${key}, the total ${manifest.totals[key]}`);
  }
  const rowsOf = (files: readonly CommittedFile[]): number => files.reduce((total, { rows }) => total + rows, 0);
  const documents = rowsOf(manifest.tables.documents);
  if (documents !== manifest.totals.kept) fault(`${documents} rows in documents/, ${manifest.totals.kept} documents kept`);
  const dropped = Object.values(manifest.totals.dropped).reduce((total, count) => total + count, 0);
  if (rowsOf(manifest.tables.ledger) !== dropped)
    fault(`${rowsOf(manifest.tables.ledger)} rows in ledger/, ${dropped} documents dropped`);
  const quarantined = rowsOf(manifest.tables.quarantine);
  if (quarantined !== manifest.totals.quarantined)
    fault(`${quarantined} rows in quarantine/, ${manifest.totals.quarantined} counted`);
  if (manifest.tokenizer === null) return;
  if (rowsOf(manifest.shards) !== manifest.totals.kept)
    fault(`${rowsOf(manifest.shards)} rows in shards/, ${manifest.totals.kept} kept`);
  const tokens = manifest.shards.reduce((total, shard) => total + shard.tokens, 0);
  if (tokens !== manifest.totals.tokens) fault(`${tokens} tokens in shards/, ${manifest.totals.tokens} counted`);
}

async function checkTokenizer(corpus: CorpusFolder, { tokenizer }: Manifest, faults: Fault[]): Promise<void> {
  if (tokenizer === null) return;
  try {
    await openTokenizerOf(corpus, tokenizer);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    faults.push({ path: "manifest.json", fault: error.message });
  }
}

async function checkVersions(corpus: CorpusFolder, manifest: Manifest, faults: Fault[]): Promise<void> {
  const numbers = listVersions(corpus);
  numbers.forEach((number, index) => {
    if (number !== index) faults.push({ path: "versions", fault: `version ${index} is missing` });
  });
  if (numbers.length === 0) faults.push({ path: "versions", fault: "version 0 is missing" });
  for (const number of numbers) {
    const path = `versions/${String(number).padStart(6, "0")}.json`;
    try {
      const version = openVersion(corpus, manifest, number);
      const parent = parentOf(corpus, version);
      for (const file of Object.values(version.tables).flat()) {
        const fault = faultOf(corpus, file, true);
        if (fault !== undefined) faults.push({ path: file.path, fault });
      }
      let more = 0;
      for (const { shard, rows } of version.deletions) {
        const found = await deletedRows(corpus, version, shard);
        if (found.length !== rows) faults.push({ path, fault: `${found.length} rows deleted in ${shard}, not ${rows}` });
        const before = parent === undefined ? new Uint32Array(0) : await deletedRows(corpus, parent, shard);
        if (!holdsAll(found, before))
          faults.push({ path, fault: `rows of ${shard} are back that version ${number - 1} took away` });
        more += found.length - before.length;
      }
      const lost = parent?.deletions.find(({ shard }) => version.deletions.every((deletion) => deletion.shard !== shard));
      if (lost !== undefined) faults.push({ path, fault: `all rows of ${lost.shard} are back` });
      // A version may say no more than its reasons; where it has a ledger, each document that it takes away stands there.
      const told = version.tables.ledger?.reduce((sum, { rows }) => sum + rows, 0);
      if (told !== undefined && told !== more) faults.push({ path, fault: `${told} rows in its ledger, ${more} taken away` });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      faults.push({ path, fault: error.message });
    }
  }
}

/** Both ascending. */
function holdsAll(rows: Uint32Array, others: Uint32Array): boolean {
  let at = 0;
  return others.every((row) => {
    while (at < rows.length && (rows[at] ?? 0) < row) at++;
    return rows[at] === row;
  });
}

function unnamedFiles(corpus: CorpusFolder, named: ReadonlySet<string>): readonly string[] {
  const folders = [
    "shards",
    "documents",
    "ledger",
    "evidence",
    "quarantine",
    "text",
    ...phases.map((phase) => `units/${phase}`),
  ];
  return folders.flatMap((folder) =>
    namesIn(corpus.resolve(folder))
      .map((name) => join(folder, name))
      .filter((path) => !named.has(path)),
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
