/**
 * What a retraction goes by. Decided by robots.txt, or by what a site or page stated otherwise, a document goes by the rules of those filters, word for word; beside them
 * stand those that name who asked.
 */
import { consent, signals } from "../../filters/index.js";

export const retractRules: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries({ ...consent.rules, ...signals.rules }).map(([rule, meaning]) => [
      rule,
      `${meaning} It was decided after the run, on newer captures or by another policy.`,
    ]),
  ),
  "host-request": "The owner of the site asked that its pages be taken out.",
  "url-request": "Somebody asked that this page be taken out.",
};

/** As it stands in a version's ledger. */
export const retractStage = "retract";
