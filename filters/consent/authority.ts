/**
 * Authorities: whose robots.txt holds for a URL (RFC 9309 §2.3: one file for each scheme, host and port), in one spelling, and
 * where else to look when an archive has no capture of exactly that one.
 */
import { parseUrl } from "../../corpus/index.js";
import { BoundedCache } from "./bounded-cache.js";
import { octetsOfText } from "./octets.js";

/** `https://www.example.org` or `http://example.org:8080`: lower case, IDN as punycode, no default port, no trailing dot. */
export type Authority = string;

export interface SplitUrl {
  readonly authority: Authority;
  /** Path and query, and the fragment where there is one, as an octet string; begins with a slash. */
  readonly target: string;
}

const spelled = new BoundedCache<string, Authority | null>(4096);

/** Undefined where the text is no http or https URL with a host. Dot segments of the path stay as they are. */
export function splitUrl(url: string): SplitUrl | undefined {
  const trimmed = url.trim();
  const mark = trimmed.indexOf("://");
  if (mark < 4 || mark > 5) return undefined;
  let end = mark + 3;
  while (end < trimmed.length && !"/?#\\".includes(trimmed.charAt(end))) end++;
  const written = trimmed.slice(0, end);
  let authority = spelled.get(written);
  if (authority === undefined) {
    authority = spell(written);
    if (written.length <= 512) spelled.set(written, authority);
  }
  if (authority === null) return undefined;
  const rest = octetsOfText(trimmed.slice(end).toWellFormed());
  return { authority, target: rest.startsWith("/") ? rest : `/${rest}` };
}

function spell(written: string): Authority | null {
  const url = parseUrl(written);
  if (url === undefined) return null;
  const { protocol, hostname, port } = url;
  const host = hostname.replace(/\.$/, "");
  if ((protocol !== "http:" && protocol !== "https:") || host === "") return null;
  return `${protocol}//${host}${port === "" ? "" : `:${port}`}`;
}

export const fallbacks = ["exact", "any-scheme", "www-variant"] as const;
export type Fallback = (typeof fallbacks)[number];

export interface Candidate {
  readonly authority: Authority;
  readonly fallback: Fallback;
}

/**
 * The authorities to look up, in order. `any-scheme` is the same host and port with the other scheme; `www-variant` is the host
 * with `www.` put in front or taken away, same scheme first, and the other scheme too where `any-scheme` is in the list.
 */
export function candidatesOf(authority: Authority, order: readonly Fallback[]): readonly Candidate[] {
  const otherScheme = order.includes("any-scheme");
  const candidates: Candidate[] = [];
  for (const fallback of order) {
    if (fallback === "exact") candidates.push({ authority, fallback });
    else if (fallback === "any-scheme") candidates.push({ authority: withOtherScheme(authority), fallback });
    else {
      const variant = withWwwToggled(authority);
      candidates.push({ authority: variant, fallback });
      if (otherScheme) candidates.push({ authority: withOtherScheme(variant), fallback });
    }
  }
  return candidates;
}

function withOtherScheme(authority: Authority): Authority {
  return authority.startsWith("https:") ? `http:${authority.slice(6)}` : `https:${authority.slice(5)}`;
}

function withWwwToggled(authority: Authority): Authority {
  const host = authority.indexOf("://") + 3;
  const rest = authority.slice(host);
  return authority.slice(0, host) + (rest.startsWith("www.") ? rest.slice(4) : `www.${rest}`);
}
