/** Text from a model, token by token. The text of a prompt is text: no special token comes from it but the begin of a document. */
import { binaryColumn } from "../../formats/index.js";
import { openTokenizerFor, openWeights } from "../checkpoint/weights.js";
import { loadWeights, openModel } from "../run/setup.js";
import { uniformAt } from "./philox.js";
import { type SamplingSettings, sampleToken } from "./sample.js";

export interface GenerateOptions extends SamplingSettings {
  /** What openWeights opens. */
  readonly checkpoint: string;
  readonly prompt: string;
  /** At most. */
  readonly tokens: number;
  readonly seed: number;
  readonly threads: number;
  readonly signal?: AbortSignal;
  /** Whole characters, as they come. */
  readonly hear?: (text: string) => void;
}

export interface Generated {
  /** Behind the prompt. */
  readonly text: string;
  readonly tokens: readonly number[];
  /** Of the prompt, the begin of a document included. */
  readonly promptTokens: number;
  /** The document ended, or the model's positions, or what was asked for, or somebody stopped it. */
  readonly stopped: "end" | "length" | "tokens" | "signal";
  readonly tokensPerSecond: number;
}

/**
 * Special tokens may not come, but for the end of a document, which ends the text, and those that stand in ordinary text (mathematics)
 * or for redacted spans, which are written by their names.
 * @throws DataError as openWeights
 */
export async function generate(options: GenerateOptions): Promise<Generated> {
  const { checkpoint, prompt, tokens: wanted, seed, threads, signal, hear = () => undefined } = options;
  const weights = openWeights(checkpoint);
  weights.close();
  const { configuration } = weights;
  const model = openModel(configuration, threads, "float32");
  loadWeights(model, checkpoint);
  const tokenizer = await openTokenizerFor(weights);
  const { special } = tokenizer;
  const written = new Set([...special.inText, ...special.placeholders.values()]);
  const allowed = (token: number): boolean =>
    token < tokenizer.vocabularySize && (token === special.eos || !special.names.has(token) || written.has(token));
  const { values } = tokenizer.encodeBatch(binaryColumn([new TextEncoder().encode(prompt)]), { bos: true, eos: false });
  let next = Int32Array.from(values);
  const room = configuration.maxLength - next.length;
  const generator = model.generator(Math.min(configuration.maxLength, next.length + wanted));
  const decoder = new TextDecoder();
  const made: number[] = [];
  let text = "";
  let stopped: Generated["stopped"] = room < wanted ? "length" : "tokens";
  const began = performance.now();
  while (made.length < Math.min(wanted, room)) {
    if (signal?.aborted === true) {
      stopped = "signal";
      break;
    }
    const logits = await generator.next(next);
    const token = sampleToken(logits, uniformAt(seed, made.length), options, allowed);
    if (token === special.eos) {
      stopped = "end";
      break;
    }
    made.push(token);
    next = Int32Array.of(token);
    const bytes = tokenizer.decode(Uint32Array.of(token), { special: "names" });
    // Bytes of an unfinished character wait for the next token.
    const piece = decoder.decode(bytes, { stream: true });
    text += piece;
    if (piece !== "") hear(piece);
  }
  const rest = decoder.decode();
  if (rest !== "") hear(rest);
  return {
    text: text + rest,
    tokens: made,
    promptTokens: values.length,
    stopped,
    tokensPerSecond: (1000 * made.length) / Math.max(1, performance.now() - began),
  };
}
