/**
 * Asks a robots.txt that the reader writes about every page of the report, with the engine that made the corpus: for the agents and
 * in the readings of its policy. The answer names the line for each page.
 */
import { bitAt, type MatchingMode, matchingModes, RobotsFile, splitUrl } from "../../../filters/index.js";
import type { Pages } from "./decode.js";

export interface DecidingLine {
  /** Counted from 1. */
  readonly line: number;
  readonly raw: string;
  readonly groups: Set<string>;
  readonly agents: Set<string>;
  pages: number;
}

export interface Outcome {
  readonly asked: number;
  /** Pages without an http or https address: no robots.txt speaks for them. */
  readonly withoutAddress: number;
  readonly disallowed: number;
  /** For each page an index into `lineSets`; 0 where it is allowed. */
  readonly setOf: Int32Array;
  /** The lines that disallow a page together, ascending; the first set is empty. */
  readonly lineSets: readonly (readonly number[])[];
  /** The lines that disallow, most pages first. */
  readonly lines: readonly DecidingLine[];
}

/** Milliseconds of work between two pauses. */
const slice = 12;

/** Undefined where `cancelled` came true on the way. */
export async function ask(
  text: string,
  pages: Pages,
  agents: readonly string[],
  wanted: readonly string[],
  cancelled: () => boolean,
): Promise<Outcome | undefined> {
  const file = new RobotsFile(new TextEncoder().encode(text), agents);
  const modes = matchingModes.filter((mode) => wanted.includes(mode));
  const lines = new Map<number, DecidingLine>();
  const setOf = new Int32Array(pages.count);
  const lineSets: (readonly number[])[] = [[]];
  const known = new Map<string, number>([["", 0]]);
  let disallowed = 0;
  let withoutAddress = 0;
  let until = performance.now() + slice;
  for (let page = 0; page < pages.count; page++) {
    const target = splitUrl(pages.urls[page] ?? "")?.target;
    if (target === undefined) withoutAddress++;
    else {
      const deciding = linesFor(file, target, modes, lines);
      const key = deciding.join();
      const set = known.get(key) ?? lineSets.push(deciding) - 1;
      known.set(key, set);
      if (set > 0) disallowed++;
      setOf[page] = set;
    }
    if (page % 64 === 0 && performance.now() > until) {
      await new Promise((resume) => setTimeout(resume));
      if (cancelled()) return undefined;
      until = performance.now() + slice;
    }
  }
  return {
    asked: pages.count,
    withoutAddress,
    disallowed,
    setOf,
    lineSets,
    lines: [...lines.values()].sort((a, b) => b.pages - a.pages || a.line - b.line),
  };
}

/** The lines that disallow the page, ascending; each of them counts it. */
function linesFor(
  file: RobotsFile,
  target: string,
  modes: readonly MatchingMode[],
  lines: Map<number, DecidingLine>,
): readonly number[] {
  const answer = file.answer(target);
  const counted = new Set<number>();
  for (const mode of modes) {
    if (!answer.denied[mode]) continue;
    for (let agent = 0; agent < file.agents.length; agent++) {
      if (!bitAt(answer.bits[mode], agent)) continue;
      const line = file.lineOf(answer, agent, mode);
      let known = lines.get(line);
      if (known === undefined) {
        known = {
          line,
          raw: file.explain(answer, agent, mode).rule?.raw ?? "",
          groups: new Set(),
          agents: new Set(),
          pages: 0,
        };
        lines.set(line, known);
      }
      if (!known.agents.has(file.agents[agent] ?? "")) {
        known.agents.add(file.agents[agent] ?? "");
        known.groups.add(file.explain(answer, agent, mode).group ?? "");
      }
      if (!counted.has(line)) known.pages++;
      counted.add(line);
    }
  }
  return [...counted].sort((a, b) => a - b);
}
