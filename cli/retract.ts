/** `apertus-data retract`: takes documents out of a finished corpus by writing its next version. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { parse } from "yaml";
import {
  type Decider,
  hostDecider,
  type Retraction,
  type RobotsChoice,
  retract,
  robotsDecider,
  robotsSignalsDecider,
  signalsDecider,
  urlListDecider,
} from "../audit/index.js";
import { CorpusFolder, hostOfKey, openManifest } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { shippedPresets } from "../filters/index.js";
import { exitCodes, printable } from "./exit.js";
import { count, counted } from "./numbers.js";
import { table } from "./table.js";

interface RetractFlags {
  readonly corpus: string;
  readonly robots: readonly string[];
  readonly policy?: "latest" | "as-of" | "at-capture" | "ever";
  readonly asOf?: string;
  readonly preset?: string;
  readonly mode: readonly ("rfc" | "intent" | "protego")[];
  readonly agents?: string;
  readonly signals: readonly string[];
  readonly host: readonly string[];
  readonly exact: boolean;
  readonly urlList?: string;
  readonly note?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const several = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

export function retractCommand(finish: (code: number) => void): Command {
  return new Command("retract")
    .summary("take documents out of a finished corpus")
    .description(
      "Decides again on every document that is in, from the documents table alone, and writes the next version of the corpus:\nwhich rows are out, why, and the evidence. No shard is touched, and the version before stays readable.",
    )
    .requiredOption("--corpus <folder>", "corpus folder")
    .option("--robots <file>", "file or pattern with newer robots.txt captures; may be repeated", several, [])
    .option("--preset <policy>", `a policy that ships (${shippedPresets.join(", ")}), or the path of one`)
    .addOption(
      new Option("--policy <policy>", "which captures speak; latest unless it is given").choices([
        "latest",
        "as-of",
        "at-capture",
        "ever",
      ]),
    )
    .option("--as-of <day>", "YYYY-MM-DD, for the policy as-of")
    .addOption(
      new Option("--mode <mode>", "reading that excludes, instead of the recipe's; may be repeated")
        .choices(["rfc", "intent", "protego"])
        .argParser(several as never)
        .default([]),
    )
    .option("--agents <profile>", "a profile that ships, or the path of one, instead of the recipe's")
    .option(
      "--signals <key=value>",
      "decide again on what sites and pages stated, with this parameter of the stage signals in place of the run's, e.g. creative_commons=drop; may be repeated",
      several,
      [],
    )
    .option("--host <host>", "this site with its sub-domains; may be repeated", several, [])
    .option("--exact", "with --host: the host alone", false)
    .option("--url-list <file>", "pages, one address a line")
    .option("--note <text>", "kept with the version")
    .option("--dry-run", "count what would go, and write nothing", false)
    .option("--json", "print one JSON object", false)
    .addHelpText(
      "after",
      "\nExamples:\n  apertus-data retract --corpus ./apertus-example --robots new.warc.gz --dry-run\n  apertus-data retract --corpus ./apertus-example --policy latest\n  apertus-data retract --corpus ./apertus-example --host press.example --note 'letter of 3 May'",
    )
    .action(async (flags: RetractFlags) => {
      const corpus = new CorpusFolder(flags.corpus);
      // A dry run leaves nothing behind, so its archive of new captures lies elsewhere.
      const scratch = flags.dryRun ? mkdtempSync(join(tmpdir(), "apertus-data-retract-")) : undefined;
      try {
        const deciders = await decidersOf(corpus, flags, scratch ?? corpus.assets());
        const note = flags.note === undefined ? {} : { note: flags.note };
        const result = await retract(corpus, { deciders, dryRun: flags.dryRun, now: new Date(), hosts: 20, ...note });
        if (flags.json) console.log(JSON.stringify({ ...result, dry_run: flags.dryRun }));
        else print(result, flags);
        finish(exitCodes.done);
      } finally {
        if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
      }
    });
}

async function decidersOf(corpus: CorpusFolder, flags: RetractFlags, assetFolder: string): Promise<readonly Decider[]> {
  const { robots, policy, asOf, mode, agents, preset } = flags;
  const manifest = openManifest(corpus);
  const deciders: Decider[] = [];
  if (flags.host.length > 0) deciders.push(hostDecider(flags.host, flags.exact));
  if (flags.urlList !== undefined) deciders.push(urlListDecider(flags.urlList));
  if (asOf !== undefined && policy !== undefined && policy !== "as-of")
    throw new DataError("USAGE", {
      detail: `--as-of and --policy ${policy}`,
      mend: "give --as-of alone, or with --policy as-of",
    });
  if (policy === "as-of" && asOf === undefined)
    throw new DataError("USAGE", { detail: "--policy as-of without --as-of", mend: "name the day with --as-of YYYY-MM-DD" });
  if (
    robots.length > 0 ||
    policy !== undefined ||
    asOf !== undefined ||
    mode.length > 0 ||
    agents !== undefined ||
    preset !== undefined
  ) {
    const parameters: RobotsChoice["parameters"] = {
      ...(policy === undefined ? {} : { policy }),
      ...(asOf === undefined ? {} : { policy: "as-of", as_of: asOf }),
      ...(mode.length === 0 ? {} : { modes: [...mode] }),
      ...(agents === undefined ? {} : { agents }),
    };
    const named = preset === undefined ? {} : { preset };
    const choice = { robots, ...named, parameters, baseFolder: process.cwd(), assetFolder };
    deciders.push(await robotsDecider(corpus, manifest, choice));
    const stated = await robotsSignalsDecider(manifest, choice);
    if (stated !== undefined) deciders.push(stated);
  }
  if (flags.signals.length > 0) deciders.push(signalsDecider(manifest, settings(flags.signals)));
  if (deciders.length > 0) return deciders;
  throw new DataError("USAGE", {
    detail: "nothing says which documents are to go",
    mend: "give --robots, --policy, --preset, --signals, --host or --url-list",
  });
}

/** `key=value`, the value as YAML. */
function settings(given: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf("=");
      try {
        if (at > 0) return [text.slice(0, at), parse(text.slice(at + 1)) as unknown];
      } catch {
        // Told below.
      }
      throw new DataError("USAGE", {
        detail: `--signals ${text}`,
        mend: "write key=value, the value as YAML: creative_commons=drop, categories=[train, mine, input]",
      });
    }),
  );
}

function print(result: Retraction, { dryRun, corpus }: RetractFlags): void {
  const { removed, documents, parent, version, by_rule, hosts, hosts_total, unsure } = result;
  const would = dryRun ? "would go" : "went";
  console.log(`${counted(documents, "document")} of version ${count(parent)} decided on again`);
  console.log(
    `${count(removed.documents)} ${would} (${counted(removed.tokens, "token")}), ${count(documents - removed.documents)} stay`,
  );
  if (unsure.partial > 0)
    console.log(`${count(unsure.partial)} that stay stated more than the corpus keeps: decided on what is kept`);
  if (unsure.unread > 0) {
    console.log(`${count(unsure.unread)} stay because what is kept of their statements cannot be read: \`verify\` tells more`);
  }
  for (const [rule, counts] of Object.entries(by_rule)) console.log(`  ${rule}: ${count(counts.documents)}`);
  if (hosts.length > 0) {
    const rows = hosts.map((host) => [
      printable(host.host_key === "" ? "no address" : hostOfKey(host.host_key)),
      count(host.documents),
      count(host.tokens),
    ]);
    console.log(`\n${table(["host", "documents", "tokens"], rows)}`);
    if (hosts_total > hosts.length) console.log(`… of ${count(hosts_total)} hosts`);
  }
  if (version !== null)
    console.log(`\nversion ${count(version)} is written; \`apertus-data diff ${corpus}\` shows it page by page`);
  else if (dryRun) console.log("\nnothing is written (--dry-run)");
  else console.log(`\nversion ${count(parent)} stands`);
}
