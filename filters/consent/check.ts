/** One robots.txt, one URL, one agent: the question of `robots check`, answered without an archive. */
import { splitUrl } from "./authority.js";
import type { MatchingMode } from "./groups.js";
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
