/** `apertus-data doctor`: what is installed, built and missing on this machine, and the mend. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, freemem, totalmem } from "node:os";
import { Command } from "commander";
import { codes, DataError } from "../errors/index.js";
import { exitCodes } from "./exit.js";
import { bytes } from "./numbers.js";
import { table } from "./table.js";

interface Finding {
  readonly what: string;
  readonly state: "ok" | "missing" | "optional";
  readonly detail: string;
}

export function doctorCommand(finish: (code: number) => void): Command {
  return new Command("doctor")
    .summary("check this machine: what is installed, built, missing")
    .description("Checks Node, the native addon, the bundled models and tools. Exit code 1 where something needed is missing.")
    .option("--json", "print one JSON object", false)
    .addHelpText("after", "\nExample:\n  apertus-data doctor")
    .action(async (flags: { json: boolean }) => {
      const findings = await examine();
      const ill = findings.some(({ state }) => state === "missing");
      if (flags.json) console.log(JSON.stringify({ well: !ill, findings }));
      else {
        const marks = { ok: "ok", missing: "MISSING", optional: "not there (optional)" };
        console.log(
          table(
            ["what", "state", "detail"],
            findings.map(({ what, state, detail }) => [what, marks[state], detail]),
            3,
          ),
        );
      }
      finish(ill ? exitCodes.failed : exitCodes.done);
    });
}

async function examine(): Promise<readonly Finding[]> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const nodeOk = major > 20 || (major === 20 && minor >= 19);
  const findings: Finding[] = [
    { what: "node", state: nodeOk ? "ok" : "missing", detail: `${process.version}; 20.19 or newer is needed` },
    {
      what: "machine",
      state: "ok",
      detail: `${availableParallelism()} processors, ${bytes(freemem())} of ${bytes(totalmem())} memory free`,
    },
    await native(),
    ...["agents/apertus-2025-01.json", "language", "toxicity", "tokenizer"].map(asset),
  ];
  for (const [tool, why] of [
    ["python3", "to build the addon"],
    ["make", "to build the addon"],
    ["g++", "to build the addon"],
  ] as const) {
    findings.push(program(tool, why));
  }
  return findings;
}

async function native(): Promise<Finding> {
  try {
    const { repairUtf8 } = await import("../native/index.js");
    const works = Buffer.from(repairUtf8(Uint8Array.of(0x61, 0xff))).toString() === "a\ufffd";
    return {
      what: "native addon",
      state: works ? "ok" : "missing",
      detail: works ? "built, and it answers" : "it answers wrongly",
    };
  } catch (error) {
    const detail = error instanceof DataError ? `${error.message}; ${error.mend}` : codes.ADDON_MISSING.mend;
    return { what: "native addon", state: "missing", detail };
  }
}

function asset(name: string): Finding {
  const root = createRequire(import.meta.url)
    .resolve("#assets/README.md")
    .replace(/README\.md$/, "");
  const there = existsSync(`${root}${name}`);
  return { what: `assets/${name}`, state: there ? "ok" : "missing", detail: there ? "" : "reinstall the package" };
}

function program(name: string, why: string): Finding {
  try {
    const version =
      execFileSync(name, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split("\n")[0] ?? "";
    return { what: name, state: "ok", detail: version };
  } catch {
    return { what: name, state: "optional", detail: `needed ${why}; on Debian or Ubuntu: apt-get install python3 make g++` };
  }
}
