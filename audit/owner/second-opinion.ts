/**
 * A second opinion on a robots.txt: what robots-parser, a widely used package, says of the same file. It reads RFC 9309 in its own
 * way, so a difference is no proof of a fault; it is a reason to read the lines. It is no dependency, and used only where it is there.
 */

export interface SecondOpinion {
  readonly agent: string;
  readonly allowed: boolean;
  /** The deciding line, counted from 1; null where none decides. */
  readonly line: number | null;
}

interface Peer {
  isAllowed(url: string, agent: string): boolean | undefined;
  getMatchingLineNumber(url: string, agent: string): number;
}

/** Undefined where the package is not installed. */
export async function secondOpinion(
  url: string,
  robots: string,
  agents: readonly string[],
): Promise<readonly SecondOpinion[] | undefined> {
  let parse: (url: string, text: string) => Peer;
  try {
    // The package is CommonJS and its types say `default` of what Node gives as the function itself.
    parse = (await import("robots-parser")).default as unknown as typeof parse;
  } catch {
    return undefined;
  }
  // It answers only for addresses of the file's own scheme, host and port, whichever of them the capture is from.
  const peer = parse(new URL("/robots.txt", url).href, robots);
  return agents.map((agent) => {
    const line = peer.getMatchingLineNumber(url, agent);
    return { agent, allowed: peer.isAllowed(url, agent) !== false, line: line > 0 ? line : null };
  });
}
