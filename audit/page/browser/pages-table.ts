/** The table of all pages: search in addresses, filters by status and rule, sorting, and a row's details. */
import type { PageData } from "../data.js";
import { count, counted, shortDay, statusWords } from "../wording.js";
import type { Pages } from "./decode.js";
import { Details } from "./details.js";
import { debounced, el, field, rawText, select } from "./dom.js";
import { type Column, WindowedTable } from "./windowed-table.js";

export function pagesTable(data: PageData, pages: Pages): HTMLElement {
  const details = new Details(data, pages);
  const table = new WindowedTable("Pages", columnsOf(pages), pages.count, (row) => details.open(row));
  const search = el("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  const statuses = select([
    ["", "All"],
    ["in", "In the corpus"],
    ["out", "Left out"],
    ["retracted", "Taken out later"],
  ]);
  const rules = select([["", "All rules"], ...rulesOf(pages).map((rule) => [rule, rule] as const)]);
  const found = el("p", { class: "found", role: "status", "aria-live": "polite" });

  let lowered: readonly string[] | undefined;
  const filter = (): void => {
    const wanted = search.value.trim().toLowerCase();
    if (wanted !== "") lowered ??= pages.urls.map((url) => url.toLowerCase());
    const rows: number[] = [];
    for (let row = 0; row < pages.count; row++) {
      if (statuses.value !== "" && pages.status(row) !== statuses.value) continue;
      if (rules.value !== "" && pages.rule(row) !== rules.value) continue;
      if (wanted !== "" && lowered?.[row]?.includes(wanted) !== true) continue;
      rows.push(row);
    }
    table.show(Uint32Array.from(rows));
    const { listed } = table.counts;
    found.textContent =
      rows.length === pages.count ? counted(pages.count, "page") : `${count(rows.length)} of ${counted(pages.count, "page")}`;
    if (listed < rows.length) found.textContent += `; the first ${count(listed)} are listed, search to see others`;
  };
  search.addEventListener("input", debounced(120, filter));
  statuses.addEventListener("change", filter);
  rules.addEventListener("change", filter);

  const element = el(
    "div",
    { class: "pages" },
    el(
      "div",
      { class: "controls", role: "search" },
      field("Search addresses", search),
      field("Status", statuses),
      field("Rule", rules),
    ),
    found,
    table.element,
    details.element,
  );
  filter();
  return element;
}

function rulesOf(pages: Pages): readonly string[] {
  return [...pages.columns.rule.values].sort();
}

function columnsOf(pages: Pages): readonly Column[] {
  const { tokens, redactions } = pages.columns;
  return [
    addressColumn(pages),
    {
      name: "Status",
      className: "status-cell",
      key: (row) => statusWords[pages.status(row)],
      cell: (row) => el("span", { class: `status ${pages.status(row)}` }, statusWords[pages.status(row)]),
    },
    { name: "Rule", className: "rule-cell", key: (row) => pages.rule(row) ?? "", cell: (row) => pages.rule(row) ?? "" },
    {
      name: "Captured",
      className: "date",
      key: (row) => pages.capturedAt(row) ?? Number.NaN,
      cell: (row) => shortDay(pages.capturedAt(row) ?? "–"),
    },
    {
      name: "Language",
      className: "language",
      key: (row) => pages.language(row) ?? "",
      cell: (row) => pages.language(row) ?? nothing(),
    },
    numbers("Tokens", tokens),
    numbers("Redactions", redactions),
  ];
}

/** Under its own origin alone, a page is told by its path. */
export function addressColumn({ urls, origin }: Pages): Column {
  return {
    name: origin === "" ? "Page" : `Page of ${origin}`,
    className: "address",
    key: (row) => row,
    cell: (row) => rawText((urls[row] ?? "").slice(origin.length)),
  };
}

/** What is not known of a page; a narrow row leaves it away. */
function nothing(): HTMLElement {
  return el("span", { class: "none" }, "–");
}

function numbers(name: string, values: readonly (number | null)[]): Column {
  return {
    name,
    className: "number",
    key: (row) => values[row] ?? Number.NaN,
    cell: (row) => {
      const value = values[row] ?? null;
      return value === null ? nothing() : count(value);
    },
  };
}
