/** `fetch` as people call it: on TLS, killed and called again, interrupted, and what `retract` makes of what it wrote. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cli, runBuilt, scratchFolder, writeLines, writeRecipe } from "../pipeline/corpora.js";
import { MisbehavingServer } from "../pipeline/fetch/server.js";
import { recordsOf } from "../pipeline/fetch/setting.js";
import { callCli } from "./call.js";

const { folder, remove } = scratchFolder("fetch-cli");
const server = new MisbehavingServer();
const contact = ["--contact", "crawl@example.org"];

beforeAll(async () => {
  delete process.env.APERTUS_DATA_CONTACT;
  await server.start();
  for (const host of ["127.0.0.1", "localhost"]) {
    server.sites.set(host, ({ path, reply }) => {
      const text = path === "/robots.txt" ? "User-agent: *\nDisallow: /private\n" : `<p>${path}</p>`;
      setTimeout(() => reply(200, { "Content-Type": "text/html" }, text), 5);
    });
  }
});
afterAll(() => {
  server.stop();
  remove();
});
beforeEach(() => server.forget());

interface Called {
  readonly child: ChildProcess;
  readonly done: Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>;
}

function call(args: readonly string[], env: Readonly<Record<string, string>> = {}): Called {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const done = new Promise<Awaited<Called["done"]>>((resolve) =>
    child.on("close", (status) => resolve({ status, stdout, stderr })),
  );
  return { child, done };
}

const run = (...args: readonly string[]) => callCli(folder, args);

/** Waits until the server was asked so often. */
async function askedFor(times: number): Promise<void> {
  for (let i = 0; i < 1000 && server.log.length < times; i++) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("fetch", () => {
  it("wrong usage is told before anything is asked, and is exit code 2", async () => {
    const wrong = [
      ["robots example.org --out x", "FETCH_CONTACT_MISSING"],
      ["robots --out x --contact a@example.org", "nothing says what to fetch"],
      ["robots example.org --out x --contact a@example.org --agent-token a/b", "a product token"],
      ["pages https://example.org/ --out x --contact a@example.org --profile none", "AGENT_PROFILE_INVALID"],
    ] as const;
    for (const [args, message] of wrong) {
      const { status, stderr } = await run("fetch", ...args.split(" "));
      expect(stderr).toContain(message);
      expect(status).toBe(2);
    }
  });

  it("prints what became of the targets, and speaks TLS to whom the system trusts", async () => {
    const env = { NODE_EXTRA_CA_CERTS: MisbehavingServer.certificate, APERTUS_DATA_CONTACT: "https://example.org/crawler" };
    const targets = [
      `https://localhost:${server.tlsPort}/page`,
      `https://127.0.0.1:${server.tlsPort}/page`,
      `http://127.0.0.1:${server.port}/private/1`,
    ];
    const { status, stdout, stderr } = await call(
      ["fetch", "pages", ...targets, "--out", "tls", "--allow-private", "--delay", "0"],
      env,
    ).done;
    expect(status).toBe(0);
    expect(stdout).toMatch(/^fetched +1 /m);
    expect(stdout).toMatch(/^disallowed +1 /m);
    // The certificate is for localhost, not for its address.
    expect(stdout).toMatch(/^robots-unreachable +1 /m);
    expect(stdout).toContain("line 2: Disallow: /private (apertus-data in group *, rfc)");
    expect(stderr).toContain("3 targets on 2 hosts");
    const records = await recordsOf(join(folder, "tls"), ["pages-00000.warc.gz"]);
    expect(Buffer.from(records[0]?.block ?? []).toString()).toContain("operator: https://example.org/crawler");
  });

  it("does not ask this machine unless it is told to", async () => {
    const { status, stdout } = await run(
      "fetch",
      "robots",
      `http://127.0.0.1:${server.port}`,
      "localhost",
      "--out",
      "inward",
      ...contact,
      "--json",
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ targets: 2, states: { "refused-address": { targets: 2 } }, requests: 2 });
    expect(server.log).toEqual([]);
  });
});

describe("a fetch that ends before its end", () => {
  const urls = () => Array.from({ length: 24 }, (_, i) => `http://127.0.0.1:${server.port}/page${String(i).padStart(2, "0")}`);
  const start = (out: string): Called => {
    writeFileSync(join(folder, "urls.txt"), urls().join("\n"));
    return call([
      "fetch",
      "pages",
      "--list",
      "urls.txt",
      "--out",
      out,
      ...contact,
      "--allow-private",
      "--delay",
      "0.02",
      "--json",
    ]);
  };
  const pagesIn = async (out: string) => {
    const files = readdirSync(join(folder, out)).filter((name) => name.endsWith(".warc.gz"));
    const records = await recordsOf(join(folder, out), files.sort());
    return records
      .filter(({ type, fields }) => type === "response" && !fields.get("warc-target-uri")?.endsWith("/robots.txt"))
      .map(({ fields }) => fields.get("warc-target-uri"));
  };

  it("killed twice with SIGKILL, it holds each page exactly once in the end", async () => {
    for (const times of [8, 8]) {
      const { child, done } = start("killed");
      await askedFor(server.log.length + times);
      child.kill("SIGKILL");
      await done;
    }
    const { status, stdout } = await start("killed").done;
    expect(status).toBe(0);
    const result = JSON.parse(stdout) as { before: number; states: Record<string, { targets: number }> };
    expect(result.before).toBeGreaterThan(0);
    expect(result.states).toMatchObject({ fetched: { targets: 24 } });
    expect((await pagesIn("killed")).sort()).toEqual(urls());
  });

  it("interrupted, it says how to go on, ends with 3, and asks for nothing again that it has", async () => {
    const { child, done } = start("stopped");
    await askedFor(8);
    child.kill("SIGINT");
    const { status, stderr } = await done;
    expect(status).toBe(3);
    expect(stderr).toContain(
      "interrupted; to go on where it stopped:\n  apertus-data fetch pages --list urls.txt --out stopped",
    );
    const asked = server.log.length;
    expect((await start("stopped").done).status).toBe(0);
    // At most the page under way and robots.txt were asked for twice.
    expect(server.log.length).toBeLessThanOrEqual(27);
    expect(asked).toBeLessThan(20);
    expect((await pagesIn("stopped")).sort()).toEqual(urls());
  });
});

it("what fetch robots brings home is what retract decides by", async () => {
  const corpus = join(folder, "corpus");
  const page = (path: string) => ({
    text: `A page at ${path} with some words in it.`,
    url: `http://localhost:${server.port}${path}`,
    date: "2024-01-01T00:00:00Z",
  });
  writeLines(join(folder, "pages.jsonl"), [page("/private/a"), page("/private/b"), page("/open/c")]);
  const recipe = writeRecipe(join(folder, "recipe.yaml"), {
    inputs: [{ path: "pages.jsonl" }],
    stages: ["consent", "extract", "tokenize"],
  });
  await runBuilt(recipe, corpus);
  const fetched = await run("fetch", "robots", "--corpus", "corpus", "--out", "home", ...contact, "--allow-private", "--json");
  expect(JSON.parse(fetched.stdout)).toMatchObject({ hosts: 1, targets: 1, states: { rules: { targets: 1 } } });
  const { status, stdout } = await run("retract", "--corpus", "corpus", "--robots", "home/*.warc.gz", "--dry-run", "--json");
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ documents: 3, removed: { documents: 2 } });
});
