/** The signals filter's parameters as they stand in a recipe. The defaults respect what denies training in so many words. */
import { z } from "zod";
import { consentParameters } from "../consent/parameters.js";
import { policies } from "../consent/policy.js";

const { robots, as_of, fallback, prefer, pass_over, accept_damaged } = consentParameters.shape;
const choice = z.enum(["drop", "record"]);

export const countedCategories = ["train", "mine", "input", "search", "images", "index", "archive"] as const;

export const signalsParameters = z
  .object({
    robots: robots.describe(
      "Files with robots.txt captures, as for consent: give both the same. Without any, no robots.txt states anything.",
    ),
    tdmrep: choice
      .default("drop")
      .describe(
        "What a reservation by the TDM Reservation Protocol does: 1 in the page's meta element, else in its header, else in tdmrep.json.",
      ),
    tdmrep_files: z
      .array(z.string().min(1))
      .default([])
      .describe(
        "Files with captures of /.well-known/tdmrep.json (WARC files, or tables as for robots), as paths or patterns relative to the recipe. Crawls fetch it seldom; without any, headers and meta elements speak alone.",
      ),
    content_signal: choice
      .default("drop")
      .describe("What a `no` in a Content-Signal line or header does, for the uses in `categories`."),
    content_usage: choice
      .default("drop")
      .describe(
        "What an `n` in a Content-Usage rule or header (IETF AIPREF) does, for the uses in `categories`. Denials by the labels of earlier drafts count too.",
      ),
    robots_meta: choice
      .default("drop")
      .describe(
        "What noai, noml and the other directives in X-Robots-Tag or meta robots do, for the uses in `categories`; where they are addressed to one agent, if it is one of `agents`.",
      ),
    creative_commons: choice
      .default("record")
      .describe(
        "What a Creative Commons licence that is not in `permissive_licences` does. Recorded by default: a licence permits, it reserves nothing against mining, and the link may be about a picture.",
      ),
    permissive_licences: z
      .array(
        z.enum([
          "by",
          "by-sa",
          "by-nd",
          "by-nc",
          "by-nc-sa",
          "by-nc-nd",
          "nc",
          "nd",
          "sa",
          "nc-sa",
          "by-nd-nc",
          "nd-nc",
          "zero",
          "mark",
        ]),
      )
      .default(["by", "by-sa", "zero", "mark"])
      .describe("The Creative Commons licences that `creative_commons: drop` keeps, in any version."),
    rsl: choice
      .default("record")
      .describe(
        "What naming an RSL licence does. Its terms are not fetched, so `drop` leaves out every page that names one, whatever it permits.",
      ),
    categories: z
      .array(z.enum(countedCategories))
      .default(["train", "mine"])
      .describe(
        "The uses whose denial counts: `train` a model, `mine` text and data, `input` to a model at the time of an answer, `search`, `images` for training, `index`, `archive`.",
      ),
    agents: consentParameters.shape.agents,
    policy: z
      .enum(policies)
      .default("latest")
      .describe(
        "Which captures of the site's files speak, as for consent: `latest`, `as-of`, `at-capture` or `ever`. The latest by default, since Content-Signal and Content-Usage are younger than consent's default day.",
      ),
    as_of,
    fallback,
    prefer,
    pass_over,
    accept_damaged,
  })
  .strict();

export type SignalsParameters = z.output<typeof signalsParameters>;
