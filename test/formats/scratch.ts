/** A folder for the files that tests of formats write; it goes with the suite's (test/scratch.ts). */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "apertus-formats-"));

let files = 0;

/** Writes a file of these bytes and gives its path. */
export function scratchFile(...parts: readonly (Uint8Array | string)[]): string {
  const path = join(folder, `${files++}`);
  writeFileSync(path, Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part))));
  return path;
}
