/** Labelled lines from files: `label<TAB>text`, or JSON objects, plain or compressed. */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { DataError } from "../../errors/index.js";
import { findFiles, parseJsonObject, readLines } from "../../formats/index.js";
import type { TrainingSource } from "./recipe.js";

export interface LabelledLine {
  readonly label: string;
  readonly text: string;
}

const maxLineBytes = 16 << 20;
const tab = 9;
const brace = 0x7b;

export interface SourceFile {
  /** Relative to the pattern's root, as the description names it. */
  readonly file: string;
  readonly path: string;
  readonly source: TrainingSource;
}

/** @throws DataError INPUT_NOT_FOUND where a source names no file */
export async function sourceFiles(sources: readonly TrainingSource[], baseFolder: string): Promise<readonly SourceFile[]> {
  const found: SourceFile[] = [];
  for (const source of sources) {
    const files = await findFiles(source.path, baseFolder);
    if (files.length === 0) throw new DataError("INPUT_NOT_FOUND", { file: source.path });
    found.push(...files.map(({ path, file }) => ({ path, file, source })));
  }
  return found;
}

/**
 * Lines that are empty are passed over.
 * @throws DataError TRAINING_LINE_INVALID with the number of the line, from 1
 */
export async function* labelledLines({ path, file, source }: SourceFile): AsyncGenerator<LabelledLine> {
  let format = source.format;
  let record = 0;
  const refuse = (detail: string): never => {
    throw new DataError("TRAINING_LINE_INVALID", { file, record: `line ${record}`, detail });
  };
  for await (const line of readLines(path, { maxLineBytes })) {
    record++;
    if (line.kind === "fault") return refuse(line.detail);
    const { bytes } = line;
    if (bytes.length === 0) continue;
    if (!isUtf8(bytes)) return refuse("bytes that are not UTF-8");
    if (format === "auto") format = bytes[0] === brace ? "jsonl" : "tsv";
    const fields = format === "jsonl" ? jsonFields(bytes, source) : tsvFields(bytes);
    if (typeof fields === "string") return refuse(fields);
    if (fields.label === "" || /[\s\u0000-\u001f]/.test(fields.label) || !fields.label.isWellFormed())
      return refuse("a label that is empty or has white space in it");
    yield fields;
  }
}

function tsvFields(bytes: Uint8Array): LabelledLine | string {
  const at = bytes.indexOf(tab);
  if (at < 0) return "no tab between a label and a text";
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { label: line.toString("utf8", 0, at), text: line.toString("utf8", at + 1) };
}

function jsonFields(bytes: Uint8Array, source: TrainingSource): LabelledLine | string {
  const object = parseJsonObject(bytes);
  if (object === undefined) return "not a JSON object";
  const { [source.label]: label, [source.text]: text } = object;
  if (typeof label !== "string") return `no string in the field ${JSON.stringify(source.label)}`;
  if (typeof text !== "string") return `no string in the field ${JSON.stringify(source.text)}`;
  return { label, text };
}

export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
