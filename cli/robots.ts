/** `apertus-data robots check|show`: what a robots.txt says of URLs to agents, and how a site's robots.txt changed. */
import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { type AuthorityHistory, type CaptureHistory, robotsHistory } from "../audit/index.js";
import { CorpusFolder } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { checkAll, type MatchingMode, matchingModes, type RobotsDecision, robotsTarget } from "../filters/index.js";
import { exitCodes, printable } from "./exit.js";
import { bytes } from "./numbers.js";

interface CheckFlags {
  readonly robots: string;
  readonly agent: readonly string[];
  readonly mode: MatchingMode;
  readonly json: boolean;
}

export function robotsCommand(finish: (code: number) => void): Command {
  const check = new Command("check")
    .summary("what a robots.txt says of URLs to agents, with the line that decides")
    .description("Prints allowed or disallowed for each URL and agent, with the line that decides and the group it stands in.")
    .argument("<url...>", "absolute URLs, of which path and query count, or paths")
    .requiredOption("--robots <file>", "the robots.txt")
    .requiredOption("--agent <name>", "a crawler's name; may be repeated", (name, all: readonly string[] = []) => [
      ...all,
      name,
    ])
    .addOption(new Option("--mode <mode>", "how the file is read").choices([...matchingModes]).default("rfc"))
    .option("--json", "print one JSON object", false)
    .addHelpText(
      "after",
      "\nExamples:\n  apertus-data robots check --robots robots.txt --agent GPTBot https://example.org/page\n  apertus-data robots check --robots robots.txt --agent GPTBot --agent CCBot --mode intent /a /b --json\n\nExit codes: 0 all are allowed, 1 any is disallowed, 2 wrong usage.",
    )
    .action((urls: readonly string[], flags: CheckFlags) => finish(checkFile(urls, flags)));
  const show = new Command("show")
    .summary("a site's robots.txt captures in a corpus, and what changed from each to the next")
    .description("Lists the captures of a host in the corpus's archive, the oldest first, with the records that went and came.")
    .argument("<host>", "host, or address of a page")
    .requiredOption("--corpus <folder>", "corpus folder")
    .option("--json", "print one JSON object", false)
    .addHelpText("after", "\nExample:\n  apertus-data robots show press.example --corpus ./apertus-example")
    .action((host: string, flags: { readonly corpus: string; readonly json: boolean }) => {
      const authorities = robotsHistory(new CorpusFolder(flags.corpus), host);
      if (flags.json) console.log(JSON.stringify({ host, authorities }));
      else printHistory(host, authorities);
      finish(exitCodes.done);
    });
  return new Command("robots")
    .summary("check a robots.txt, or show how a site's changed")
    .addCommand(check.exitOverride())
    .addCommand(show.exitOverride());
}

function checkFile(urls: readonly string[], { robots, agent, mode, json }: CheckFlags): number {
  const targets = urls.map((url) => {
    const target = robotsTarget(url);
    if (target === undefined)
      throw new DataError("USAGE", { detail: url, mend: "give an http or https URL, or a path that begins with /" });
    return target;
  });
  const decisions = checkAll(read(robots), targets, agent, mode);
  const rows = urls.flatMap((url, i) => (decisions[i] ?? []).map((decision) => ({ url, ...decision })));
  if (json) console.log(JSON.stringify({ robots, decisions: rows }));
  else
    for (const { url, ...decision } of rows)
      console.log(
        `${decision.allowed ? "allowed   " : "disallowed"}  ${printable(url)}  ${printable(decision.agent)}: ${because(decision)}`,
      );
  return rows.every(({ allowed }) => allowed) ? exitCodes.done : exitCodes.failed;
}

/** Exit code 1 says that something is disallowed, so a file that cannot be read is wrong usage here. */
function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new DataError("USAGE", { file: path, detail: "this robots.txt cannot be read", mend: "check --robots", cause });
  }
}

function because({ reason, group, rule, mode }: RobotsDecision): string {
  const where = group === null ? "" : ` (group ${group}, ${mode})`;
  if (rule !== null) return `line ${rule.line}: ${rule.raw}${where}`;
  if (reason === "no-rule") return `no rule matches${where}`;
  return reason === "no-group" ? `no group is for it (${mode})` : "robots.txt itself is always allowed";
}

function printHistory(host: string, authorities: readonly AuthorityHistory[]): void {
  if (authorities.length === 0) console.log(`no capture of ${printable(host)}`);
  for (const { authority, captures } of authorities) {
    console.log(printable(authority));
    for (const capture of captures) {
      console.log(`  ${capture.captured_at}  ${printable(summary(capture))}`);
      for (const { change, line, text } of capture.changes ?? []) {
        console.log(`    ${change === "removed" ? "-" : "+"} ${printable(text.replaceAll("\t", " "))}  (line ${line})`);
      }
    }
  }
}

function summary({ state, status, bytes: size, redirect, changes, sha256 }: CaptureHistory): string {
  const what = redirect === "" ? "" : ` to ${redirect}`;
  const digest = sha256 === null ? "" : `, ${bytes(size)}, sha256 ${sha256.slice(0, 12)}…`;
  const news =
    changes === null
      ? ""
      : changes.length === 0
        ? ", no record changed"
        : `, ${changes.length} ${changes.length === 1 ? "record" : "records"} changed`;
  return `${state}${what} (${status})${digest}${news}`;
}
