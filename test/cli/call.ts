/**
 * Calls the built command in the test's own process, which saves its start (most of a second, some seventy times in this suite).
 * What only a process has (standard input, closed pipes, signals) is tested with one: `spawnCli`.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { cli, root } from "../pipeline/corpora.js";

export interface Called {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param folder the working directory of the call */
export async function callCli(folder: string, args: readonly string[]): Promise<Called> {
  const { runProgram } = (await import(
    pathToFileURL(join(root, "dist/cli/program.js")).href
  )) as typeof import("../../cli/program.js");
  const written = { stdout: "", stderr: "" };
  const undo: (() => void)[] = [];
  const replace = <T extends object, K extends keyof T>(object: T, key: K, value: T[K]): void => {
    const before = object[key];
    object[key] = value;
    undo.unshift(() => {
      object[key] = before;
    });
  };
  for (const [stream, method] of [
    ["stdout", "log"],
    ["stderr", "error"],
  ] as const) {
    const write = (chunk: string | Uint8Array): boolean => {
      written[stream] += Buffer.from(chunk as string).toString();
      return true;
    };
    replace(process[stream], "write", write as typeof process.stdout.write);
    replace(console, method, (...values: unknown[]) => write(`${format(...values)}\n`));
  }
  const before = process.cwd();
  process.chdir(folder);
  try {
    return { status: await runProgram(args), ...written };
  } finally {
    process.chdir(before);
    for (const put of undo) put();
  }
}

/** The same as a process of its own. */
export function spawnCli(folder: string, args: readonly string[], input = ""): Called {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: "utf8", input, cwd: folder });
  return { status, stdout, stderr };
}
