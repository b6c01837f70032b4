/**
 * `apertus-data audit <host|url>` answers the owner of a site: which pages, in or out, by which rule, and the proof;
 * `audit --summary` shows the corpus as a whole.
 */
import { once } from "node:events";
import { resolve } from "node:path";
import { Command } from "commander";
import {
  explainPage,
  languageCoverage,
  makeOwnerReport,
  makeSummary,
  reportJson,
  writeOwnerReport,
  writeSummary,
} from "../audit/index.js";
import { CorpusFolder } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { explanationText, summaryText } from "./audit-text.js";
import { exitCodes, printable } from "./exit.js";

interface AuditFlags {
  readonly corpus: string;
  readonly exact: boolean;
  readonly whatIf?: string;
  readonly version?: string;
  readonly limit: string;
  readonly contact?: string;
  readonly out?: string;
  readonly explain?: string;
  readonly summary: boolean;
  readonly languages: boolean;
  readonly json: boolean;
}

export function auditCommand(finish: (code: number) => void): Command {
  return new Command("audit")
    .summary("answer the owner of a site: what is in, what is out, why")
    .description(
      "Reports on a site: how many of its pages were read, which are in, which rule left the others out and on what evidence,\nwhat its robots.txt said when, and what other policies would have done. Writes <host>-audit.html, .json and .csv.\n\nA host means its pages and those of its sub-domains; so does an address without a path (https://example.org/). An address with a\npath or a query means that page: any scheme, case of the host, default port and fragment of it is found.\n\nWith --summary and no host it reports on the corpus as a whole: what became of its documents, opt-outs by crawler, languages,\ndomains, rules, time and energy. Writes summary.html and summary.json.",
    )
    .argument("[subject]", "host, or address of a page")
    .requiredOption("--corpus <folder>", "corpus folder")
    .option("--exact", "this host alone, without its sub-domains", false)
    .option("--what-if <file>", "try a robots.txt on these pages: which would be in, which out")
    .option("--version <n>", "report on this version of the corpus; the newest unless it is given")
    .option(
      "--limit <n>",
      "list at most this many pages in the page and the JSON; all are counted, and the CSV has all",
      "10000",
    )
    .option("--contact <text>", "who sends the report and where to answer, as it shall stand in it")
    .option("--out <folder>", "where the files go; ./apertus-audit unless it is given")
    .option("--explain <url>", "print one page's decision step by step, and write nothing")
    .option("--summary", "report on the corpus as a whole; names no host", false)
    .option("--languages", "print every language and script with documents, tokens, and bytes a token; names no host", false)
    .option(
      "--json",
      "print the report (or the explanation, or the summary) as JSON and nothing else; files are written only with --out",
      false,
    )
    .addHelpText(
      "after",
      "\nExamples:\n  apertus-data audit press.example --corpus ./apertus-example --contact 'Data office, data@corpus.example'\n  apertus-data audit press.example --corpus ./apertus-example --what-if robots.txt\n  apertus-data audit --explain https://press.example/2023/story --corpus ./apertus-example\n  apertus-data audit --summary --corpus ./apertus-example\n  apertus-data audit --languages --corpus ./apertus-example\n\nExit codes: 0 done, also where no page was found; 1 failed; 2 wrong usage.",
    )
    .action(async (subject: string | undefined, flags: AuditFlags) => {
      await audit(subject, flags);
      finish(exitCodes.done);
    });
}

async function audit(subject: string | undefined, flags: AuditFlags): Promise<void> {
  const corpus = new CorpusFolder(flags.corpus);
  const version = flags.version === undefined ? {} : { version: whole("--version", flags.version, 0) };
  const folder = resolve(flags.out ?? "apertus-audit");
  const filesAsked = !flags.json || flags.out !== undefined;
  if (flags.summary && flags.languages)
    throw new DataError("USAGE", { detail: "--summary and --languages", mend: "give one of the two" });
  if (flags.languages) {
    refuseWithWhole("--languages", subject, flags);
    const coverage = await languageCoverage(corpus, version.version);
    if (flags.json) return console.log(JSON.stringify(coverage));
    const { languagesText } = await import("./languages-text.js");
    console.log(languagesText(coverage));
    return;
  }
  if (flags.summary) {
    refuseWithWhole("--summary", subject, flags);
    if (!filesAsked) return console.log(JSON.stringify(await makeSummary(corpus, version)));
    const { summary, html, json } = await writeSummary(corpus, version, folder);
    if (flags.json) return console.log(JSON.stringify(summary));
    const { corpusSummaryText } = await import("./summary-text.js");
    console.log(corpusSummaryText(summary));
    console.log(["written:", html, json].map(printable).join("\n  "));
    return;
  }
  if (flags.explain !== undefined) {
    const explanations = await explainPage(corpus, { url: flags.explain, ...version });
    console.log(flags.json ? JSON.stringify(explanations) : explanationText(flags.explain, explanations));
    return;
  }
  if (subject === undefined) {
    throw new DataError("USAGE", {
      detail: "nothing is asked about",
      mend: "name a host or the address of a page, or give --summary for the corpus as a whole",
    });
  }
  const options = {
    asked: subject,
    exact: flags.exact,
    limit: whole("--limit", flags.limit, 0),
    ...version,
    ...(flags.whatIf === undefined ? {} : { whatIf: flags.whatIf }),
    ...(flags.contact === undefined ? {} : { contact: contactOf(flags.contact) }),
  };
  if (!filesAsked) return print(reportJson(await makeOwnerReport(corpus, options)));
  const written = await writeOwnerReport(corpus, options, folder);
  if (flags.json) return print(reportJson(written.report));
  console.log(summaryText(written.report));
  console.log(["written:", written.html, written.json, written.csv].map(printable).join("\n  "));
}

/** One line. */
function contactOf(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line !== "" && line.length <= 300) return line;
  throw new DataError("USAGE", { detail: "--contact", mend: "give a name and an address, at most 300 characters" });
}

/** The corpus as a whole has no host, no page and no robots.txt of its own. */
function refuseWithWhole(whole: string, subject: string | undefined, { explain, whatIf, exact, contact }: AuditFlags): void {
  const asked = [
    ...(subject === undefined ? [] : [subject]),
    ...(explain === undefined ? [] : ["--explain"]),
    ...(whatIf === undefined ? [] : ["--what-if"]),
    ...(exact ? ["--exact"] : []),
    ...(contact === undefined ? [] : ["--contact"]),
  ];
  if (asked.length === 0) return;
  throw new DataError("USAGE", {
    detail: `${whole} is about the whole corpus, ${asked.join(" and ")} about a part of it`,
    mend: "give one of the two",
  });
}

/** Prints no faster than it is read. */
async function print(pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) if (!process.stdout.write(piece)) await once(process.stdout, "drain");
}

function whole(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new DataError("USAGE", { detail: `${option} ${text}`, mend: `give a whole number from ${least} on` });
  }
  return value;
}
