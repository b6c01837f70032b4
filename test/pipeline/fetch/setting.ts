/** A fetch as the tests run it: names under .test are this machine, and pauses are short. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { RobotsArchive } from "../../../filters/consent/archive.js";
import { prepareArchive } from "../../../filters/consent/archive-sources.js";
import { readWarc, type WarcRecord } from "../../../formats/index.js";
import type { ResolvedAddress } from "../../../pipeline/fetch/wire.js";
import type { FetchOptions } from "../../../pipeline/index.js";

export function optionsFor(folder: string, targets: readonly string[], more: Partial<FetchOptions> = {}): FetchOptions {
  return {
    sources: { arguments: targets, lists: [], corpora: [] },
    folder,
    contact: "crawl@example.org",
    agentToken: "apertus-data",
    concurrency: 16,
    delay: 0,
    limits: { connect: 20_000, headers: 20_000, total: 20_000, bytes: 1 << 20 },
    retries: 1,
    backOff: 10,
    maxWait: 2000,
    permits: () => true,
    fileBytes: 1e9,
    signal: new AbortController().signal,
    resolve: localhost,
    ...more,
  };
}

export async function localhost(hostname: string): Promise<readonly ResolvedAddress[]> {
  if (hostname.endsWith(".test")) return [{ address: "127.0.0.1", family: 4 }];
  throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: "ENOTFOUND" });
}

/** Every record of the folder's WARC files; a damaged place is an error. */
export async function recordsOf(folder: string, files: readonly string[]): Promise<readonly WarcRecord[]> {
  const records: WarcRecord[] = [];
  for (const file of files) {
    for await (const record of readWarc(join(folder, file))) {
      if (record.kind === "fault") throw new Error(`${file}: ${record.fault} ${record.detail}`);
      records.push(record);
    }
  }
  return records;
}

/** The archive that a recipe, or `retract --robots`, makes of the folder. */
export async function archiveOf(folder: string): Promise<RobotsArchive> {
  const assetFolder = join(folder, "archive");
  mkdirSync(assetFolder, { recursive: true });
  const { path } = await prepareArchive(["*.warc.gz"], { baseFolder: folder, assetFolder }, false);
  return new RobotsArchive(path);
}
