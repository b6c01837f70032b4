/** The sections of a training report that say what was set. */
import { page } from "../../audit/index.js";
import { initialDeviation } from "../model/configuration.js";
import type { ReportedRun } from "./model.js";

const { count, facts, html, section } = page;

export function shape({ configuration, parameters, recipe }: ReportedRun): page.Markup {
  const { width, layers, heads, kvHeads, headWidth, hidden, vocabulary, rope } = configuration;
  const { from, seed, deviation, dtype } = recipe.model;
  const start = from === undefined ? `at random, seed ${seed}, deviation ${deviation}` : from;
  return section({
    id: "model",
    title: "Model",
    lead: "Apertus: pre-norm, QK-norm, grouped-query attention, xIELU without gate, embedding and output apart.",
    body: facts([
      { term: "Parameters", value: html`${count(parameters)} <span class="aside">${recipe.model.preset}</span>` },
      { term: "Vocabulary", value: count(vocabulary) },
      { term: "Width", value: `${count(width)}, ${count(hidden)} inside the MLP` },
      { term: "Layers", value: count(layers) },
      { term: "Heads", value: `${heads} of width ${headWidth}, ${kvHeads} for keys and values` },
      { term: "RoPE", value: `base ${count(rope.theta)}, factor ${rope.factor} from ${count(rope.originalLength)}` },
      {
        term: "Begins",
        value: deviation === initialDeviation ? start : html`${start} <span class="aside">Apertus: ${initialDeviation}</span>`,
      },
      { term: "Products in", value: dtype },
    ]),
  });
}

/** Every setting of the recipe by its key, defaults included. */
export function settings({ recipe }: ReportedRun): page.Markup {
  const { model: _model, data, ...rest } = recipe;
  const { sources: _sources, ...reading } = data;
  return section({
    id: "settings",
    title: "Settings",
    lead: "As the recipe has them, defaults included.",
    body: facts(leaves("", { ...rest, data: reading }).map(([term, value]) => ({ term, value }))),
  });
}

function leaves(path: string, value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path, written(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(path === "" ? key : `${path}.${key}`, inner));
}

function written(value: unknown): string {
  if (Array.isArray(value) && value.length === 0) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}
