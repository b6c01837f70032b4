/**
 * Consent: drops the pages whose owners opted out of training, by the robots.txt that was captured at their site (RFC 9309), with
 * hindsight if the policy says so (Apertus technical report §3.1.1). Runs on captures before extraction, or on documents.
 */
import { basename } from "node:path";
import type { Filter } from "../filter.js";
import { profilePath, readProfile } from "./agents.js";
import { prepareArchive } from "./archive-sources.js";
import { OpenConsent } from "./consent.js";
import { type ConsentParameters, consentParameters } from "./parameters.js";
import { withPreset } from "./presets.js";

export { type AgentProfile, parseVector, profilePath, readProfile, shippedProfiles } from "./agents.js";
export { type ArchivedCapture, RobotsArchive } from "./archive.js";
export { type ArchiveCounts, writeArchive } from "./archive-writer.js";
export { type Authority, candidatesOf, type Fallback, splitUrl } from "./authority.js";
export { type ArchivedState, judge, type RobotsCapture, type RobotsState } from "./capture.js";
export { checkAll, checkRobots, robotsTarget } from "./check.js";
export type { Answer, RobotsEngine } from "./engine.js";
export { type MatchingMode, matchingModes } from "./groups.js";
export {
  choosePolicy,
  Hindsight,
  type HindsightAnswer,
  type History,
  type PageInHindsight,
  type PolicyChoice,
} from "./hindsight.js";
export { answerAll, type Question, RobotsCompiler } from "./native-robots.js";
export { type ConsentParameters, meaningsOf, shippedPresets } from "./parameters.js";
export { type Consulted, everyOf, newestOf, type Policy, type Preference } from "./policy.js";
export { ConsentReview, type ReviewResult } from "./review.js";
export { bitAt, type RobotsDecision, RobotsFile, robotsPath } from "./robots-file.js";
export { tableCapturesOf } from "./table-captures.js";
export { robotsCapturesOf, type WarcTally } from "./warc-captures.js";

export const consent: Filter<ConsentParameters> = {
  kind: "document",
  name: "consent",
  version: 2,
  summary: "Drops pages whose site's robots.txt disallows the agents of the profile, as captured and dated by the policy.",
  parameters: consentParameters,
  needs: ["url", "captured_at"],
  optOut: true,
  adds: {
    consent_robots: {
      type: "utf8",
      about:
        "SHA-256 of the robots.txt body that was consulted (its bytes are in evidence/), or the state where there are no rules: empty, unavailable-4xx, unreachable-5xx, unreachable, redirect-unresolved, not-robots, no-capture, no-url",
    },
    consent_robots_at: { type: "timestamp", about: "when that robots.txt was captured; null where nothing was" },
    consent_vector: {
      type: "utf8",
      about:
        "profile id, then for each matching mode hexadecimal digits with a bit for each agent, the profile's first agent in the highest bit of the first digit; a set bit means disallowed; empty where there are no rules",
    },
  },
  rules: {
    "robots-disallow": "The site's robots.txt disallows this address to at least one crawler of the corpus's list.",
    "robots-empty": "The site's robots.txt was empty, and the policy takes that for a refusal.",
    "robots-unavailable": "The site answered that it has no robots.txt (4xx), and the policy takes that for a refusal.",
    "robots-unreachable": "The site's server failed when it was asked for robots.txt, and the policy takes that for a refusal.",
    "robots-no-answer":
      "The site's server did not answer when it was asked for robots.txt, and the policy takes that for a refusal.",
    "robots-redirect":
      "The site's robots.txt was moved to an address that was not captured, and the policy takes that for a refusal.",
    "robots-unreadable": "In place of robots.txt the site sent a page, and the policy takes that for a refusal.",
    "robots-truncated": "Only a part of the site's robots.txt is known, and the policy takes that for a refusal.",
    "robots-no-capture":
      "No robots.txt of this site was captured, or none early enough, and the policy takes that for a refusal.",
    "no-url": "The document's address is not known, and the policy takes that for a refusal.",
  },

  portable(parameters) {
    const { agents, robots, preset } = parameters;
    return {
      ...parameters,
      ...(preset === undefined ? {} : { preset: basename(preset) }),
      robots: robots.map((path) => basename(path)),
      agents: typeof agents === "string" ? basename(agents) : agents,
    };
  },

  resolve(written, baseFolder) {
    return withPreset(written, baseFolder);
  },

  async prepare(parameters, context) {
    const { agents, robots } = parameters;
    const assets = [];
    if (typeof agents === "string") {
      const path = profilePath(agents, context.baseFolder);
      const { name, sha256, agents: names } = readProfile(path);
      assets.push({ name: "agent-profile", path, sha256, provenance: { profile: name, agents: names } });
    }
    if (robots.length > 0) assets.push(await prepareArchive(robots, context, parameters.accept_damaged));
    return assets;
  },

  async open(parameters, assets) {
    return new OpenConsent(parameters, assets);
  },
};
