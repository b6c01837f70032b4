/**
 * Signals: drops the pages whose owners reserve training or mining in another way than by robots.txt's Disallow, and records what
 * they state for later policies. One parser a language, one model for all (statement.ts), one pure decision (decide.ts).
 */
import { basename } from "node:path";
import { profilePath, readProfile } from "../consent/agents.js";
import { prepareArchive } from "../consent/archive-sources.js";
import type { Filter } from "../filter.js";
import { rules } from "./decide.js";
import { OpenSignals } from "./open.js";
import { type SignalsParameters, signalsParameters } from "./parameters.js";

export { conflictsOf, decideSignals, type SignalRule, type SignalsDecision, type SignalsPolicy } from "./decide.js";
export { type SignalsParameters, signalsParameters } from "./parameters.js";
export type { Statement } from "./statement.js";
export { parseSignals, type StoredSignals } from "./stored.js";

/** Another file of a site than robots.txt, kept in an archive of the same kind (TDMRep, "TDM File on the Origin Server"). */
const tdmrepJson = { name: "tdmrep", path: "/.well-known/tdmrep.json" } as const;

export const signals: Filter<SignalsParameters> = {
  kind: "document",
  name: "signals",
  version: 3,
  summary:
    "Drops pages whose owners reserve training or mining by Content-Signal, Content-Usage, TDMRep or noai, and records these and licences.",
  parameters: signalsParameters,
  needs: ["url", "captured_at", "head_signals"],
  optOut: true,
  adds: {
    signals: {
      type: "utf8",
      about:
        "compact JSON of what the site and the page state about their use: `statements` (signal, location, scope unless it is all, category, value, where, raw; managed, terms), `sources` (SHA-256 and date of the files that were consulted), `truncated` where there was more; at most 4,096 bytes; empty where nothing is stated",
    },
    signals_conflict: {
      type: "utf8",
      about:
        "where statements contradict each other, divided by spaces: a category, `train/crawl` (training permitted, crawling disallowed), `licence`, `managed` (a content-delivery network's part of robots.txt is involved); empty where they do not",
    },
  },
  rules,

  portable(parameters) {
    const { agents, robots, tdmrep_files } = parameters;
    return {
      ...parameters,
      robots: robots.map((path) => basename(path)),
      tdmrep_files: tdmrep_files.map((path) => basename(path)),
      agents: typeof agents === "string" ? basename(agents) : agents,
    };
  },

  async prepare(parameters, context) {
    const { agents, robots, tdmrep_files, accept_damaged } = parameters;
    const assets = [];
    if (typeof agents === "string") {
      const path = profilePath(agents, context.baseFolder);
      const { name, sha256, agents: names } = readProfile(path);
      assets.push({ name: "agent-profile", path, sha256, provenance: { profile: name, agents: names } });
    }
    if (robots.length > 0) assets.push(await prepareArchive(robots, context, accept_damaged));
    if (tdmrep_files.length > 0) assets.push(await prepareArchive(tdmrep_files, context, accept_damaged, tdmrepJson));
    return assets;
  },

  async open(parameters, assets) {
    return new OpenSignals(parameters, assets);
  },
};
