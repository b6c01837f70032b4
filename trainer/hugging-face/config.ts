/**
 * config.json of Hugging Face's ApertusForCausalLM and our configuration, both ways. Written so that transformers 4 (rope_theta,
 * rope_scaling) and 5 (rope_parameters) read the same; either form is read.
 */
import { z } from "zod";
import { DataError } from "../../errors/index.js";
import { checkConfiguration, type ModelConfiguration } from "../model/configuration.js";

export interface TokenIds {
  readonly bos: number;
  readonly eos: number;
  readonly pad: number;
}

export type FloatType = "float32" | "bfloat16";

export function huggingFaceConfig(configuration: ModelConfiguration, ids: TokenIds, dtype: FloatType): unknown {
  const { vocabulary, width, layers, heads, kvHeads, headWidth, hidden, normEpsilon, rope, maxLength } = configuration;
  const scaling = {
    rope_type: "llama3",
    factor: rope.factor,
    original_max_position_embeddings: rope.originalLength,
    low_freq_factor: rope.lowFrequency,
    high_freq_factor: rope.highFrequency,
  };
  return {
    architectures: ["ApertusForCausalLM"],
    model_type: "apertus",
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: headWidth,
    hidden_act: "xielu",
    max_position_embeddings: maxLength,
    initializer_range: 0.02,
    rms_norm_eps: normEpsilon,
    use_cache: true,
    pad_token_id: ids.pad,
    bos_token_id: ids.bos,
    eos_token_id: ids.eos,
    tie_word_embeddings: false,
    attention_bias: false,
    attention_dropout: 0,
    // What other readers of released models look at.
    ...{ qk_norm: true, post_norm: false, mlp_bias: false },
    rope_theta: rope.theta,
    rope_scaling: { ...scaling, type: "llama3" },
    rope_parameters: { ...scaling, rope_theta: rope.theta },
    torch_dtype: dtype,
    dtype,
    // The first that has these classes. Without it transformers 5 takes the tokenizer for one of Mistral's that had a fault.
    transformers_version: "4.56.0",
  };
}

const whole = z.int().min(1);
const scalingSchema = z.object({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().gt(0).optional(),
  factor: z.number().gt(0),
  original_max_position_embeddings: whole,
  low_freq_factor: z.number().gt(0),
  high_freq_factor: z.number().gt(0),
});

/** The classes' own defaults stand in where transformers would use them. */
const configSchema = z.object({
  model_type: z.literal("apertus"),
  vocab_size: whole,
  hidden_size: whole,
  intermediate_size: whole,
  num_hidden_layers: whole,
  num_attention_heads: whole,
  num_key_value_heads: whole.nullish(),
  head_dim: whole.nullish(),
  hidden_act: z.literal("xielu").default("xielu"),
  max_position_embeddings: whole.default(65_536),
  rms_norm_eps: z.number().gt(0).default(1e-5),
  tie_word_embeddings: z.literal(false).default(false),
  attention_bias: z.literal(false).default(false),
  rope_theta: z.number().gt(0).nullish(),
  rope_scaling: scalingSchema.nullish(),
  rope_parameters: scalingSchema.nullish(),
});

const defaultTheta = 12_000_000;

/** @param path of the file, for errors. @throws DataError HF_MODEL_UNSUPPORTED */
export function readHuggingFaceConfig(text: string, path: string): ModelConfiguration {
  const unsupported = (detail: string, cause?: unknown): DataError =>
    new DataError("HF_MODEL_UNSUPPORTED", { file: path, detail, ...(cause === undefined ? {} : { cause }) });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unsupported("it is no JSON", cause);
  }
  const found = configSchema.safeParse(value);
  if (!found.success) {
    const [issue] = found.error.issues;
    throw unsupported(`${issue?.path.join(".")}: ${issue?.message}`, found.error);
  }
  const config = found.data;
  const scaling = config.rope_parameters ?? config.rope_scaling;
  if (scaling === null || scaling === undefined) throw unsupported("it has no rope_parameters or rope_scaling");
  const type = scaling.rope_type ?? scaling.type;
  if (type !== "llama3") throw unsupported(`RoPE is scaled as ${type}, not llama3`);
  const { hidden_size: width, num_attention_heads: heads } = config;
  const configuration: ModelConfiguration = {
    vocabulary: config.vocab_size,
    width,
    layers: config.num_hidden_layers,
    heads,
    kvHeads: config.num_key_value_heads ?? heads,
    headWidth: config.head_dim ?? Math.floor(width / heads),
    hidden: config.intermediate_size,
    normEpsilon: config.rms_norm_eps,
    rope: {
      theta: scaling.rope_theta ?? config.rope_theta ?? defaultTheta,
      factor: scaling.factor,
      lowFrequency: scaling.low_freq_factor,
      highFrequency: scaling.high_freq_factor,
      originalLength: scaling.original_max_position_embeddings,
    },
    maxLength: config.max_position_embeddings,
  };
  checkConfiguration(configuration);
  return configuration;
}
