/** `apertus-data inspect <corpus> …`: totals, documents, verdicts with evidence, decoded tokens. */
import { Command } from "commander";
import {
  decodeTokens,
  findBlob,
  findEvidence,
  findRows,
  findText,
  holdings,
  type Row,
  readTokens,
  rulesOf,
  sampleCorpus,
} from "../audit/index.js";
import { CorpusFolder, listVersions, openManifest } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { exitCodes, printable } from "./exit.js";
import { plainValue, showQuery, showSample } from "./inspect-text.js";
import { bytes, count, counted } from "./numbers.js";
import { stageHeader, stageRows } from "./stage-rows.js";
import { table } from "./table.js";

interface InspectFlags {
  readonly site?: string;
  readonly rule?: string;
  readonly dropped: boolean;
  readonly quarantine: boolean;
  readonly tokens: boolean;
  readonly text: boolean;
  readonly evidence?: string;
  readonly blob?: string;
  readonly sample?: string;
  readonly seed: string;
  readonly sql?: string;
  readonly timeLimit: string;
  readonly version?: string;
  readonly limit: string;
  readonly json: boolean;
}

export function inspectCommand(finish: (code: number) => void): Command {
  return new Command("inspect")
    .summary("look into a corpus: documents, verdicts, tokens")
    .description("Without options: the corpus as a whole. With --site: that page, or all pages of that host, kept and dropped.")
    .argument("<corpus>", "corpus folder")
    .option("--site <host|url>", "a page by its URL, with or without the scheme; or a host with its sub-domains")
    .option("--rule <rule>", "documents that this rule dropped, e.g. consent/robots-disallow or robots-disallow")
    .option("--dropped", "dropped documents only, with their evidence", false)
    .option("--quarantine", "what could not be read", false)
    .option("--tokens", "decode each document's tokens", false)
    .option("--text", "show each document's text, where the recipe kept it", false)
    .option("--evidence <id>", "print one piece of evidence")
    .option("--blob <sha256>", "write captured bytes, a robots.txt say, to standard output")
    .option("--sample <n>", "n documents that were kept and n that each rule left out, with texts before and after redaction")
    .option("--seed <text>", "another sample", "0")
    .option("--sql <select>", "one SELECT over documents (those that are in), ledger, evidence, blobs, quarantine and text")
    .option("--time-limit <seconds>", "with --sql: stop it after so long", "600")
    .option("--version <n>", "the corpus as it was at this version, instead of the newest")
    .option("--limit <n>", "at most this many documents", "10")
    .option("--json", "one JSON object a line", false)
    .addHelpText(
      "after",
      "\nExamples:\n  apertus-data inspect ./apertus-example\n  apertus-data inspect ./apertus-example --site www.example.org --dropped\n  apertus-data inspect ./apertus-example --tokens --limit 1\n  apertus-data inspect ./apertus-example --sample 2 --rule quality/too-few-words\n  apertus-data inspect ./apertus-example --sql 'SELECT language, sum(tokens) FROM documents GROUP BY ALL ORDER BY 2 DESC'\n  apertus-data inspect ./apertus-example --blob <sha256> | sha256sum",
    )
    .action(async (folder: string, flags: InspectFlags) => {
      finish(await inspect(new CorpusFolder(folder), flags));
    });
}

async function inspect(corpus: CorpusFolder, flags: InspectFlags): Promise<number> {
  const version = flags.version === undefined ? {} : { version: wholeNumber("--version", flags.version, 0) };
  if (flags.sql !== undefined) {
    const seconds = wholeNumber("--time-limit", flags.timeLimit);
    return showQuery(corpus, flags.sql, { json: flags.json, seconds, ...version });
  }
  await look(corpus, flags, version);
  return exitCodes.done;
}

async function look(corpus: CorpusFolder, flags: InspectFlags, version: { readonly version?: number }): Promise<void> {
  if (flags.sample !== undefined) {
    const rules = flags.rule === undefined ? {} : { rules: rulesOf(openManifest(corpus), flags.rule) };
    const each = wholeNumber("--sample", flags.sample);
    return showSample(await sampleCorpus(corpus, { each, seed: flags.seed, ...rules, ...version }), flags.json);
  }
  if (flags.blob !== undefined) {
    const found = await findBlob(corpus, flags.blob);
    if (found === undefined) throw new DataError("NOT_IN_CORPUS", { file: corpus.root, detail: flags.blob });
    process.stdout.write(found);
    return;
  }
  if (flags.evidence !== undefined) {
    const found = await findEvidence(corpus, flags.evidence);
    if (found === undefined) throw new DataError("NOT_IN_CORPUS", { file: corpus.root, detail: flags.evidence });
    console.log(JSON.stringify(found, null, flags.json ? 0 : 2));
    return;
  }
  const wanted = {
    limit: wholeNumber("--limit", flags.limit),
    ...version,
    ...(flags.site === undefined ? {} : { site: flags.site }),
    ...(flags.rule === undefined ? {} : { rule: flags.rule }),
  };
  if (flags.quarantine) return show(await findRows(corpus, "quarantine", wanted), flags, corpus);
  const onlyDropped = flags.dropped || flags.rule !== undefined;
  const wantsDropped = onlyDropped || flags.site !== undefined;
  const wantsKept = !onlyDropped && (flags.site !== undefined || flags.tokens || flags.text);
  if (!wantsDropped && !wantsKept) return overview(corpus, flags.json, version.version);
  const kept = wantsKept ? await findRows(corpus, "documents", wanted) : [];
  const dropped = wantsDropped ? await findRows(corpus, "ledger", wanted) : [];
  await show([...kept, ...dropped], flags, corpus);
  if (!flags.json && kept.length + dropped.length === 0) console.log("nothing found");
}

async function overview(corpus: CorpusFolder, json: boolean, number?: number): Promise<void> {
  const manifest = openManifest(corpus);
  const { totals, stages, shards, tokenizer } = manifest;
  const versions = listVersions(corpus);
  const holds = await holdings(corpus, number);
  if (json) {
    console.log(
      JSON.stringify({
        name: manifest.name,
        totals,
        stages,
        shards: shards.length,
        tokenizer: tokenizer?.name ?? null,
        versions,
        holds,
      }),
    );
    return;
  }
  const { version, documents, retracted } = holds;
  const since = retracted === 0 ? "kept" : "in";
  console.log(
    `${manifest.name}: ${count(documents)} of ${counted(totals.documents, "document")} ${since}, ${counted(holds.tokens, "token")}, ${counted(shards.length, "shard")}`,
  );
  if (retracted > 0)
    console.log(`the run kept ${count(totals.kept)}; ${count(retracted)} were taken out since, up to version ${version}`);
  console.log("");
  console.log(
    table(
      stageHeader,
      stageRows(manifest).map(({ cells }) => cells),
    ),
  );
  console.log(
    `\n${count(totals.quarantined)} in quarantine · ${bytes(holds.text_bytes)} of text · version ${version} of ${versions.at(-1) ?? 0} · ${counted(manifest.plan.length, "unit")}`,
  );
}

async function show(rows: readonly Row[], flags: InspectFlags, corpus: CorpusFolder): Promise<void> {
  for (const row of rows) {
    const more: Record<string, unknown> = {};
    if (typeof row.evidence === "string") more.evidence = await findEvidence(corpus, row.evidence);
    if (flags.tokens && typeof row.shard === "string") {
      const ids = await readTokens(corpus, row.shard, Number(row.row));
      if (ids !== undefined) more.decoded = await decodeTokens(corpus, ids);
    }
    if (flags.text && !flags.quarantine) more.text = await findText(corpus, row);
    const plain = Object.fromEntries(Object.entries({ ...row, ...more }).map(([key, value]) => [key, plainValue(value)]));
    if (flags.json) console.log(JSON.stringify(plain));
    else
      console.log(
        `${Object.entries(plain)
          .filter(([, value]) => value !== "" && value !== null)
          .map(([key, value]) => `${key.padEnd(20)} ${lines(value)}`)
          .join("\n")}\n`,
      );
  }
}

function lines(value: unknown): string {
  const text = typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
  return printable(text).replaceAll("\n", `\n${" ".repeat(21)}`);
}

function wholeNumber(flag: string, text: string, least = 1): number {
  const value = Number(text);
  if (!/^\d{1,12}$/.test(text) || value < least)
    throw new DataError("USAGE", { detail: `${flag} ${text}`, mend: `give a whole number from ${least} on` });
  return value;
}
