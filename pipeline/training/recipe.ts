/** What a classifier is trained on and how, as YAML (fastText's settings; Joulin et al. 2016). */
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { parseWith, recipeText } from "../recipe.js";

/** `language` reads text as the language filter normalises it; `classifier` reads words as they stand. */
export type TrainingKind = "language" | "classifier";

const source = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe("A file, or a pattern with * ? ** {a,b}, relative to the recipe's folder; gzip and Zstandard too."),
  name: z.string().min(1).optional().describe("How scores call it. Default: the path."),
  format: z
    .enum(["auto", "tsv", "jsonl"])
    .default("auto")
    .describe("`tsv`: label, tab, text. `jsonl`: an object a line. `auto`: `jsonl` where the first line begins with {."),
  label: z.string().min(1).default("label").describe("For jsonl: the field that holds the label, a string."),
  text: z.string().min(1).default("text").describe("For jsonl: the field that holds the text, a string."),
});

const settings = z.strictObject({
  dimensions: z.int().min(1).max(4096).default(64).describe("Numbers a row."),
  epochs: z.int().min(1).max(1000).default(5).describe("Passes."),
  rate: z.number().gt(0).max(100).default(0.5).describe("Learning rate at the start; it falls to 0."),
  loss: z
    .enum(["softmax", "one-vs-all"])
    .default("softmax")
    .describe("`softmax`: one of the labels is right. `one-vs-all`: each label has a probability of its own."),
  least_count: z.int().min(1).default(5).describe("A word has a row of its own if a pass reads it this often."),
  most_words: z.int().min(0).max(30_000_000).default(1_000_000).describe("Words with a row of their own, at most."),
  word_ngrams: z.int().min(1).max(16).default(1).describe("Longest run of words that is a feature; 1: no runs."),
  buckets: z.int().min(1).max(2_000_000_000).default(200_000).describe("Rows that n-grams share by their hash."),
  shortest: z.int().min(0).max(64).default(2).describe("Shortest character n-gram."),
  longest: z.int().min(0).max(64).default(5).describe("Longest character n-gram; 0: none."),
  lines_per_label: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .default(0)
    .describe("Lines of each label in a pass: labels with fewer are repeated, with more take turns. 0: every line once."),
  most_lines: z
    .int()
    .min(1)
    .default(1_000_000_000)
    .describe(
      "Lines of a label that are kept at all: the first ones, in the order of `train`, so the best source stands first.",
    ),
  cut: z.number().min(0).max(1).default(0).describe("Share of the lines that a pass cuts short, at words' bounds."),
  cut_to: z
    .tuple([z.int().min(1).max(1_000_000), z.int().min(1).max(1_000_000)])
    .default([15, 60])
    .refine(([least, most]) => least <= most, "the first number is above the second")
    .describe("Least and most characters of a line that is cut short."),
  dropout: z
    .number()
    .min(0)
    .max(0.99)
    .default(0)
    .describe(
      "Share of a line's features that is left out at random, anew in each pass: helps on text unlike the training text.",
    ),
  seed: z.int().min(0).max(4_294_967_295).default(1).describe("The same seed gives the same model."),
});

export const trainingRecipeSchema = z.strictObject({
  version: z.literal(1).describe("The version of the recipe's own format."),
  train: z.array(source).min(1).describe("Labelled lines to learn from."),
  development: z
    .array(source)
    .default([])
    .describe("Labelled lines to measure on; lines of labels without training text are left out."),
  held_out: z
    .number()
    .min(0)
    .max(0.5)
    .default(0)
    .describe("Share of each label's training lines that is kept back and measured on as `held out`."),
  leave_out: z.array(z.string().min(1)).default([]).describe("Labels that are not learnt."),
  settings: settings.prefault({}).describe("How it is learnt."),
  quantise: z
    .strictObject({
      dsub: z.int().min(1).max(64).default(2).describe("Dimensions that become one byte."),
      norms: z.boolean().default(true).describe("Keep the length of each row apart, in a byte of its own."),
    })
    .nullable()
    .default(null)
    .describe("Product quantisation, about a tenth of the size; null: plain floats."),
  output: z
    .string()
    .min(1)
    .describe("The model file, relative to the recipe; its description is written beside it, with .json behind the name."),
});

export type TrainingRecipe = z.infer<typeof trainingRecipeSchema>;
export type TrainingSource = TrainingRecipe["train"][number];

/** @throws DataError RECIPE_NOT_FOUND, RECIPE_INVALID */
export function loadTrainingRecipe(path: string): { readonly recipe: TrainingRecipe; readonly baseFolder: string } {
  const { value } = parseWith(trainingRecipeSchema, recipeText(path), path);
  return { recipe: value, baseFolder: dirname(resolve(path)) };
}
