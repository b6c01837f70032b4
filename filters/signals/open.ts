/** Opens the signals filter in a worker: gathers what the site's files and the page state, decides, and keeps the statements. */
import { type Batch, drop, type Evidence, type EvidenceBlob, KEEP, type Verdict } from "../../corpus/index.js";
import { BytesBuilder, stringAt } from "../../formats/index.js";
import { type AgentProfile, inlineProfile, readProfile } from "../consent/agents.js";
import { RobotsArchive } from "../consent/archive.js";
import { type SplitUrl, splitUrl } from "../consent/authority.js";
import { BoundedCache } from "../consent/bounded-cache.js";
import { captureEvidence, profileEvidence } from "../consent/evidence.js";
import type { Consulted } from "../consent/policy.js";
import { hasRules, Speakers } from "../consent/speakers.js";
import type { Asset, BatchResult, OpenFilter } from "../filter.js";
import { conflictsOf, decideSignals, type SignalsPolicy } from "./decide.js";
import { readPageSignals } from "./page-signals.js";
import type { SignalsParameters } from "./parameters.js";
import { RobotsSignals } from "./robots-signals.js";
import { quote, type Said } from "./statement.js";
import { fitSignals, formatSignals, packed, type Sources } from "./stored.js";
import { TdmFile } from "./tdmrep.js";

/** A file that says something of paths. */
interface SpeakingFile {
  readonly cost: number;
  /** It states nothing of any path. */
  readonly silent: boolean;
  statements(target: string): Said;
}

/** What one of a site's files states of a page, and the capture that it stands in. */
interface Heard extends Said {
  readonly consulted: Consulted;
  readonly blob: EvidenceBlob;
}

/** Octets of files that are kept ready, for each kind of file. */
const readyOctets = 32 * 1024 * 1024;
/** Statements that a drop quotes of those that led to it, and of the others. */
const quoted = 4;

export class OpenSignals implements OpenFilter {
  readonly #profile: AgentProfile;
  readonly #policy: SignalsPolicy;
  readonly #files: readonly SiteFiles[];

  constructor(
    private readonly parameters: SignalsParameters,
    assets: readonly Asset[],
  ) {
    const pathOf = (name: string): string | undefined => assets.find((asset) => asset.name === name)?.path;
    const { agents } = parameters;
    const profile = pathOf("agent-profile");
    this.#profile =
      profile === undefined ? inlineProfile(typeof agents === "string" ? [agents] : agents) : readProfile(profile);
    this.#policy = { ...parameters, agents: this.#profile.agents };
    const names = this.#profile.agents;
    this.#files = [
      new SiteFiles(pathOf("robots-archive"), parameters, "text/plain", (bytes) => new RobotsSignals(bytes, names)),
      new SiteFiles(pathOf("tdmrep-archive"), parameters, "application/json", tdmFile),
    ];
  }

  process(batch: Batch): BatchResult {
    const urls = batch.bytes("url");
    const heads = batch.bytes("head_signals");
    const capturedAt = batch.numbers("captured_at").values;
    const verdicts: Verdict[] = [];
    const stored = new BytesBuilder("utf8", batch.rows * 16);
    const conflicting = new BytesBuilder("utf8", batch.rows);
    const blobs = new Map<string, EvidenceBlob>();
    for (let row = 0; row < batch.rows; row++) {
      const split = splitUrl(stringAt(urls, row));
      const heard = split === undefined ? [] : this.#files.flatMap((files) => files.hear(split, capturedAt[row] ?? Number.NaN));
      const { verdict, column, conflicts } = this.#decide(split, heard, stringAt(heads, row));
      verdicts.push(verdict);
      stored.appendString(column);
      conflicting.appendString(conflicts.join(" "));
      for (const { blob } of heard) blobs.set(blob.sha256, blob);
    }
    return {
      verdicts,
      columns: { signals: stored.finish(), signals_conflict: conflicting.finish() },
      blobs: [...blobs.values()],
    };
  }

  close(): void {
    for (const files of this.#files) files.close();
  }

  #decide(
    split: SplitUrl | undefined,
    heard: readonly Heard[],
    head: string,
  ): { readonly verdict: Verdict; readonly column: string; readonly conflicts: readonly string[] } {
    const page = readPageSignals(head);
    const complete = page.complete && heard.every((said) => said.complete);
    const all = [...heard.flatMap(({ statements }) => statements), ...page.statements];
    if (all.length === 0 && complete) return { verdict: KEEP, column: "", conflicts: [] };
    const decision = decideSignals(all, this.#policy);
    const conflicts = conflictsOf(all);
    const kept = fitSignals(all, decision?.statements ?? [], complete, sourcesOf(heard));
    const column = formatSignals(kept);
    if (decision === undefined) return { verdict: KEEP, column, conflicts };
    const leading = new Set(decision.statements);
    const others = all.filter((statement) => !leading.has(statement));
    const { policy, as_of } = this.parameters;
    const evidence: Evidence = {
      policy,
      ...(policy === "as-of" ? { as_of } : {}),
      ...profileEvidence(this.#profile),
      denied_by: decision.statements.slice(0, quoted).map(packed),
      denied_by_more: Math.max(0, decision.statements.length - quoted),
      others: others.slice(0, quoted).map(packed),
      others_more: Math.max(0, others.length - quoted),
      conflicts,
      files: heard.map(({ consulted }) => captureEvidence(split?.authority ?? "", consulted)),
    };
    return { verdict: drop(decision.rule, evidence), column, conflicts };
  }
}

/** One kind of file of all sites: its captures, those that speak, and what they state. */
class SiteFiles {
  readonly #archive: RobotsArchive | undefined;
  readonly #speakers: Speakers;
  readonly #ready = new BoundedCache<string, { readonly file: SpeakingFile; readonly blob: EvidenceBlob }>(readyOctets);

  constructor(
    path: string | undefined,
    parameters: SignalsParameters,
    private readonly mediaType: string,
    private readonly read: (bytes: Uint8Array) => SpeakingFile,
  ) {
    this.#archive = path === undefined ? undefined : new RobotsArchive(path);
    this.#speakers = new Speakers(this.#archive, parameters);
  }

  /** The captures that state something of the page; the newest first. */
  hear({ authority, target }: SplitUrl, capturedAt: number): readonly Heard[] {
    const heard: Heard[] = [];
    const asked = new Set<string>();
    for (const consulted of this.#speakers.of(authority, capturedAt)) {
      const { capture } = consulted;
      if (!hasRules(capture) || asked.has(capture.sha256)) continue;
      asked.add(capture.sha256);
      let ready = this.#ready.get(capture.sha256);
      if (ready === undefined) {
        const bytes = this.#archive?.body(capture) ?? new Uint8Array(0);
        const file = this.read(bytes);
        // Nobody asks for the bytes of a file that says nothing.
        const kept = file.silent ? bytes.slice(0, 0) : bytes;
        ready = { file, blob: { sha256: capture.sha256, bytes: kept, media_type: this.mediaType } };
        this.#ready.set(capture.sha256, ready, file.cost + kept.length);
      }
      const said = ready.file.statements(target);
      if (said.statements.length > 0) heard.push({ ...said, consulted, blob: ready.blob });
    }
    return heard;
  }

  close(): void {
    this.#archive?.close();
  }
}

function tdmFile(bytes: Uint8Array): SpeakingFile {
  const file = new TdmFile(bytes);
  return {
    cost: file.cost,
    silent: false,
    statements(target) {
      const common = { signal: "tdmrep", location: "tdmrep.json", scope: "*", category: "mine" } as const;
      if (!file.readable) {
        return { statements: [{ ...common, value: "unknown", where: "the file", raw: "it is no JSON array" }], complete: true };
      }
      const entry = file.match(target);
      if (entry === undefined) return { statements: [], complete: true };
      const { number, location, value, policy } = entry;
      const raw = `${location} tdm-reservation=${value === "deny" ? 1 : value === "allow" ? 0 : "?"}`;
      const where = `entry ${number}`;
      const reservation = { ...common, value, where, raw: quote(raw) };
      const named = policy === "" ? [] : [{ ...common, value: "unknown", where, raw: quote(policy) } as const];
      return { statements: [reservation, ...named], complete: true };
    },
  };
}

/** The newest capture of each location that states something. */
function sourcesOf(heard: readonly Heard[]): Sources {
  const sources: Record<string, Sources[string]> = {};
  for (const { statements, consulted, blob } of heard) {
    const location = statements[0]?.location ?? "";
    sources[location] ??= { sha256: blob.sha256, captured_at: new Date(consulted.capture.capturedAt).toISOString() };
  }
  return sources;
}
