/** `apertus-data tokenize [file]`: texts to token ids and back, one document a line. */
import { isUtf8 } from "node:buffer";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Command } from "commander";
import { DataError } from "../errors/index.js";
import { BytesBuilder, parseJsonObject, readLines } from "../formats/index.js";
import { loadTokenizer, openTokenizer, type Tokenizer } from "../tokenizer/index.js";
import { exitCodes } from "./exit.js";

interface TokenizeFlags {
  readonly decode: boolean;
  readonly count: boolean;
  readonly document: boolean;
  readonly vocabulary?: string;
  readonly encoding?: string;
  readonly json: boolean;
}

/** Lines that are answered together, and their bytes, at most. */
const batchLines = 256;
const batchBytes = 4 << 20;
const maxLineBytes = 2 ** 28;
const brace = 0x7b;

export function tokenizeCommand(finish: (code: number) => void): Command {
  return new Command("tokenize")
    .summary("texts to token ids and back")
    .description(
      "Prints the token ids of texts, a JSON array for each line. A line of the file is a text, or where it begins with { a JSON\nobject with the key text. Special tokens never come from text: </s> in a line is four characters.",
    )
    .argument("[file]", "a file, plain, gzip or zstd; - or nothing for standard input")
    .option(
      "--vocabulary <file>",
      "a tokenizer.json, tekken.json or .tiktoken file; the tokenizer of Apertus unless it is given",
    )
    .option("--encoding <name>", "the encoding of a .tiktoken file whose name does not say it, such as cl100k_base")
    .option("--document", "put begin and end of document around each text, as shards have them", false)
    .option("--count", "print how many tokens each line has, and not which", false)
    .option("--decode", "the way back: lines are JSON arrays of ids, and become JSON objects with the key text", false)
    .option("--json", "does nothing: the output is JSON anyway", false)
    .addHelpText(
      "after",
      "\nExamples:\n  echo 'Hello world!' | apertus-data tokenize\n  apertus-data tokenize texts.jsonl > ids.jsonl\n  apertus-data tokenize --decode ids.jsonl\n  apertus-data tokenize --count --document texts.jsonl\n  apertus-data tokenize --vocabulary tokenizer.json texts.jsonl",
    )
    .action(async (file: string | undefined, flags: TokenizeFlags) => {
      if (flags.decode && (flags.count || flags.document)) {
        throw new DataError("USAGE", {
          detail: `--decode and --${flags.count ? "count" : "document"}`,
          mend: "leave one of them out",
        });
      }
      const { vocabulary, encoding } = flags;
      if (encoding !== undefined && vocabulary === undefined) {
        throw new DataError("USAGE", { detail: "--encoding without --vocabulary", mend: "name the file of ranks" });
      }
      const tokenizer =
        vocabulary === undefined
          ? await openTokenizer("apertus")
          : await loadTokenizer(vocabulary, encoding === undefined ? {} : { encoding });
      const answers = flags.decode ? decoded(tokenizer, file) : encoded(tokenizer, file, flags);
      for await (const text of answers) if (!process.stdout.write(text)) await once(process.stdout, "drain");
      finish(exitCodes.done);
    });
}

async function* encoded(tokenizer: Tokenizer, file: string | undefined, flags: TokenizeFlags): AsyncGenerator<string> {
  let texts = new BytesBuilder("utf8");
  const answer = (): string => {
    const { values, offsets } = tokenizer.encodeBatch(texts.finish(), { bos: flags.document, eos: flags.document });
    texts = new BytesBuilder("utf8");
    let lines = "";
    for (let row = 0; row + 1 < offsets.length; row++) {
      lines += flags.count ? `${offsets[row + 1] - offsets[row]}\n` : `[${values.subarray(offsets[row], offsets[row + 1])}]\n`;
    }
    return lines;
  };
  for await (const { bytes, number } of linesOf(file)) {
    texts.append(bytes[0] === brace ? textOf(bytes, file, number) : bytes);
    if (texts.rows >= batchLines || texts.size >= batchBytes || isInteractive(file)) yield answer();
  }
  if (texts.rows > 0) yield answer();
}

async function* decoded(tokenizer: Tokenizer, file: string | undefined): AsyncGenerator<string> {
  for await (const { bytes, number } of linesOf(file)) {
    const text = tokenizer.decode(idsOf(bytes, file, number, tokenizer.vocabularySize));
    // Any ids are ids of something, and some of them end in the middle of a character.
    const answer = isUtf8(text)
      ? { text: Buffer.from(text).toString("utf8") }
      : { base64: Buffer.from(text).toString("base64") };
    yield `${JSON.stringify(answer)}\n`;
  }
}

/** A line that begins with a brace and is no JSON is a text, as source code is. */
function textOf(bytes: Uint8Array, file: string | undefined, number: number): Uint8Array {
  const object = parseJsonObject(bytes);
  if (object === undefined) return bytes;
  if (typeof object.text !== "string") throw lineFault(file, number, "a JSON object without a string `text`");
  return Buffer.from(object.text.toWellFormed());
}

function idsOf(bytes: Uint8Array, file: string | undefined, number: number, vocabularySize: number): Uint32Array {
  let ids: unknown;
  try {
    ids = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw lineFault(file, number, cause instanceof Error ? cause.message : "no JSON");
  }
  if (!Array.isArray(ids)) throw lineFault(file, number, "no array");
  const unknown = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabularySize) as unknown;
  if (unknown !== undefined) {
    throw new DataError("TOKEN_UNKNOWN", { file: file ?? "standard input", record: `line ${number}`, detail: String(unknown) });
  }
  return Uint32Array.from(ids as readonly number[]);
}

function lineFault(file: string | undefined, number: number, detail: string): DataError {
  return new DataError("LINE_UNREADABLE", { file: file ?? "standard input", record: `line ${number}`, detail });
}

/** A person at a terminal sees each answer at once. */
function isInteractive(file: string | undefined): boolean {
  return (file === undefined || file === "-") && process.stdin.isTTY === true;
}

async function* linesOf(file: string | undefined): AsyncGenerator<{ readonly bytes: Uint8Array; readonly number: number }> {
  let number = 0;
  if (file === undefined || file === "-") {
    const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) yield { bytes: Buffer.from(line), number: ++number };
    return;
  }
  for await (const line of readLines(file, { maxLineBytes })) {
    number++;
    if (line.kind === "fault") throw lineFault(file, number, line.detail);
    yield { bytes: line.bytes, number };
  }
}
