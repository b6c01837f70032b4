/**
 * Consent asked again of documents that are in: which of them have to go, and by what evidence. The verdicts are those of the filter
 * (consent.ts), which the tests hold it to; it makes no annotations, and so neither strings nor objects for the documents that stay.
 */
import type { EvidenceBlob, Verdict } from "../../corpus/index.js";
import { type BytesColumn, type NumberColumn, rowsOf } from "../../formats/index.js";
import type { Asset } from "../filter.js";
import type { Authority } from "./authority.js";
import { type CompiledBody, Consultation, compiledOctets } from "./consultation.js";
import type { Answer, RobotsEngine } from "./engine.js";
import { answerRows } from "./native-robots.js";
import type { ConsentParameters } from "./parameters.js";
import type { Consulted } from "./policy.js";
import { type SplitColumn, splitColumn } from "./split-column.js";

export type Dropped = Extract<Verdict, { readonly keep: false }>;

export interface ReviewResult {
  /** Rows that have to go, ascending. Rows of one site that the same lines forbid share their verdict. */
  readonly dropped: readonly { readonly row: number; readonly verdict: Dropped }[];
  /** The robots.txt files that these verdicts rest on. */
  readonly blobs: readonly EvidenceBlob[];
}

/** What speaks for rows of one authority. */
interface Speaker {
  readonly authority: Authority;
  readonly consulted: Consulted | undefined;
  readonly body: CompiledBody | undefined;
  /** Of the rows that no line of a file forbids. */
  readonly otherwise: Verdict;
}

export class ConsentReview {
  readonly #consultation: Consultation;
  readonly #withoutUrl: Verdict;

  /** For every policy but `ever`, under which several captures speak for a page. */
  constructor(
    readonly parameters: ConsentParameters,
    assets: readonly Asset[],
  ) {
    if (parameters.policy === "ever") throw new RangeError("under the policy ever a page has several captures");
    this.#consultation = new Consultation(parameters, assets);
    this.#withoutUrl = this.#consultation.withoutUrl();
  }

  /** @param capturedAt of the pages, milliseconds UTC; only the policy `at-capture` asks for it */
  review(urls: BytesColumn, capturedAt?: NumberColumn): ReviewResult {
    const split = splitColumn(urls);
    const dropped: ReviewResult["dropped"][number][] = [];
    const blobs = new Map<string, EvidenceBlob>();
    for (let first = 0; first < rowsOf(urls); ) {
      const some = this.#questions(split, capturedAt, first);
      const { end, files, fileOf, speakers, speakerOf } = some;
      const { offsets, values } = split.targets;
      const targets = { values, offsets: offsets.subarray(first, end + 1) };
      const answers = answerRows(files, fileOf, targets, this.parameters.modes);
      for (let i = 0; i < end - first; i++) {
        const speaker = speakers[speakerOf[i] ?? -1];
        const verdict =
          speaker === undefined
            ? this.#withoutUrl
            : answers.denies(i)
              ? this.#refused(speaker, answers.answer(i))
              : speaker.otherwise;
        if (verdict.keep) continue;
        dropped.push({ row: first + i, verdict });
        const blob = speaker?.body?.blob;
        if (blob !== undefined) blobs.set(blob.sha256, blob);
      }
      first = end;
    }
    return { dropped, blobs: [...blobs.values()] };
  }

  close(): void {
    this.#consultation.close();
  }

  #refused({ authority, consulted, body, otherwise }: Speaker, answer: Answer): Verdict {
    return consulted === undefined ? otherwise : this.#consultation.verdict(authority, consulted, body, answer);
  }

  /** What is to be asked of which file, for rows from `first` to `end`: as many as there is memory for their files. */
  #questions({ authorities, authorityOf }: SplitColumn, capturedAt: NumberColumn | undefined, first: number) {
    const files: RobotsEngine[] = [];
    const numbers = new Map<RobotsEngine, number>();
    const speakers: Speaker[] = [];
    const most = authorityOf.length - first;
    const speakerOf = new Int32Array(most).fill(-1);
    const fileOf = new Int32Array(most).fill(-1);
    const timed = this.parameters.policy === "at-capture";
    let cost = 0;
    let end = first;
    // Of the row before: rows of a site stand together.
    let last = -1;
    let lastConsulted: Consulted | undefined;
    let lastFile = -1;
    for (; end < authorityOf.length && cost < compiledOctets; end++) {
      const at = authorityOf[end] ?? -1;
      const authority = authorities[at];
      if (authority === undefined) continue;
      if (at !== last || timed) {
        const [consulted] = this.#consultation.consult(authority, capturedAt?.values[end] ?? Number.NaN);
        if (at !== last || consulted !== lastConsulted) {
          const speaker = this.#speaker(authority, consulted);
          speakers.push(speaker);
          const file = speaker.body?.file;
          lastFile = file === undefined ? -1 : (numbers.get(file) ?? files.push(file) - 1);
          if (file !== undefined && !numbers.has(file)) {
            numbers.set(file, lastFile);
            cost += file.cost;
          }
        }
        last = at;
        lastConsulted = consulted;
      }
      speakerOf[end - first] = speakers.length - 1;
      fileOf[end - first] = lastFile;
    }
    return { end, files, fileOf: fileOf.subarray(0, end - first), speakers, speakerOf };
  }

  #speaker(authority: Authority, consulted: Consulted | undefined): Speaker {
    const consultation = this.#consultation;
    return {
      authority,
      consulted,
      body: consulted === undefined ? undefined : consultation.compiled(consulted.capture),
      otherwise:
        consulted === undefined
          ? consultation.withoutCapture(authority)
          : consultation.verdict(authority, consulted, undefined, undefined),
    };
  }
}
