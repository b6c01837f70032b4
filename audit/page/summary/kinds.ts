/**
 * The rules that left out most have a colour and a pattern of their own, the same in every chart of the page; all others share one.
 * Patterns are drawn once and used by the stylesheet, so that no colour stands alone.
 */
import type { CorpusSummary } from "../../summary/model.js";
import { html, type Markup } from "../markup.js";

const named = 5;

export class Kinds {
  /** `stage/rule`, by documents. */
  readonly rules: readonly string[];
  /** Rules that share the last kind. */
  readonly others: number;
  readonly #places: ReadonlyMap<string, number>;

  constructor({ stages, retractions }: CorpusSummary) {
    const all = [...stages, { name: "retract", dropped: retractions }]
      .flatMap(({ name, dropped }) => dropped.map(({ rule, documents }) => ({ key: `${name}/${rule}`, documents })))
      .filter(({ documents }) => documents > 0)
      .sort((a, b) => b.documents - a.documents);
    // To put a single rule under "others" would save nothing.
    const shown = all.length === named + 1 ? all.length : named;
    this.rules = all.slice(0, shown).map(({ key }) => key);
    this.others = all.length - this.rules.length;
    this.#places = new Map(this.rules.map((key, place) => [key, place]));
  }

  /** Place among `rules`; their number for all others. */
  place(key: string): number {
    return this.#places.get(key) ?? this.rules.length;
  }

  className(key: string): string {
    return classAt(this.#places.get(key) ?? named + 1);
  }

  /** Of the rules in order, and of the others. */
  get classNames(): readonly string[] {
    return [...this.rules.map((_, place) => classAt(place)), classAt(named + 1)];
  }

  get othersName(): string {
    return this.others === 1 ? "1 other rule" : `${this.others} other rules`;
  }
}

function classAt(place: number): string {
  return place > named ? "kind-other" : `kind-${place + 1}`;
}

/** Hidden; has to stand in the page before what uses it. */
export function patterns(): Markup {
  return html`<svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>
<pattern id="pattern-1" class="ink-1" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="pattern-ground" width="6" height="6"/><rect width="3.25" height="6"/></pattern>
<pattern id="pattern-2" class="ink-2" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="pattern-ground" width="6" height="6"/><circle cx="1.5" cy="1.5" r="1.4"/><circle cx="4.5" cy="4.5" r="1.4"/></pattern>
<pattern id="pattern-3" class="ink-3" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="pattern-ground" width="5" height="5"/><rect width="5" height="2.5"/></pattern>
<pattern id="pattern-4" class="ink-4" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="pattern-ground" width="6" height="6"/><rect width="6" height="1.75"/><rect width="1.75" height="6"/></pattern>
<pattern id="pattern-5" class="ink-5" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect class="pattern-ground" width="5" height="5"/><rect width="1.75" height="5"/></pattern>
<pattern id="pattern-6" class="ink-6" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="pattern-ground" width="5" height="5"/><rect width="2" height="5"/></pattern>
</defs></svg>`;
}

export function swatch(className: string): Markup {
  return html`<svg class="swatch" width="16" height="16" aria-hidden="true" focusable="false"><rect class="${className}" x="0.5" y="0.5" width="15" height="15"/></svg>`;
}
