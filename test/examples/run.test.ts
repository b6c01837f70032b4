/** The bundled example, run as `apertus-data run` without a recipe runs it, compared record by record with what it was built for. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyCorpus } from "../../audit/index.js";
import { CorpusFolder, sha256 } from "../../corpus/index.js";
import { readArrow, readWarc } from "../../formats/index.js";
import { compile, estimate, loadRecipe, makePlan, type RunResult } from "../../pipeline/index.js";
import { openTokenizer } from "../../tokenizer/index.js";
import { type Row, root, rowsOf, runBuilt, scratchFolder } from "../pipeline/corpora.js";

interface ExpectedRecord {
  readonly file: string;
  readonly index: number;
  readonly url?: string;
  readonly outcome: "kept" | "dropped" | "duplicate" | "skipped";
  readonly stage?: string;
  /** Stages that may drop it first. */
  readonly or?: readonly string[];
  readonly agent?: string;
  readonly rule?: string;
  readonly robots_captured_at?: string;
  readonly of?: string;
  readonly of_captured_at?: string;
  readonly spans?: readonly (readonly string[])[];
  readonly language?: string;
  readonly begins?: string;
  readonly ends?: string;
  readonly text_sha256?: string;
  readonly open?: string;
}

interface Expectation {
  readonly totals: { readonly records: number };
  readonly invisible: readonly string[];
  readonly records: readonly ExpectedRecord[];
}

/** What became of one record of the inputs. */
interface Found {
  readonly document?: Row;
  readonly drop?: Row & { readonly evidence: Row };
  readonly text?: string;
}

const example = join(root, "examples/quickstart");
const expected = JSON.parse(readFileSync(join(example, "expected.json"), "utf8")) as Expectation;
const sure = expected.records.filter(({ open }) => open === undefined);
const { folder, remove } = scratchFolder("example");
const corpus = join(folder, "corpus");
const byRecord = new Map<string, Found>();
let result: RunResult;

beforeAll(async () => {
  result = await runBuilt(join(example, "recipe.yaml"), corpus, { workers: 2 });
  const indexOf = await positions();
  const key = (row: Row): string => `${row.locator_file} ${indexOf.get(`${row.locator_file} ${row.locator_offset}`)}`;
  const texts = new Map((await rowsOf(corpus, "text/*.parquet")).map((row) => [key(row), String(row.text)]));
  const ids = new Map((await rowsOf(corpus, "evidence/evidence-*.parquet")).map(({ id, evidence }) => [id, evidence]));
  for (const row of await rowsOf(corpus, "documents/*.parquet")) byRecord.set(key(row), { document: row, ...text(key(row)) });
  for (const row of await rowsOf(corpus, "ledger/*.parquet")) {
    const evidence = JSON.parse(String(ids.get(row.evidence))) as Row;
    byRecord.set(key(row), { drop: { ...row, evidence }, ...text(key(row)) });
  }

  function text(of: string): { text?: string } {
    const found = texts.get(of);
    return found === undefined ? {} : { text: found };
  }
});

afterAll(remove);

const found = ({ file, index }: ExpectedRecord): Found => byRecord.get(`${file} ${index}`) ?? {};
const name = ({ file, index, url }: ExpectedRecord): string => `${file} ${index} ${url ?? ""}`;
const outcome = (record: ExpectedRecord): string => {
  const { document, drop } = found(record);
  if (drop !== undefined) return drop.stage === "duplicates" ? "duplicate" : `dropped by ${drop.stage}`;
  return document === undefined ? "skipped" : "kept";
};

describe("the bundled example", () => {
  it("keeps, drops and skips each record as it was planned", () => {
    const wrong = sure.filter((record) => {
      const allowed = record.outcome === "dropped" ? [record.stage, ...(record.or ?? [])].map(dropped) : [record.outcome];
      return !allowed.includes(outcome(record));
    });
    expect(wrong.map((record) => `${name(record)}: ${outcome(record)}, not ${record.outcome}`)).toEqual([]);
    expect(result.manifest.totals.records).toBe(expected.totals.records);
  });

  it("names, for each opt-out, the agent, the rule and the capture of robots.txt, and holds its bytes", async () => {
    const blobs = new Map((await rowsOf(corpus, "evidence/blobs-*.parquet")).map((row) => [row.sha256, row.bytes]));
    const optOuts = sure.filter(({ stage }) => stage === "consent");
    expect(optOuts.length).toBeGreaterThan(15);
    for (const record of optOuts) {
      const evidence = found(record).drop?.evidence ?? {};
      const robots = evidence.robots as Row;
      const disallowed = evidence.disallowed as readonly Row[];
      expect(Date.parse(String(robots.captured_at)), name(record)).toBe(Date.parse(record.robots_captured_at ?? ""));
      expect(
        disallowed.map(({ raw }) => raw),
        name(record),
      ).toContain(record.rule);
      if (Number(evidence.disallowed_more) === 0) {
        expect(
          disallowed.map(({ agent }) => agent),
          name(record),
        ).toContain(record.agent);
      }
      const bytes = blobs.get(robots.sha256) as Uint8Array;
      expect(sha256(bytes), name(record)).toBe(robots.sha256);
      expect(Buffer.from(bytes).toString("latin1")).toContain(Buffer.from(record.rule ?? "").toString("latin1"));
    }
  });

  it("names the capture that is kept of each duplicate", () => {
    const duplicates = sure.filter((record) => record.outcome === "duplicate");
    for (const record of duplicates) {
      const { kept_url, kept_captured_at } = found(record).drop?.evidence ?? {};
      expect([kept_url, Date.parse(String(kept_captured_at))], name(record)).toEqual([
        record.of,
        Date.parse(record.of_captured_at ?? ""),
      ]);
    }
  });

  it("extracts the main text and nothing that no reader of the page can see", () => {
    const bare = (text: string): string => text.replace(/\s+/gu, "");
    const wrong = sure.filter((record) => {
      const text = found(record).text ?? "";
      if (record.outcome !== "kept") return false;
      if (record.text_sha256 !== undefined) return sha256(text) !== record.text_sha256;
      return (
        !bare(text).includes(bare(record.begins ?? "")) ||
        !bare(text).includes(bare(record.ends ?? "")) ||
        expected.invisible.some((phrase) => text.includes(phrase))
      );
    });
    expect(wrong.map(name)).toEqual([]);
  });

  it("finds the language of more than nine texts in ten, and takes none of the others for a language of another script", () => {
    const kept = sure.filter(({ outcome }) => outcome === "kept");
    const languageOf = (record: ExpectedRecord): string => String(found(record).document?.language);
    const wrong = kept.filter((record) => languageOf(record) !== record.language);
    expect(
      wrong.length / kept.length,
      wrong.map((record) => `${record.language}: ${languageOf(record)}`).join(", "),
    ).toBeLessThan(0.1);
    const script = (label: string | undefined): string => label?.split("_")[1] ?? "";
    expect(wrong.filter((record) => ![script(record.language), ""].includes(script(languageOf(record)))).map(name)).toEqual([]);
  });

  it("redacts the addresses and account numbers that were planted, and no others", () => {
    for (const record of sure.filter((kept) => kept.outcome === "kept")) {
      const { document, text = "" } = found(record);
      const bytes = Buffer.from(text);
      // By default everything is redacted but private addresses.
      const wanted = (record.spans ?? []).filter(([, , kind]) => kind !== "private").map(([kind, span]) => [kind, span]);
      const spans = spansOf(document).map(([start, length, kind]) => [kind, bytes.toString("utf8", start, start + length)]);
      expect(spans, name(record)).toEqual(wanted);
    }
  });

  it("has in its shards, for each document, the tokens of its text with one placeholder a span", async () => {
    const tokenizer = await openTokenizer("apertus");
    const shards = new Map<string, readonly Uint32Array[]>();
    for (const { path } of result.manifest.shards) shards.set(path, await tokensOf(join(corpus, path)));
    for (const record of sure.filter((kept) => kept.outcome === "kept")) {
      const { document, text = "" } = found(record);
      const ids = shards.get(String(document?.shard))?.[Number(document?.row)] ?? new Uint32Array();
      const bytes = Buffer.from(text);
      const parts: Uint8Array[] = [Buffer.from("<s>")];
      let at = 0;
      for (const [start, length, kind] of spansOf(document)) {
        parts.push(bytes.subarray(at, start), Buffer.from(`<${kind}-pii>`));
        at = start + length;
      }
      parts.push(bytes.subarray(at), Buffer.from("</s>"));
      const decoded = Buffer.from(tokenizer.decode(ids, { special: "names" })).toString();
      expect(decoded, name(record)).toBe(Buffer.concat(parts).toString());
      // What a page says of itself is text: only real placeholders are special ids.
      const specials = ids.filter((id) => id < 1000).length;
      expect(specials, name(record)).toBe(2 + spansOf(document).length);
    }
  });

  it("takes the disk that plan estimates, or up to a third less", async () => {
    const recipe = await compile(loadRecipe(join(example, "recipe.yaml")), undefined);
    const { disk_bytes } = await estimate(await makePlan(recipe, undefined), recipe, 2);
    const files = readdirSync(corpus, { recursive: true, encoding: "utf8" }).map((file) => statSync(join(corpus, file)));
    const taken = files.reduce((total, file) => total + (file.isFile() ? file.size : 0), 0);
    expect(disk_bytes).toBeGreaterThan(taken);
    expect(disk_bytes).toBeLessThan(1.5 * taken);
  });

  it("leaves a corpus that verify finds whole", async () => {
    const { faults, unnamed } = await verifyCorpus(new CorpusFolder(corpus));
    expect([faults, unnamed]).toEqual([[], []]);
  });
});

function dropped(stage: string | undefined): string {
  return stage === "empty" ? "skipped" : `dropped by ${stage}`;
}

function spansOf(document: Row | undefined): readonly (readonly [number, number, string])[] {
  const json = String(document?.redactions ?? "");
  return json === "" ? [] : (JSON.parse(json) as [number, number, string][]);
}

async function tokensOf(path: string): Promise<readonly Uint32Array[]> {
  const rows: Uint32Array[] = [];
  for await (const batch of readArrow(path)) {
    const tokens = batch.tokens;
    if (tokens?.type !== "list<uint32>") continue;
    for (let row = 0; row + 1 < tokens.offsets.length; row++) {
      rows.push(tokens.values.slice(tokens.offsets[row], tokens.offsets[row + 1]));
    }
  }
  return rows;
}

/** The index of each record by "file offset", as locators give the offset. */
async function positions(): Promise<ReadonlyMap<string, number>> {
  const indexes = new Map<string, number>();
  for (const file of ["pages-2023.warc.gz", "pages-2024.warc.gz", "pages-2025.warc.gz", "texts.wet.gz"]) {
    for await (const { offset, index } of readWarc(join(example, file))) indexes.set(`${file} ${offset}`, index);
  }
  let at = 0;
  const lines = gunzipSync(readFileSync(join(example, "texts.jsonl.gz")))
    .toString("latin1")
    .split("\n");
  for (const [index, line] of lines.entries()) {
    indexes.set(`texts.jsonl.gz ${at}`, index);
    at += line.length + 1;
  }
  for (let row = 0; row < 100; row++) indexes.set(`texts.parquet ${row}`, row);
  return indexes;
}
