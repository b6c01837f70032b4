/** Damaged, forged and hostile inputs through a whole run: what is sound is kept, the rest is in quarantine, and all of it counts. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyCorpus } from "../../audit/index.js";
import { CorpusFolder, imbalance, type Manifest, sha256 } from "../../corpus/index.js";
import { all } from "../hostile/make.mjs";
import { cli, type Row, rowsOf, scratchFolder, writeRecipe } from "./corpora.js";

const { folder, remove } = scratchFolder("hostile");
const corpus = join(folder, "corpus");
afterAll(remove);

const hostile = all.map((make) => make());
/** Texts that hardly compress. */
const hundred = Array.from(
  { length: 100 },
  (_, row) => `Text ${row} ${Array.from({ length: 20 }, (_, i) => sha256(`${row} ${i}`)).join(" ")}`,
);

/** Damages at a place that a reader meets late: what lies before it has to be kept. */
const damaged = [
  { name: "cut.jsonl.gz", bytes: gzipSync(lines(hundred)).subarray(0, -20) },
  { name: "cut.arrows", bytes: Buffer.concat([arrow(hundred.slice(0, 50)), arrow(hundred.slice(50))]).subarray(0, -3000) },
  { name: "cut.arrow", bytes: Buffer.from(tableToIPC(tableFromArrays({ text: hundred }), "file")).subarray(0, -3000) },
  { name: "page.parquet", bytes: parquetWithDamagedPage() },
];

/** Behind two good lines, one line of spaces. */
const bomb = {
  name: "bomb.jsonl.gz",
  bytes: gzipSync(Buffer.concat([lines(hundred.slice(0, 2)), Buffer.alloc(32 << 20, 0x20)])),
};
/** Its beginning does not tell its format, its name does. */
const broken = { name: "broken-beginning.jsonl", bytes: Buffer.concat([Buffer.from("\n\x00garbage\n"), lines(hundred)]) };
const inputs = [...hostile, ...damaged, bomb, broken];

let manifest: Manifest;
let status: number | null;
let texts: readonly Row[];
let quarantine: readonly Row[];

beforeAll(async () => {
  mkdirSync(join(folder, "inputs"));
  for (const { name, bytes } of inputs) writeFileSync(join(folder, "inputs", name), bytes);
  const recipe = writeRecipe(join(folder, "recipe.yaml"), {
    inputs: [{ path: "inputs/*" }],
    stages: ["extract", "tokenize"],
    limits: { record_bytes: 4 << 20 },
  });
  const ran = spawnSync(process.execPath, [cli, "run", recipe, "--corpus", corpus, "--workers", "2", "--json"], {
    encoding: "utf8",
  });
  status = ran.status;
  manifest = JSON.parse(readFileSync(join(corpus, "manifest.json"), "utf8")) as Manifest;
  texts = await rowsOf(corpus, "text/*.parquet", "locator_file AS file, url, text");
  quarantine = await rowsOf(corpus, "quarantine/*.parquet", "locator_file AS file, reason, detail, count_known");
});

const of = (rows: readonly Row[], name: string): readonly Row[] => rows.filter(({ file }) => file === name);

describe("a run over hostile inputs", () => {
  it("ends with exit code 4, with counts that balance in every unit and a corpus that is whole", async () => {
    expect(status).toBe(4);
    expect(manifest.plan).toHaveLength(inputs.length);
    for (const { input, counts } of manifest.plan) expect(imbalance(counts), input).toBeUndefined();
    expect(quarantine).toHaveLength(manifest.totals.quarantined);
    expect((await verifyCorpus(new CorpusFolder(corpus))).faults).toEqual([]);
  });

  it.each(hostile)("keeps what is sound in $name and takes nothing forged for a record", ({ name, expects }) => {
    const found = of(texts, name);
    const has = (wanted: string): boolean => found.some(({ url, text }) => url === wanted || text === wanted);
    for (const wanted of expects.intact) expect(has(wanted), wanted.slice(0, 60)).toBe(true);
    const isForged = ({ url }: Row): boolean => String(url).includes("forged");
    expect(found.filter(isForged)).toEqual([]);
    if (expects.faults) expect(of(quarantine, name).length).toBeGreaterThan(0);
  });

  it("refuses what inflates beyond the limit, and says so", () => {
    for (const name of ["bomb.warc.gz", "bomb-body.warc.gz", bomb.name]) {
      expect(of(quarantine, name), name).toMatchObject([{ reason: "too-large", count_known: 1 }]);
    }
    expect(of(texts, bomb.name)).toHaveLength(2);
  });

  it.each(damaged)("keeps the rows before the damage in $name, and counts the lost tail once", ({ name }) => {
    const found = of(texts, name).map(({ text }) => text);
    // A row group behind a damaged one can still be read.
    const wanted = name === "page.parquet" ? [...hundred.slice(0, 40), ...hundred.slice(60)] : hundred.slice(0, found.length);
    expect(found).toEqual(wanted);
    // The footer of an Arrow file lies at its end: without it no row can be found.
    if (name !== "cut.arrow") expect(found.length).toBeGreaterThanOrEqual(40);
    expect(of(quarantine, name)).toMatchObject([{ count_known: 0 }]);
  });

  it("tells the format of a file by its name where its beginning is damaged", () => {
    expect(of(texts, broken.name)).toHaveLength(100);
    expect(of(quarantine, broken.name)).toMatchObject([{ reason: "bad-json" }]);
  });

  it("names no folder of this machine in the corpus", () => {
    expect(quarantine.filter(({ detail }) => String(detail).includes(folder))).toEqual([]);
    expect(JSON.stringify(manifest)).not.toContain(folder);
  });
});

function lines(rows: readonly string[]): Buffer {
  return Buffer.from(rows.map((text) => `${JSON.stringify({ text })}\n`).join(""));
}

/** A stream without its end marker, so that another one's batches may follow. */
function arrow(text: readonly string[]): Buffer {
  return Buffer.from(tableToIPC(tableFromArrays({ text }), "stream")).subarray(0, -8);
}

/** Five row groups; in the third the text is overwritten. */
function parquetWithDamagedPage(): Buffer {
  const columnData = [{ name: "text", data: hundred, type: "STRING" as const }];
  const bytes = Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: 20, codec: "UNCOMPRESSED" }));
  const at = bytes.indexOf("Text 40 ");
  bytes.fill(0xff, at - 4, at);
  return bytes;
}
