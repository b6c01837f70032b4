/** The verb export as it is called: what it prints and its exit codes. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scratchFolder } from "../pipeline/corpora.js";
import { documents, makeCorpus } from "../tokenizer/small-corpus.js";
import { callCli } from "./call.js";

const { folder, remove } = scratchFolder("export-cli");

beforeAll(async () => {
  await makeCorpus(join(folder, "corpus"), [[documents([3, 5, 9])], [documents([4])]]);
});
afterAll(remove);

const call = (...args: readonly string[]) => callCli(folder, ["export", ...args]);

describe("apertus-data export", () => {
  it("writes pairs for Megatron-LM and says how to train on them", async () => {
    const { status, stdout } = await call("megatron", "--corpus", "corpus", "--out", "megatron");
    expect(status).toBe(0);
    expect(stdout).toContain("version 0: 4 documents, 21 tokens, 2 parts");
    expect(stdout).toContain("--goldfish-loss --goldfish-k 50 --goldfish-h 50");
    expect(stdout).toContain(`DATA=${join(folder, "megatron")}`);
    const { stdout: again } = await call("megatron", "--corpus", "corpus", "--out", "megatron", "--json");
    expect(JSON.parse(again)).toMatchObject({
      kind: "megatron",
      version: 0,
      documents: 4,
      tokens: 21,
      written: 0,
      unchanged: 2,
    });
  });

  it("writes a data set folder and says how to read it", async () => {
    const { status, stdout } = await call("hf", "--corpus", "corpus", "--out", "hf");
    expect(status).toBe(0);
    expect(stdout).toContain(`datasets.load_from_disk("${join(folder, "hf")}")`);
    expect(readdirSync(join(folder, "hf")).filter((name) => name.endsWith(".arrow"))).toHaveLength(2);
  });

  it.each([
    [["megatron", "--corpus", "corpus"], 2, "--out"],
    [["megatron", "--corpus", "nowhere", "--out", "none"], 1, "CORPUS_NOT_FOUND"],
    [["megatron", "--corpus", "corpus", "--out", "none", "--version", "9"], 1, "VERSION_NOT_FOUND"],
    [["megatron", "--corpus", "corpus", "--out", "none", "--version", "x"], 2, "a whole number is wanted"],
    [["megatron", "--corpus", "corpus", "--out", "corpus"], 2, "EXPORT_FOLDER_OTHER"],
  ])("%s ends with %i", async (args, code, text) => {
    const { status, stderr } = await call(...args);
    expect([status, stderr]).toEqual([code, expect.stringContaining(text)]);
    expect(existsSync(join(folder, "none"))).toBe(false);
  });
});
