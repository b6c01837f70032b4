/**
 * A site's robots.txt through the years: its captures in the archive that a corpus was decided with, and which rules went and came
 * from each to the next.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type CorpusFolder, hashFile, openManifest } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { type ArchivedCapture, candidatesOf, RobotsArchive, splitUrl } from "../filters/index.js";
import { diffLines } from "./line-diff.js";

/** A record that stands in one capture and not in the other; comments, blank lines and white space around it do not count. */
export interface ChangedLine {
  readonly change: "removed" | "added";
  /** Counted from 1, in the capture that has it. */
  readonly line: number;
  readonly text: string;
}

export interface CaptureHistory {
  /** ISO 8601, UTC. */
  readonly captured_at: string;
  readonly status: number;
  readonly state: ArchivedCapture["state"];
  readonly sha256: string | null;
  /** Octets as captured. */
  readonly bytes: number;
  /** The authority whose /robots.txt a redirect names; empty where there is none. */
  readonly redirect: string;
  readonly warc_file: string;
  readonly warc_offset: number;
  /** Since the capture before; null for the first one. */
  readonly changes: readonly ChangedLine[] | null;
}

export interface AuthorityHistory {
  readonly authority: string;
  /** The oldest first. */
  readonly captures: readonly CaptureHistory[];
}

/**
 * Of a host, both schemes with and without `www.`; of a URL, its own scheme, host and port, and then the same others. Authorities
 * without a capture are left out.
 *
 * @throws DataError USAGE where the text is neither, NOT_IN_CORPUS where the corpus has no archive
 */
export function robotsHistory(corpus: CorpusFolder, hostOrUrl: string): readonly AuthorityHistory[] {
  const split = splitUrl(/^https?:\/\//i.test(hostOrUrl) ? hostOrUrl : `https://${hostOrUrl}`);
  if (split === undefined) {
    throw new DataError("USAGE", { detail: hostOrUrl, mend: "give a host (www.example.org) or the address of a page" });
  }
  const archive = new RobotsArchive(archiveOf(corpus));
  try {
    const candidates = candidatesOf(split.authority, ["exact", "any-scheme", "www-variant"]);
    return candidates.flatMap(({ authority }) => {
      const captures = historyOf(archive, authority);
      return captures.length === 0 ? [] : [{ authority, captures }];
    });
  } finally {
    archive.close();
  }
}

function historyOf(archive: RobotsArchive, authority: string): readonly CaptureHistory[] {
  const captures: CaptureHistory[] = [];
  let before: { readonly sha256: string | undefined; readonly records: readonly TextRecord[] } | undefined;
  for (const capture of archive.captures(authority)) {
    const { sha256 } = capture;
    const same = before !== undefined && before.sha256 === sha256;
    const records = same && before !== undefined ? before.records : recordsOf(archive.body(capture));
    captures.push({
      captured_at: new Date(capture.capturedAt).toISOString(),
      status: capture.status,
      state: capture.state,
      sha256: sha256 ?? null,
      bytes: capture.capturedLength,
      redirect: capture.redirect,
      warc_file: capture.file,
      warc_offset: capture.offset,
      changes: before === undefined ? null : same ? [] : changesOf(before.records, records),
    });
    before = { sha256, records };
  }
  return captures;
}

interface TextRecord {
  readonly line: number;
  readonly text: string;
}

/** The lines that say something, as text; they end at CR, LF or CRLF. */
function recordsOf(body: Uint8Array): readonly TextRecord[] {
  return new TextDecoder("utf-8")
    .decode(body)
    .split(/\r\n|[\r\n]/)
    .map((text, index) => ({ line: index + 1, text: (text.split("#", 1)[0] ?? "").trim() }))
    .filter(({ text }) => text !== "");
}

function changesOf(before: readonly TextRecord[], after: readonly TextRecord[]): readonly ChangedLine[] {
  const texts = (records: readonly TextRecord[]): readonly string[] => records.map(({ text }) => text);
  return diffLines(texts(before), texts(after)).flatMap(({ change, index }) => {
    const record = (change === "removed" ? before : after)[index];
    return record === undefined ? [] : [{ change, ...record }];
  });
}

/** The archive that the manifest names; where the folder has several, from runs before, the digest tells which. */
function archiveOf(corpus: CorpusFolder): string {
  const entry = openManifest(corpus)
    .stages.flatMap(({ assets }) => assets)
    .find(({ name }) => name === "robots-archive");
  const folder = corpus.assets();
  const paths =
    entry === undefined || !existsSync(folder)
      ? []
      : readdirSync(folder)
          .filter((name) => /^robots-[0-9a-f]+\.archive$/.test(name))
          .map((name) => join(folder, name));
  const found = paths.find((path) => {
    if (paths.length === 1) return true;
    const hash = createHash("sha256");
    hashFile(path, hash);
    return hash.digest("hex") === entry?.sha256;
  });
  if (found === undefined) {
    throw new DataError("NOT_IN_CORPUS", {
      file: corpus.root,
      detail: "no archive of robots.txt captures",
      mend: "run the recipe with captures in `consent.robots`; `assets/` of the corpus keeps their archive",
    });
  }
  return found;
}
