/**
 * What a robots archive says of pages under a policy: which captures speak for an authority, their files made ready for the profile,
 * and the verdict with its evidence. What is looked up or made once is shared by the pages of a site.
 */
import { drop, type Evidence, type EvidenceBlob, KEEP, type Verdict } from "../../corpus/index.js";
import type { Asset } from "../filter.js";
import { type AgentProfile, inlineProfile, readProfile, recordedProfile } from "./agents.js";
import { type ArchivedCapture, RobotsArchive } from "./archive.js";
import type { Authority } from "./authority.js";
import { BoundedCache } from "./bounded-cache.js";
import type { Answer, RobotsEngine } from "./engine.js";
import { captureEvidence, decisionEvidence, type PolicyInForce, policyEvidence, profileEvidence } from "./evidence.js";
import { RobotsCompiler } from "./native-robots.js";
import { type ConsentParameters, meaningsOf } from "./parameters.js";
import { type Consulted, type StateMeanings, stateRules } from "./policy.js";
import { hasRules, Speakers } from "./speakers.js";

export interface CompiledBody {
  readonly file: RobotsEngine;
  readonly blob: EvidenceBlob;
}

/** 64 MiB of compiled files. */
export const compiledOctets = 64 * 1024 * 1024;
/** Verdicts of one capture that are shared. */
const sharedVerdicts = 64;

export class Consultation {
  readonly profile: AgentProfile;
  readonly #archive: RobotsArchive | undefined;
  readonly #compiler: RobotsCompiler;
  readonly #meanings: StateMeanings;
  readonly #policy: PolicyInForce;
  readonly #bodies = new BoundedCache<string, CompiledBody>(compiledOctets);
  readonly #speakers: Speakers;
  /** Pages of a site that the same lines forbid share their verdict. */
  readonly #verdicts = new WeakMap<Consulted, Map<string, Verdict>>();

  constructor(
    readonly parameters: ConsentParameters,
    assets: readonly Asset[],
  ) {
    const { agents, policy, as_of, modes, states } = parameters;
    const assetOf = (wanted: string): Asset | undefined => assets.find(({ name }) => name === wanted);
    const profile = assetOf("agent-profile");
    if (profile === undefined) this.profile = inlineProfile(typeof agents === "string" ? [agents] : agents);
    else this.profile = profile.path === "" ? recordedProfile(profile) : readProfile(profile.path);
    this.#compiler = new RobotsCompiler(this.profile.agents);
    const archive = assetOf("robots-archive");
    this.#archive = archive === undefined ? undefined : new RobotsArchive(archive.path);
    this.#meanings = meaningsOf(states);
    this.#policy = { policy, modes, ...(policy === "as-of" ? { as_of } : {}) };
    this.#speakers = new Speakers(this.#archive, parameters);
  }

  close(): void {
    this.#archive?.close();
  }

  /**
   * The captures that speak for a page of this authority, the newest first; one at most unless the policy is `ever`.
   *
   * @param capturedAt of the page, in milliseconds UTC; NaN where it is not known. Only `at-capture` asks for it.
   */
  consult(authority: Authority, capturedAt: number): readonly Consulted[] {
    return this.#speakers.of(authority, capturedAt);
  }

  /** The capture's file made ready for the profile; undefined where its state has no rules. */
  compiled(capture: ArchivedCapture): CompiledBody | undefined {
    if (!hasRules(capture)) return undefined;
    let body = this.#bodies.get(capture.sha256);
    if (body === undefined) {
      const bytes = this.#archive?.body(capture) ?? new Uint8Array(0);
      const file = this.#compiler.compile(bytes);
      body = { file, blob: { sha256: capture.sha256, bytes, media_type: "text/plain" } };
      this.#bodies.set(capture.sha256, body, file.cost + bytes.length);
    }
    return body;
  }

  /** @param answer of the capture's file; undefined where its state has no rules */
  verdict(authority: Authority, consulted: Consulted, body: CompiledBody | undefined, answer: Answer | undefined): Verdict {
    if (body !== undefined && answer !== undefined && this.disallows(answer)) {
      const key = `${authority} ${body.file.decidingLines(answer)}`;
      const known = this.#verdicts.get(consulted) ?? new Map<string, Verdict>();
      const verdict =
        known.get(key) ??
        drop("robots-disallow", {
          ...policyEvidence(this.#policy),
          ...profileEvidence(this.profile),
          ...captureEvidence(authority, consulted),
          ...decisionEvidence(body.file, answer, this.#policy.modes),
        });
      if (known.size < sharedVerdicts) this.#verdicts.set(consulted, known.set(key, verdict));
      return verdict;
    }
    const { state } = consulted.capture;
    return state === "rules" ? KEEP : this.#byState(state, () => captureEvidence(authority, consulted));
  }

  withoutCapture(authority: Authority): Verdict {
    return this.#byState("no-capture", () => captureEvidence(authority, undefined));
  }

  /** Of a page whose address is none. */
  withoutUrl(): Verdict {
    return this.parameters.on_no_url === "allow" ? KEEP : drop("no-url", policyEvidence(this.#policy));
  }

  forbids({ capture: { state } }: Consulted, answer: Answer | undefined): boolean {
    return (answer !== undefined && this.disallows(answer)) || (state !== "rules" && this.#meanings[state] === "deny");
  }

  disallows(answer: Answer): boolean {
    return this.#policy.modes.some((mode) => answer.denied[mode]);
  }

  #byState(state: keyof typeof stateRules, evidence: () => Evidence): Verdict {
    return this.#meanings[state] === "allow"
      ? KEEP
      : drop(stateRules[state], { ...policyEvidence(this.#policy), ...evidence() });
  }
}
