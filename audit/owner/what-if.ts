/** What a robots.txt that the owner drafts would do to the pages: the same engine, asked about a file that nobody captured. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { DataError } from "../../errors/index.js";
import { type ConsentParameters, judge, meaningsOf, RobotsFile, robotsPath, splitUrl } from "../../filters/index.js";
import { capturedFile } from "./captured-files.js";
import type { ConsentStage } from "./consent-stage.js";
import type { WhatIf } from "./model.js";
import { LineTally } from "./robots-decision.js";

/** RFC 9309 has 500 KiB parsed; a file of more than twice that is none. */
const largest = 1024 * 1024;
const shownChanges = 100;

/** @throws DataError INPUT_NOT_FOUND, INPUT_UNREADABLE, USAGE */
export function readRobotsFile(path: string): Uint8Array {
  let handle: number;
  try {
    handle = openSync(path, "r");
  } catch (cause) {
    throw new DataError("INPUT_NOT_FOUND", { file: path, cause });
  }
  try {
    if (!fstatSync(handle).isFile()) throw new DataError("INPUT_UNREADABLE", { file: path, detail: "it is no file" });
    const bytes = Buffer.alloc(largest + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(handle, bytes, length, bytes.length - length, null);
    }
    if (length > largest) {
      throw new DataError("USAGE", {
        file: path,
        detail: "more than 1 MiB",
        mend: "give a robots.txt file; 500 KiB of it are parsed",
      });
    }
    return Uint8Array.from(bytes.subarray(0, length));
  } finally {
    closeSync(handle);
  }
}

export class WhatIfTally {
  readonly #parameters: ConsentParameters;
  readonly #file: RobotsFile | undefined;
  readonly #byState: boolean;
  readonly #lines: LineTally;
  readonly #changes: WhatIf["changes"][number][] = [];
  #changed = 0;
  #allowed = 0;
  #disallowed = 0;

  constructor(
    private readonly bytes: Uint8Array,
    { parameters, agents }: Pick<ConsentStage, "parameters" | "agents">,
  ) {
    this.#parameters = parameters;
    const place = { file: "", offset: 0, length: 0, unit: "bytes", recordId: "" } as const;
    const served = { url: "https://subject.example/robots.txt", capturedAt: 0, status: 200, truncated: false, body: bytes };
    const judged = judge({ ...served, ...place });
    const state = judged?.state ?? "empty";
    this.#byState = state !== "rules" && meaningsOf(parameters.states)[state] === "deny";
    if (judged !== undefined && (state === "rules" || state === "truncated")) this.#file = new RobotsFile(judged.body, agents);
    this.#lines = new LineTally(parameters.modes);
  }

  /** @param now whether the page is in, out by its owner's wish, or out for another reason, which no robots.txt changes */
  add(url: string, now: "in" | "opted-out" | "out"): void {
    const allowed = this.#allows(url);
    if (allowed) this.#allowed++;
    else this.#disallowed++;
    const before = now === "in" ? "in" : "out";
    const after = now === "out" ? "out" : allowed ? "in" : "out";
    if (before === after) return;
    this.#changed++;
    if (this.#changes.length < shownChanges) this.#changes.push({ url, from: before, to: after });
  }

  finish(): WhatIf {
    return {
      file: capturedFile(this.bytes),
      allowed: this.#allowed,
      disallowed: this.#disallowed,
      lines: this.#lines.finish(),
      changes: this.#changes,
      changes_total: this.#changed,
    };
  }

  #allows(url: string): boolean {
    const split = splitUrl(url);
    if (split === undefined) return this.#parameters.on_no_url === "allow";
    if (this.#file?.denies(robotsPath(split.target), this.#parameters.modes) === true) {
      this.#lines.add(this.#file, split.target);
      return false;
    }
    return !this.#byState;
  }
}
