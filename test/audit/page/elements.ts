/** The elements of a page as a parser of HTML sees them. */
import { parseDocument } from "htmlparser2";

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

type Node = ReturnType<typeof parseDocument>["children"][number];

/** In document order, each with all text inside it. */
export function elementsOf(source: string): readonly Element[] {
  const found: Element[] = [];
  const textOf = (node: Node): string =>
    "data" in node ? node.data : "children" in node ? node.children.map(textOf).join("") : "";
  const visit = (node: Node): void => {
    if ("attribs" in node) found.push({ name: node.name, attributes: node.attribs, text: textOf(node) });
    if ("children" in node) node.children.forEach(visit);
  };
  parseDocument(source, { decodeEntities: true }).children.forEach(visit);
  return found;
}
