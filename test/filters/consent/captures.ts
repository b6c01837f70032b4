/** Makes robots.txt captures and archives for tests. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RobotsArchive, type RobotsCapture, writeArchive } from "../../../filters/consent/index.js";

let serial = 0;

export function capture(url: string, day: string, body: string | Uint8Array, rest: Partial<RobotsCapture> = {}): RobotsCapture {
  serial++;
  return {
    url,
    capturedAt: Date.parse(day),
    status: 200,
    body: typeof body === "string" ? Buffer.from(body, "utf8") : body,
    truncated: false,
    file: "robots/a.warc.gz",
    offset: serial * 1000,
    length: 900,
    unit: "bytes",
    recordId: `urn:uuid:${serial}`,
    ...rest,
  };
}

export async function* stream<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

export function scratchFolder(): string {
  return mkdtempSync(join(tmpdir(), "consent-test-"));
}

export async function archiveOf(
  captures: readonly RobotsCapture[],
): Promise<{ archive: RobotsArchive; path: string; sha256: string }> {
  const path = join(scratchFolder(), "robots.archive");
  const { sha256 } = await writeArchive(path, stream(captures), () => ({}));
  return { archive: new RobotsArchive(path), path, sha256 };
}
