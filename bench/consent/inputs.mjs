// Files and addresses for bench/consent: real captures, and paths that their own rules may match.
import { robotsCapturesOf } from "../../dist/filters/consent/warc-captures.js";

/** The bodies of a WARC file's robots.txt responses, whatever their status. */
export async function bodiesOf(path) {
  const bodies = [];
  for await (const { body } of robotsCapturesOf(path, "", { records: 0, faults: 0, unreadable: 0 }))
    bodies.push(Buffer.from(body));
  return bodies;
}

/** Numbers below n by Numerical Recipes' linear congruence: the same on every machine. */
export function seeded(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const words = [
  "news",
  "2024",
  "index.html",
  "search",
  "tag",
  "shop",
  "product",
  "%C3%A4",
  "%7Eme",
  "x;y=1",
  "private",
  "data.json",
];

/**
 * One in `share` of them made of the file's patterns, stars filled in, gone on or cut short; the others of common words. ASCII, as
 * URLs are.
 */
export function pathsFor(body, count, random, share = 2) {
  const patterns = body
    .toString("latin1")
    .split(/[\r\n]+/)
    .flatMap((line) => /^\s*(?:dis)?allow\s*:\s*([\x21\x22\x24-\x7e]+)/i.exec(line)?.[1] ?? []);
  const word = () => `${words[random(words.length)]}${random(2) === 0 ? random(1000) : ""}`;
  return Array.from({ length: count }, () => {
    let path = "";
    if (patterns.length > 0 && random(share) === 0) {
      path = patterns[random(patterns.length)].replaceAll("*", word).replace(/\$$/, "");
      if (random(2) === 0) path += word();
      if (random(8) === 0) path += `?q=${word()}`;
    } else {
      for (let n = 2 + random(4); n > 0; n--) path += `/${word()}`;
      if (random(3) === 0) path += `?id=${random(1e5)}&s=${word()}`;
    }
    return path.startsWith("/") ? path : `/${path}`;
  });
}
