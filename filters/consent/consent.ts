/** Opens the consent filter in a worker: finds the capture that speaks for each page, and asks it for every agent at once. */
import { drop, type EvidenceBlob, KEEP, type Verdict } from "../../corpus/index.js";
import { BytesBuilder, stringAt } from "../../formats/index.js";
import type { Asset, BatchResult, OpenFilter } from "../filter.js";
import { eitherBits, formatVector } from "./agents.js";
import type { ArchivedCapture } from "./archive.js";
import { type Authority, splitUrl } from "./authority.js";
import { type CompiledBody, Consultation, compiledOctets } from "./consultation.js";
import type { Answer, RobotsEngine } from "./engine.js";
import { answerAll, type Question } from "./native-robots.js";
import type { ConsentParameters } from "./parameters.js";
import type { Consulted } from "./policy.js";
import { hasRules } from "./speakers.js";

/** Questions to files, put in order and answered together; `answers` are theirs in that order, once they are answered. */
class Questions {
  readonly #asked: Question[] = [];
  readonly #files = new Set<RobotsEngine>();
  /** Of the files that are asked, in octets. */
  cost = 0;
  answers: readonly Answer[] = [];

  ask(file: RobotsEngine, target: string): number {
    if (!this.#files.has(file)) {
      this.#files.add(file);
      this.cost += file.cost;
    }
    return this.#asked.push({ file, target }) - 1;
  }

  answer(): void {
    this.answers = answerAll(this.#asked);
  }
}

/** What the filter says of one page. */
interface PageConsent {
  readonly verdict: Verdict;
  /** SHA-256 of the body that spoke, or the state. */
  readonly robots: string;
  readonly robotsAt: number;
  readonly vector: string;
  readonly blobs: readonly EvidenceBlob[];
}

export class OpenConsent implements OpenFilter {
  readonly #consultation: Consultation;

  constructor(
    private readonly parameters: ConsentParameters,
    assets: readonly Asset[],
  ) {
    this.#consultation = new Consultation(parameters, assets);
  }

  process(batch: Parameters<OpenFilter["process"]>[0]): BatchResult {
    const urls = batch.bytes("url");
    const capturedAt = batch.numbers("captured_at").values;
    const verdicts: Verdict[] = [];
    const robots = new BytesBuilder("utf8", batch.rows * 64);
    const vectors = new BytesBuilder("utf8", batch.rows * 64);
    const robotsAt = new Float64Array(batch.rows);
    const blobs = new Map<string, EvidenceBlob>();
    let questions = new Questions();
    let pending: (() => PageConsent)[] = [];
    for (let row = 0; row < batch.rows; row++) {
      pending.push(this.#page(stringAt(urls, row), capturedAt[row] ?? Number.NaN, questions));
      // The files that wait for their questions are held in memory; the cache bounds only those that it keeps.
      if (row + 1 < batch.rows && questions.cost < compiledOctets) continue;
      questions.answer();
      for (const answered of pending) {
        const page = answered();
        robotsAt[verdicts.push(page.verdict) - 1] = page.robotsAt;
        robots.appendString(page.robots);
        vectors.appendString(page.vector);
        for (const blob of page.blobs) blobs.set(blob.sha256, blob);
      }
      questions = new Questions();
      pending = [];
    }
    return {
      verdicts,
      columns: {
        consent_robots: robots.finish(),
        consent_robots_at: { type: "timestamp", values: robotsAt },
        consent_vector: vectors.finish(),
      },
      blobs: [...blobs.values()],
    };
  }

  close(): void {
    this.#consultation.close();
  }

  /** Puts the page's questions; the function gives what is said of it, once they are answered. */
  #page(url: string, capturedAt: number, questions: Questions): () => PageConsent {
    const split = splitUrl(url);
    if (split === undefined) {
      const verdict = this.#consultation.withoutUrl();
      return () => ({ verdict, robots: "no-url", robotsAt: Number.NaN, vector: "", blobs: [] });
    }
    const { authority, target } = split;
    const consulted = this.#consultation.consult(authority, capturedAt);
    const [newest] = consulted;
    if (newest === undefined) {
      const verdict = this.#consultation.withoutCapture(authority);
      return () => ({ verdict, robots: "no-capture", robotsAt: Number.NaN, vector: "", blobs: [] });
    }
    return this.parameters.policy === "ever"
      ? this.#everCaptured(authority, target, consulted, questions)
      : this.#oneCapture(authority, target, newest, questions);
  }

  #oneCapture(authority: Authority, target: string, consulted: Consulted, questions: Questions): () => PageConsent {
    const { capture } = consulted;
    const body = this.#consultation.compiled(capture);
    const question = body === undefined ? -1 : questions.ask(body.file, target);
    return () => {
      const answer = questions.answers[question];
      return {
        verdict: this.#consultation.verdict(authority, consulted, body, answer),
        robots: nameOf(capture),
        robotsAt: capture.capturedAt,
        vector: answer === undefined ? "" : formatVector(this.#consultation.profile, answer.bits),
        blobs: body === undefined ? [] : [body.blob],
      };
    };
  }

  /** Every capture speaks: the newest that forbids decides; the vector says what any of them disallows. */
  #everCaptured(authority: Authority, target: string, all: readonly Consulted[], questions: Questions): () => PageConsent {
    const bodies = new Map<string, { readonly body: CompiledBody; readonly question: number }>();
    for (const { capture } of all) {
      if (!hasRules(capture) || bodies.has(capture.sha256)) continue;
      const body = this.#consultation.compiled(capture);
      if (body !== undefined) bodies.set(capture.sha256, { body, question: questions.ask(body.file, target) });
    }
    return () => {
      let vector: Answer["bits"] | undefined;
      for (const { question } of bodies.values()) {
        const bits = questions.answers[question]?.bits;
        if (bits !== undefined) vector = vector === undefined ? bits : eitherBits(vector, bits);
      }
      let speaker: Consulted | undefined;
      let forbidding: Verdict | undefined;
      let forbids = 0;
      for (const consulted of all) {
        const asked = hasRules(consulted.capture) ? bodies.get(consulted.capture.sha256) : undefined;
        const answer = asked === undefined ? undefined : questions.answers[asked.question];
        if (asked !== undefined) speaker ??= consulted;
        if (!this.#consultation.forbids(consulted, answer)) continue;
        forbids++;
        if (forbidding !== undefined) continue;
        forbidding = this.#consultation.verdict(authority, consulted, asked?.body, answer);
        speaker = consulted;
      }
      const verdict =
        forbidding === undefined || forbidding.keep
          ? KEEP
          : drop(forbidding.rule, { ...forbidding.evidence, captures: all.length, captures_disallowing: forbids });
      const named = speaker ?? all[0];
      return {
        verdict,
        robots: named === undefined ? "no-capture" : nameOf(named.capture),
        robotsAt: named?.capture.capturedAt ?? Number.NaN,
        vector: vector === undefined ? "" : formatVector(this.#consultation.profile, vector),
        blobs: Array.from(bodies.values(), ({ body }) => body.blob),
      };
    };
  }
}

/** What the column consent_robots says of a capture. */
function nameOf(capture: ArchivedCapture): string {
  return hasRules(capture) ? capture.sha256 : capture.state;
}
