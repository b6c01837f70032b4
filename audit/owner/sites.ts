/**
 * What every site of the subject said over the years: its pages by the day of their capture, and each captured robots.txt that could
 * speak for it, with the pages that it would leave out by itself.
 */
import type { ArchivedCapture, Hindsight, History, PageInHindsight } from "../../filters/index.js";
import { bitAt } from "../../filters/index.js";
import type { CapturedFiles } from "./captured-files.js";
import type { Capture, Site, SiteCapture } from "./model.js";

/** Sites of one report, and captures of one site: the newest of them. */
const shownSites = 1000;
const shownCaptures = 500;

interface Tally {
  readonly authority: string;
  readonly history: History | undefined;
  pages: number;
  in: number;
  readonly days: Map<string, { pages: number; in: number }>;
  /** For each reading of the history the pages that it disallows. */
  readonly disallowed: Int32Array;
  readonly decided: Uint8Array;
}

export class SiteTallies {
  #sites = new Map<string, Tally>();
  #dropped = 0;
  #host = "";

  constructor(private readonly hindsight: Hindsight | undefined) {}

  /** @param spoke the index of the capture that the policy in force let decide; -1 for none */
  add(authority: string, capturedAt: string | null, isIn: boolean, page: PageInHindsight | undefined, spoke: number): void {
    const site = this.#site(authority);
    site.pages++;
    if (isIn) site.in++;
    if (capturedAt !== null) {
      const day = capturedAt.slice(0, 10);
      const captured = site.days.get(day) ?? { pages: 0, in: 0 };
      captured.pages++;
      if (isIn) captured.in++;
      site.days.set(day, captured);
    }
    if (page === undefined) return;
    if (spoke >= 0) site.decided[spoke] = 1;
    for (let i = 0; i < site.disallowed.length; i++) if (page.denies(i)) site.disallowed[i]++;
  }

  /** Adds a site that was asked about, where it was captured; it may have no pages. */
  addAsked(authority: string): void {
    if (this.#sites.has(authority) || this.hindsight === undefined) return;
    if (!this.hindsight.history(authority).captures.some(({ capture }) => capture.authority === authority)) return;
    this.#site(authority);
  }

  finish(files: CapturedFiles): { readonly sites: readonly Site[]; readonly total: number } {
    const total = this.#sites.size + this.#dropped;
    const sites = this.#largest().map(({ authority, history, pages, in: kept, days, disallowed, decided }): Site => {
      const captures = (history?.captures ?? []).map((_, index) =>
        this.#capture(
          history,
          index,
          history?.deniesAll[index] === 1 ? pages : (disallowed[history?.readings.of[index] ?? -1] ?? 0),
          decided[index] === 1,
          files,
        ),
      );
      return {
        authority,
        pages,
        in: kept,
        out: pages - kept,
        page_captures: [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, counts]) => ({ day, ...counts })),
        captures: captures.filter((capture) => capture !== undefined).slice(-shownCaptures),
      };
    });
    return { sites, total };
  }

  #site(authority: string): Tally {
    let site = this.#sites.get(authority);
    if (site !== undefined) return site;
    const host = authority.replace(/^[a-z+.-]+:\/\//, "");
    // Pages come host by host, so a host that is behind us gets no more of them.
    if (host !== this.#host && this.#sites.size >= 4 * shownSites) {
      const largest = this.#largest();
      this.#dropped += this.#sites.size - largest.length;
      this.#sites = new Map(largest.map((kept) => [kept.authority, kept]));
    }
    this.#host = host;
    const history = /^https?:/.test(authority) ? this.hindsight?.history(authority) : undefined;
    const captures = history?.captures.length ?? 0;
    const counts = {
      pages: 0,
      in: 0,
      days: new Map(),
      disallowed: new Int32Array(history?.readings.captures.length ?? 0),
      decided: new Uint8Array(captures),
    };
    site = { authority, history, ...counts };
    this.#sites.set(authority, site);
    return site;
  }

  #largest(): readonly Tally[] {
    return [...this.#sites.values()]
      .sort((a, b) => b.pages - a.pages || (a.authority < b.authority ? -1 : 1))
      .slice(0, shownSites);
  }

  #capture(
    history: History | undefined,
    index: number,
    pages_disallowed: number,
    decided: boolean,
    files: CapturedFiles,
  ): SiteCapture | undefined {
    const capture = history?.captures[index]?.capture;
    const { hindsight } = this;
    if (capture === undefined || hindsight === undefined) return undefined;
    if (capture.sha256 !== undefined) files.add(capture.sha256, () => hindsight.archive.body(capture));
    const file = hindsight.file(capture);
    const atRoot = file?.answer("/");
    const agents = hindsight.agents.filter((_, agent) =>
      hindsight.parameters.modes.some((mode) => atRoot !== undefined && bitAt(atRoot.bits[mode], agent)),
    );
    return { ...shownCapture(capture), disallowed_at_root: agents, pages_disallowed, decided };
  }
}

export function shownCapture(capture: ArchivedCapture): Capture {
  return {
    authority: capture.authority,
    captured_at: new Date(capture.capturedAt).toISOString(),
    state: capture.state,
    status: capture.status,
    sha256: capture.sha256 ?? null,
    bytes: capture.capturedLength,
    place: {
      file: capture.file,
      offset: capture.offset,
      length: capture.length,
      unit: capture.unit,
      record_id: capture.recordId,
    },
  };
}
