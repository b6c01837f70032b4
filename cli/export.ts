/** `apertus-data export <format>`: a corpus at one of its versions, in the form that a training program reads. */
import { resolve } from "node:path";
import { Command } from "commander";
import { CorpusFolder } from "../corpus/index.js";
import {
  type ExportOptions,
  type ExportResult,
  exportHuggingFace,
  exportMegatron,
  exportText,
  megatronLaunch,
} from "../tokenizer/index.js";
import { exitCodes, quoted } from "./exit.js";
import { exportModelCommand } from "./export-model.js";
import { bytes, counted, wholeNumber } from "./numbers.js";

interface ExportFlags {
  readonly corpus: string;
  readonly out: string;
  readonly version?: number;
  readonly json: boolean;
}

export function exportCommand(finish: (code: number) => void): Command {
  const verb = (name: string, summary: string, description: string): Command =>
    new Command(name)
      .summary(summary)
      .description(
        `${description}\nDocuments that the version takes away are left out. The same folder again goes on where an export stopped; for another\nversion it makes only those parts anew whose documents changed, and removes what the version no longer has.`,
      )
      .requiredOption("--corpus <folder>", "corpus folder")
      .requiredOption("--out <folder>", "where the export goes")
      .option("--version <n>", "version of the corpus; the newest unless it is given", wholeNumber)
      .option("--json", "print one JSON object", false);
  const work =
    (
      name: string,
      run: (options: ExportOptions) => Promise<ExportResult>,
      hint: (out: string, result: ExportResult) => readonly string[],
    ) =>
    async (flags: ExportFlags): Promise<void> =>
      finish(await exportVerb(name, run, hint, flags));
  return new Command("export")
    .summary("write a corpus for a training program, or a model for Hugging Face")
    .description(
      "Writes the tokens of a corpus, at one of its versions, in the form that a training program reads; or a trained model.",
    )
    .addCommand(
      verb(
        "megatron",
        "pairs of .bin and .idx for Megatron-LM",
        "One pair of .bin and .idx for each shard, as Megatron-LM's IndexedDataset reads them, and prefixes.txt with their names.",
      )
        .addHelpText("after", "\nExample:\n  apertus-data export megatron --corpus ./apertus-example --out ./megatron")
        .action(
          work("megatron", exportMegatron, (out, { record }) => [
            "to train on it:",
            "",
            ...megatronLaunch(quoted(out), record),
          ]),
        )
        .exitOverride(),
    )
    .addCommand(
      verb(
        "hf",
        "a data set folder for Hugging Face datasets",
        "A folder that datasets.load_from_disk opens: an Arrow file for each shard, with input_ids, id, language, source and text_bytes.",
      )
        .addHelpText("after", "\nExample:\n  apertus-data export hf --corpus ./apertus-example --out ./dataset")
        .action(work("hf", exportHuggingFace, (out) => [`to read it: datasets.load_from_disk(${JSON.stringify(out)})`]))
        .exitOverride(),
    )
    .addCommand(
      verb(
        "text",
        "JSON lines of the kept texts, redacted",
        "A file of JSON lines for each shard, where the recipe keeps texts: id, url, date, source, language and text, redacted as the tokens are.",
      )
        .addHelpText("after", "\nExample:\n  apertus-data export text --corpus ./apertus-example --out ./texts")
        .action(work("text", exportText, () => []))
        .exitOverride(),
    )
    .addCommand(exportModelCommand(finish).exitOverride());
}

async function exportVerb(
  name: string,
  run: (options: ExportOptions) => Promise<ExportResult>,
  hint: (out: string, result: ExportResult) => readonly string[],
  flags: ExportFlags,
): Promise<number> {
  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write("\nstopping after this part\n");
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const isTerminal = process.stderr.isTTY === true;
  const out = resolve(flags.out);
  const start = performance.now();
  try {
    const result = await run({
      corpus: new CorpusFolder(flags.corpus),
      out,
      ...(flags.version === undefined ? {} : { version: flags.version }),
      signal: stop.signal,
      onPart: (done, all) => {
        if (isTerminal) process.stderr.write(`\r\u001b[K${name}: ${done} of ${counted(all, "part")}`);
      },
    });
    if (isTerminal) process.stderr.write("\r\u001b[K");
    const seconds = (performance.now() - start) / 1000;
    const { record, written, unchanged, removed, writtenBytes } = result;
    const { version, documents, tokens, parts } = record;
    if (flags.json) {
      console.log(
        JSON.stringify({
          kind: name,
          out,
          version,
          documents,
          tokens,
          parts,
          written,
          unchanged,
          removed,
          written_bytes: writtenBytes,
          seconds,
        }),
      );
      return exitCodes.done;
    }
    console.log(
      `version ${version}: ${counted(documents, "document")}, ${counted(tokens, "token")}, ${counted(parts.length, "part")}`,
    );
    const gone = removed.length === 0 ? "" : `, ${counted(removed.length, "file")} of an earlier export removed`;
    console.log(
      `${counted(written, "part")} written (${bytes(writtenBytes)} in ${seconds.toFixed(1)} s), ${unchanged} as they were${gone}`,
    );
    for (const line of hint(out, result)) console.log(line);
    return exitCodes.done;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    const again = ["apertus-data", "export", name, "--corpus", flags.corpus, "--out", flags.out];
    if (flags.version !== undefined) again.push("--version", String(flags.version));
    process.stderr.write(`interrupted; to go on where it stopped:\n  ${again.map(quoted).join(" ")}\n`);
    return exitCodes.interrupted;
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}
