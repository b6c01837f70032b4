/** `robots check` for people and scripts, and `robots show` over the captures that the example carries. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root, runBuilt, scratchFolder, texts, writeLines, writeRecipe } from "../pipeline/corpora.js";
import { callCli } from "./call.js";

const { folder, remove } = scratchFolder("robots");
afterAll(remove);

const call = (...args: readonly string[]) => callCli(folder, ["robots", ...args]);

describe("robots check", () => {
  const check = (...args: readonly string[]) => call("check", "--robots", "robots.txt", ...args);

  beforeAll(() => {
    const lines = [
      "User-agent: AI2Bot",
      "User-agent: GPTBot",
      "Disallow: /private \u001b[31m",
      "Allow: /private/ok",
      "",
      "User-agent: *",
      "Disallow: /*?",
    ];
    writeFileSync(join(folder, "robots.txt"), lines.join("\r\n"));
  });

  it("prints the line that decides for each URL and agent, without its control characters", async () => {
    const { status, stdout } = await check(
      "--agent",
      "GPTBot",
      "--agent",
      "Other",
      "--mode",
      "protego",
      "https://h.example/private/ok?a",
      "/x",
      "/robots.txt?b",
    );
    expect(stdout.trimEnd().split("\n")).toEqual([
      "allowed     https://h.example/private/ok?a  GPTBot: line 4: Allow: /private/ok (group GPTBot, protego)",
      "disallowed  https://h.example/private/ok?a  Other: line 7: Disallow: /*? (group *, protego)",
      "allowed     /x  GPTBot: no rule matches (group GPTBot, protego)",
      "allowed     /x  Other: no rule matches (group *, protego)",
      "allowed     /robots.txt?b  GPTBot: no rule matches (group GPTBot, protego)",
      "disallowed  /robots.txt?b  Other: line 7: Disallow: /*? (group *, protego)",
    ]);
    expect(status).toBe(1);
    writeFileSync(join(folder, "escape.txt"), "User-agent: *\nDisallow: / # \u001b[31m");
    expect((await call("check", "--robots", "escape.txt", "--agent", "a", "/")).stdout).toBe(
      "disallowed  /  a: line 2: Disallow: / # \\u{1b}[31m (group *, rfc)\n",
    );
  });

  it("ends with 0 where all are allowed, 1 where any is not", async () => {
    expect((await check("--agent", "GPTBot", "/x", "/y")).status).toBe(0);
    expect((await check("--agent", "GPTBot", "/x", "/y", "--agent", "Other", "/z?")).status).toBe(1);
    // A strict parser takes AI2Bot for nobody's name.
    expect((await check("--agent", "AI2Bot", "/a?b")).status).toBe(1);
    expect((await check("--agent", "AI2Bot", "--mode", "intent", "/a?b")).status).toBe(0);
  });

  it("gives the same as one JSON object", async () => {
    const { stdout } = await check("--agent", "Other", "/a?b", "--json");
    expect(JSON.parse(stdout)).toEqual({
      robots: "robots.txt",
      decisions: [
        {
          url: "/a?b",
          agent: "Other",
          mode: "rfc",
          allowed: false,
          reason: "rule",
          group: "*",
          rule: { directive: "disallow", pattern: "/*?", line: 7, raw: "Disallow: /*?" },
        },
      ],
    });
  });

  it.each([
    [["--agent", "a", "ftp://h.example/x"], "give an http or https URL"],
    [["--agent", "a"], "missing required argument 'url'"],
    [["/x"], "required option '--agent <name>'"],
    [["--agent", "a", "--mode", "strict", "/x"], "Allowed choices are rfc, intent, protego"],
    [["--robots", "nowhere.txt", "--agent", "a", "/x"], "cannot be read"],
  ])("%j is wrong usage, which is exit code 2", async (args, message) => {
    const { status, stderr } = await check(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe("robots show", () => {
  const corpus = join(folder, "corpus");

  beforeAll(async () => {
    writeLines(join(folder, "a.jsonl"), texts(3));
    const recipe = writeRecipe(join(folder, "recipe.yaml"), {
      inputs: [{ path: "a.jsonl" }],
      stages: [{ consent: { robots: [join(root, "examples/quickstart/robots.warc.gz")] } }, "extract", "tokenize"],
    });
    await runBuilt(recipe, corpus);
  });

  it("lists a host's captures over time and the records that went and came", async () => {
    const { status, stdout } = await call("show", "press.example", "--corpus", corpus, "--json");
    expect(status).toBe(0);
    const { authorities } = JSON.parse(stdout) as {
      authorities: { authority: string; captures: { captured_at: string; changes: unknown }[] }[];
    };
    expect(authorities.map(({ authority }) => authority)).toEqual(["https://press.example"]);
    const captures = authorities[0]?.captures ?? [];
    expect(captures.length).toBeGreaterThan(1);
    expect(captures.map(({ captured_at }) => captured_at)).toEqual(captures.map(({ captured_at }) => captured_at).toSorted());
    expect([captures[0]?.changes, captures[1]?.changes]).toEqual([
      null,
      expect.arrayContaining([{ change: "added", line: 1, text: "User-agent: GPTBot" }]),
    ]);
    expect((await call("show", "https://www.press.example/x", "--corpus", corpus)).stdout).toContain(
      "+ User-agent: GPTBot  (line 1)",
    );
  });

  it("says that nothing was captured, and what is no host", async () => {
    expect(await call("show", "nowhere.example", "--corpus", corpus)).toMatchObject({
      status: 0,
      stdout: "no capture of nowhere.example\n",
    });
    expect((await call("show", "a b", "--corpus", corpus)).status).toBe(2);
  });
});
