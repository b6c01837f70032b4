/**
 * A robots.txt capture: what a crawler got when it asked an authority for /robots.txt, and what state of affairs that is
 * (RFC 9309 §2.3.1). The states are facts; what each of them permits is the policy's choice (policy.ts).
 */
import { parseUrl } from "../../corpus/index.js";
import { type Authority, splitUrl } from "./authority.js";
import { parsedPrefix, robotsLimit } from "./groups.js";
import { octetsOf } from "./octets.js";

/** In the order of their numbers in the archive file; only ever appended to. */
export const archivedStates = [
  "rules",
  "empty",
  "unavailable-4xx",
  "unreachable-5xx",
  "redirect-unresolved",
  "not-robots",
  "truncated",
  "unreachable",
] as const;
export type ArchivedState = (typeof archivedStates)[number];
/** `no-capture`: the archive has nothing for the authority, or nothing old enough. */
export type RobotsState = ArchivedState | "no-capture";

/** In the order of their numbers in the archive file; only ever appended to. */
export const captureUnits = ["bytes", "inflated", "row"] as const;

/** Where a capture lies in the archive's sources. */
export interface CaptureSite {
  /** The file, relative to the root of the pattern that found it. */
  readonly file: string;
  /** In a table the row, counted from 0. */
  readonly offset: number;
  readonly length: number;
  /** `bytes` of a WARC file, `inflated` where the whole file is one compressed stream; `row` of a table. */
  readonly unit: (typeof captureUnits)[number];
  /** WARC-Record-ID, without angle brackets; empty for a row. */
  readonly recordId: string;
}

/** A capture as a source yields it. */
export interface RobotsCapture extends CaptureSite {
  readonly url: string;
  /** The file of a site that is meant, where it is another than /robots.txt: its path. */
  readonly wanted?: string;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly capturedAt: number;
  /** HTTP status; null where the server gave no answer. */
  readonly status: number | null;
  /** The body after content and transfer encodings were undone. */
  readonly body: Uint8Array;
  /** The crawler or the archive kept only a part of the body. */
  readonly truncated: boolean;
  /** The Location header of a redirect. */
  readonly location?: string;
}

/** A capture with its state, as the archive keeps it. */
export interface JudgedCapture {
  readonly authority: Authority;
  readonly state: ArchivedState;
  /** What is parsed: at most 500 KiB in whole lines; empty in states without rules. */
  readonly body: Uint8Array;
  /** The authority whose /robots.txt a redirect names; empty where it names anything else. */
  readonly redirect: Authority | "";
}

/** Undefined where the URL is not exactly an authority's file that is meant, or where the answer says nothing new (304, 1xx). */
export function judge(capture: RobotsCapture): JudgedCapture | undefined {
  const authority = robotsAuthority(capture.url, capture.wanted);
  if (authority === undefined || !Number.isFinite(capture.capturedAt)) return undefined;
  const { status } = capture;
  const none = { authority, body: new Uint8Array(0), redirect: "" } as const;
  if (status === null) return { ...none, state: "unreachable" };
  if (status === 304 || (status >= 100 && status < 200)) return undefined;
  if (status >= 300 && status < 400) return { ...none, state: "redirect-unresolved", redirect: redirectTarget(capture) };
  if (status >= 400 && status < 500) return { ...none, state: "unavailable-4xx" };
  if (!(status >= 200 && status < 300)) return { ...none, state: "unreachable-5xx" };
  const truncated = capture.truncated || capture.body.length > robotsLimit;
  const body = parsedPrefix(capture.body, truncated);
  const octets = octetsOf(body);
  const blank = !/[^\xef\xbb\xbf\s]/.test(octets);
  const state = truncated ? "truncated" : blank ? "empty" : isMarkup(octets) || isUtf16(octets) ? "not-robots" : "rules";
  return { authority, state, body, redirect: "" };
}

/** The authority, where the URL is its /robots.txt, or its file at the path `wanted`, and nothing else: no query, any fragment. */
export function robotsAuthority(url: string, wanted = "/robots.txt"): Authority | undefined {
  const split = splitUrl(url);
  return split !== undefined && split.target.split("#", 1)[0] === wanted ? split.authority : undefined;
}

function redirectTarget({ url, wanted, location }: RobotsCapture): Authority | "" {
  const target = location === undefined ? undefined : parseUrl(location, url);
  return target === undefined ? "" : (robotsAuthority(target.href, wanted) ?? "");
}

/** Text in UTF-16, as its byte-order mark says: RFC 9309 §2.3 wants UTF-8, and no reading finds a rule in it. */
function isUtf16(octets: string): boolean {
  return /^(?:\xff\xfe|\xfe\xff)/.test(octets);
}

/** A page in place of a file: it begins with markup, and no line of it opens a group in any reading. */
function isMarkup(octets: string): boolean {
  return /^[\xef\xbb\xbf\s]*</.test(octets) && !/(?:^|[\r\n])[^!-~\r\n]*user[ _-]?agent/i.test(octets);
}
