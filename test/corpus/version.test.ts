import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  CorpusFolder,
  deletedRows,
  listVersions,
  type Manifest,
  openVersion,
  parentOf,
  readVersion,
  type Version,
  writeDeletions,
  writeFirstVersion,
} from "../../corpus/index.js";

const shard = (path: string, rows: number) => ({
  name: "shard",
  path,
  bytes: 1,
  rows,
  sha256: "00",
  tokens: 1,
  batches: [],
  first_ids: [],
  last_ids: [],
});
const manifest = { shards: [shard("shards/a.arrow", 100), shard("shards/b.arrow", 10)] } as unknown as Manifest;
const date = new Date("2025-01-31T00:00:00Z");
let corpus: CorpusFolder;

beforeEach(() => {
  corpus = new CorpusFolder(mkdtempSync(join(tmpdir(), "apertus-version-")));
});

afterEach(() => rmSync(corpus.root, { recursive: true }));

test("version 0 takes nothing away, and writing it twice is the same", async () => {
  writeFirstVersion(corpus, manifest);
  writeFirstVersion(corpus, manifest);
  expect(listVersions(corpus)).toEqual([0]);
  expect(await deletedRows(corpus, readVersion(corpus), "shards/a.arrow")).toEqual(new Uint32Array(0));
});

test("deletions are cumulative and the version before stays readable", async () => {
  writeFirstVersion(corpus, manifest);
  await writeDeletions(corpus, manifest, new Map([["shards/a.arrow", [5, 3]]]), [{ rule: "host", documents: 2 }], date);
  const second = await writeDeletions(corpus, manifest, new Map([["shards/a.arrow", [99, 3]]]), [], date);
  expect(second).toMatchObject({ version: 2, parent: 1, deletions: [{ shard: "shards/a.arrow", rows: 3 }] });
  expect(await deletedRows(corpus, second, "shards/a.arrow")).toEqual(Uint32Array.of(3, 5, 99));
  expect(await deletedRows(corpus, readVersion(corpus, 1), "shards/a.arrow")).toEqual(Uint32Array.of(3, 5));
  expect(await deletedRows(corpus, second, "shards/b.arrow")).toEqual(new Uint32Array(0));
});

test("a row outside its shard is refused", async () => {
  writeFirstVersion(corpus, manifest);
  await expect(writeDeletions(corpus, manifest, new Map([["shards/b.arrow", [10]]]), [], date)).rejects.toMatchObject({
    code: "INTERNAL",
  });
});

test("a bitmap is in the portable roaring serialisation", async () => {
  writeFirstVersion(corpus, manifest);
  const { deletions } = await writeDeletions(corpus, manifest, new Map([["shards/a.arrow", [1, 3]]]), [], date);
  const bytes = readFileSync(corpus.resolve(deletions[0]?.bitmap ?? ""));
  // RoaringFormatSpec: cookie 12346, one container, key 0, cardinality - 1, its offset, then the two values.
  expect([...bytes]).toEqual([0x3a, 0x30, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 16, 0, 0, 0, 1, 0, 3, 0]);
});

test("a damaged bitmap is CORPUS_DAMAGED", async () => {
  writeFirstVersion(corpus, manifest);
  const version = await writeDeletions(corpus, manifest, new Map([["shards/a.arrow", [1]]]), [], date);
  writeFileSync(corpus.resolve(version.deletions[0]?.bitmap ?? ""), "x");
  await expect(deletedRows(corpus, version, "shards/a.arrow")).rejects.toMatchObject({ code: "CORPUS_DAMAGED" });
});

test("a version belongs to its shards: others are refused once a later version stands", async () => {
  writeFirstVersion(corpus, manifest);
  const other = { shards: [shard("shards/c.arrow", 1)] } as unknown as Manifest;
  writeFirstVersion(corpus, other);
  await writeDeletions(corpus, other, new Map([["shards/c.arrow", [0]]]), [], date);
  expect(() => writeFirstVersion(corpus, manifest)).toThrowError(
    expect.objectContaining({ code: "VERSIONS_IN_THE_WAY" }) as Error,
  );
});

test.each([
  ["without its deletions", (version: Version) => ({ ...version, deletions: [] })],
  [
    "with another shard",
    (version: Version) => ({ ...version, deletions: [{ ...version.deletions[0], shard: "shards/none.arrow" }] }),
  ],
  ["that is its own parent", (version: Version) => ({ ...version, parent: 2 })],
  ["without tables", (version: Version) => ({ ...version, tables: null })],
  ["with other reasons", (version: Version) => ({ ...version, reasons: [] })],
  ["that is no object", () => null],
])("a version %s is CORPUS_DAMAGED, and says how it is mended", async (_, change) => {
  writeFirstVersion(corpus, manifest);
  await writeDeletions(corpus, manifest, new Map([["shards/a.arrow", [1]]]), [{ rule: "host" }], date);
  const written = await writeDeletions(corpus, manifest, new Map([["shards/a.arrow", [2]]]), [{ rule: "host" }], date);
  writeFileSync(corpus.version(2), JSON.stringify(change(written)));
  const error = expect.objectContaining({ code: "CORPUS_DAMAGED", mend: expect.stringContaining("from a copy") }) as Error;
  expect(() => readVersion(corpus)).toThrowError(error);
  expect(() => openVersion(corpus, manifest)).toThrowError(error);
});

test("a version is refused whose parent is not the one it was built on, or whose shards are others", async () => {
  writeFirstVersion(corpus, manifest);
  await writeDeletions(corpus, manifest, new Map([["shards/a.arrow", [1]]]), [], date);
  const other = new CorpusFolder(mkdtempSync(join(corpus.root, "other-")));
  writeFirstVersion(other, manifest);
  await writeDeletions(other, manifest, new Map([["shards/a.arrow", [3]]]), [], date);
  const second = await writeDeletions(corpus, manifest, new Map([["shards/a.arrow", [2]]]), [], date);
  writeFileSync(corpus.version(1), readFileSync(other.version(1)));
  expect(() => parentOf(corpus, second)).toThrowError(expect.objectContaining({ code: "CORPUS_DAMAGED" }) as Error);
  const fewer = { shards: [shard("shards/a.arrow", 1)] } as unknown as Manifest;
  expect(() => openVersion(corpus, fewer)).toThrowError(/it belongs to other shards/);
});
