/**
 * A table of any length of which only the rows in sight are in the document. Rows have one height, so that a row's place follows
 * from its rank. One stop of the Tab key for the header, one for the rows; arrow keys move between rows (WAI-ARIA, grids).
 */
import { visible } from "../visible.js";
import { type Child, el } from "./dom.js";

export interface Column {
  readonly name: string;
  readonly className: string;
  /** What a row is sorted by; numbers ascend, texts by code unit; NaN and "" come last either way. */
  readonly key: (row: number) => number | string;
  readonly cell: (row: number) => Child;
}

/** Rows beyond the window's edges, so that scrolling shows no gaps. */
const overscan = 8;
/** Browsers bound an element's height; this many rows stay below every bound. */
const mostRows = 150_000;

export class WindowedTable {
  readonly element: HTMLElement;
  readonly #scroller: HTMLElement;
  readonly #body: HTMLElement;
  readonly #headers: readonly HTMLElement[];
  readonly #inSight = new Map<number, HTMLElement>();
  readonly #keys = new Map<number, Float64Array>();
  #rows: Uint32Array;
  #shown: Uint32Array = new Uint32Array(0);
  #sortedBy = 0;
  #descending = false;
  #active = 0;
  #rowHeight = 40;

  /**
   * @param total rows in all
   * @param opened a row was chosen; without it rows cannot be
   */
  constructor(
    label: string,
    private readonly columns: readonly Column[],
    private readonly total: number,
    private readonly opened?: (row: number) => void,
  ) {
    this.#rows = Uint32Array.from({ length: total }, (_, row) => row);
    this.#headers = columns.map(({ name, className }, column) => {
      const button = el("button", { type: "button" }, name);
      button.addEventListener("click", () => this.sortBy(column));
      return el("div", { role: "columnheader", class: className }, button);
    });
    this.#body = el("div", { role: "rowgroup", class: "window-rows" });
    this.#scroller = el(
      "div",
      { class: "window", role: "table", "aria-label": label, tabindex: 0 },
      el("div", { role: "rowgroup", class: "window-head" }, el("div", { role: "row", "aria-rowindex": 1 }, ...this.#headers)),
      this.#body,
    );
    this.element = el("div", { class: "window-box" }, this.#scroller);
    this.#scroller.addEventListener("scroll", () => this.#draw());
    this.#body.addEventListener("keydown", (event) => this.#moved(event));
    new ResizeObserver(() => this.#resized()).observe(this.#scroller);
    this.#markSorting();
  }

  /** How many rows the filter let through, and how many of them can be scrolled to. */
  get counts(): { readonly found: number; readonly listed: number } {
    return { found: this.#rows.length, listed: this.#shown.length };
  }

  /** Shows the rows of the list, in the order of the chosen column. */
  show(rows: Uint32Array): void {
    this.#rows = rows;
    this.#arrange();
  }

  /** The cells of a column changed. */
  refresh(column: number): void {
    this.#keys.delete(column);
    this.#arrange();
  }

  sortBy(column: number): void {
    this.#descending = column === this.#sortedBy && !this.#descending;
    this.#sortedBy = column;
    this.#markSorting();
    this.#arrange();
  }

  #markSorting(): void {
    for (const [column, header] of this.#headers.entries()) {
      const state = column !== this.#sortedBy ? "none" : this.#descending ? "descending" : "ascending";
      header.setAttribute("aria-sort", state);
    }
  }

  #arrange(): void {
    const keys = this.#keysOf(this.#sortedBy);
    const sorted = this.#rows.slice();
    const sign = this.#descending ? -1 : 1;
    sorted.sort((a, b) => {
      const [x, y] = [keys[a] ?? Number.NaN, keys[b] ?? Number.NaN];
      if (x === y) return a - b;
      if (Number.isNaN(x)) return Number.isNaN(y) ? a - b : 1;
      return Number.isNaN(y) ? -1 : sign * (x - y);
    });
    this.#shown = sorted.subarray(0, mostRows);
    this.#active = 0;
    for (const element of this.#inSight.values()) element.remove();
    this.#inSight.clear();
    this.#scroller.scrollTop = 0;
    this.#scroller.setAttribute("aria-rowcount", String(this.#shown.length + 1));
    this.#resized();
  }

  /** Texts are ranked once a column, so that sorting compares numbers. */
  #keysOf(column: number): Float64Array {
    let keys = this.#keys.get(column);
    if (keys === undefined) {
      const { key } = this.columns[column] ?? { key: (row: number) => row };
      const found = Array.from({ length: this.total }, (_, row) => key(row));
      const texts = [...new Set(found.filter((value) => typeof value === "string"))].sort();
      const ranks = new Map(texts.map((text, rank) => [text, text === "" ? Number.NaN : rank]));
      keys = Float64Array.from(found, (value) => (typeof value === "number" ? value : (ranks.get(value) ?? Number.NaN)));
      this.#keys.set(column, keys);
    }
    return keys;
  }

  #resized(): void {
    const height = Number.parseFloat(getComputedStyle(this.#scroller).getPropertyValue("--row-height"));
    const rowHeight = Number.isFinite(height) && height > 0 ? height : 40;
    if (rowHeight !== this.#rowHeight) {
      this.#rowHeight = rowHeight;
      for (const element of this.#inSight.values()) element.remove();
      this.#inSight.clear();
    }
    this.#body.style.height = `${this.#shown.length * this.#rowHeight}px`;
    this.#draw();
  }

  #draw(): void {
    const first = Math.max(0, Math.floor(this.#scroller.scrollTop / this.#rowHeight) - overscan);
    const last = Math.min(
      this.#shown.length,
      Math.ceil((this.#scroller.scrollTop + this.#scroller.clientHeight) / this.#rowHeight) + overscan,
    );
    for (const [rank, element] of this.#inSight) {
      if (rank >= first && rank < last) continue;
      // Focus must not fall back to the document when its row leaves.
      if (element.contains(document.activeElement)) this.#scroller.focus({ preventScroll: true });
      element.remove();
      this.#inSight.delete(rank);
    }
    if (this.#active < first || this.#active >= last) this.#active = Math.min(first + overscan, Math.max(0, last - 1));
    let next: Element | null = this.#body.firstElementChild;
    for (let rank = first; rank < last; rank++) {
      let element = this.#inSight.get(rank);
      if (element === undefined) {
        element = this.#row(rank);
        this.#inSight.set(rank, element);
        this.#body.insertBefore(element, next);
      } else next = element.nextElementSibling;
      element.querySelector("button")?.setAttribute("tabindex", rank === this.#active ? "0" : "-1");
    }
  }

  #row(rank: number): HTMLElement {
    const row = this.#shown[rank] ?? 0;
    const cells = this.columns.map(({ className, cell }, column) => {
      const content = cell(row);
      const inner =
        column === 0 && this.opened !== undefined ? el("button", { type: "button", class: "open-row" }, content) : content;
      const box = el("div", { role: column === 0 ? "rowheader" : "cell", class: className }, inner);
      if (column === 0 && box.textContent !== null) box.title = visible(box.textContent, 300);
      return box;
    });
    const element = el("div", { role: "row", class: "window-row", "aria-rowindex": rank + 2 }, ...cells);
    element.style.transform = `translateY(${rank * this.#rowHeight}px)`;
    if (this.opened !== undefined) {
      element.addEventListener("click", () => {
        this.#active = rank;
        this.opened?.(row);
      });
    }
    return element;
  }

  #moved(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.#body.parentElement?.clientHeight ?? 0) / this.#rowHeight - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: Math.floor(page),
      PageUp: -Math.floor(page),
      Home: -this.#shown.length,
      End: this.#shown.length,
    };
    const step = steps[event.key];
    if (step === undefined || this.#shown.length === 0) return;
    event.preventDefault();
    const rank = Math.min(this.#shown.length - 1, Math.max(0, this.#active + step));
    this.#active = rank;
    const head = this.#body.offsetTop;
    const [top, bottom] = [rank * this.#rowHeight, (rank + 1) * this.#rowHeight + head];
    if (top < this.#scroller.scrollTop) this.#scroller.scrollTop = top;
    else if (bottom > this.#scroller.scrollTop + this.#scroller.clientHeight) {
      this.#scroller.scrollTop = bottom - this.#scroller.clientHeight;
    }
    this.#draw();
    this.#inSight.get(rank)?.querySelector("button")?.focus({ preventScroll: true });
  }
}
