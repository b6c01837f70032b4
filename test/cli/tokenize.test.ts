/** The verb tokenize as it is called. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { scratchFolder } from "../pipeline/corpora.js";
import { callCli, spawnCli } from "./call.js";

const { folder, remove } = scratchFolder("tokenize-cli");
afterAll(remove);

const call = (...args: readonly string[]) => callCli(folder, ["tokenize", ...args]);
const write = (name: string, bytes: string | Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return name;
};

describe("apertus-data tokenize", () => {
  it("prints an array for each line: texts, JSON objects, empty lines", async () => {
    const file = write("texts", 'Hello world!\n\n{"text":"Hello world!"}\n{ not JSON\r\n</s>');
    const { status, stdout, stderr } = await call(file);
    expect([status, stderr]).toEqual([0, ""]);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as number[]);
    expect(lines.slice(0, 3)).toEqual([[22177, 4304, 1033], [], [22177, 4304, 1033]]);
    expect(lines).toHaveLength(5);
    expect(lines[4]?.every((id) => id >= 1000)).toBe(true);
  });

  it("gives every text back, whatever its characters", async () => {
    const texts = ["Grüezi, 世界 👩‍👩‍👧‍👦\n\\begin{x}", "", "<s>\u0000\u2028", " ".repeat(300)];
    const file = write("texts.jsonl.gz", gzipSync(texts.map((text) => `${JSON.stringify({ text })}\n`).join("")));
    const ids = write("ids.jsonl", (await call(file, "--document")).stdout);
    const { stdout } = await call(ids, "--decode");
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { text: string }).text),
    ).toEqual(texts);
  });

  it("counts tokens by line, with begin and end where they are asked for", async () => {
    const file = write("two", "Hello world!\n\n");
    expect((await call(file, "--count")).stdout).toBe("3\n0\n");
    expect((await call(file, "--count", "--document")).stdout).toBe("5\n2\n");
  });

  it("gives bytes as base64 where ids end inside of a character", async () => {
    const [first = 0] = JSON.parse((await call(write("odd", Buffer.from([0xf0, 0x9f])))).stdout) as number[];
    const { stdout } = await call(write("odd.jsonl", `[${first}]`), "--decode");
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(["base64"]);
  });

  it("reads standard input", () => {
    expect(spawnCli(folder, ["tokenize"], "Hello world!\n").stdout).toBe("[22177,4304,1033]\n");
  });

  it.each([
    [['{"url":1}'], 1, "LINE_UNREADABLE"],
    [["7", "--decode"], 1, "LINE_UNREADABLE"],
    [["[1,", "--decode"], 1, "LINE_UNREADABLE"],
    [["[131072]", "--decode"], 1, "TOKEN_UNKNOWN"],
    [["[-1]", "--decode"], 1, "TOKEN_UNKNOWN"],
    [['["a"]', "--decode"], 1, "TOKEN_UNKNOWN"],
    [["[1]", "--decode", "--count"], 2, "USAGE"],
  ])("%s ends with %i", async ([line = "", ...flags], code, text) => {
    const { status, stderr } = await call(write("faulty", line), ...flags);
    expect([status, stderr]).toEqual([code, expect.stringContaining(text)]);
  });

  it("names a file that is not there", async () => {
    const { status, stderr } = await call("nowhere.txt");
    expect([status, stderr]).toEqual([1, expect.stringContaining("INPUT_NOT_FOUND")]);
  });
});
