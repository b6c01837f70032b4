/**
 * Retraction: documents of a finished corpus are taken away by writing its next version, decided from the documents table alone.
 * No shard is touched, and no page is read again. Apertus calls the robots.txt part of it consent with hindsight (technical report
 * §3.1.1); here it goes on after the corpus was made.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CorpusFolder, lockCorpus, type Manifest, openManifest, openVersion, writeDeletions } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { openParquet, openSql } from "../../formats/index.js";
import { writeGone } from "../corpus-tables.js";
import { Changes } from "./changes.js";
import type { Decider } from "./deciders.js";
import type { Doubt } from "./open-decider.js";
import { type Counted, PlacedChanges } from "./placed.js";
import type { RowGroup } from "./row-group.js";
import { decideGroups, threadsFor } from "./threads.js";

export interface RetractOptions {
  /** Asked one after the other; the first that takes a document away says why. */
  readonly deciders: readonly Decider[];
  /** Decide and count, and write nothing. */
  readonly dryRun: boolean;
  /** Kept with the version, for people. */
  readonly note?: string;
  readonly now: Date;
  /** Hosts to list. */
  readonly hosts: number;
  /** Threads that decide; chosen by the number of documents and processors unless it is given. */
  readonly threads?: number;
  readonly progress?: (documents: number) => void;
}

export interface Retraction {
  /** The version that was written; null in a dry run, and where nothing was to be taken away. */
  readonly version: number | null;
  readonly parent: number;
  /** Documents of the parent version that were decided on. */
  readonly documents: number;
  readonly removed: { readonly documents: number; readonly tokens: number };
  readonly by_rule: Readonly<Record<string, { readonly documents: number; readonly tokens: number }>>;
  /** Those with the most documents taken away. */
  readonly hosts: readonly { readonly host_key: string; readonly documents: number; readonly tokens: number }[];
  readonly hosts_total: number;
  /** Documents that stay, though more was stated of them than the corpus keeps (`partial`), or than can be read of it (`unread`). */
  readonly unsure: Readonly<Record<Doubt, number>>;
}

/** @throws DataError CORPUS_LOCKED, VERSION_RACE, and what the deciders throw */
export async function retract(corpus: CorpusFolder, options: RetractOptions): Promise<Retraction> {
  const unlock = options.dryRun ? () => undefined : lockCorpus(corpus);
  const folder = mkdtempSync(join(tmpdir(), "apertus-data-retract-"));
  try {
    return await decideAll(corpus, openManifest(corpus), options, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    unlock();
  }
}

async function decideAll(
  corpus: CorpusFolder,
  manifest: Manifest,
  options: RetractOptions,
  folder: string,
): Promise<Retraction> {
  if (manifest.tokenizer === null) {
    throw new DataError("USAGE", {
      file: corpus.root,
      detail: "this corpus has no shards to take documents from",
      mend: "run a recipe that ends in tokenize",
    });
  }
  const parent = openVersion(corpus, manifest);
  const changes = new Changes(folder);
  const groups = await rowGroups(corpus, manifest);
  let read = 0;
  await decideGroups(
    options.deciders.map(({ spec }) => spec),
    groups,
    options.threads ?? threadsFor(groups),
    async (group, decisions) => {
      changes.add(group, decisions);
      read += group.end - group.start;
      options.progress?.(read);
    },
  );
  changes.close();
  const documents = read - parent.deletions.reduce((sum, { rows }) => sum + rows, 0);
  const nothing = { documents: 0, tokens: 0 };
  const decided = { parent: parent.version, documents };
  if (changes.documents === 0 && changes.doubted === 0) {
    const unsure = { partial: 0, unread: 0 };
    return { ...decided, removed: nothing, by_rule: {}, hosts: [], hosts_total: 0, unsure, version: null };
  }
  const out = parent.deletions.length === 0 ? undefined : join(folder, "out.parquet");
  if (out !== undefined) await writeGone(out, corpus, parent);
  const sql = await openSql({ memoryBytes: 1e9, spillFolder: folder });
  try {
    const files = manifest.tables.documents.map(({ path }) => corpus.resolve(path));
    const placed = await PlacedChanges.find(sql, changes, files, out, !options.dryRun);
    const byRule = await placed.countBy("rule");
    const total = (key: keyof Counted): number => [...byRule.values()].reduce((sum, rule) => sum + rule[key], 0);
    const { hosts, total: hosts_total } = await placed.hosts(options.hosts);
    const result = {
      ...decided,
      removed: { documents: total("documents"), tokens: total("tokens") },
      by_rule: Object.fromEntries(byRule),
      hosts,
      hosts_total,
      unsure: await placed.doubts(),
    };
    if (options.dryRun || result.removed.documents === 0) return { ...result, version: null };
    const byDecider = await placed.countBy("decider");
    const reasons = options.deciders.map((decider, index) => ({
      ...decider.reason,
      ...(byDecider.get(String(index)) ?? nothing),
      ...(options.note === undefined ? {} : { note: options.note }),
    }));
    const tables = await placed.writeTables(corpus);
    const version = await writeDeletions(corpus, manifest, await placed.rowsByShard(), reasons, options.now, tables);
    return { ...result, version: version.version };
  } finally {
    sql.close();
  }
}

async function rowGroups(corpus: CorpusFolder, manifest: Manifest): Promise<readonly RowGroup[]> {
  const groups: RowGroup[] = [];
  for (const [index, { path: relative }] of manifest.tables.documents.entries()) {
    const path = corpus.resolve(relative);
    const file = await openParquet(path);
    groups.push(...file.rowGroups.map(({ firstRow, rows }) => ({ file: index, path, start: firstRow, end: firstRow + rows })));
    await file.close();
  }
  return groups;
}
