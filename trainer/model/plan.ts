/**
 * What a training takes: floating-point operations, memory and days. Operations are counted as for Apertus's 6.74e24 (technical report,
 * section 6): three forward passes of matrix products, of attention over the whole square, of softmax and of the output matrix.
 */
import { countParameters, type ModelConfiguration } from "./configuration.js";

export interface Hardware {
  readonly name: string;
  readonly about: string;
  /** Operations a second of one device at its peak, without sparsity, in the precision of training. */
  readonly peak: number;
  readonly memoryBytes: number;
}

/** Peaks of dense bfloat16 products and memory, as the makers' data sheets give them. */
export const hardware = {
  gh200: { name: "gh200", about: "NVIDIA GH200 (what Apertus ran on)", peak: 989e12, memoryBytes: 96e9 },
  h200: { name: "h200", about: "NVIDIA H200 SXM", peak: 989e12, memoryBytes: 141e9 },
  h100: { name: "h100", about: "NVIDIA H100 SXM", peak: 989e12, memoryBytes: 80e9 },
  a100: { name: "a100", about: "NVIDIA A100 SXM", peak: 312e12, memoryBytes: 80e9 },
  mi300x: { name: "mi300x", about: "AMD Instinct MI300X", peak: 1307e12, memoryBytes: 192e9 },
} as const satisfies Readonly<Record<string, Hardware>>;

export type HardwareName = keyof typeof hardware;

/** The part of the peak that Apertus reached with 70B on 4,096 GH200: 723 tokens a second of each. */
export const apertusUtilisation = 0.33;

/** Tokens a second of one GH200 that Apertus published, by preset. */
export const publishedSpeeds: Readonly<Record<string, number>> = { "8b": 6960, "70b": 723 };

/** Forward and backward, for one token of sequences of this length. */
export function operationsPerToken(configuration: ModelConfiguration, length: number): number {
  const { vocabulary, width, layers, heads, kvHeads, headWidth, hidden } = configuration;
  const query = heads * headWidth;
  const projections = 2 * width * (query + 2 * kvHeads * headWidth) + 2 * query * width;
  const attention = 2 * length * query + 3 * heads * length + 2 * length * query;
  const mlp = 2 * 2 * width * hidden;
  return 3 * (layers * (projections + attention + mlp) + 2 * width * vocabulary);
}

export interface MemoryPlan {
  readonly weights: number;
  readonly gradients: number;
  /** Of the optimiser. */
  readonly moments: number;
  readonly average: number;
  /** Of one micro-batch. */
  readonly activations: number;
  readonly all: number;
}

/** Bytes, everything in float32, as the CPU keeps it. */
function memoryOf({ configuration, length, micro = 1, moments: kinds = 3, averaged = false }: PlanOptions): MemoryPlan {
  const each = 4 * countParameters(configuration).all;
  const { width, layers, heads, kvHeads, headWidth, hidden } = configuration;
  // What a layer keeps for its backward pass (native/trainer.ts).
  const kept = 2 * width + 2 * (heads + kvHeads) * headWidth + hidden + heads;
  const [moments, average, activations] = [kinds * each, averaged ? each : 0, 4 * micro * length * layers * kept];
  return { weights: each, gradients: each, moments, average, activations, all: 2 * each + moments + average + activations };
}

export interface TrainingPlan {
  readonly parameters: number;
  readonly tokens: number;
  readonly operations_per_token: number;
  readonly operations: number;
  /** Bytes, of all devices together. */
  readonly memory: MemoryPlan;
  /** The fewest devices whose memory holds it. */
  readonly least_devices: number;
  /** Of one device. */
  readonly tokens_per_second: number;
  readonly days: number;
  readonly device_hours: number;
}

export interface PlanOptions {
  readonly configuration: ModelConfiguration;
  readonly tokens: number;
  readonly length: number;
  /** Sequences of a micro-batch. */
  readonly micro?: number;
  readonly device: Pick<Hardware, "peak" | "memoryBytes">;
  readonly devices: number;
  /** The part of the peak that is reached. */
  readonly utilisation: number;
  readonly moments?: 2 | 3;
  readonly averaged?: boolean;
}

export function planTraining(options: PlanOptions): TrainingPlan {
  const { configuration, tokens, length, device, devices, utilisation } = options;
  const parameters = countParameters(configuration).all;
  const each = operationsPerToken(configuration, length);
  const speed = (device.peak * utilisation) / each;
  const memory = memoryOf(options);
  const seconds = tokens / (speed * devices);
  return {
    parameters,
    tokens,
    operations_per_token: each,
    operations: each * tokens,
    memory,
    least_devices: Math.ceil(memory.all / device.memoryBytes),
    tokens_per_second: speed,
    days: seconds / 86_400,
    device_hours: (seconds * devices) / 3600,
  };
}
