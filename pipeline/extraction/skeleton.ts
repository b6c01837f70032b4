/**
 * A page as main-text selection sees it: lines of text ("blocks", as in Kohlschütter, Fankhauser and Nejdl, "Boilerplate Detection
 * using Shallow Text Features", WSDM 2010, doi 10.1145/1718487.1718542) hung on the containers that hold text: no tree of the
 * whole page, only columns of numbers, so that a page of megabytes of empty elements costs nothing.
 */

/** What kind of line a block is. */
export const Kind = { text: 0, paragraph: 1, heading: 2, item: 3, row: 4, preformatted: 5 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Above these, further text goes to the last block and further containers to their parents: memory is bounded for any page. */
const MAX_BLOCKS = 262_144;
const MAX_CONTAINERS = 131_072;

export class Skeleton {
  /** Per block, in the page's order: its text, */
  readonly text: string[] = [];
  readonly kind: Kind[] = [];
  /** its container, */
  readonly container: number[] = [];
  /** and how many of its characters (UTF-16 code units) are inside links. */
  readonly linkCharacters: number[] = [];

  /** Per container; container 0 is the page. A parent has a lower index than its children. */
  readonly parent: number[] = [0];
  readonly hints: number[] = [0];

  addContainer(parent: number, hints: number): number {
    if (this.parent.length >= MAX_CONTAINERS) return parent;
    this.hints.push(hints);
    return this.parent.push(parent) - 1;
  }

  addBlock(container: number, kind: Kind, text: string, linkCharacters: number): void {
    if (this.text.length < MAX_BLOCKS) {
      this.text.push(text);
      this.kind.push(kind);
      this.container.push(container);
      this.linkCharacters.push(linkCharacters);
    } else {
      const last = this.text.length - 1;
      this.text[last] += `\n${text}`;
      this.linkCharacters[last] += linkCharacters;
    }
  }
}
