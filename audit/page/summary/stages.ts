/** How the corpus was made: each stage with its rules, parameters and assets, and the recipe in full. */
import { stringify } from "yaml";
import type { CorpusSummary, StageFlow } from "../../summary/model.js";
import { type Content, html, lines, type Markup } from "../markup.js";
import { column, numberColumn, raw, section, table } from "../section.js";
import { count, counted } from "../wording.js";
import { bar, barCell, barColumn, numberCell } from "./bars.js";
import { aboutCounted, mostOf, named, shortened, sumOf } from "./figures.js";
import { parameterList } from "./parameters.js";

/** UTF-16 units of the recipe. */
const mostRecipe = 200_000;
const mostRules = 60;

export function stages(summary: CorpusSummary): Markup {
  const { stages: all, corpus } = summary;
  return section({
    id: "stages",
    title: "Rules and stages",
    lead: "In the order in which documents met them. Everything that a decision depends on is here: the version of the rule’s program, its parameters, and the digests of its models and lists.",
    body: html`${all.length === 0 ? html`<p class="empty">The recipe has no stages.</p>` : html`<div class="stages">${all.map(stage)}</div>`}
<h3>The recipe</h3>
<p>The same recipe over the same inputs, with the same version of the program, gives the same corpus, byte by byte. Its SHA-256 is ${raw(corpus.recipe_digest)}.</p>
${recipe(corpus.recipe)}`,
  });
}

function stage(one: StageFlow): Content {
  const left = sumOf(one.dropped, ({ documents }) => documents);
  return html`<details class="stage"><summary><h3>${shortened(one.name)}</h3> <span class="aside">version ${count(one.version)}, ${aboutCounted(one.in, "document")} in, ${left === 0 ? "none left out" : html`<b>${aboutCounted(left, "document")} left out</b>`}</span></summary>
${rules(one)}
<h4>Parameters</h4>${parameterList(one.parameters)}
${one.assets.length === 0 ? null : html`<h4>Models and lists</h4><dl class="facts">${one.assets.map(({ name, sha256 }) => html`<div><dt>${shortened(name)}</dt><dd>SHA-256 ${raw(sha256)}</dd></div>`)}</dl>`}
</details>
`;
}

function rules({ name, dropped }: StageFlow): Content {
  if (dropped.length === 0) return null;
  const most = mostOf(dropped, ({ documents }) => documents);
  const rest = dropped.length - mostRules;
  return html`${table(
    `Documents left out by ${name}`,
    [column("Rule"), barColumn(), numberColumn("Documents left out")],
    dropped
      .slice(0, mostRules)
      .map(
        ({ rule, meaning, documents }) =>
          html`<tr><th scope="row">${named(rule)}${meaning === "" ? null : html`<br><span class="aside">${shortened(meaning, 400)}</span>`}</th>${barCell(bar([{ className: "part-in", value: documents }], most))}${numberCell("Documents left out", count(documents))}</tr>`,
      ),
    "bars",
  )}${rest > 0 ? html`<p class="note">${counted(rest, "more rule")} in the JSON file.</p>` : null}`;
}

function recipe(value: unknown): Content {
  const text = stringify(value, { lineWidth: 100 });
  const rest = text.length - mostRecipe;
  return html`<details class="more-box"><summary>The recipe in full</summary><pre class="command" tabindex="0" role="group" aria-label="Recipe">${lines(text.slice(0, mostRecipe), 2000)}</pre>${
    rest > 0 ? html`<p class="note">${counted(rest, "more character")} in the JSON file.</p>` : null
  }</details>`;
}
