import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NativeModel, type NativeModelShape } from "../../native/index.js";
import { testInput } from "../inputs.js";
import { length2 } from "./trainer-models.js";

interface Optimisation {
  readonly lr: number;
  readonly clip_grad_norm: number;
  readonly betas: readonly number[];
  readonly alpha: number;
  readonly beta3_warmup: number;
  readonly alpha_warmup: number;
  readonly eps: number;
  readonly loss: readonly number[];
  readonly grad_norm_before_clip: readonly number[];
  readonly final_l2: Readonly<Record<string, number>>;
}
interface Reference {
  readonly batch: number;
  readonly sequence_length: number;
  readonly token_ids: readonly (readonly (readonly number[])[])[];
  readonly logits_first_row_first_3_positions: readonly (readonly number[])[];
  readonly loss_per_token: readonly (readonly number[])[];
  readonly loss_mean: number;
  readonly goldfish: readonly { readonly kept: readonly (readonly number[])[]; readonly loss_mean_over_kept: number }[];
  readonly gradients: Readonly<
    Record<string, { readonly l2: number; readonly sum: number; readonly first_8: readonly number[] }>
  >;
  readonly gradient_l2_total: number;
  readonly gradients_goldfish_first: { readonly l2: Readonly<Record<string, number>> };
  readonly train_ademamix: Optimisation;
  readonly train_adamw: Optimisation;
}
interface Config {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly head_dim?: number;
  readonly rms_norm_eps: number;
  readonly rope_parameters: {
    readonly rope_type: string;
    readonly rope_theta: number;
    readonly factor: number;
    readonly low_freq_factor: number;
    readonly high_freq_factor: number;
    readonly original_max_position_embeddings: number;
  };
}

/** Made with Hugging Face's ApertusForCausalLM: NAME.json with NAME.safetensors and NAME_config beside it. */
const folder = testInput("../references/trainer");
const names =
  folder === undefined
    ? []
    : readdirSync(folder)
        .filter((file) => file.endsWith(".json"))
        .map((file) => file.slice(0, -".json".length));

describe.skipIf(folder === undefined)("beside Hugging Face's implementation (skipped without references/trainer)", () => {
  describe.each(names)("%s", (name) => {
    const at = (file: string) => join(folder ?? "", file);
    const reference = JSON.parse(readFileSync(at(`${name}.json`), "utf8")) as Reference;
    const shape = shapeOf(JSON.parse(readFileSync(at(`${name}_config/config.json`), "utf8")) as Config);
    const weights = readWeights(at(`${name}.safetensors`));
    const { batch: rows, sequence_length: length } = reference;
    const batch = (step: number) => ({ tokens: Int32Array.from(reference.token_ids[step]?.flat() ?? []), rows, length });
    const open = () => {
      const model = new NativeModel(shape, { threads: 2, dtype: "float32" });
      for (const tensor of model.tensors) model.write("weight", tensor.name, weights(tensor.name));
      return model;
    };

    it("losses and logits agree", async () => {
      const model = open();
      const losses = await model.losses(batch(0));
      expect(apart(losses, reference.loss_per_token.flat())).toBeLessThan(1e-5);
      for (const { kept, loss_mean_over_kept } of reference.goldfish) {
        const { loss, counted } = await model.evaluate({ ...batch(0), mask: Uint8Array.from(kept.flat()) });
        expect(Math.abs(loss / counted - loss_mean_over_kept)).toBeLessThan(1e-5);
      }
      const { tokens } = batch(0);
      const logits = await model.logits(tokens.slice(0, length), 1, length);
      expect(apart(logits, reference.logits_first_row_first_3_positions.flat())).toBeLessThan(1e-5);
    });

    it("every gradient agrees, of all tokens and of those that Goldfish keeps", async () => {
      const model = open();
      expect(model.tensors.map((tensor) => tensor.name)).toEqual(Object.keys(reference.gradients));
      const { loss, counted } = await model.accumulate({ ...batch(0), scale: 1 / (rows * length) });
      expect(Math.abs(loss / counted - reference.loss_mean)).toBeLessThan(1e-5);
      expect(Math.abs((await model.gradientNorm()) / reference.gradient_l2_total - 1)).toBeLessThan(1e-4);
      for (const [tensor, expected] of Object.entries(reference.gradients)) {
        const gradient = model.read("gradient", tensor);
        expect(Math.abs(length2(gradient) / expected.l2 - 1), tensor).toBeLessThan(1e-4);
        expect(Math.abs(gradient.reduce((sum, g) => sum + g, 0) - expected.sum), tensor).toBeLessThan(1e-4 * expected.l2);
        expect(apart(gradient, expected.first_8), tensor).toBeLessThan(1e-4 * expected.l2);
      }
      const mask = Uint8Array.from(reference.goldfish[0]?.kept.flat() ?? []);
      const kept = mask.reduce((sum, bit) => sum + bit, 0);
      model.zeroGradients();
      await model.accumulate({ ...batch(0), mask, scale: 1 / kept });
      for (const [tensor, l2] of Object.entries(reference.gradients_goldfish_first.l2)) {
        expect(Math.abs(length2(model.read("gradient", tensor)) / l2 - 1), tensor).toBeLessThan(1e-4);
      }
    });

    it.each(["ademamix", "adamw"] as const)("the course of %s agrees", async (kind) => {
      const model = open();
      const course = reference[`train_${kind}`];
      const [beta1 = 0, beta2 = 0, beta3 = 0] = course.betas;
      for (const [s, expected] of course.loss.entries()) {
        const t = s + 1;
        model.zeroGradients();
        const { loss, counted } = await model.accumulate({ ...batch(s), scale: 1 / (rows * length) });
        expect(Math.abs(loss / counted - expected)).toBeLessThan(1e-4);
        const norm = await model.gradientNorm();
        expect(Math.abs(norm / (course.grad_norm_before_clip[s] ?? 0) - 1)).toBeLessThan(1e-4);
        await model.step({
          kind,
          learningRate: course.lr,
          beta1,
          beta2,
          beta3: kind === "ademamix" ? slowBeta(t / course.beta3_warmup, beta1, beta3) : 0,
          alpha: course.alpha * Math.min(1, t / course.alpha_warmup),
          correction1: 1 - beta1 ** t,
          correction2: 1 - beta2 ** t,
          epsilon: course.eps,
          weightDecay: 0.1,
          gradientScale: Math.min(1, course.clip_grad_norm / (norm + 1e-6)),
        });
      }
      for (const [tensor, l2] of Object.entries(course.final_l2)) {
        expect(Math.abs(length2(model.read("weight", tensor)) / l2 - 1), tensor).toBeLessThan(1e-4);
      }
    });
  });
});

const apart = (found: Float32Array, expected: readonly number[]): number =>
  Math.max(...expected.map((x, i) => Math.abs(x - (found[i] ?? Number.NaN))));

/** Linear in the half-life (AdEMAMix). */
function slowBeta(share: number, start: number, end: number): number {
  if (share >= 1) return end;
  const halfLife = (beta: number) => Math.log(0.5) / Math.log(beta + 1e-8) - 1;
  return 0.5 ** (1 / ((1 - share) * halfLife(start) + share * halfLife(end) + 1));
}

function shapeOf(config: Config): NativeModelShape {
  const headWidth = config.head_dim ?? config.hidden_size / config.num_attention_heads;
  const rope = config.rope_parameters;
  const inverseFrequencies = Float64Array.from({ length: headWidth / 2 }, (_, i) => {
    const plain = rope.rope_theta ** ((-2 * i) / headWidth);
    if (rope.rope_type !== "llama3") return plain;
    const turns = (rope.original_max_position_embeddings * plain) / (2 * Math.PI);
    const share = (turns - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor);
    const kept = Math.min(1, Math.max(0, share));
    return kept * plain + ((1 - kept) * plain) / rope.factor;
  });
  return {
    vocabulary: config.vocab_size,
    width: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    kvHeads: config.num_key_value_heads,
    headWidth,
    hidden: config.intermediate_size,
    normEpsilon: config.rms_norm_eps,
    inverseFrequencies,
  };
}

/** The float32 tensors of a safetensors file: an eight-byte length, a JSON header with places, the data. */
function readWeights(path: string): (name: string) => Float32Array {
  const file = readFileSync(path);
  const data = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, data)) as Record<string, { data_offsets: [number, number] }>;
  return (name) => {
    const [from, to] = header[name]?.data_offsets ?? [0, 0];
    return new Float32Array(new Uint8Array(file.subarray(data + from, data + to)).buffer);
  };
}
