/** `apertus-data train --plan`: operations, memory and days, beside what Apertus published. */
import { DataError } from "../errors/index.js";
import type { ModelConfiguration, PlanOptions, TrainingPlan } from "../trainer/index.js";
import { exitCodes } from "./exit.js";
import { bytes, count, counted } from "./numbers.js";
import { table } from "./table.js";
import { loadWith, type TrainFlags } from "./train-recipe.js";

type PlanFlags = Pick<TrainFlags, "corpus" | "hardware" | "devices" | "utilisation" | "json">;

interface Planned {
  readonly name: string;
  readonly configuration: ModelConfiguration;
  readonly tokens: number;
  readonly length: number;
  readonly micro?: number;
  readonly moments?: 2 | 3;
  readonly averaged?: boolean;
}

/** @param named a preset, the path of a recipe, or nothing: every preset */
export async function printPlan(named: string | undefined, flags: PlanFlags): Promise<number> {
  const trainer = await import("../trainer/index.js");
  const { apertusUtilisation, hardware, planTraining, publishedSpeeds } = trainer;
  if (!Object.hasOwn(hardware, flags.hardware))
    throw new DataError("USAGE", {
      detail: `--hardware ${flags.hardware}`,
      mend: `name one of ${Object.keys(hardware).join(", ")}`,
    });
  const device = hardware[flags.hardware as keyof typeof hardware];
  const utilisation = flags.utilisation ?? apertusUtilisation;
  if (!(utilisation > 0 && utilisation <= 1))
    throw new DataError("USAGE", { detail: `--utilisation ${utilisation}`, mend: "give a number above 0 and up to 1" });
  const plans = (await planned(named, flags)).map(({ name, ...rest }) => {
    const options = (devices: number): PlanOptions => ({ ...rest, device, devices, utilisation });
    const fewest = planTraining(options(1)).least_devices;
    const devices = Math.max(1, flags.devices ?? fewest);
    return { name, devices, length: rest.length, published: publishedSpeeds[name] ?? null, ...planTraining(options(devices)) };
  });
  if (flags.json) {
    console.log(JSON.stringify({ hardware: device, utilisation, plans }));
    return exitCodes.done;
  }
  console.log(
    table(
      ["", "parameters", "tokens", "FLOP a token", "FLOP", "memory", device.name, "tokens/s each", "published", "days"],
      plans.map(row),
    ),
  );
  console.log(
    `\n${device.about}: ${device.peak / 1e12} TFLOP/s of bfloat16 and ${bytes(device.memoryBytes)} each, of which ${Math.round(100 * utilisation)} % is reached (Apertus 70B: 33 %).`,
  );
  console.log(
    "FLOP are counted as for Apertus's 6.74e24: matrix products, attention over whole sequences, three forward passes a token.\nMemory: weights, gradients, AdEMAMix's three means and the activations of one sequence (of a recipe's micro-batch), all float32. Published: Apertus on GH200, 70B on 4,096.",
  );
  if (flags.devices === undefined) console.log("Devices: the fewest whose memory holds it; --devices N for more.");
  return exitCodes.done;
}

async function planned(named: string | undefined, flags: PlanFlags): Promise<readonly Planned[]> {
  const { configurationOf, plannedTokens, presetNames, presets } = await import("../trainer/index.js");
  const presetOf = (name: keyof typeof presets): Planned => presets[name];
  if (named === undefined) return presetNames.map(presetOf);
  const preset = presetNames.find((name) => name === named.toLowerCase());
  if (preset !== undefined) return [presetOf(preset)];
  const { recipe } = await loadWith(named, flags);
  return [
    {
      name: recipe.name,
      configuration: configurationOf(recipe),
      tokens: plannedTokens(recipe),
      length: recipe.data.length,
      micro: recipe.batch.micro,
      moments: recipe.optimiser.kind === "ademamix" ? 3 : 2,
      averaged: recipe.averaging.kind !== "none",
    },
  ];
}

interface PlanRow extends TrainingPlan {
  readonly name: string;
  readonly devices: number;
  readonly published: number | null;
}

function row(plan: PlanRow): readonly string[] {
  const { name, parameters, tokens, operations_per_token, operations, memory, devices, tokens_per_second, published, days } =
    plan;
  return [
    name,
    count(parameters),
    large(tokens),
    operations_per_token.toExponential(2),
    operations.toExponential(2),
    bytes(memory.all),
    count(devices),
    count(Math.round(tokens_per_second)),
    published === null ? "–" : count(published),
    daysText(days),
  ];
}

/** 15 T, 5.12 B. */
function large(value: number): string {
  const [unit, size] = value >= 1e12 ? ["T", 1e12] : value >= 1e9 ? ["B", 1e9] : value >= 1e6 ? ["M", 1e6] : ["k", 1e3];
  return `${Number((value / size).toPrecision(3))} ${unit}`;
}

function daysText(days: number): string {
  if (days >= 1) return count(Math.round(days));
  const minutes = days * 1440;
  return minutes < 1
    ? "under a minute"
    : minutes < 120
      ? counted(Math.round(minutes), "minute")
      : `${(days * 24).toFixed(1)} hours`;
}
