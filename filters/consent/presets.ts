/**
 * Policy files: everything that a consent policy consists of under one name, as versioned data (assets/policies), so that a recipe or
 * a retraction names it in a word. A policy file leaves nothing out: what each state means is part of it.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { DataError } from "../../errors/index.js";
import { agentList, profilePath, shippedProfiles } from "./agents.js";
import { fallbacks } from "./authority.js";
import { matchingModes } from "./groups.js";
import { day, decidedByMeaning, meaning, shippedPresets } from "./parameters.js";
import { passable, policies, preferences } from "./policy.js";

const policyFile = z
  .object({
    name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, "lower-case letters, digits, dots and hyphens"),
    about: z.string().min(1),
    source: z.string().min(1),
    parameters: z
      .object({
        agents: z.union([z.string().min(1), agentList]),
        policy: z.enum(policies),
        as_of: day.optional(),
        modes: z.array(z.enum(matchingModes)).min(1),
        fallback: z.array(z.enum(fallbacks)).min(1),
        prefer: z.enum(preferences),
        pass_over: z.array(z.enum(passable)),
        on_no_url: meaning,
        states: z.record(z.enum(decidedByMeaning), meaning),
      })
      .strict()
      .refine(
        ({ policy, as_of }) => (policy === "as-of") === (as_of !== undefined),
        "as_of goes with the policy as-of, and only with it",
      ),
  })
  .strict();

/** No policy is longer. */
const largest = 1 << 20;

/**
 * The parameters as they are written, on top of those of the policy that they name. Not checked beyond that.
 *
 * @param baseFolder where a relative path starts
 * @throws DataError POLICY_INVALID
 */
export function withPreset(written: Readonly<Record<string, unknown>>, baseFolder: string): Readonly<Record<string, unknown>> {
  const { preset } = written;
  if (typeof preset !== "string" || preset === "") return written;
  const policy = readPolicy(presetPath(preset, baseFolder));
  const { states } = written;
  // A map says something of the states that it names; a name says something of all.
  const isMap = typeof states === "object" && states !== null && !Array.isArray(states);
  return { ...policy, ...written, ...(isMap ? { states: { ...policy.states, ...states } } : {}) };
}

function presetPath(nameOrPath: string, baseFolder: string): string {
  if ((shippedPresets as readonly string[]).includes(nameOrPath)) {
    return createRequire(import.meta.url).resolve(`#assets/policies/${nameOrPath}.yaml`);
  }
  return isAbsolute(nameOrPath) ? nameOrPath : resolve(baseFolder, nameOrPath);
}

/** @throws DataError POLICY_INVALID */
function readPolicy(path: string): z.output<typeof policyFile>["parameters"] {
  let content: unknown;
  try {
    const text = readFileSync(path, "utf8");
    if (text.length > largest) throw new RangeError("longer than a policy can be");
    // Loaded where it is used: most processes never need it. A few aliases are a convenience, many are a bomb.
    const { parse } = createRequire(import.meta.url)("yaml") as typeof import("yaml");
    content = parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw new DataError("POLICY_INVALID", {
      file: path,
      detail: cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "",
      cause,
    });
  }
  const parsed = policyFile.safeParse(content);
  if (!parsed.success) throw new DataError("POLICY_INVALID", { file: path, detail: z.prettifyError(parsed.error) });
  const { parameters } = parsed.data;
  const { agents } = parameters;
  // The path of a profile starts from the policy that names it.
  return typeof agents === "string" ? { ...parameters, agents: profileOf(agents, path) } : parameters;
}

function profileOf(agents: string, path: string): string {
  return (shippedProfiles as readonly string[]).includes(agents) ? agents : profilePath(agents, dirname(path));
}
