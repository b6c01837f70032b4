/**
 * What a robots.txt file answers, whichever of the two engines read it: the reference in TypeScript (robots-file.ts), which also
 * runs in a browser, or the native one (native-robots.ts). Both give the same answers, down to the line.
 */
import type { MatchingMode } from "./groups.js";
import type { RobotsAnswer, RobotsDecision } from "./robots-file.js";

/** The answer for one path to all agents in all modes. Only the engine that gave it can explain it. */
export type Answer = Pick<RobotsAnswer, "bits" | "denied">;

export interface RobotsEngine<A extends Answer = Answer> {
  readonly agents: readonly string[];
  /** Estimated octets of memory. */
  readonly cost: number;
  /** @param target the URL's path with its query, and its fragment if it has one, as an octet string */
  answer(target: string): A;
  /** The lines that decided, in all modes: two answers of one file with the same lines differ in nothing. */
  decidingLines(answer: A): string;
  /** The line that decides for one agent, counted from 1; 0 where none does. */
  lineOf(answer: A, agent: number, mode: MatchingMode): number;
  /** What an answer says of one agent. */
  explain(answer: A, agent: number, mode: MatchingMode): RobotsDecision;
}
