/** The what-if on the page: a text area, where to start from, and at once the outcome, the lines that decide, and every page. */
import type { PageData } from "../data.js";
import { count, counted, listed, percent, statusWords } from "../wording.js";
import type { Pages } from "./decode.js";
import { debounced, el, field, rawText, select, svg } from "./dom.js";
import { addressColumn } from "./pages-table.js";
import { ask, type DecidingLine, type Outcome } from "./what-if.js";
import { WindowedTable } from "./windowed-table.js";

const mostLines = 50;

export function whatIfView(data: PageData, pages: Pages): HTMLElement {
  const editor = el("textarea", { rows: 12, spellcheck: "false", autocomplete: "off", wrap: "off" });
  const start = select([["", "an empty file"], ...data.files.map(({ label }, i) => [String(i), label] as const)]);
  const sentence = el("p", { class: "outcome", role: "status", "aria-live": "polite" });
  const bar = svg("svg", { class: "share-bar", width: "100%", height: 24, "aria-hidden": "true" });
  const lines = el("ol", { class: "outcome-lines" });
  const only = select([
    ["all", "All pages"],
    ["changed", "Pages for which it differs from now"],
    ["disallowed", "Pages that it disallows"],
  ]);
  let outcome: Outcome | undefined;

  const linesOf = (row: number): readonly number[] => outcome?.lineSets[outcome.setOf[row] ?? 0] ?? [];
  const differs = (row: number): boolean => {
    return linesOf(row).length > 0 ? pages.status(row) === "in" : leftOutByRobots(pages, row);
  };
  const verdict = (row: number): string => {
    const lines = linesOf(row);
    if (lines.length === 0) return "allowed";
    const [first = 0, ...others] = lines.map(count);
    if (others.length < 2) return `disallowed, ${others.length === 0 ? "line" : "lines"} ${listed([`${first}`, ...others])}`;
    return `disallowed, line ${first} and ${count(others.length)} more`;
  };
  const table = new WindowedTable(
    "Pages under the file above",
    [
      addressColumn(pages),
      {
        name: "Now",
        className: "status-cell",
        key: (row) => statusWords[pages.status(row)],
        cell: (row) => el("span", { class: `status ${pages.status(row)}` }, statusWords[pages.status(row)]),
      },
      {
        name: "With this file",
        className: "verdict",
        key: (row) => linesOf(row)[0] ?? 0,
        cell: (row) => el("span", { class: linesOf(row).length > 0 ? "status out" : "status in" }, verdict(row)),
      },
    ],
    pages.count,
  );

  const filter = (): void => {
    const rows: number[] = [];
    for (let row = 0; row < pages.count; row++) {
      if (only.value === "changed" && !differs(row)) continue;
      if (only.value === "disallowed" && linesOf(row).length === 0) continue;
      rows.push(row);
    }
    table.show(Uint32Array.from(rows));
  };

  let latest = 0;
  const run = async (): Promise<void> => {
    latest++;
    const own = latest;
    const found = await ask(editor.value, pages, data.agents, data.modes, () => own !== latest);
    if (found === undefined) return;
    outcome = found;
    let goes = 0;
    let comes = 0;
    for (let row = 0; row < pages.count; row++) {
      if (!differs(row)) continue;
      if (pages.status(row) === "in") goes++;
      else comes++;
    }
    sentence.textContent = sentenceOf(found, goes, comes);
    drawBar(bar, found);
    lines.replaceChildren(...found.lines.slice(0, mostLines).map((line) => lineItem(line, found.asked)));
    table.refresh(2);
    filter();
  };
  editor.addEventListener(
    "input",
    debounced(150, () => void run()),
  );
  only.addEventListener("change", filter);
  start.addEventListener("change", () => {
    editor.value = data.files[Number(start.value)]?.text ?? "";
    if (start.value === "") editor.value = "";
    void run();
  });
  if (data.files.length > 0) {
    start.value = "0";
    editor.value = data.files[0]?.text ?? "";
  }
  void run();

  return el(
    "div",
    { class: "what-if" },
    el("div", { class: "editor" }, el("div", { class: "controls" }, field("Start from", start)), field("robots.txt", editor)),
    el("div", { class: "outcome-box" }, sentence, bar, lines),
    el("div", { class: "what-if-pages" }, el("div", { class: "controls" }, field("List", only)), table.element),
  );
}

/** Left out by consent: what another robots.txt would have let through to the other rules. */
function leftOutByRobots(pages: Pages, row: number): boolean {
  return pages.status(row) === "out" && pages.stage(row) === "consent" && pages.rule(row) !== "no-url";
}

function sentenceOf({ asked, withoutAddress, disallowed }: Outcome, goes: number, comes: number): string {
  const allowed = asked - disallowed;
  const none =
    withoutAddress === 0 ? "" : ` (${counted(withoutAddress, "page")} of them without an address that a robots.txt could name)`;
  const changes: string[] = [];
  if (goes > 0) changes.push(`${counted(goes, "page")} that ${goes === 1 ? "is" : "are"} in would be left out`);
  if (comes > 0) changes.push(`${counted(comes, "page")} that robots.txt left out would be let through to the other rules`);
  const difference = changes.length === 0 ? "That is as it is now." : `Different from now: ${listed(changes)}.`;
  return `This file would disallow ${counted(disallowed, "page")} and allow ${count(allowed)}${none}. ${difference}`;
}

function drawBar(bar: SVGElement, { asked, disallowed }: Outcome): void {
  const share = asked === 0 ? 0 : (100 * (asked - disallowed)) / asked;
  bar.replaceChildren(
    svg("rect", { class: "part-in", width: `${share}%`, height: 24 }),
    svg("rect", { class: "part-out", x: `${share}%`, width: `${100 - share}%`, height: 24 }),
  );
}

function lineItem({ line, raw, groups, agents, pages }: DecidingLine, asked: number): HTMLElement {
  return el(
    "li",
    {},
    el("b", {}, `Line ${count(line)}`),
    " ",
    rawText(raw.trim()),
    el(
      "span",
      { class: "aside" },
      ` ${counted(pages, "page")} (${percent(pages, asked)}), ${listed([...agents], 6)}; under ${listed([...groups], 4)}`,
    ),
  );
}
