/**
 * Writes docs/recipe.md, docs/errors.md, docs/classifiers.md and docs/training-recipe.md from the schemas, the filters and the table of error codes, so that they cannot say
 * anything else than the code does. `node docs/generate.mjs` writes; with --check it fails where a committed file is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { exitCodeOf, exitCodes } from "../dist/cli/exit.js";
import { codes } from "../dist/errors/index.js";
import { builtInFilters } from "../dist/filters/index.js";
import { extraction, parseRecipe, recipeSchema, tokenizeParameters, trainingRecipeSchema } from "../dist/pipeline/index.js";
import { loadTrainRecipe, trainRecipeSchema } from "../dist/trainer/index.js";

const here = (name) => new URL(name, import.meta.url);
const example = readFileSync(here("example-recipe.yaml"), "utf8");

const tokenize = {
  name: "tokenize",
  summary: "Turns kept text into token ids and ends the run: shards of BOS, text, EOS.",
  parameters: tokenizeParameters,
};
const [consent, ...filters] = builtInFilters;
const stages = [consent, extraction, ...filters, tokenize];

const code = (value) => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
const cell = (text) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
/** A value that is explained (`strict: …`) keeps its small letter. */
const sentence = (text) =>
  (/^\w+:/.test(text) ? text[0] : text[0].toUpperCase()) + text.slice(1) + (/[.)]$/.test(text) ? "" : ".");

/** More values than this are not spelled out in the type column. */
const mostValues = 8;

function typeOf(schema) {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.oneOf) return "map";
  if (schema.enum) return schema.enum.length > mostValues ? "name" : schema.enum.map(code).join(", ");
  if (schema.prefixItems) return `list of ${schema.prefixItems.length} numbers`;
  if (schema.type === "array")
    return `list of ${schema.items.enum && schema.items.enum.length <= mostValues ? typeOf(schema.items) : `${typeOf(schema.items)}s`}`;
  if (schema.type === "object" && schema.properties) {
    return `{ ${Object.entries(schema.properties)
      .map(([key, value]) => `${key}: ${typeOf(value)}`)
      .join(", ")} }`;
  }
  if (schema.type === "object") return "map";
  if (schema.type === "null") return "null";
  return `${schema.type}${bounds(schema)}`;
}

function bounds({ minimum, maximum }) {
  const top = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum !== undefined && top !== undefined) return `, ${minimum} to ${top}`;
  return minimum === undefined ? "" : `, ${minimum} or more`;
}

function defaultOf(schema, required) {
  if (required) return "needed";
  if (schema.default === undefined) return "–";
  const all = schema.items?.enum;
  if (all && all.length > mostValues && all.length === schema.default.length) return `all: ${all.map(code).join(" ")}`;
  return code(schema.default);
}

/** The map of a schema that is this map or null, and nothing else, where each of its keys is described. */
function nullable({ anyOf }) {
  const [map, other, ...more] = anyOf ?? [];
  const described = Object.values(map?.properties ?? {}).every(({ description }) => description !== undefined);
  return map?.properties && described && other?.type === "null" && more.length === 0 ? map : undefined;
}

/** One row a key; the keys of an object inside follow it as `key.inner`, those of a list's items as `key[].inner`. */
function rows(schema, prefix = "") {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    if (value.description === undefined) throw new Error(`${name} has no description`);
    // One of several types that is a map with keys of its own, where these are explained; or a map that may be null, too.
    const choice = nullable(value)
      ? undefined
      : value.anyOf?.find(({ properties = {} }) => Object.values(properties)[0]?.description !== undefined);
    const inner = choice ?? (value.type === "array" ? value.items : (nullable(value) ?? value));
    const nested = inner.properties !== undefined;
    const needed = (schema.required ?? []).includes(key);
    const shown = choice
      ? value.anyOf.map((one) => (one === choice ? "map" : typeOf(one))).join(" or ")
      : nested
        ? value.type === "array"
          ? "list"
          : nullable(value)
            ? "map or null"
            : "map"
        : key === "stages"
          ? "list"
          : typeOf(value);
    const default_ = nested && !needed && !choice && value.default !== null ? "–" : defaultOf(value, needed);
    const row = `| \`${name}\` | ${cell(shown)} | ${cell(default_)} | ${cell(sentence(value.description))} |`;
    return nested ? [row, ...rows(inner, value.type === "array" ? `${name}[].` : `${name}.`)] : [row];
  });
}

function keys(schema) {
  const found = rows(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  if (found.length === 0) return "No parameters.\n";
  return `| key | type | default | what it says |\n|---|---|---|---|\n${found.join("\n")}\n`;
}

function stageText({ kind, name, version, summary, needs, adds = {}, rules = {}, skips = {}, parameters }) {
  const parts = [`### ${name}\n`, `${sentence(summary)}\n`, keys(parameters)];
  const needed = needs?.map(code).join(", ");
  if (needed)
    parts.push(`Reads ${needed}. Version ${version}.${kind === "corpus" ? " A barrier: it waits for all inputs." : ""}\n`);
  const added = Object.entries(adds).map(([key, { type, about }]) => `| \`${key}\` | ${type} | ${cell(sentence(about))} |`);
  if (added.length > 0) parts.push(`| column added | type | what it holds |\n|---|---|---|\n${added.join("\n")}\n`);
  const ruled = Object.entries(rules).map(([key, about]) => `| \`${key}\` | ${cell(sentence(about))} |`);
  if (ruled.length > 0) parts.push(`| rule | what a drop means |\n|---|---|\n${ruled.join("\n")}\n`);
  const skipped = Object.entries(skips).map(([key, about]) => `| \`${key}\` | ${cell(sentence(about))} |`);
  if (skipped.length > 0)
    parts.push(`| skipped as | what it means: the record is no document |\n|---|---|\n${skipped.join("\n")}\n`);
  return parts.join("\n");
}

/** The examples have to be recipes that the code takes, down to each stage's parameters. */
function checkExamples() {
  loadTrainRecipe(fileURLToPath(here("../examples/training/recipe.yaml")));
  for (const stage of parseRecipe(example, "docs/example-recipe.yaml").recipe.stages) {
    const [name, parameters] = typeof stage === "string" ? [stage, {}] : (Object.entries(stage)[0] ?? ["", {}]);
    if (name === "use") continue;
    stages.find((entry) => entry.name === name).parameters.parse(parameters ?? {});
  }
}

const head = "<!-- Written by `npm run docs`. Change the schemas in the code, not this file. -->\n";

const recipe = () => `# The recipe
${head}
A recipe is a YAML file that says what a run reads, what happens to each document, and what is left. An unknown key or a wrong value
is refused with its name and line before anything is touched. \`npx apertus-data plan RECIPE\` checks a recipe and writes nothing.

## A complete example

\`\`\`yaml
${example}\`\`\`

## Keys

${keys(recipeSchema)}
## Stages

A stage is written in one of three ways: its name (\`- quality\`), its name with parameters (\`- quality: { min_words: 30 }\`), or a filter
of your own by path (\`- use: ./filter.mjs\` with \`parameters: {…}\`; see [getting started](getting-started.md#a-filter-of-your-own)).
No stage may stand twice. A stage needs the columns that it reads, so \`extract\` comes before every stage that reads \`text\`, and \`tokenize\` is last.
Each rule is written to the ledger as \`stage/rule\`.

${stages.map(stageText).join("\n")}`;

const training = () => `# Training a text classifier
${head}
\`npx apertus-data model train language RECIPE\` trains a model for the language filter, \`npx apertus-data model train classifier RECIPE\` any other
classifier of lines. Both write a fastText file (Joulin et al. 2016) that the fastText program reads too, and beside it, with \`.json\` behind the
name, its recipe, the SHA-256 of each file that was read, and its scores. \`language\` reads text as the language filter does: lower-case words
of letters, NFC. \`classifier\` reads the words that stand between white space, as they are.

The same files and settings give the same bytes, on any processor and with any number of threads (\`--threads\`).

\`\`\`yaml
version: 1
train:
  - path: train/*.tsv.zst
development:
  - { path: dev/mediawiki.tsv.zst, name: mediawiki }
held_out: 0.02
settings: { dimensions: 64, epochs: 5, rate: 0.8, lines_per_label: 400, cut: 0.5 }
quantise: { dsub: 2, norms: true }
output: language.ftz
\`\`\`

Lines are \`label<TAB>text\` in UTF-8, or JSON objects; a line that is neither ends the training with its file and number
(\`TRAINING_LINE_INVALID\`). Text is kept in memory, and the model while it is trained takes (words + buckets) × dimensions × 4 bytes.

The settings of the model that ships are in assets/language/settings.mjs. A model of your own stands in a recipe as
\`- language: { engine: { fasttext: language.ftz, normalise: true } }\`.

${keys(trainingRecipeSchema)}`;

const trainExample = readFileSync(here("../examples/training/recipe.yaml"), "utf8");

const trainRecipe = () => `# The recipe of a training
${head}
\`npx apertus-data train RECIPE\` reads it; [training.md](training.md#train) says what happens then. An unknown key or a wrong value is refused with its name
and line. \`npx apertus-data train --plan RECIPE\` says what it would take. Defaults are Apertus's, or say why not: for billions of parameters and
trillions of tokens. This one, in [examples/training](../examples/training/recipe.yaml), is what \`train\` takes without a recipe:

\`\`\`yaml
${trainExample}\`\`\`

${keys(trainRecipeSchema)}`;

/** Codes with the exit code 2, for the sentence above the table. */
const usage = Object.keys(codes).filter((name) => exitCodeOf(name) === exitCodes.usage);

const errors = () => `# Errors
${head}
Every error has a stable code. On a terminal it stands as \`error CODE: what happened (file, record)\` with a line \`mend:\` below it; with \`--json\`
as \`{"error": {"code", "message", "mend", "file", "record"}}\`. Where a mend says \`apertus-data\`, type \`npx apertus-data\` inside a clone.

The exit code is ${exitCodes.usage} where the command or the recipe is wrong, which is found before any input is read: ${usage.map(code).join(", ")}.
It is ${exitCodes.failed} for every other error, also where an input or a corpus is not where the command or the recipe says (\`INPUT_NOT_FOUND\`, \`CORPUS_NOT_FOUND\`): what is there may change without a change of
the command. ${exitCodes.interrupted} and ${exitCodes.quarantine} are no errors; [command-line.md](command-line.md#exit-codes) lists all exit codes.

| code | exit | what it means | what to do |
|---|---|---|---|
${Object.entries(codes)
  .map(
    ([name, { summary, mend }]) =>
      `| \`${name}\` | ${exitCodeOf(name)} | ${cell(sentence(summary))} | ${cell(sentence(mend))} |`,
  )
  .join("\n")}
`;

checkExamples();
const check = process.argv.includes("--check");
for (const [name, text] of [
  ["recipe.md", recipe()],
  ["errors.md", errors()],
  ["classifiers.md", training()],
  ["training-recipe.md", trainRecipe()],
]) {
  if (!check) writeFileSync(here(name), text);
  else if (readFileSync(here(name), "utf8") !== text) {
    console.error(`docs/${name} is stale: run \`npm run docs\` and commit it`);
    process.exitCode = 1;
  }
}
