/** `apertus-data diff <corpus> [from] [to]`: what changed between two versions of a corpus. */
import { Command } from "commander";
import { diffVersions } from "../audit/index.js";
import { CorpusFolder, hostOfKey, listVersions } from "../corpus/index.js";
import { exitCodes, printable } from "./exit.js";
import { count, wholeNumber } from "./numbers.js";
import { table } from "./table.js";

export function diffCommand(finish: (code: number) => void): Command {
  return new Command("diff")
    .summary("show what changed between two versions of a corpus")
    .description(
      "Documents that went or came back between two versions, by host and page, with the reasons that the versions give.\nWithout numbers: the newest version and the one before it.",
    )
    .argument("<corpus>", "corpus folder")
    .argument("[from]", "version number", wholeNumber)
    .argument("[to]", "version number; the newest where it is left out", wholeNumber)
    .option("--limit <n>", "hosts and pages to list", wholeNumber, 20)
    .option("--json", "print one JSON object", false)
    .addHelpText(
      "after",
      "\nExamples:\n  apertus-data diff ./apertus-example\n  apertus-data diff ./apertus-example 0 2 --json",
    )
    .action(
      async (folder: string, from: number | undefined, to: number | undefined, flags: { limit: number; json: boolean }) => {
        const corpus = new CorpusFolder(folder);
        const newest = listVersions(corpus).at(-1) ?? 0;
        const until = to ?? newest;
        const diff = await diffVersions(corpus, from ?? Math.max(0, until - 1), until, flags.limit);
        if (flags.json) console.log(JSON.stringify(diff));
        else print(diff);
        finish(exitCodes.done);
      },
    );
}

function print(diff: Awaited<ReturnType<typeof diffVersions>>): void {
  const { documents, removed, restored, hosts, hosts_total, pages, versions } = diff;
  console.log(
    `version ${diff.from}: ${count(documents.from)} documents; version ${diff.to}: ${count(documents.to)}\n` +
      `${count(removed.documents)} went (${count(removed.tokens)} tokens), ${count(restored.documents)} came back (${count(restored.tokens)} tokens)`,
  );
  for (const { version, created_at, reasons } of versions) {
    console.log(`\nversion ${version}, made ${created_at ?? "by the run"}`);
    for (const reason of reasons) console.log(`  ${printable(JSON.stringify(reason))}`);
  }
  if (hosts.length === 0) return;
  const rows = hosts.map((host) => [
    printable(host.host_key === "" ? "no address" : hostOfKey(host.host_key)),
    count(host.removed),
    count(host.restored),
    count(host.tokens),
  ]);
  console.log(`\n${table(["host", "went", "came back", "tokens"], rows)}`);
  if (hosts_total > hosts.length) console.log(`… of ${count(hosts_total)} hosts`);
  console.log("");
  for (const { change, url, shard, row } of pages)
    console.log(`${change === "removed" ? "-" : "+"} ${printable(url === "" ? `${shard}, row ${row}` : url)}`);
  const all = removed.documents + restored.documents;
  if (all > pages.length) console.log(`… of ${count(all)} documents`);
}
