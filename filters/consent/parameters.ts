/** The consent filter's parameters as they stand in a recipe. The defaults are those of Apertus where nothing else is said. */
import { z } from "zod";
import { agentList, shippedProfiles } from "./agents.js";
import { fallbacks } from "./authority.js";
import { archivedStates } from "./capture.js";
import { matchingModes } from "./groups.js";
import { passable, policies, preferences, type StateMeanings, statePresets } from "./policy.js";

/** Policies that ship, as assets/policies has them. */
export const shippedPresets = ["apertus-2025-01", "rfc-live"] as const;

export const meaning = z.enum(["allow", "deny"]);
const [, ...named] = [...archivedStates, "no-capture"] as const;
export const decidedByMeaning = named;
export const day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, "a date as YYYY-MM-DD")
  .refine((text) => endOfDay(text) !== undefined, "no such day");
const distinct = (items: readonly string[]): boolean => new Set(items).size === items.length;

export const consentParameters = z
  .object({
    preset: z
      .string()
      .min(1)
      .optional()
      .describe(
        `A whole policy under one name: one that ships (${shippedPresets.join(", ")}), or the path of a policy file as those in assets/policies. It gives \`agents\`, \`policy\`, \`as_of\`, \`modes\`, \`fallback\`, \`prefer\`, \`pass_over\`, \`states\` and \`on_no_url\`; what stands beside it in the recipe wins, of \`states\` state by state. The manifest has what came of it.`,
      ),
    robots: z
      .array(z.string().min(1))
      .default([])
      .describe(
        "Files with robots.txt captures, as paths or patterns relative to the recipe: WARC, or tables in Parquet or JSON lines with the columns that docs/consent.md names, told by their content. Without any, no page has a capture.",
      ),
    agents: z
      .union([z.string().min(1), agentList])
      .default("apertus-2025-01")
      .describe(
        `The agents whose wishes count: a profile that ships (${shippedProfiles.join(", ")}), the path of one, or a list of names.`,
      ),
    policy: z
      .enum(policies)
      .default("as-of")
      .describe(
        "Which captures speak: `latest` the newest; `as-of` the newest up to the end of the day `as_of`; `at-capture` the newest when the page was captured (the newest of all where that is not known); `ever` any capture that disallows.",
      ),
    as_of: day.default("2025-01-31").describe("The day of `as-of`, in UTC."),
    modes: z
      .array(z.enum(matchingModes))
      .min(1)
      .refine(distinct, "a mode stands twice in the list")
      .default(["rfc", "intent"])
      .describe(
        "The readings of robots.txt that exclude; any of them does. `rfc` is RFC 9309 to the letter, `intent` also what a strict parser cuts or ignores, `protego` the parser that Apertus used (for its decisions, give [protego]). All three are stored.",
      ),
    fallback: z
      .array(z.enum(fallbacks))
      .min(1)
      .refine(distinct, "a step stands twice in the list")
      .default(["exact", "any-scheme", "www-variant"])
      .describe(
        "Where to look for a capture, in this order: the page's own scheme, host and port; the other scheme; the host with or without `www.`. Apertus looks the host up as it stands in the URL: [exact, any-scheme].",
      ),
    prefer: z
      .enum(preferences)
      .default("newest")
      .describe(
        "Where several of the addresses in `fallback` have a capture that is old enough: `newest` takes the newest of all, since a site that moved to https or to its www name leaves captures of its old address behind; `first` takes the first's.",
      ),
    pass_over: z
      .array(z.enum(passable))
      .refine(distinct, "a state stands twice in the list")
      .default([])
      .describe(
        "States in which a capture does not speak as long as an older one is in another: with [unreachable-5xx, unreachable], a server that fails on the day of the capture does not undo the opt-out that it sent before. By default every capture speaks, and `states` says what it means. Where there is no other, `states` decides too. `ever` asks all captures anyway.",
      ),
    states: z
      .union([z.enum(["apertus", "rfc-live"]), z.partialRecord(z.enum(decidedByMeaning), meaning)])
      .default("apertus")
      .describe(
        "What it means where no rules were captured: `apertus` allows everything, `rfc-live` denies where the server failed (5xx) or did not answer, or a map from states (empty, unavailable-4xx, unreachable-5xx, unreachable, redirect-unresolved, not-robots, truncated, no-capture) to allow or deny; what it leaves out is allowed.",
      ),
    accept_damaged: z
      .boolean()
      .default(false)
      .describe(
        "Go on where a file of `robots` is damaged. The opt-outs that lie behind the damage are then not known, and their pages are kept.",
      ),
    on_no_url: meaning.default("allow").describe("What to do with documents that have no http or https URL."),
  })
  .strict();

export type ConsentParameters = z.output<typeof consentParameters>;

export function meaningsOf(states: ConsentParameters["states"]): StateMeanings {
  return typeof states === "string" ? statePresets[states] : { ...statePresets.apertus, ...withoutUndefined(states) };
}

function withoutUndefined<T extends object>(record: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}

/** The last millisecond of a UTC day. */
export function endOfDay(text: string): number | undefined {
  const start = Date.parse(`${text}T00:00:00.000Z`);
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== text) return undefined;
  return start + 86_400_000 - 1;
}
