/** What a run does anew and what it does not, what it repairs, and that its bytes depend on nothing but recipe and inputs. */
import {
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyCorpus } from "../../audit/index.js";
import { CorpusFolder, lockCorpus } from "../../corpus/index.js";
import type { RunResult } from "../../pipeline/index.js";
import { differences, fingerprint } from "../durability/harness.mjs";
import { codeOf, runBuilt, scratchFolder, texts, writeLines, writeRecipe } from "./corpora.js";

const { folder, remove } = scratchFolder("run");
const corpus = join(folder, "corpus");
const inputs = join(folder, "inputs");
const stages = ["extract", "duplicates", "pii", "tokenize"];
const recipe = (name: string, more: Readonly<Record<string, unknown>> = {}): string =>
  writeRecipe(join(folder, `${name}.yaml`), { inputs: [{ path: "inputs/*.jsonl" }], stages, ...more });

let first: RunResult;
let bytes: Record<string, string>;

beforeAll(async () => {
  // a.jsonl is cut into four units of 64 KiB.
  writeLines(join(inputs, "a.jsonl"), texts(1500));
  writeLines(join(inputs, "b.jsonl"), [...texts(40, 1500), ...texts(3)]);
  first = await runBuilt(recipe("plain", { units: { bytes: 65_536 } }), corpus);
  bytes = fingerprint(corpus);
});

afterAll(remove);

/** Units of a phase whose records were written since a moment. */
function madeSince(moment: number, phase: string): number {
  const place = join(corpus, "units", phase);
  return readdirSync(place).filter((name) => name.endsWith(".json") && statSync(join(place, name)).mtimeMs >= moment).length;
}

it("counts balance, and every document is in the shards", async () => {
  const { totals, plan, shards } = first.manifest;
  expect(plan).toHaveLength(5);
  expect(totals).toMatchObject({ records: 1543, documents: 1543, kept: 1540, quarantined: 0, redacted: { email: 1540 } });
  expect(totals.dropped).toEqual({ "duplicates/exact-duplicate": 3 });
  expect(shards.reduce((rows, shard) => rows + shard.rows, 0)).toBe(1540);
  expect((await verifyCorpus(new CorpusFolder(corpus))).faults).toEqual([]);
});

it("the times of every stage, the barrier's too, tell what the stage saw", () => {
  const { times, manifest, workers } = first;
  expect(workers).toBe(1);
  expect(times.duplicates).toMatchObject({ documents: 1543, bytes: times.extract?.bytes });
  expect(times.pii).toMatchObject({ documents: 1540, bytes: manifest.totals.text_bytes });
  for (const [name, { documents, bytes }] of Object.entries(times)) expect(Math.min(documents, bytes), name).toBeGreaterThan(0);
});

it("the bytes are the same with three workers and little memory", async () => {
  const other = join(folder, "three");
  await runBuilt(recipe("plain", { units: { bytes: 65_536 } }), other, { workers: 3, memoryBytes: 1e6 });
  expect(differences(bytes, fingerprint(other))).toEqual([]);
});

it("a second run finds everything done and changes nothing", async () => {
  const { unchanged } = await runBuilt(recipe("plain", { units: { bytes: 65_536 } }), corpus);
  expect(unchanged).toBe(true);
  expect(differences(bytes, fingerprint(corpus))).toEqual([]);
});

it("a finished run that was killed before it tidied up tidies up when it is started again", async () => {
  rmSync(join(corpus, "versions/000000.json"));
  writeFileSync(join(corpus, "units/read/00.tokens.arrow"), "of an earlier recipe");
  writeFileSync(join(corpus, "shards/00009-0123456789ab.arrow"), "of an earlier manifest");
  writeFileSync(join(corpus, "runs/x.json.attempt-1-0123456789ab"), "of a killed run");
  await runBuilt(recipe("plain", { units: { bytes: 65_536 } }), corpus);
  expect(differences(bytes, fingerprint(corpus))).toEqual([]);
  expect(readdirSync(join(corpus, "runs")).filter((name) => name.includes("attempt"))).toEqual([]);
});

it("a first version that cannot be read is made anew", async () => {
  const path = join(corpus, "versions/000000.json");
  writeFileSync(path, '{"version":0}');
  await runBuilt(recipe("plain", { units: { bytes: 65_536 } }), corpus);
  expect(differences(bytes, fingerprint(corpus))).toEqual([]);
});

it("a unit's file and a shard that were cut short are reported by verify and made anew by the next run", async () => {
  const unitFile = first.manifest.shards[0]?.path ?? "";
  const [tokens = ""] = readdirSync(join(corpus, "units/refine")).filter((name) => name.endsWith("tokens.arrow"));
  truncateSync(join(corpus, unitFile), 1000);
  truncateSync(join(corpus, "units/refine", tokens), 1000);
  const { faults } = await verifyCorpus(new CorpusFolder(corpus));
  expect(faults.map(({ path }) => path).sort()).toEqual([unitFile, `units/refine/${tokens}`].sort());
  const { unchanged, warnings } = await runBuilt(recipe("plain", { units: { bytes: 65_536 } }), corpus);
  expect(unchanged).toBe(false);
  expect(warnings.join("\n")).toMatch(/1000 bytes, not \d+; it is made anew/);
  expect(differences(bytes, fingerprint(corpus))).toEqual([]);
});

it("a shard and a unit's file with a flipped bit are reported by verify and made anew by a run that hashes", async () => {
  const shard = first.manifest.shards[0]?.path ?? "";
  const [documents = ""] = readdirSync(join(corpus, "units/refine")).filter((name) => name.endsWith("documents.parquet"));
  for (const path of [shard, `units/refine/${documents}`]) {
    const place = join(corpus, path);
    const byte = readFileSync(place)[500] ?? 0;
    writeSync(openSync(place, "r+"), Uint8Array.of(byte ^ 1), 0, 1, 500);
  }
  const { faults } = await verifyCorpus(new CorpusFolder(corpus));
  expect(faults.map(({ path }) => path).sort()).toEqual([shard, `units/refine/${documents}`].sort());
  await runBuilt(recipe("plain", { units: { bytes: 65_536 } }), corpus, { rehash: true });
  expect(differences(bytes, fingerprint(corpus))).toEqual([]);
  expect((await verifyCorpus(new CorpusFolder(corpus))).faults).toEqual([]);
});

it("one more file redoes one file", async () => {
  writeLines(join(inputs, "c.jsonl"), texts(5, 9000));
  const moment = Date.now();
  const { manifest } = await runBuilt(recipe("plain", { units: { bytes: 65_536 } }), corpus);
  expect(manifest.totals.kept).toBe(1545);
  expect([madeSince(moment, "read"), madeSince(moment, "refine")]).toEqual([1, 1]);
});

it("a changed parameter behind the barrier redoes what lies behind the barrier, and no more", async () => {
  const changed = ["extract", "duplicates", { pii: { documentation: false } }, "tokenize"];
  const moment = Date.now();
  const path = recipe("changed", { units: { bytes: 65_536 }, stages: changed });
  const { manifest, unchanged } = await runBuilt(path, corpus);
  expect(unchanged).toBe(false);
  expect(manifest.totals.redacted).toEqual({});
  expect([madeSince(moment, "read"), madeSince(moment, "refine")]).toEqual([0, 6]);
  const dropped = await verifyCorpus(new CorpusFolder(corpus));
  expect([dropped.faults, dropped.unnamed]).toEqual([[], []]);
});

it("a corpus whose recipe keeps neither units nor text is the same one, and stands on a second run", async () => {
  const lean = join(folder, "lean");
  const path = recipe("lean", { inputs: [{ path: "inputs/b.jsonl" }], storage: { units: "delete", text: "delete" } });
  await runBuilt(path, lean);
  const before = fingerprint(lean);
  expect(Object.keys(before).filter((name) => name.endsWith(".parquet") && /^(units|text)\//.test(name))).toEqual([]);
  expect((await runBuilt(path, lean)).unchanged).toBe(true);
  expect(differences(before, fingerprint(lean))).toEqual([]);
  const [shard = ""] = Object.keys(before).filter((name) => name.startsWith("shards/"));
  truncateSync(join(lean, shard), 10);
  expect((await runBuilt(path, lean)).unchanged).toBe(false);
  expect(differences(before, fingerprint(lean))).toEqual([]);
});

it("a folder that another run holds is refused before anything is read", async () => {
  const unlock = lockCorpus(new CorpusFolder(join(folder, "held")));
  expect(await codeOf(runBuilt(recipe("plain"), join(folder, "held")))).toBe("CORPUS_LOCKED");
  unlock();
});

it("a path that is no folder is an error with a code", async () => {
  expect(await codeOf(runBuilt(recipe("plain"), join(inputs, "a.jsonl/corpus")))).toBe("CORPUS_NOT_WRITABLE");
  expect(await codeOf(runBuilt(recipe("plain"), join(inputs, "a.jsonl")))).toBe("CORPUS_NOT_WRITABLE");
});

it("a missing input, an unknown key and an unknown filter are refused by name and line", async () => {
  const missing = writeRecipe(join(folder, "missing.yaml"), { inputs: [{ path: "nothing-*.jsonl" }], stages });
  await expect(runBuilt(missing, join(folder, "none"))).rejects.toThrow(/nothing-\*\.jsonl matches no file/);
  const text = "version: 1\ninputs:\n  - path: inputs/*.jsonl\nstages:\n  - extract\n  - pii: { emials: true }\n";
  writeFileSync(join(folder, "wrong.yaml"), text);
  await expect(runBuilt(join(folder, "wrong.yaml"), join(folder, "none"))).rejects.toThrow(/wrong\.yaml, line 6.*"emials"/);
  writeFileSync(join(folder, "wrong.yaml"), text.replace("pii: { emials: true }", "piii"));
  await expect(runBuilt(join(folder, "wrong.yaml"), join(folder, "none"))).rejects.toThrow(/line 6.*piii/);
  expect(await codeOf(runBuilt(join(folder, "no.yaml"), join(folder, "none")))).toBe("RECIPE_NOT_FOUND");
});

it("a filter module that is edited is another filter, and one that throws is named", async () => {
  copyFileSync(join(import.meta.dirname, "deadly.mjs"), join(folder, "mine.mjs"));
  const path = writeRecipe(join(folder, "mine.yaml"), {
    inputs: [{ path: "inputs/b.jsonl" }],
    stages: ["extract", { use: "./mine.mjs", parameters: { words: ["never"] } }],
  });
  const one = await runBuilt(path, join(folder, "mine"));
  writeFileSync(join(folder, "mine.mjs"), `${readFileSync(join(folder, "mine.mjs"), "utf8")}\n// edited\n`);
  const two = await runBuilt(path, join(folder, "mine"));
  expect(two.manifest.run_digest).not.toBe(one.manifest.run_digest);
  expect(two.unchanged).toBe(false);
  const broken = readFileSync(join(folder, "mine.mjs"), "utf8").replace("return {};", 'throw new Error("out of ink");');
  writeFileSync(join(folder, "broken.mjs"), broken);
  const wrong = writeRecipe(join(folder, "broken.yaml"), {
    inputs: [{ path: "inputs/b.jsonl" }],
    stages: ["extract", { use: "./broken.mjs", parameters: { words: [] } }],
  });
  await expect(runBuilt(wrong, join(folder, "mine"))).rejects.toThrow(/broken\.mjs, .*\): out of ink/);
});
