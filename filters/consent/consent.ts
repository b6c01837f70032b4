/** Opens the consent filter in a worker: finds the capture that speaks for each page, and asks it for every agent at once. */
import { drop, type Evidence, type EvidenceBlob, KEEP, type Verdict } from "../../corpus/index.js";
import { BytesBuilder, stringAt } from "../../formats/index.js";
import type { Asset, BatchResult, OpenFilter } from "../filter.js";
import { type AgentProfile, eitherBits, formatVector, inlineProfile, readProfile } from "./agents.js";
import { type ArchivedCapture, RobotsArchive } from "./archive.js";
import { type Authority, candidatesOf, splitUrl } from "./authority.js";
import { BoundedCache } from "./bounded-cache.js";
import { captureEvidence, decisionEvidence, type PolicyInForce, policyEvidence, profileEvidence } from "./evidence.js";
import { type ConsentParameters, endOfDay, meaningsOf } from "./parameters.js";
import { type Consulted, everyOf, newestOf, stateRules } from "./policy.js";
import { decidingLines, type RobotsAnswer, RobotsFile } from "./robots-file.js";

interface CompiledBody {
  readonly file: RobotsFile;
  readonly blob: EvidenceBlob;
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

/** 64 MiB of compiled files, and what was looked up for the last authorities. */
const compiledOctets = 64 * 1024 * 1024;
const remembered = 4096;

export class OpenConsent implements OpenFilter {
  readonly #archive: RobotsArchive | undefined;
  readonly #profile: AgentProfile;
  readonly #meanings;
  readonly #policy: PolicyInForce;
  readonly #cutoff: number;
  readonly #bodies = new BoundedCache<string, CompiledBody>(compiledOctets);
  readonly #consulted = new BoundedCache<string, readonly Consulted[]>(remembered);
  /** Pages of a site that the same lines forbid share their verdict. */
  readonly #verdicts = new WeakMap<Consulted, Map<string, Verdict>>();

  constructor(
    private readonly parameters: ConsentParameters,
    assets: readonly Asset[],
  ) {
    const pathOf = (name: string): string | undefined => assets.find((asset) => asset.name === name)?.path;
    const profile = pathOf("agent-profile");
    const { agents, policy, as_of, modes, states } = parameters;
    this.#profile =
      profile === undefined ? inlineProfile(typeof agents === "string" ? [agents] : agents) : readProfile(profile);
    const archive = pathOf("robots-archive");
    this.#archive = archive === undefined ? undefined : new RobotsArchive(archive);
    this.#meanings = meaningsOf(states);
    this.#policy = { policy, modes, ...(policy === "as-of" ? { as_of } : {}) };
    this.#cutoff = (policy === "as-of" ? endOfDay(as_of) : undefined) ?? Number.POSITIVE_INFINITY;
  }

  process(batch: Parameters<OpenFilter["process"]>[0]): BatchResult {
    const urls = batch.bytes("url");
    const capturedAt = batch.numbers("captured_at").values;
    const verdicts: Verdict[] = [];
    const robots = new BytesBuilder("utf8", batch.rows * 64);
    const vectors = new BytesBuilder("utf8", batch.rows * 64);
    const robotsAt = new Float64Array(batch.rows);
    const blobs = new Map<string, EvidenceBlob>();
    for (let row = 0; row < batch.rows; row++) {
      const page = this.#page(stringAt(urls, row), capturedAt[row] ?? Number.NaN);
      verdicts.push(page.verdict);
      robots.appendString(page.robots);
      vectors.appendString(page.vector);
      robotsAt[row] = page.robotsAt;
      for (const blob of page.blobs) blobs.set(blob.sha256, blob);
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
    this.#archive?.close();
  }

  #page(url: string, capturedAt: number): PageConsent {
    const split = splitUrl(url);
    if (split === undefined) {
      const verdict = this.parameters.on_no_url === "allow" ? KEEP : drop("no-url", policyEvidence(this.#policy));
      return { verdict, robots: "no-url", robotsAt: Number.NaN, vector: "", blobs: [] };
    }
    const { authority, target } = split;
    const consulted = this.#consult(authority, capturedAt);
    const [newest] = consulted;
    if (newest === undefined) {
      const verdict = this.#byState("no-capture", () => captureEvidence(authority, undefined));
      return { verdict, robots: "no-capture", robotsAt: Number.NaN, vector: "", blobs: [] };
    }
    return this.parameters.policy === "ever"
      ? this.#everCaptured(authority, target, consulted)
      : this.#oneCapture(authority, target, newest);
  }

  #oneCapture(authority: Authority, target: string, consulted: Consulted): PageConsent {
    const { capture } = consulted;
    const body = this.#compiled(capture);
    const answer = body?.file.answer(target);
    return {
      verdict: this.#verdict(authority, consulted, body, answer),
      robots: nameOf(capture),
      robotsAt: capture.capturedAt,
      vector: answer === undefined ? "" : formatVector(this.#profile, answer.bits),
      blobs: body === undefined ? [] : [body.blob],
    };
  }

  /** Every capture speaks: the newest that forbids decides; the vector says what any of them disallows. */
  #everCaptured(authority: Authority, target: string, all: readonly Consulted[]): PageConsent {
    const blobs = new Map<string, EvidenceBlob>();
    const answers = new Map<string, RobotsAnswer>();
    let vector: RobotsAnswer["bits"] | undefined;
    let speaker: Consulted | undefined;
    let forbidding: Verdict | undefined;
    let forbids = 0;
    for (const consulted of all) {
      const body = this.#compiled(consulted.capture);
      let answer: RobotsAnswer | undefined;
      if (body !== undefined) {
        const { sha256 } = body.blob;
        blobs.set(sha256, body.blob);
        answer = answers.get(sha256) ?? body.file.answer(target);
        if (!answers.has(sha256)) vector = vector === undefined ? answer.bits : eitherBits(vector, answer.bits);
        answers.set(sha256, answer);
        speaker ??= consulted;
      }
      if (!this.#forbids(consulted, answer)) continue;
      forbids++;
      if (forbidding !== undefined) continue;
      forbidding = this.#verdict(authority, consulted, body, answer);
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
      vector: vector === undefined ? "" : formatVector(this.#profile, vector),
      blobs: [...blobs.values()],
    };
  }

  #verdict(
    authority: Authority,
    consulted: Consulted,
    body: CompiledBody | undefined,
    answer: RobotsAnswer | undefined,
  ): Verdict {
    if (body !== undefined && answer !== undefined && this.#disallows(answer)) {
      const key = `${authority} ${decidingLines(answer)}`;
      const known = this.#verdicts.get(consulted) ?? new Map<string, Verdict>();
      const verdict =
        known.get(key) ??
        drop("robots-disallow", {
          ...policyEvidence(this.#policy),
          ...profileEvidence(this.#profile),
          ...captureEvidence(authority, consulted),
          ...decisionEvidence(body.file, answer, this.#policy.modes),
        });
      if (known.size < 64) this.#verdicts.set(consulted, known.set(key, verdict));
      return verdict;
    }
    const { state } = consulted.capture;
    return state === "rules" ? KEEP : this.#byState(state, () => captureEvidence(authority, consulted));
  }

  #byState(state: keyof typeof stateRules, evidence: () => Evidence): Verdict {
    return this.#meanings[state] === "allow"
      ? KEEP
      : drop(stateRules[state], { ...policyEvidence(this.#policy), ...evidence() });
  }

  #forbids({ capture: { state } }: Consulted, answer: RobotsAnswer | undefined): boolean {
    return (answer !== undefined && this.#disallows(answer)) || (state !== "rules" && this.#meanings[state] === "deny");
  }

  #disallows(answer: RobotsAnswer): boolean {
    return this.#policy.modes.some((mode) => answer.denied[mode]);
  }

  /** The captures that speak for a page of this authority, the newest first. */
  #consult(authority: Authority, capturedAt: number): readonly Consulted[] {
    const { policy, fallback, prefer } = this.parameters;
    const notAfter = policy === "at-capture" && !Number.isNaN(capturedAt) ? capturedAt : this.#cutoff;
    const key = `${authority} ${notAfter}`;
    let found = this.#consulted.get(key);
    if (found === undefined) {
      const candidates = candidatesOf(authority, fallback);
      if (this.#archive === undefined) found = [];
      else if (policy === "ever") found = everyOf(this.#archive, candidates);
      else {
        const newest = newestOf(this.#archive, candidates, notAfter, prefer);
        found = newest === undefined ? [] : [newest];
      }
      this.#consulted.set(key, found, 1 + found.length / 16);
    }
    return found;
  }

  /** The capture's file made ready for the profile; undefined where its state has no rules. */
  #compiled(capture: ArchivedCapture): CompiledBody | undefined {
    if (!hasRules(capture)) return undefined;
    let body = this.#bodies.get(capture.sha256);
    if (body === undefined) {
      const bytes = this.#archive?.body(capture) ?? new Uint8Array(0);
      const file = new RobotsFile(bytes, this.#profile.agents);
      body = { file, blob: { sha256: capture.sha256, bytes, media_type: "text/plain" } };
      this.#bodies.set(capture.sha256, body, file.cost + bytes.length);
    }
    return body;
  }
}

function hasRules(capture: ArchivedCapture): capture is ArchivedCapture & { readonly sha256: string } {
  return (capture.state === "rules" || capture.state === "truncated") && capture.sha256 !== undefined;
}

/** What the column consent_robots says of a capture. */
function nameOf(capture: ArchivedCapture): string {
  return hasRules(capture) ? capture.sha256 : capture.state;
}
