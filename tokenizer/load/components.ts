/** The parts of a tokenizer.json around its model (Hugging Face tokenizers, the components' serde names), as far as they are known. */
import { z } from "zod";
import { DataError } from "../../errors/index.js";
import type { SplitStage } from "../../native/index.js";
import type { NormaliserStep } from "../normalise.js";
import { type FileAtHand, invalid } from "./assemble.js";
import { knownPattern } from "./patterns.js";

const typed = z.looseObject({ type: z.string() });
const pattern = z.union([z.strictObject({ String: z.string() }), z.strictObject({ Regex: z.string() })]);
const behaviour = z.enum(["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]);
const split = z.looseObject({ pattern, behavior: behaviour, invert: z.boolean().default(false) });
const byteLevel = z.looseObject({ add_prefix_space: z.boolean().default(true), use_regex: z.boolean().default(true) });
const digits = z.looseObject({ individual_digits: z.boolean().default(false) });
const prepend = z.looseObject({ prepend: z.string() });
const replace = z.looseObject({ pattern, content: z.string() });
const piece = z.union([
  z.strictObject({ SpecialToken: z.looseObject({ id: z.string() }) }),
  z.strictObject({ Sequence: z.looseObject({ id: z.string() }) }),
]);
const template = z.looseObject({ single: z.array(piece) });

function as<T>(file: FileAtHand, what: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(file, `${what}${issue === undefined ? "" : `: ${[...issue.path, issue.message].join(" ")}`}`);
}

function unsupported({ path }: FileAtHand, detail: string): DataError {
  return new DataError("TOKENIZER_UNSUPPORTED", { file: path, detail });
}

/** A component and, for Sequence, those in it, in order. */
function flat(
  file: FileAtHand,
  what: string,
  key: string,
  value: unknown,
): readonly (readonly [type: string, value: unknown])[] {
  if (value === null || value === undefined) return [];
  const { type, [key]: inner } = as(file, what, typed, value);
  if (type !== "Sequence") return [[type, value]];
  return as(file, what, z.array(z.unknown()), inner).flatMap((part) => flat(file, what, key, part));
}

export function normaliserOf(file: FileAtHand, value: unknown): readonly NormaliserStep[] {
  return flat(file, "normalizer", "normalizers", value).map(([type, part]): NormaliserStep => {
    if (type === "NFC" || type === "NFD" || type === "NFKC" || type === "NFKD") return { kind: "form", form: type };
    if (type === "Prepend") return { kind: "prepend", text: as(file, type, prepend, part).prepend };
    if (type !== "Replace") throw unsupported(file, `the normalizer ${type}`);
    const { pattern: from, content } = as(file, type, replace, part);
    if (!("String" in from) || from.String === "") throw unsupported(file, "the normalizer Replace with a regular expression");
    return { kind: "replace", from: from.String, to: content };
  });
}

export interface PreTokenizer {
  readonly stages: readonly SplitStage[];
  /** It neither adds nor leaves out a byte. */
  readonly lossless: boolean;
}

export function preTokenizerOf(file: FileAtHand, value: unknown): PreTokenizer {
  const parts = flat(file, "pre_tokenizer", "pretokenizers", value);
  const stages: SplitStage[] = [];
  let lossless = true;
  for (const [index, [type, part]] of parts.entries()) {
    if (type === "Split") {
      const stage = splitOf(file, part);
      if ("behaviour" in stage && stage.behaviour === "Removed") lossless = false;
      stages.push(stage);
    } else if (type === "Digits") {
      const { individual_digits } = as(file, type, digits, part);
      const behaviour_ = individual_digits ? "Isolated" : "Contiguous";
      stages.push({ pattern: Buffer.from("\\p{N}"), behaviour: behaviour_, invert: false });
    } else if (type === "ByteLevel") {
      if (index < parts.length - 1) throw unsupported(file, `the pre-tokenizer ${parts[index + 1]?.[0]} behind ByteLevel`);
      const { add_prefix_space, use_regex } = as(file, type, byteLevel, part);
      if (add_prefix_space) stages.push({ prefixSpace: true });
      if (add_prefix_space) lossless = false;
      if (use_regex) stages.push({ known: "gpt2" });
    } else throw unsupported(file, `the pre-tokenizer ${type}`);
  }
  if (parts.at(-1)?.[0] !== "ByteLevel") throw unsupported(file, "a BPE model without the pre-tokenizer ByteLevel");
  return { stages, lossless };
}

function splitOf(file: FileAtHand, part: unknown): SplitStage {
  const { pattern: of, behavior, invert } = as(file, "Split", split, part);
  if ("String" in of) {
    if (of.String === "") throw unsupported(file, "the pre-tokenizer Split at the empty text");
    const literal = of.String.replaceAll(/[\\^$.|?*+(){}[\]&-]/g, "\\$&");
    return { pattern: Buffer.from(literal), behaviour: behavior, invert };
  }
  const known = knownPattern(of.Regex, "oniguruma");
  // Known patterns leave nothing between their matches.
  if (known !== undefined && (behavior === "Isolated" || (behavior === "Removed" && invert))) return { known };
  return { pattern: Buffer.from(of.Regex), behaviour: behavior, invert };
}

/** The special tokens that a template puts around one text. */
export function templateOf(
  file: FileAtHand,
  value: unknown,
): { readonly bos?: string | undefined; readonly eos?: string | undefined } {
  for (const [type, part] of flat(file, "post_processor", "processors", value)) {
    if (type === "ByteLevel") continue;
    if (type !== "TemplateProcessing") throw unsupported(file, `the post-processor ${type}`);
    const { single } = as(file, type, template, part);
    const text = single.findIndex((item) => "Sequence" in item);
    const names = (items: typeof single): readonly string[] =>
      items.flatMap((item) => ("SpecialToken" in item ? [item.SpecialToken.id] : []));
    return { bos: names(single.slice(0, text))[0], eos: names(single.slice(text + 1)).at(-1) };
  }
  return {};
}

export function checkDecoder(file: FileAtHand, value: unknown): void {
  for (const [type] of flat(file, "decoder", "decoders", value)) {
    if (type !== "ByteLevel") throw unsupported(file, `the decoder ${type}`);
  }
}
