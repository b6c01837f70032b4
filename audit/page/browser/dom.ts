/** Makes elements out of tag, attributes and children. Strings become text nodes, made visible first: nothing here parses markup. */
import { visible } from "../visible.js";

export type Child = Node | string | number | null;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, visible(String(value)));
  append(element, children);
  return element;
}

export function svg(
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly Child[]
): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  append(element, children);
  return element;
}

export function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null) continue;
    parent.appendChild(child instanceof Node ? child : document.createTextNode(visible(String(child))));
  }
}

/** Captured text: kept apart from the direction of the text around it. */
export function rawText(text: string): HTMLElement {
  return el("code", { class: "raw" }, text);
}

let named = 0;

/** A control below its label. */
export function field(label: string, control: HTMLElement): HTMLElement {
  named++;
  control.id = `field-${named}`;
  return el("div", { class: "field" }, el("label", { for: control.id }, label), control);
}

export function select(options: readonly (readonly [value: string, label: string])[]): HTMLSelectElement {
  return el("select", {}, ...options.map(([value, label]) => el("option", { value }, label)));
}

/** Calls once the calls have stopped coming for a while. */
export function debounced(milliseconds: number, call: () => void): () => void {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(call, milliseconds);
  };
}
