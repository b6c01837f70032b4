/** What every verb answers: exit codes, the shape of --json, and errors that name the mend. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli, root, runBuilt, scratchFolder, texts, writeLines, writeRecipe } from "../pipeline/corpora.js";
import { callCli, spawnCli } from "./call.js";

const { folder, remove } = scratchFolder("cli");
const corpus = join(folder, "corpus");
let recipe: string;

beforeAll(async () => {
  writeLines(join(folder, "a.jsonl"), [...texts(6), { text: "x" }]);
  recipe = writeRecipe(join(folder, "recipe.yaml"), {
    inputs: [{ path: "a.jsonl" }],
    stages: ["extract", { quality: { min_words: 5 } }, "pii", "tokenize"],
  });
  writeFileSync(join(folder, "wrong.yaml"), "version: 1\ninputs:\n  - path: a.jsonl\nstage: [extract]\nstages: [extract]\n");
  await runBuilt(recipe, corpus);
});

afterAll(remove);

async function call(args: readonly string[]) {
  const called = await callCli(folder, args);
  return { ...called, json: <T>() => JSON.parse(called.stdout) as T };
}

describe("apertus-data", () => {
  it.each([
    [["frobnicate"], "unknown command 'frobnicate'"],
    [["plan", "--workers", "many"], "a whole number from 1 to 1024 is wanted"],
    [["run", "recipe.yaml"], "give --corpus FOLDER"],
    [
      ["run", "wrong.yaml", "--corpus", "never"],
      'error RECIPE_INVALID: the recipe is not valid (wrong.yaml, line 4): unknown key "stage"',
    ],
    [["inspect", corpus, "--rule", "nonsense"], "name one of the rules that dropped something: quality/too-few-words"],
    [["inspect", corpus, "--site", "http://[::1"], "--site http://[::1: neither a host nor a URL"],
    [["try", "pii", "--set", "kinds=["], "write the value as YAML"],
    [["try", "pii", "--set", "emails=true"], 'pii: Unrecognized key: "emails"'],
  ])("%s is wrong usage: exit code 2", async (args, message) => {
    const { status, stderr } = await call(args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  it.each([
    ["an input that is not there", { inputs: [{ path: "nowhere.jsonl" }] }, "INPUT_NOT_FOUND", 1],
    ["a language that is none", { stages: ["extract", { language: { deny: ["grm"] } }] }, "LANGUAGE_UNKNOWN", 2],
    ["a list of agents that is none", { stages: [{ consent: { agents: "nobody" } }] }, "AGENT_PROFILE_INVALID", 2],
    ["a filter that is none", { stages: ["frobnicate"] }, "FILTER_NOT_FOUND", 2],
  ] as const)("%s ends a run with the exit code that docs/errors.md lists", async (_, change, code, exit) => {
    const path = writeRecipe(join(folder, "change.yaml"), { inputs: [{ path: "a.jsonl" }], stages: ["extract"], ...change });
    const { status, stderr } = await call(["run", path, "--corpus", "never", "--workers", "1"]);
    expect(stderr).toContain(`error ${code}: `);
    expect(status).toBe(exit);
    const reference = readFileSync(join(root, "docs/errors.md"), "utf8");
    expect(reference).toContain(`| \`${code}\` | ${exit} |`);
  });

  it("an error is one JSON object on standard output with --json, and for people on standard error", async () => {
    const { status, stderr, json } = await call(["verify", "nowhere", "--json"]);
    expect(status).toBe(1);
    expect(json()).toEqual({
      error: { code: "CORPUS_NOT_FOUND", message: expect.any(String), mend: expect.any(String), file: "nowhere" },
    });
    expect(stderr).toMatch(/^error CORPUS_NOT_FOUND: .*\n {2}mend: /);
  });

  it("plan tells files, units, phases and estimates, and writes nothing", async () => {
    const before = readdirSync(folder);
    const { status, json } = await call(["plan", "recipe.yaml", "--json"]);
    expect(status).toBe(0);
    expect(json()).toMatchObject({
      files: 1,
      units: 1,
      segments: [{ stages: ["extract", "quality", "pii", "tokenize"], barrier: null }],
      phases: ["read", "finalise"],
      disk_bytes: expect.any(Number),
      seconds: expect.any(Number),
      free_bytes: expect.any(Number),
      warnings: [],
    });
    expect(readdirSync(folder)).toEqual(before);
  });

  it("verify says that a corpus is whole", async () => {
    const { status, json } = await call(["verify", corpus, "--json"]);
    expect(status).toBe(0);
    expect(json()).toEqual({
      files: expect.any(Number),
      bytes: expect.any(Number),
      faults: [],
      unnamed: [],
      seconds: expect.any(Number),
    });
  });

  it("inspect shows the whole, dropped documents with evidence, and decoded tokens", async () => {
    expect((await call(["inspect", corpus, "--json"])).json()).toMatchObject({
      totals: { kept: 6, dropped: { "quality/too-few-words": 1 } },
      tokenizer: "apertus",
      versions: [0],
    });
    expect((await call(["inspect", corpus, "--dropped", "--json"])).json()).toMatchObject({
      stage: "quality",
      rule: "too-few-words",
      evidence: { value: 1, threshold: 5 },
    });
    const [first = ""] = (await call(["inspect", corpus, "--tokens", "--limit", "1", "--json"])).stdout.split("\n");
    expect(JSON.parse(first)).toMatchObject({ decoded: expect.stringMatching(/^<s>Document 0 .*<email-pii>.*<\/s>$/s) });
  });

  it("doctor looks at everything that is needed", async () => {
    const { status, json } = await call(["doctor", "--json"]);
    const { well, findings } = json<{ well: boolean; findings: { what: string; state: string }[] }>();
    expect([status, well]).toEqual([0, true]);
    expect(findings).toContainEqual(expect.objectContaining({ what: "native addon", state: "ok" }));
  });

  it("try reads lines, JSON lines and standard input, and shows no control characters of theirs", async () => {
    writeFileSync(join(folder, "notes.txt"), 'Mail jane@example.org\n{"text":"\\u001b[31m 8.8.8.8"}\n');
    const answer = { verdict: "keep", redactions: [{ kind: "email", start: 5, length: 16, text: "jane@example.org" }] };
    const { stdout } = await call(["try", "pii", "notes.txt"]);
    const [first, second] = stdout.trim().split("\n");
    expect(JSON.parse(first ?? "")).toMatchObject(answer);
    expect(JSON.parse(second ?? "")).toMatchObject({ annotations: { pii_ip: 1 } });
    expect(stdout).not.toContain("\u001b");
    expect(JSON.parse(spawnCli(folder, ["try", "pii"], "Mail jane@example.org\n").stdout)).toMatchObject(answer);
    expect(spawnCli(folder, ["try", "pii", "nowhere.txt"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("INPUT_NOT_FOUND"),
    });
  });

  it("stops quietly when nobody reads on", () => {
    writeFileSync(join(folder, "many.txt"), "some words of text\n".repeat(20_000));
    const line = `"${process.execPath}" "${cli}" try pii many.txt | head -n 1`;
    const { stdout, stderr } = spawnSync("bash", ["-o", "pipefail", "-c", line], { encoding: "utf8", cwd: folder });
    expect(stdout.split("\n")).toHaveLength(2);
    expect(stderr).toBe("");
  });
});
