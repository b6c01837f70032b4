/** Hosts in both of their forms, languages by name, policies and readings in sentences. */
import { domainToASCII, domainToUnicode } from "node:url";
import type { OwnerReport, PolicyOutcome } from "../owner/model.js";
import { day, listed } from "./wording.js";

/** The other spelling of an internationalised host: `münchen.example` for `xn--mnchen-3ya.example`, or the reverse. */
export function otherForm(host: string): string | undefined {
  const bare = host.toLowerCase();
  const other = /(?:^|\.)xn--/.test(bare) ? domainToUnicode(bare) : /[^\0-\x7f]/.test(bare) ? domainToASCII(bare) : "";
  return other === "" || other === bare ? undefined : other;
}

/** The host as it stands in a URL, whatever alphabet it is in; undefined where there is none. */
export function hostIn(url: string): string | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#\\@]*@)?([^/?#\\:]+)/i.exec(url.slice(0, 2048))?.[1];
}

/** What the report is about: a host, or one address. */
export function subjectName({ subject }: OwnerReport): string {
  return subject.scope === "url" ? (subject.url ?? subject.asked) : subject.host;
}

const scripts = new Intl.DisplayNames("en", { type: "language", fallback: "none" });

/** `German` for `deu_Latn`; undefined where the label is no language that has a name. */
export function languageName(label: string): string | undefined {
  const code = /^([a-z]{2,3})(?:_[A-Z][a-z]{3})?$/.exec(label)?.[1];
  try {
    return code === undefined ? undefined : scripts.of(code);
  } catch {
    return undefined;
  }
}

type Policy = Pick<PolicyOutcome, "policy" | "as_of">;

/** Which robots.txt speaks, as the end of a sentence. */
export function policySentence({ policy, as_of }: Policy): string {
  switch (policy) {
    case "as-of":
      return `the newest robots.txt captured up to the end of ${as_of === null ? "a given day" : day(as_of)}`;
    case "latest":
      return "the newest robots.txt that was captured";
    case "at-capture":
      return "the robots.txt that was in force when each page was captured";
    case "ever":
      return "any captured robots.txt that disallowed the page, old or new";
    default:
      return `the policy “${policy}”`;
  }
}

const readings: Readonly<Record<string, string>> = {
  rfc: "by the letter of RFC 9309",
  intent: "by what its author evidently meant",
  protego: "as the parser Protego reads it",
};

export function readingName(mode: string): string {
  return readings[mode] ?? mode;
}

export function readingsSentence(modes: readonly string[]): string {
  return listed(modes.map(readingName));
}

const states: Readonly<Record<string, string>> = {
  rules: "a file with rules",
  empty: "an empty file",
  "unavailable-4xx": "no robots.txt there (4xx)",
  "unreachable-5xx": "the server failed (5xx)",
  unreachable: "the server did not answer",
  "redirect-unresolved": "moved to an address that was not captured",
  "not-robots": "a page in place of a file",
  truncated: "a file of which only a part is known",
  "no-capture": "not captured",
};

export function stateName(state: string): string {
  return states[state] ?? state;
}

const fallbacks: Readonly<Record<string, string>> = {
  exact: "the page’s own scheme, host and port",
  "any-scheme": "the same host with the other scheme (http or https)",
  "www-variant": "the same host with or without “www.”",
};

export function fallbackName(fallback: string): string {
  return fallbacks[fallback] ?? fallback;
}
