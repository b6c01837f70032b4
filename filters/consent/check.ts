/** One robots.txt and what it says of URLs to agents: the question of `robots check`, answered without an archive. */
import { splitUrl } from "./authority.js";
import type { MatchingMode } from "./groups.js";
import { RobotsCompiler } from "./native-robots.js";
import { octetsOfText } from "./octets.js";
import { type RobotsDecision, RobotsFile } from "./robots-file.js";

/**
 * What a robots.txt file says of one URL to one agent in one matching mode. Pure and total.
 *
 * @param bytes the file; at most 500 KiB of it are read
 * @param url an absolute URL, of which only path and query count, or a path
 */
export function checkRobots(bytes: Uint8Array, url: string, agent: string, mode: MatchingMode): RobotsDecision {
  const file = new RobotsFile(bytes, [agent]);
  const target = splitUrl(url)?.target ?? octetsOfText(url.startsWith("/") ? url : `/${url}`);
  return file.explain(file.answer(target), 0, mode);
}

/**
 * What a robots.txt file says of some URLs to some agents in one matching mode; [URLs, agents].
 *
 * @param targets as robotsTarget gives them
 */
export function checkAll(
  bytes: Uint8Array,
  targets: readonly string[],
  agents: readonly string[],
  mode: MatchingMode,
): readonly (readonly RobotsDecision[])[] {
  const file = new RobotsCompiler(agents).compile(bytes);
  return targets.map((target) => {
    const answer = file.answer(target);
    return agents.map((_, agent) => file.explain(answer, agent, mode));
  });
}

/** What is compared of an absolute http or https URL, or of a path: its path and query, as octets. Undefined for anything else. */
export function robotsTarget(url: string): string | undefined {
  return url.startsWith("/") ? octetsOfText(url.toWellFormed()) : splitUrl(url)?.target;
}
