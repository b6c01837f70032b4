/** The bundled example is what its expectation says, read without any reader of ours; and it can be built again from its sources. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { testInput } from "../inputs.js";

interface ExpectedRecord {
  readonly file: string;
  readonly index: number;
  readonly type: string;
  readonly url?: string;
  readonly captured_at?: string;
  readonly outcome: "kept" | "dropped" | "duplicate" | "skipped";
  readonly of?: string;
  readonly of_captured_at?: string;
  readonly spans?: readonly (readonly string[])[];
}

interface Expectation {
  readonly totals: {
    readonly records: number;
    readonly skipped: number;
    readonly documents: number;
    readonly kept: number;
    readonly duplicates: number;
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly records: readonly ExpectedRecord[];
}

const folder = resolve(import.meta.dirname, "../../examples/quickstart");
const read = (name: string) => readFileSync(join(folder, name));
const expected: Expectation = JSON.parse(read("expected.json").toString("utf8"));
const books = testInput("books");

describe("the quickstart example", () => {
  it("is smaller than 1.5 MB", () => {
    const sizes = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => statSync(join(folder, name)).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(1_500_000);
  });

  it("has the totals that its README states", () => {
    const { records, skipped, documents, dropped, duplicates, kept } = expected.totals;
    const readme = read("README.md").toString("utf8").replace(/ +/g, " ");
    const rows = { records, skipped, documents, duplicates, kept };
    for (const [name, count] of Object.entries(rows)) expect(readme).toContain(`\n| ${name} | ${count} |\n`);
    for (const [stage, count] of Object.entries(dropped)) expect(readme).toContain(`\n| dropped by ${stage} | ${count} |\n`);
    expect(kept + duplicates + Object.values(dropped).reduce((sum, count) => sum + count)).toBe(documents);
    expect(documents + skipped).toBe(records);
  });

  it("has the digests that SHA256SUMS lists", () => {
    for (const line of read("SHA256SUMS").toString("utf8").trim().split("\n")) {
      const [digest, name] = line.split("  ");
      expect(createHash("sha256").update(read(name)).digest("hex"), name).toBe(digest);
    }
  });

  it("holds the records of the expectation, in order", () => {
    for (const file of ["pages-2023.warc.gz", "pages-2024.warc.gz", "pages-2025.warc.gz", "texts.wet.gz"]) {
      const found = warcRecords(gunzipSync(read(file))).map(({ type, url }, index) => [index, type, url]);
      const wanted = expected.records.filter((record) => record.file === file);
      expect(found).toEqual(wanted.map(({ index, type, url }) => [index, type === "text" ? "conversion" : type, url]));
    }
  });

  it("names, for each duplicate, a kept record that was captured earlier", () => {
    const duplicates = expected.records.filter(({ outcome }) => outcome === "duplicate");
    expect(duplicates.length).toBeGreaterThan(5);
    for (const { url, captured_at, of, of_captured_at } of duplicates) {
      const keeper = expected.records.find((record) => record.url === of && record.captured_at === of_captured_at);
      expect(keeper?.outcome, url).toBe("kept");
      expect(String(of_captured_at) < String(captured_at), url).toBe(true);
    }
  });

  it("plants account numbers whose check digits are right (ISO 7064 MOD 97-10)", () => {
    const spans = expected.records.flatMap((record) => record.spans ?? []);
    const accounts = spans.filter(([kind]) => kind === "iban").map(([, number]) => number.replaceAll(" ", ""));
    expect(accounts).toHaveLength(5);
    for (const account of accounts) {
      const digits = (account.slice(4) + account.slice(0, 4)).replace(/[A-Z]/g, (letter) =>
        String(Number.parseInt(letter, 36)),
      );
      expect(BigInt(digits) % 97n, account).toBe(1n);
    }
  });

  it.skipIf(books === undefined)("is what its builder makes of its sources", () => {
    const out = mkdtempSync(join(tmpdir(), "quickstart-"));
    try {
      execFileSync(process.execPath, [join(folder, "build.mjs"), String(books), out]);
      expect(readFileSync(join(out, "expected.json"), "utf8")).toBe(read("expected.json").toString("utf8"));
      for (const name of readdirSync(out).filter((file) => file.endsWith(".gz"))) {
        // Inflated: the compressed bytes may differ between versions of zlib.
        expect(gunzipSync(readFileSync(join(out, name))).equals(gunzipSync(read(name))), name).toBe(true);
      }
    } finally {
      rmSync(out, { recursive: true });
    }
  });
});

/** Type and URL of each record of an uncompressed WARC file whose lengths are right. */
function warcRecords(warc: Buffer): { type: string | undefined; url: string | undefined }[] {
  const records = [];
  for (let at = 0; at < warc.length; ) {
    const end = warc.indexOf("\r\n\r\n", at);
    const header = warc.toString("utf8", at, end);
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(header)?.[1]?.trim();
    records.push({ type: field("WARC-Type"), url: field("WARC-Target-URI") });
    at = end + 4 + Number(field("Content-Length")) + 4;
  }
  return records;
}
