/** What is known of one page, in a dialog: where its record lies, its id, its tokens, and the decision on it. */
import type { PageData } from "../data.js";
import { count, moment, statusWords } from "../wording.js";
import type { PageRow, Pages } from "./decode.js";
import { append, type Child, el, rawText } from "./dom.js";

export class Details {
  readonly element = el("dialog", { class: "details", "aria-labelledby": "details-title" });

  constructor(
    private readonly data: PageData,
    private readonly pages: Pages,
  ) {
    // A click beside the dialog's box meets the dialog element itself.
    this.element.addEventListener("click", (event) => {
      if (event.target === this.element) this.element.close();
    });
  }

  open(index: number): void {
    const page = this.pages.row(index);
    const close = el("button", { type: "button", class: "close" }, "Close");
    close.addEventListener("click", () => this.element.close());
    this.element.replaceChildren(
      el(
        "div",
        { class: "details-box" },
        el("div", { class: "details-head" }, el("h3", { id: "details-title" }, "One page"), close),
        this.#address(page),
        this.#list(page),
      ),
    );
    this.element.showModal();
  }

  #address({ url }: PageRow): HTMLElement {
    const line = el("p", { class: "details-address" }, rawText(url));
    if (/^https?:\/\//i.test(url) && URL.canParse(url)) {
      const link = el("a", { rel: "noreferrer noopener", target: "_blank" }, "Open");
      link.href = url;
      append(line, [" ", link]);
    }
    return line;
  }

  #list(page: PageRow): HTMLElement {
    const number = (value: number | null): string => (value === null ? "–" : count(value));
    const other = this.#otherHost(page.url);
    return el(
      "dl",
      { class: "facts" },
      ...fact("Status", el("span", { class: `status ${page.status}` }, statusWords[page.status])),
      ...this.#decision(page),
      ...(other === undefined ? [] : fact("Host also written", rawText(other))),
      ...fact("Captured", page.captured_at === null ? "not known" : moment(page.captured_at)),
      ...fact("Where the record lies", place(page)),
      ...(page.record_id === "" ? [] : fact("Record", rawText(page.record_id))),
      ...fact("Source", page.source ?? "–"),
      ...(page.language === null ? [] : fact("Language", page.language)),
      ...(page.tokens === null ? [] : fact("Tokens", number(page.tokens))),
      ...(page.redactions === null ? [] : fact("Redactions", number(page.redactions))),
      ...(page.shard === null
        ? []
        : fact("Where the tokens lie", el("span", {}, rawText(page.shard), `, row ${number(page.row)}`))),
      ...fact("Document id", rawText(page.id)),
    );
  }

  #decision(page: PageRow): readonly HTMLElement[] {
    const decision = page.decision === null ? undefined : this.data.decisions[page.decision];
    if (decision === undefined) {
      return page.rule === null ? [] : fact("Rule", rawText(`${page.stage ?? ""} / ${page.rule}`));
    }
    const value = el("div", {}, el("p", {}, decision.meaning), rawText(`${decision.stage} / ${decision.rule}`));
    if (decision.shown) {
      const link = el("a", { href: `#decision-${(page.decision ?? 0) + 1}` }, "Show the decision");
      link.addEventListener("click", () => this.element.close());
      value.append(el("p", {}, link));
    } else if (decision.evidence !== null) {
      value.append(
        el(
          "pre",
          { class: "evidence", tabindex: 0 },
          ...decision.evidence.split("\n").flatMap((line): Child[] => [line, el("br")]),
        ),
      );
    } else if (decision.evidence_id !== null) {
      value.append(el("p", { class: "note" }, "Evidence ", rawText(decision.evidence_id), " in the JSON report"));
    }
    return fact("Rule", value);
  }

  #otherHost(url: string): string | undefined {
    const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#\\@]*@)?([^/?#\\:]+)/i.exec(url.slice(0, 2048))?.[1];
    return host === undefined ? undefined : this.data.hosts[host];
  }
}

function fact(term: string, value: Child): readonly HTMLElement[] {
  return [el("div", {}, el("dt", {}, term), el("dd", {}, value))];
}

function place({ file, offset, length, unit }: PageRow): HTMLElement {
  const where =
    unit === "row"
      ? `, row ${count(offset)}`
      : `, ${count(length)} bytes from byte ${count(offset)}${unit === "inflated" ? " of its decompressed contents" : ""}`;
  return el("span", {}, rawText(file ?? ""), where);
}
