/** A folder for the files that a test writes, removed when the test file is done. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "apertus-formats-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** Writes a file of these bytes and gives its path. */
export function scratchFile(...parts: readonly (Uint8Array | string)[]): string {
  const path = join(folder, `${files++}`);
  writeFileSync(path, Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part))));
  return path;
}
