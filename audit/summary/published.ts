/**
 * What the Apertus project published about its own opt-outs, to stand beside a corpus's counts: documents that its robots.txt
 * filter removed from an audited sample, by agent (Apertus technical report, arXiv 2509.14233, appendix A). The report does not
 * say how large the sample was, so shares of all removed documents can be compared, and counts cannot.
 */
export const publishedSource =
  "Apertus technical report (arXiv 2509.14233), appendix A: documents removed from an audited sample, whose size it does not give";

interface Published {
  readonly english: number | null;
  readonly multilingual: number | null;
}

/** Documents that any of the agents may not use. */
export const publishedAny = { english: 2_166_674, multilingual: 477_587 } as const;

export const publishedAgents: ReadonlyMap<string, Published> = new Map(
  (
    [
      ["GPTBot", 1_772_197, 357_519],
      ["CCBot/2.0", 1_393_545, null],
      ["Google-Extended", 1_136_219, null],
      ["ClaudeBot", 944_635, null],
      ["Bytespider", 805_820, null],
      ["Applebot-Extended", 719_728, null],
      ["Diffbot", 604_731, null],
      ["Meta-ExternalAgent", 396_052, null],
      ["AI2Bot", 134_445, null],
      ["cohere-training-data-crawler", 57_226, null],
      ["PanguBot", 52_381, null],
    ] as const
  ).map(([agent, english, multilingual]) => [agent, { english, multilingual }]),
);
