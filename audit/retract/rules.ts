/** What a retraction goes by. Its rules are not those of any filter: they name who asked, and when. */
export const retractRules = {
  "robots-disallow": "A robots.txt that was captured later, or a policy that was chosen later, disallows this address.",
  "host-request": "The owner of the site asked that its pages be taken out.",
  "url-request": "Somebody asked that this page be taken out.",
} as const;

/** As it stands in a version's ledger. */
export const retractStage = "retract";
