/**
 * Makes the owner's report: "Is my site in your training data? Why? Prove it." One pass over the subject's rows, a page at a time;
 * what grows with the number of pages is counted, streamed to whoever wants every page, or cut at a limit that the report names.
 */
import { readFileSync } from "node:fs";
import { type CorpusFolder, hostKey, type Manifest, openManifest, parseUrl, sha256 } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { Hindsight, type PageInHindsight, splitUrl } from "../../filters/index.js";
import { CapturedFiles } from "./captured-files.js";
import { type ConsentStage, confirmDecision, defaultConsent, openConsentStage, rereading } from "./consent-stage.js";
import { type Decisions, readDecisions } from "./decisions.js";
import type { CorpusFacts, Decision, OwnerReport, Page, Summary, Unreadable } from "./model.js";
import { PolicyTallies } from "./policies.js";
import { instant, isRetracted, type ReportedPage, redactionsOf, reportedPage } from "./reported-page.js";
import { Retractions } from "./retractions.js";
import { type Cells, type PageRow, SubjectRows } from "./rows.js";
import { SiteTallies } from "./sites.js";
import { type Asked, parseSubject } from "./subject.js";
import { readRobotsFile, WhatIfTally } from "./what-if.js";

export interface OwnerReportOptions {
  /** A host, or the address of a page. */
  readonly asked: string;
  /** The host alone, without its sub-domains. */
  readonly exact?: boolean;
  /** A version of the corpus; the newest unless it is given. */
  readonly version?: number;
  /** Who sends the report and where to answer. */
  readonly contact?: string;
  /** At most so many pages are listed in the report; all of them are counted. */
  readonly limit: number;
  /** Path of a robots.txt to try on the pages. */
  readonly whatIf?: string;
  /** Is given every page, in order, while the report is made. */
  readonly onPage?: (page: ReportedPage) => void;
}

/** Unreadable places and inputs that are listed. */
const shownUnreadable = 1000;
const shownInputs = 1000;

/**
 * @throws DataError SUBJECT_INVALID, SUBJECT_IS_SUFFIX, CORPUS_NOT_FOUND, CORPUS_DAMAGED, VERSION_NOT_FOUND, DECISION_DIFFERS, and
 * what reading the what-if file throws
 */
export async function makeOwnerReport(corpus: CorpusFolder, options: OwnerReportOptions): Promise<OwnerReport> {
  const asked = parseSubject(options.asked, options.exact);
  const manifest = openManifest(corpus);
  const draft = options.whatIf === undefined ? undefined : readRobotsFile(options.whatIf);
  const retractions = Retractions.open(corpus, manifest, options.version);
  const consent = openConsentStage(corpus, manifest);
  try {
    const rows = await SubjectRows.open(corpus, manifest, asked, retractions.chain());
    try {
      return await new Report(corpus, manifest, asked, retractions, consent, rows).make(options, draft);
    } finally {
      rows.close();
    }
  } finally {
    consent?.archive?.close();
  }
}

/** A page that is listed, and what its decision is found by. */
interface Listed {
  readonly page: ReportedPage;
  /** The version that took it away. */
  readonly retractedIn: number | undefined;
}

class Report {
  readonly #hindsight: Hindsight | undefined;
  readonly #totals = { read: 0, in: 0, out: 0, unreadable: 0, retracted: 0, tokens: 0, text_bytes: 0 };
  #differing = 0;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  readonly #languages = new Map<string, { pages: number; tokens: number }>();
  readonly #redactions = new Map<string, { pages: number; redactions: number }>();

  constructor(
    private readonly corpus: CorpusFolder,
    private readonly manifest: Manifest,
    private readonly asked: Asked,
    private readonly retractions: Retractions,
    private readonly consent: ConsentStage | undefined,
    private readonly rows: SubjectRows,
  ) {
    if (consent?.archive !== undefined) this.#hindsight = new Hindsight(consent.archive, consent.agents, consent.parameters);
  }

  async make(options: OwnerReportOptions, draft: Uint8Array | undefined): Promise<OwnerReport> {
    const decisions = await readDecisions(this.rows, this.manifest, this.consent);
    const sites = new SiteTallies(this.#hindsight);
    const policies =
      this.consent === undefined || this.#hindsight === undefined
        ? undefined
        : await PolicyTallies.over(this.consent, this.#hindsight, this.#authorities());
    const whatIf = draft === undefined ? undefined : new WhatIfTally(draft, this.consent ?? (await defaultConsent()));
    const listed: Listed[] = [];
    for await (const chunk of this.rows.pages()) {
      for (const row of chunk) {
        const told = isRetracted(row);
        const pending =
          told || row.shard === null || row.row === null ? undefined : this.retractions.take(row.shard, row.row, row.url);
        const retractedIn = pending === undefined ? undefined : await pending;
        const page = reportedPage(row, told || retractedIn !== undefined);
        const isIn = page.status === "in";
        this.#count(row, page);
        const hindsight = this.#hindsight?.page(row.url, row.capturedAt ?? Number.NaN);
        const spoke = hindsight === undefined ? -1 : this.#confirm(row, hindsight);
        sites.add(hindsight?.history?.authority ?? authorityOf(row.url), page.captured_at, isIn, hindsight, spoke);
        if (hindsight !== undefined) policies?.add(hindsight);
        whatIf?.add(row.url, isIn ? "in" : row.stage === "consent" ? "opted-out" : "out");
        options.onPage?.(page);
        if (listed.length < options.limit) listed.push({ page, retractedIn });
      }
    }
    const unreadable = await this.rows.unreadable(shownUnreadable);
    this.#totals.unreadable = unreadable.total;
    this.#totals.read += unreadable.total;
    if (this.asked.path === undefined)
      for (const scheme of ["https", "http"]) sites.addAsked(`${scheme}://${this.asked.subject.host}`);
    const files = new CapturedFiles();
    for (const [digest, bytes] of decisions.bodies) files.add(digest, () => bytes);
    const shown = sites.finish(files);
    const { list, indexOf } = withRetractions(decisions, this.retractions);
    return {
      format: "apertus-audit",
      format_version: 1,
      subject: this.asked.subject,
      corpus: await this.#facts(),
      contact: options.contact ?? null,
      summary: this.#summary(list),
      decisions: list,
      files: files.finish(),
      sites: shown.sites,
      sites_total: shown.total,
      pages: listed.map(({ page: { evidence_id, ...page }, retractedIn }) => ({
        ...page,
        decision: page.status === "in" ? null : indexOf(page, evidence_id, retractedIn),
      })),
      pages_total: this.#totals.in + this.#totals.out,
      redactions: [...this.#redactions]
        .map(([kind, counts]) => ({ kind, ...counts }))
        .sort((a, b) => b.redactions - a.redactions || (a.kind < b.kind ? -1 : 1)),
      languages: [...this.#languages]
        .map(([label, counts]) => ({ label, ...counts }))
        .sort((a, b) => b.pages - a.pages || (a.label < b.label ? -1 : 1)),
      unreadable: unreadable.rows.map(unreadableOf),
      policies: policies?.finish() ?? [],
      what_if: whatIf?.finish() ?? null,
    };
  }

  #count(row: PageRow, page: ReportedPage): void {
    const totals = this.#totals;
    totals.read++;
    if (row.capturedAt !== null) {
      this.#first = Math.min(this.#first, row.capturedAt);
      this.#last = Math.max(this.#last, row.capturedAt);
    }
    if (page.status === "retracted") totals.retracted++;
    if (page.status !== "in") {
      totals.out++;
      return;
    }
    totals.in++;
    totals.tokens += row.tokens ?? 0;
    totals.text_bytes += row.textBytes ?? 0;
    if (row.language !== null) {
      const language = this.#languages.get(row.language) ?? { pages: 0, tokens: 0 };
      language.pages++;
      language.tokens += row.tokens ?? 0;
      this.#languages.set(row.language, language);
    }
    for (const [kind, count] of Object.entries(redactionsOf(row))) {
      const redacted = this.#redactions.get(kind) ?? { pages: 0, redactions: 0 };
      redacted.pages++;
      redacted.redactions += count;
      this.#redactions.set(kind, redacted);
    }
  }

  /** Decides the page again as the policy in force does; gives the capture that spoke. */
  #confirm(row: PageRow, page: PageInHindsight): number {
    if (this.consent === undefined) return -1;
    const { allowed, capture } = page.answer(this.consent.choice);
    if (!confirmDecision(this.consent, row.url, isRetracted(row) ? null : row.stage, allowed)) this.#differing++;
    return capture;
  }

  /** The schemes and hosts that pages of the subject may have. */
  async *#authorities(): AsyncGenerator<string> {
    yield `https://${this.asked.subject.host}`;
    for await (const { url } of this.rows.stream(
      "SELECT min(url) AS url FROM pages GROUP BY host_key, split_part(url, ':', 1)",
    )) {
      const authority = splitUrl(String(url))?.authority;
      if (authority !== undefined) yield authority;
    }
  }

  #summary(decisions: readonly Decision[]): Summary {
    const totals = this.#totals;
    const rules = new Map<string, Summary["by_rule"][number]>();
    for (const { stage, rule, meaning, pages } of decisions) {
      const key = JSON.stringify([stage, rule]);
      rules.set(key, { stage, rule, meaning, pages: pages + (rules.get(key)?.pages ?? 0) });
    }
    const by_rule = [...rules.values()].sort((a, b) => b.pages - a.pages);
    const decided = by_rule.reduce((sum, { pages }) => sum + pages, 0);
    if (totals.read !== totals.in + totals.out + totals.unreadable || decided !== totals.out) {
      const detail = `${totals.read} pages read, ${totals.in} in, ${totals.out} out (${decided} by a rule), ${totals.unreadable} unreadable`;
      throw new DataError("COUNTS_UNBALANCED", { file: this.corpus.root, detail });
    }
    return { ...totals, first_capture: instant(this.#first), last_capture: instant(this.#last), by_rule };
  }

  async #facts(): Promise<CorpusFacts> {
    const { name, run_digest, recipe_digest, totals, plan, stages } = this.manifest;
    const { version, created_at } = this.retractions.version;
    const holding = new Set<string>();
    for (const { source, locator_file } of await this.rows.query(
      `SELECT DISTINCT source, locator_file FROM pages ORDER BY ALL LIMIT ${shownInputs}`,
    )) {
      holding.add(JSON.stringify([source, locator_file]));
    }
    const inputs = new Map<string, CorpusFacts["inputs"][number]>();
    for (const { input, source, sha256 } of plan) inputs.set(JSON.stringify([source, input]), { input, source, sha256 });
    const those = [...inputs].filter(([key]) => holding.has(key));
    const others = [...inputs].filter(([key]) => !holding.has(key));
    return {
      name,
      run_digest,
      recipe_digest,
      manifest_sha256: sha256(readFileSync(this.corpus.manifest())),
      version,
      version_created_at: created_at,
      documents: totals.documents,
      kept: totals.kept,
      tokens: totals.tokens,
      inputs: [...those, ...others].slice(0, shownInputs).map(([, input]) => input),
      stages: stages.map((stage) => ({ name: stage.name, version: stage.version, parameters: stage.parameters })),
      policy: this.consent?.inForce ?? null,
      rereading: rereading(this.consent, this.#differing),
    };
  }
}

/** The decisions with those of later versions among them, and how a page finds its own. */
function withRetractions(
  decisions: Decisions,
  retractions: Retractions,
): {
  readonly list: readonly Decision[];
  indexOf(page: Omit<Page, "decision">, evidence: string | null, retractedIn: number | undefined): number;
} {
  const byVersion = retractions.decisions();
  const list = [...decisions.list, ...byVersion.values()].sort((a, b) => b.pages - a.pages);
  const places = new Map(list.map((decision, at) => [decision, at]));
  return {
    list,
    indexOf({ stage, rule }, evidence, retractedIn) {
      const decision =
        retractedIn === undefined ? decisions.find(stage ?? "", rule ?? "", evidence ?? "") : byVersion.get(retractedIn);
      return (decision === undefined ? undefined : places.get(decision)) ?? -1;
    },
  };
}

function unreadableOf(cells: Cells): Unreadable {
  return {
    url: String(cells.url),
    reason: String(cells.reason),
    detail: String(cells.detail),
    place: {
      file: String(cells.locator_file),
      offset: Number(cells.locator_offset) || 0,
      length: Number(cells.locator_length) || 0,
      unit: String(cells.locator_unit),
      record_id: "",
    },
    count_known: Number(cells.count_known) === 1,
  };
}

/** The scheme, host and port of a page's URL; a page of the subject always has a host. */
function authorityOf(url: string): string {
  const authority = splitUrl(url)?.authority;
  if (authority !== undefined) return authority;
  const parsed = parseUrl(url);
  return parsed === undefined ? hostKey(url) : `${parsed.protocol}//${parsed.host}`;
}
