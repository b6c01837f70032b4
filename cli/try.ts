/** `apertus-data try <filter> [file]`: one filter on a few documents, one JSON object a document. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Command } from "commander";
import { parse } from "yaml";
import { codeOf } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { builtInFilters } from "../filters/index.js";
import { openForTry, type TryDocument } from "../pipeline/index.js";
import { exitCodes } from "./exit.js";
import { table } from "./table.js";

interface TryFlags {
  readonly set: readonly string[];
  readonly list: boolean;
}

export function tryCommand(finish: (code: number) => void): Command {
  return new Command("try")
    .summary("try one filter on a few documents")
    .description(
      "Runs one filter, by its name or by the path of a module of your own, over a text file (a document a line), JSONL\n(lines that begin with {: the key text, and url, date, language, … where the filter reads them) or standard input.\nPrints one JSON object a document: verdict, rule, evidence, annotations, redactions.",
    )
    .argument("[filter]", "see --list")
    .argument("[file]", "a file; - or nothing for standard input")
    .option(
      "--set <key=value>",
      "a parameter of the filter, as YAML; may be repeated",
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option("--list", "list the filters", false)
    .option("--json", "does nothing: the output is JSON anyway", false)
    .addHelpText(
      "after",
      "\nExamples:\n  echo 'Write to jane@example.org' | apertus-data try pii\n  apertus-data try quality --set min_words=5 notes.txt\n  apertus-data try ./my-filter.mjs documents.jsonl",
    )
    .action(async (filter: string | undefined, file: string | undefined, flags: TryFlags) => {
      if (flags.list || filter === undefined) {
        console.log(
          table(
            ["filter", "what it does"],
            builtInFilters.map(({ name, summary }) => [name, summary]),
            2,
          ),
        );
        finish(filter === undefined && !flags.list ? exitCodes.usage : exitCodes.done);
        return;
      }
      const tried = await openForTry(filter, Object.fromEntries(flags.set.map(setting)));
      try {
        let batch: TryDocument[] = [];
        const answer = (): void => {
          for (const line of batch.length === 0 ? [] : tried.answer(batch)) process.stdout.write(`${JSON.stringify(line)}\n`);
          batch = [];
        };
        for await (const line of linesOf(file)) {
          if (line.trim() === "") continue;
          batch.push(toDocument(line));
          // A person at a terminal sees each answer at once; a file goes faster in batches.
          if (batch.length >= 256 || (file === undefined && process.stdin.isTTY === true)) answer();
        }
        answer();
      } finally {
        tried.close();
      }
      finish(exitCodes.done);
    });
}

/** `min_words=5`, `allow=[eng, deu]` or `engine={fasttext: lid.bin}`: a key, and its value as YAML. */
function setting(text: string): [string, unknown] {
  const at = text.indexOf("=");
  if (at < 1) throw new DataError("USAGE", { detail: `--set ${text}`, mend: "write --set key=value" });
  try {
    return [text.slice(0, at), parse(text.slice(at + 1)) as unknown];
  } catch (cause) {
    throw new DataError("USAGE", { detail: `--set ${text}`, mend: "write the value as YAML, say --set 'kinds=[ip]'", cause });
  }
}

async function* linesOf(file: string | undefined): AsyncGenerator<string> {
  const input = file === undefined || file === "-" ? process.stdin : createReadStream(file);
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (cause) {
    const code = codeOf(cause) === "ENOENT" ? "INPUT_NOT_FOUND" : "INPUT_UNREADABLE";
    throw new DataError(code, { file: file ?? "standard input", detail: codeOf(cause), cause });
  }
}

function toDocument(line: string): TryDocument {
  if (line.startsWith("{")) {
    try {
      const value = JSON.parse(line) as Record<string, unknown>;
      const text = value.text;
      return { ...value, text: typeof text === "string" ? text : "" };
    } catch {
      return { text: line };
    }
  }
  return { text: line };
}
